package org.svcshare.gate;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.svcshare.config.Endpoint;
import org.svcshare.config.GateSettings;
import org.svcshare.config.GateSettings.WhenClosed;
import org.svcshare.config.TlsSettings;

/// What every gate promises: every byte unchanged, half-close and reset included, exact counts.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
abstract class GateContract {
    private static final int MIB = 1024 * 1024;
    private static final Duration SOON = Duration.ofSeconds(10);

    private final List<AutoCloseable> toClose = new ArrayList<>();
    final Heard heard = new Heard();

    abstract Gate gate(GateSettings settings, GateListener listener);

    /// What the gate told its listener.
    static final class Heard implements GateListener {
        final AtomicLong changes = new AtomicLong();
        final AtomicLong knocks = new AtomicLong();
        final List<String> failures = new ArrayList<>();

        @Override
        public void connectionsChanged() {
            changes.incrementAndGet();
        }

        @Override
        public void knocked() {
            knocks.incrementAndGet();
        }

        @Override
        public void targetFailed(String why) {
            synchronized (failures) {
                failures.add(why);
            }
        }

        List<String> failures() {
            synchronized (failures) {
                return List.copyOf(failures);
            }
        }
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable part : toClose.reversed()) {
            part.close();
        }
    }

    <T extends AutoCloseable> T closing(T part) {
        toClose.add(part);
        return part;
    }

    /// Settings for a target on loopback, to be varied.
    static GateSettings to(int... targetPorts) {
        var targets = new ArrayList<Endpoint>();
        for (int port : targetPorts) {
            targets.add(new Endpoint("127.0.0.1", port));
        }
        return new GateSettings(
                new Endpoint("localhost", 0),
                List.copyOf(targets),
                TlsSettings.OFF,
                WhenClosed.REFUSE,
                Duration.ofSeconds(5),
                0,
                0,
                Duration.ofSeconds(5),
                Duration.ZERO,
                List.of());
    }

    static GateSettings with(GateSettings base, Vary vary) {
        return new GateSettings(
                vary.listen == null ? base.listen() : vary.listen,
                vary.targets == null ? base.targets() : vary.targets,
                base.targetTls(),
                vary.whenClosed,
                vary.holdLimit,
                vary.maxConnections,
                vary.bandwidthBps,
                vary.connectTimeout,
                vary.idleTimeout,
                vary.allow);
    }

    /// What a test wants otherwise than [#to].
    static final class Vary {
        @org.jspecify.annotations.Nullable Endpoint listen;
        @org.jspecify.annotations.Nullable List<Endpoint> targets;
        WhenClosed whenClosed = WhenClosed.REFUSE;
        Duration holdLimit = Duration.ofSeconds(5);
        int maxConnections;
        long bandwidthBps;
        Duration connectTimeout = Duration.ofSeconds(5);
        Duration idleTimeout = Duration.ZERO;
        List<String> allow = List.of();
    }

    Gate opened(GateSettings settings) {
        Gate gate = closing(gate(settings, heard));
        gate.open().toCompletableFuture().join();
        return gate;
    }

    Socket dial(Gate gate) throws IOException {
        return dial(gate, InetAddress.ofLiteral("127.0.0.1"));
    }

    Socket dial(Gate gate, InetAddress address) throws IOException {
        var socket = new Socket(address, gate.port());
        socket.setSoTimeout((int) SOON.toMillis());
        return closing(socket);
    }

    static byte[] noise(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    static String read(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    static void assertReset(Socket socket) {
        var reset =
                assertThrows(
                        SocketException.class,
                        () ->
                                socket.getInputStream()
                                        .transferTo(java.io.OutputStream.nullOutputStream()));
        assertTrue(String.valueOf(reset.getMessage()).contains("reset"), reset.getMessage());
    }

    static void assertRefused(Gate gate) {
        for (String address : List.of("127.0.0.1", "::1")) {
            assertThrows(
                    ConnectException.class,
                    () -> new Socket(InetAddress.ofLiteral(address), gate.port()).close());
        }
    }

    static void assertGone(Gate gate) {
        await().atMost(SOON).until(() -> gate.counts().open().isEmpty());
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
        long before = io.netty.util.internal.PlatformDependent.usedDirectMemory();
        Socket client = dial(gate);
        awaitStill(written::get);

        assertTrue(written.get() < 64 * MIB, "the service was held back at " + written.get());
        long grown = io.netty.util.internal.PlatformDependent.usedDirectMemory() - before;
        assertTrue(grown < 6 * MIB, "grown by " + grown);
        assertEquals(64 * MIB, client.getInputStream().readAllBytes().length);
        client.close();
        assertGone(gate);
        assertEquals(64 * MIB, gate.counts().downBytes());
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
}
