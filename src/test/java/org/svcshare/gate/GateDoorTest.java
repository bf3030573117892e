package org.svcshare.gate;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.svcshare.config.Endpoint;
import org.svcshare.config.GateSettings.WhenClosed;

/// Open, shut, drain, and what a closed gate is like.
@ParameterizedClass(name = "{0}")
@EnumSource
class GateDoorTest extends GateContract {
    GateDoorTest(Kind kind) {
        super(kind);
    }

    @Test
    void given_open_connections_when_shut_and_opened_many_times_then_the_port_is_there_each_time()
            throws Exception {
        Gate gate = opened(to(closing(FakeService.echo()).port()));
        int port = gate.port();
        for (int i = 0; i < 30; i++) {
            Socket client = dial(gate);
            send(client, "x");
            assertEquals('x', client.getInputStream().read());
            assertEquals(1, gate.shut().toCompletableFuture().join());
            assertRefused(gate);
            gate.open().toCompletableFuture().join();
        }
        assertEquals(port, gate.port());
        assertEquals(30, gate.counts().openedTotal());
        assertEquals(30, gate.counts().upBytes());
    }

    @Test
    void given_open_and_shut_in_one_breath_then_the_last_word_counts() throws Exception {
        Gate gate = closing(gate(to(closing(FakeService.echo()).port()), heard));
        for (int i = 0; i < 20; i++) {
            gate.open();
            gate.shut().toCompletableFuture().join();
            assertTrue(i >= 0 && gate.counts().open().isEmpty());
        }
        gate.open();
        gate.shut();
        gate.open().toCompletableFuture().join();
        Socket client = dial(gate);
        send(client, "x");
        assertEquals('x', client.getInputStream().read());
        gate.shut().toCompletableFuture().join();
        assertRefused(gate);
    }

    @Test
    void given_port_0_and_localhost_then_both_address_families_get_the_same_port()
            throws Exception {
        Gate gate = opened(to(closing(FakeService.echo()).port()));
        for (String address : List.of("127.0.0.1", "::1")) {
            Socket client = dial(gate, InetAddress.ofLiteral(address));
            send(client, address);
            client.shutdownOutput();
            assertEquals(address, read(client));
        }
    }

    @Test
    void given_a_taken_port_when_opened_then_it_says_so_and_can_be_opened_later() throws Exception {
        var other = new ServerSocket(0, 1, InetAddress.ofLiteral("::1"));
        var vary = new Vary();
        vary.listen = new Endpoint("localhost", other.getLocalPort());
        Gate gate = closing(gate(with(to(closing(FakeService.echo()).port()), vary), heard));

        var failed =
                assertThrows(
                        CompletionException.class, () -> gate.open().toCompletableFuture().join());
        var cause = assertInstanceOf(IOException.class, failed.getCause());
        assertTrue(
                String.valueOf(cause.getMessage())
                        .startsWith(
                                "localhost:"
                                        + other.getLocalPort()
                                        + " is taken by another program: "),
                cause.getMessage());

        other.close();
        gate.open().toCompletableFuture().join();
        Socket client = dial(gate);
        send(client, "x");
        assertEquals('x', client.getInputStream().read());
    }

    @Test
    void given_an_unknown_host_to_listen_on_then_open_fails_with_its_name() {
        var vary = new Vary();
        vary.listen = new Endpoint("no-such-host.invalid", 8999);
        Gate gate = closing(gate(with(to(9), vary), heard));

        var failed =
                assertThrows(
                        CompletionException.class, () -> gate.open().toCompletableFuture().join());
        assertTrue(
                String.valueOf(failed.getCause()).contains("no-such-host.invalid"),
                String.valueOf(failed.getCause()));
    }

    @Test
    void given_a_drain_then_no_new_clients_and_it_ends_with_the_last_connection() throws Exception {
        Gate gate = opened(to(closing(FakeService.echo()).port()));
        Socket client = dial(gate);
        send(client, "x");
        assertEquals('x', client.getInputStream().read());

        var drained = gate.drain(Duration.ofMinutes(1)).toCompletableFuture();
        await().atMost(SOON).untilAsserted(() -> assertRefused(gate));
        send(client, "y");
        assertEquals('y', client.getInputStream().read());
        assertTrue(!drained.isDone());
        client.shutdownOutput();

        assertEquals("", read(client));
        assertEquals(0, drained.get(10, TimeUnit.SECONDS));
    }

    @Test
    void given_a_drain_with_a_limit_then_the_rest_is_cut_and_counted() throws Exception {
        Gate gate = opened(to(closing(FakeService.echo()).port()));
        var clients = List.of(dial(gate), dial(gate));
        for (Socket client : clients) {
            send(client, "x");
            assertEquals('x', client.getInputStream().read());
        }

        assertEquals(
                2,
                gate.drain(Duration.ofMillis(100)).toCompletableFuture().get(10, TimeUnit.SECONDS));
        for (Socket client : clients) {
            assertReset(client);
        }
        assertRefused(gate);
    }

    @Test
    void given_a_drain_when_opened_again_then_it_ends_and_nobody_is_cut() throws Exception {
        Gate gate = opened(to(closing(FakeService.echo()).port()));
        Socket client = dial(gate);
        send(client, "x");
        assertEquals('x', client.getInputStream().read());
        var drained = gate.drain(Duration.ofMillis(300)).toCompletableFuture();

        gate.open().toCompletableFuture().join();

        assertEquals(0, drained.get(10, TimeUnit.SECONDS));
        await().pollDelay(Duration.ofMillis(400)).until(() -> gate.counts().open().size() == 1);
        send(client, "y");
        assertEquals('y', client.getInputStream().read());
    }

    @Test
    void given_nobody_inside_then_drain_ends_at_once() throws Exception {
        Gate gate = opened(to(9));
        assertEquals(
                0,
                gate.drain(Duration.ofMinutes(1)).toCompletableFuture().get(5, TimeUnit.SECONDS));
        assertRefused(gate);
    }

    @Test
    void given_when_closed_reset_then_a_knock_is_reset_and_counted() throws Exception {
        var vary = new Vary();
        vary.whenClosed = WhenClosed.RESET;
        Gate gate = closing(gate(with(to(closing(FakeService.echo()).port()), vary), heard));
        gate.shut().toCompletableFuture().join();

        assertReset(dial(gate));

        assertEquals(1, gate.counts().knocksTotal());
        assertEquals(1, heard.knocks.get());
        gate.open().toCompletableFuture().join();
        Socket client = dial(gate);
        send(client, "x");
        assertEquals('x', client.getInputStream().read());
        assertEquals(1, gate.shut().toCompletableFuture().join());
        assertReset(client);
        assertReset(dial(gate));
        assertEquals(2, gate.counts().knocksTotal());
    }

    @Test
    void given_when_closed_hold_then_a_client_passes_when_the_gate_opens() throws Exception {
        var vary = new Vary();
        vary.whenClosed = WhenClosed.HOLD;
        Gate gate = closing(gate(with(to(closing(FakeService.echo()).port()), vary), heard));
        gate.shut().toCompletableFuture().join();
        Socket client = dial(gate);
        send(client, "early");
        client.shutdownOutput();
        await().atMost(SOON).until(() -> gate.counts().knocksTotal() == 1);
        assertEquals(0, gate.counts().openedTotal());

        gate.open().toCompletableFuture().join();

        assertEquals("early", read(client));
        assertEquals(1, gate.counts().openedTotal());
        assertEquals(5, gate.counts().upBytes());
    }

    @Test
    void given_when_closed_hold_then_a_client_is_reset_at_the_limit() throws Exception {
        var vary = new Vary();
        vary.whenClosed = WhenClosed.HOLD;
        vary.holdLimit = Duration.ofMillis(150);
        Gate gate = closing(gate(with(to(9), vary), heard));
        gate.shut().toCompletableFuture().join();

        long start = System.nanoTime();
        assertReset(dial(gate));

        assertTrue(System.nanoTime() - start >= Duration.ofMillis(100).toNanos());
        assertReset(dial(gate));
        assertEquals(2, gate.counts().knocksTotal());
    }

    @Test
    void given_a_closed_gate_then_nothing_listens_and_open_says_why() throws Exception {
        Gate gate = opened(to(closing(FakeService.echo()).port()));
        Socket client = dial(gate);
        send(client, "x");
        assertEquals('x', client.getInputStream().read());

        gate.close();
        gate.close();

        assertReset(client);
        assertRefused(gate);
        assertEquals(1, gate.counts().upBytes());
        var failed =
                assertThrows(
                        CompletionException.class, () -> gate.open().toCompletableFuture().join());
        assertInstanceOf(IOException.class, failed.getCause());
    }

    @Test
    void given_connections_that_nobody_accepted_yet_when_shut_then_they_are_reset()
            throws Exception {
        var busy = new CountDownLatch(1);
        var blocked = new CountDownLatch(1);
        FakeService service = closing(FakeService.echo());
        Gate gate =
                closing(
                        gate(
                                to(service.port()),
                                new GateListener() {
                                    @Override
                                    public void connectionsChanged() {
                                        blocked.countDown();
                                        await().atMost(SOON).until(() -> busy.getCount() == 0);
                                    }

                                    @Override
                                    public void knocked() {}

                                    @Override
                                    public void lapsed() {}

                                    @Override
                                    public void targetFailed(String why) {}
                                }));
        gate.open().toCompletableFuture().join();
        var clients = new ArrayList<>(List.of(dial(gate)));
        assertTrue(blocked.await(10, TimeUnit.SECONDS));
        for (int i = 0; i < 40; i++) {
            // The kernel says yes while the gate is busy.
            clients.add(dial(gate));
        }

        var shut = gate.shut().toCompletableFuture();
        busy.countDown();
        shut.get(10, TimeUnit.SECONDS);

        for (Socket client : clients) {
            assertReset(client);
        }
        assertRefused(gate);
        assertGone(gate);
    }

    @Test
    void given_more_held_clients_than_fit_then_the_last_are_reset_at_once() throws Exception {
        var vary = new Vary();
        vary.whenClosed = WhenClosed.HOLD;
        vary.holdLimit = Duration.ofMinutes(1);
        Gate gate = closing(gate(with(to(closing(FakeService.echo()).port()), vary), heard));
        gate.shut().toCompletableFuture().join();
        var clients = new ArrayList<Socket>();
        for (int i = 0; i < HeldClients.MOST + 3; i++) {
            clients.add(dial(gate));
        }

        for (Socket tooMany : clients.subList(HeldClients.MOST, clients.size())) {
            assertReset(tooMany);
        }
        assertEquals(HeldClients.MOST + 3, gate.counts().knocksTotal());

        gate.open().toCompletableFuture().join();
        Socket held = clients.get(HeldClients.MOST - 1);
        send(held, "x");
        assertEquals('x', held.getInputStream().read());
        await().atMost(SOON).until(() -> gate.counts().openedTotal() == HeldClients.MOST);
    }
}
