package org.svcshare.gate;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.config.Endpoint;

/// Targets, limits, and who may pass.
@ParameterizedClass(name = "{0}")
@EnumSource
class GateLimitsTest extends GateContract {
    GateLimitsTest(Kind kind) {
        super(kind);
    }

    @Test
    void given_a_dead_first_target_then_the_second_serves() throws Exception {
        int dead = closing(FakeService.open()).getLocalPort();
        toClose.removeLast().close();
        FakeService service = closing(FakeService.echo());
        Gate gate = opened(to(dead, service.port()));
        Socket client = dial(gate);
        send(client, "x");
        assertEquals('x', client.getInputStream().read());

        // The client may have its byte an instant before it is counted.
        await().atMost(SOON).until(() -> gate.counts().downBytes() == 1);
        GateCounts.Connection open = gate.counts().open().getFirst();
        assertEquals("127.0.0.1:" + service.port(), open.target());
        assertEquals("127.0.0.1:" + client.getLocalPort(), open.client());
        assertEquals(1, open.upBytes());
        assertEquals(1, open.downBytes());
        assertEquals(List.of(), heard.failures());
    }

    @Test
    void given_no_target_that_answers_then_the_client_is_reset_and_all_reasons_are_told()
            throws Exception {
        int dead = closing(FakeService.open()).getLocalPort();
        toClose.removeLast().close();
        var vary = new Vary();
        vary.targets =
                List.of(new Endpoint("no-such-host.invalid", 1), new Endpoint("127.0.0.1", dead));
        Gate gate = opened(with(to(), vary));
        Socket client = dial(gate);

        assertReset(client);
        await().atMost(SOON).until(() -> !heard.failures().isEmpty());
        assertEquals(
                List.of(
                        "no-such-host.invalid:1: unknown host; 127.0.0.1:"
                                + dead
                                + ": connection refused"),
                heard.failures());
        assertEquals(1, gate.counts().refusedTotal());
        assertEquals(0, gate.counts().openedTotal());
        assertGone(gate);
    }

    @Test
    void given_a_target_that_does_not_answer_then_the_connect_timeout_ends_it() throws Exception {
        // A full backlog: further connections get no answer at all.
        var full = closing(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        for (int i = 0; i < 2; i++) {
            closing(new Socket(full.getInetAddress(), full.getLocalPort()));
        }
        FakeService service = closing(FakeService.echo());
        var vary = new Vary();
        vary.connectTimeout = Duration.ofMillis(200);
        Gate gate = opened(with(to(full.getLocalPort(), service.port()), vary));
        Socket client = dial(gate);
        send(client, "x");

        assertEquals('x', client.getInputStream().read());
        assertEquals("127.0.0.1:" + service.port(), gate.counts().open().getFirst().target());
    }

    @Test
    void given_a_connection_limit_then_one_more_is_reset() throws Exception {
        var vary = new Vary();
        vary.maxConnections = 2;
        Gate gate = opened(with(to(closing(FakeService.echo()).port()), vary));
        Socket first = dial(gate);
        dial(gate);
        await().atMost(SOON).until(() -> gate.counts().open().size() == 2);

        assertReset(dial(gate));
        assertEquals(1, gate.counts().refusedTotal());

        first.close();
        await().atMost(SOON).until(() -> gate.counts().open().size() == 1);
        Socket client = dial(gate);
        send(client, "x");
        assertEquals('x', client.getInputStream().read());
    }

    @Test
    void given_an_allow_list_then_strangers_are_reset() throws Exception {
        var vary = new Vary();
        vary.allow = List.of("::1/128", "10.0.0.0/8");
        Gate gate = opened(with(to(closing(FakeService.echo()).port()), vary));

        assertReset(dial(gate));
        assertEquals(1, gate.counts().refusedTotal());

        Socket client = dial(gate, InetAddress.ofLiteral("::1"));
        send(client, "x");
        assertEquals('x', client.getInputStream().read());
        assertEquals(
                "[::1]:" + client.getLocalPort(),
                gate.counts().open().getFirst().client().replace("0:0:0:0:0:0:0:1", "::1"));
    }

    @Test
    void given_an_idle_timeout_then_a_silent_connection_is_reset_and_a_busy_one_is_not()
            throws Exception {
        var vary = new Vary();
        vary.idleTimeout = Duration.ofMillis(300);
        Gate gate = opened(with(to(closing(FakeService.echo()).port()), vary));
        Socket silent = dial(gate);
        Socket busy = dial(gate);
        for (int i = 0; i < 12; i++) {
            send(busy, "x");
            assertEquals('x', busy.getInputStream().read());
            await().pollDelay(Duration.ofMillis(60)).until(() -> true);
        }

        assertReset(silent);
        send(busy, "x");
        assertEquals('x', busy.getInputStream().read());
        assertReset(busy);
    }

    @Test
    void given_a_bandwidth_limit_then_all_connections_together_keep_it() throws Exception {
        var vary = new Vary();
        vary.bandwidthBps = 8_000_000;
        var received = new AtomicLong();
        Gate gate = opened(with(to(closing(FakeService.sink(received)).port()), vary));
        byte[] block = noise(6_000_000);
        long start = System.nanoTime();
        var all = new ArrayList<CompletableFuture<String>>();
        for (int i = 0; i < 2; i++) {
            Socket client = dial(gate);
            all.add(
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    client.getOutputStream().write(block);
                                    client.shutdownOutput();
                                    return read(client);
                                } catch (IOException e) {
                                    throw new CompletionException(e);
                                }
                            },
                            task -> Thread.ofVirtual().start(task)));
        }
        all.forEach(CompletableFuture::join);
        double seconds = (System.nanoTime() - start) / 1e9;

        assertEquals(12_000_000, gate.counts().upBytes());
        assertEquals(1.5, seconds, 0.15);
    }

    @Test
    void given_a_running_transfer_when_the_limit_is_lifted_then_it_speeds_up() throws Exception {
        var vary = new Vary();
        vary.bandwidthBps = 20_000;
        Gate gate = opened(with(to(closing(FakeService.sink(new AtomicLong())).port()), vary));
        Socket client = dial(gate);
        var answer =
                CompletableFuture.supplyAsync(() -> {
                    try {
                        client.getOutputStream().write(noise(8 * MIB));
                        client.shutdownOutput();
                        return read(client);
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                });
        await().atMost(SOON).until(() -> gate.counts().upBytes() > 4000);
        assertTrue(gate.counts().upBytes() < 100_000);

        gate.limit(0);

        assertEquals(Integer.toString(8 * MIB), answer.get(10, TimeUnit.SECONDS));
        assertThrows(IllegalArgumentException.class, () -> gate.limit(-1));
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000_000, 100_000_000})
    void given_a_bandwidth_then_it_is_kept_within_five_percent(long rate) throws Exception {
        var vary = new Vary();
        vary.bandwidthBps = rate;
        Gate gate = opened(with(to(closing(FakeService.sink(new AtomicLong())).port()), vary));
        Socket client = dial(gate);
        var sending =
                CompletableFuture.runAsync(() -> {
                    byte[] block = noise(256 * 1024);
                    try {
                        while (true) {
                            client.getOutputStream().write(block);
                        }
                    } catch (IOException _) {
                        // Cut, as it should be.
                    }
                });
        double best = 0;
        // A machine that is busy elsewhere may hold a transfer up, but never speed it up.
        for (int i = 0; i < 6 && best < 0.95; i++) {
            long before = gate.counts().upBytes();
            long start = System.nanoTime();
            await().pollDelay(Duration.ofMillis(1200)).until(() -> true);
            long moved = gate.counts().upBytes() - before;
            double share = moved / (rate * ((System.nanoTime() - start) / 1e9));
            assertTrue(share <= 1.05, share + " of " + rate);
            best = Math.max(best, share);
        }
        assertTrue(best >= 0.95, best + " of " + rate);
        gate.shut().toCompletableFuture().join();
        sending.join();
    }
}
