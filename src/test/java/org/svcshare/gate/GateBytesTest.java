package org.svcshare.gate;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Every byte unchanged, half-close and reset included, exact counts.
@ParameterizedClass(name = "{0}")
@EnumSource
class GateBytesTest extends GateContract {
    GateBytesTest(Kind kind) {
        super(kind);
    }

    @Test
    void given_much_data_both_ways_at_once_then_every_byte_arrives_and_is_counted_once()
            throws Exception {
        Gate gate = opened(to(closing(FakeService.echo()).port()));
        Socket client = dial(gate);
        byte[] sent = noise(24 * MIB + 7);

        var sending =
                CompletableFuture.runAsync(() -> {
                    try {
                        client.getOutputStream().write(sent);
                        client.shutdownOutput();
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                });
        byte[] received = client.getInputStream().readAllBytes();
        sending.join();

        assertArrayEquals(digest(sent), digest(received));
        assertGone(gate);
        assertEquals(sent.length, gate.counts().upBytes());
        assertEquals(sent.length, gate.counts().downBytes());
        assertEquals(1, gate.counts().openedTotal());
    }

    private static byte[] digest(byte[] bytes) throws NoSuchAlgorithmException {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }

    @Test
    void given_many_connections_at_once_then_each_gets_its_own_bytes() throws Exception {
        Gate gate = opened(to(closing(FakeService.echo()).port()));
        var all = new ArrayList<CompletableFuture<Void>>();
        for (int i = 0; i < 40; i++) {
            byte[] sent = noise(100_000 + i);
            all.add(
                    CompletableFuture.runAsync(
                            () -> {
                                try {
                                    Socket client =
                                            new Socket(
                                                    InetAddress.ofLiteral("127.0.0.1"),
                                                    gate.port());
                                    try (client) {
                                        client.getOutputStream().write(sent);
                                        client.shutdownOutput();
                                        assertArrayEquals(
                                                sent, client.getInputStream().readAllBytes());
                                    }
                                } catch (IOException e) {
                                    throw new CompletionException(e);
                                }
                            },
                            task -> Thread.ofVirtual().start(task)));
        }
        all.forEach(CompletableFuture::join);
        assertGone(gate);

        long sum = 40 * 100_000 + 39 * 40 / 2;
        assertEquals(sum, gate.counts().upBytes());
        assertEquals(sum, gate.counts().downBytes());
        assertEquals(80, heard.changes.get());
    }

    @Test
    void given_a_client_that_ends_its_stream_then_the_answer_still_arrives() throws Exception {
        var received = new AtomicLong();
        Gate gate = opened(to(closing(FakeService.sink(received)).port()));
        Socket client = dial(gate);

        client.getOutputStream().write(noise(5 * MIB));
        client.shutdownOutput();

        assertEquals(Long.toString(5 * MIB), read(client));
        assertGone(gate);
        assertEquals(5 * MIB, gate.counts().upBytes());
        assertEquals(7, gate.counts().downBytes());
    }

    @Test
    void given_a_slow_client_that_ended_its_stream_early_then_the_whole_answer_arrives()
            throws Exception {
        byte[] answer = noise(24 * MIB);
        Gate gate =
                opened(
                        to(
                                closing(
                                                new FakeService(c -> {
                                                    c.getInputStream().readAllBytes();
                                                    c.getOutputStream().write(answer);
                                                }))
                                        .port()));
        Socket client = dial(gate);
        send(client, "GET");
        client.shutdownOutput();
        // The gate's side of the client is full before the client begins to read.
        awaitStill(() -> gate.counts().downBytes());

        assertArrayEquals(digest(answer), digest(client.getInputStream().readAllBytes()));
        assertGone(gate);
        assertEquals(answer.length, gate.counts().downBytes());
    }

    @Test
    void given_a_service_that_ends_its_stream_first_then_the_client_can_go_on_sending()
            throws Exception {
        var rest = new CompletableFuture<String>();
        Gate gate =
                opened(
                        to(
                                closing(
                                                new FakeService(c -> {
                                                    send(c, "bye");
                                                    c.shutdownOutput();
                                                    rest.complete(read(c));
                                                }))
                                        .port()));
        Socket client = dial(gate);

        assertEquals("bye", read(client));
        send(client, "one more thing");
        client.close();

        assertEquals("one more thing", rest.get(10, TimeUnit.SECONDS));
        assertGone(gate);
    }

    @Test
    void given_a_service_that_resets_then_the_client_sees_a_reset_and_no_end_of_stream()
            throws Exception {
        Gate gate =
                opened(
                        to(
                                closing(
                                                new FakeService(c -> {
                                                    c.getInputStream().read();
                                                    FakeService.reset(c);
                                                }))
                                        .port()));
        Socket client = dial(gate);
        send(client, "x");

        assertReset(client);
        assertGone(gate);
    }

    @Test
    void given_a_client_that_resets_then_the_service_sees_a_reset() throws Exception {
        FakeService service = closing(FakeService.echo());
        Gate gate = opened(to(service.port()));
        Socket client = dial(gate);
        send(client, "x");
        assertEquals('x', client.getInputStream().read());

        FakeService.reset(client);

        assertEquals("Connection reset", service.end());
        assertGone(gate);
    }

    @Test
    void given_a_reader_that_stalls_then_nothing_piles_up_in_the_gate() throws Exception {
        var written = new AtomicLong();
        byte[] block = noise(256 * 1024);
        Gate gate =
                opened(
                        to(
                                closing(
                                                new FakeService(c -> {
                                                    for (int i = 0; i < 256; i++) {
                                                        c.getOutputStream().write(block);
                                                        written.addAndGet(block.length);
                                                    }
                                                }))
                                        .port()));
        long before = directBytes();
        Socket client = dial(gate);
        awaitStill(written::get);

        assertTrue(written.get() < 64 * MIB, "the service was held back at " + written.get());
        long grown = directBytes() - before;
        assertTrue(grown < 6 * MIB, "grown by " + grown);
        assertEquals(64 * MIB, client.getInputStream().readAllBytes().length);
        client.close();
        assertGone(gate);
        assertEquals(64 * MIB, gate.counts().downBytes());
    }

    /// What the JDK and Netty took outside the heap.
    private static long directBytes() {
        return PlatformDependent.usedDirectMemory()
                + ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum();
    }

    /// Waits until a figure has not moved for a while.
    private static void awaitStill(java.util.function.LongSupplier figure) {
        var last = new AtomicLong(-1);
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(150))
                .until(() -> figure.getAsLong() == last.getAndSet(figure.getAsLong()));
    }

    @Test
    void given_a_transfer_when_shut_then_both_sides_are_reset_and_the_counts_are_frozen()
            throws Exception {
        var received = new AtomicLong();
        FakeService service = closing(FakeService.sink(received));
        Gate gate = opened(to(service.port()));
        Socket client = dial(gate);
        var sending =
                CompletableFuture.supplyAsync(() -> {
                    byte[] block = noise(300_000);
                    try {
                        while (true) {
                            client.getOutputStream().write(block);
                        }
                    } catch (IOException e) {
                        return String.valueOf(e.getMessage());
                    }
                });
        await().atMost(SOON).until(() -> received.get() > 20 * MIB);

        int cut = gate.shut().toCompletableFuture().join();
        long counted = gate.counts().upBytes();

        assertEquals(1, cut);
        assertRefused(gate);
        assertEquals("Connection reset", service.end());
        assertTrue(sending.join().contains("reset"), sending.join());
        assertEquals(counted, gate.counts().upBytes());
        assertTrue(received.get() <= counted, received + " received, " + counted + " counted");
        assertEquals(List.of(), gate.counts().open());
    }

    @Test
    void given_a_stalled_reader_when_shut_then_all_it_ever_gets_was_counted() throws Exception {
        byte[] block = noise(MIB);
        Gate gate =
                opened(
                        to(
                                closing(
                                                new FakeService(c -> {
                                                    while (true) {
                                                        c.getOutputStream().write(block);
                                                    }
                                                }))
                                        .port()));
        Socket client = dial(gate);
        awaitStill(() -> gate.counts().downBytes());
        long first = client.getInputStream().readNBytes(3 * MIB).length;

        gate.shut().toCompletableFuture().join();
        long counted = gate.counts().downBytes();
        var got = new AtomicLong(first);
        assertThrows(
                SocketException.class,
                () -> {
                    byte[] buffer = new byte[MIB];
                    for (int n; (n = client.getInputStream().read(buffer)) >= 0; ) {
                        got.addAndGet(n);
                    }
                });

        assertTrue(got.get() <= counted, got + " received, " + counted + " counted");
        assertEquals(counted, gate.counts().downBytes());
    }
}
