package org.svcshare.gate;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Timeout;
import org.svcshare.config.Endpoint;
import org.svcshare.config.GateSettings;
import org.svcshare.config.GateSettings.WhenClosed;
import org.svcshare.config.TlsSettings;

/// What every gate promises: the tests that extend this run on every kind of gate.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
abstract class GateContract {
    static final int MIB = 1024 * 1024;
    static final Duration SOON = Duration.ofSeconds(10);

    final List<AutoCloseable> toClose = new ArrayList<>();
    final Heard heard = new Heard();

    private final Kind kind;

    /// The gates that keep the promise.
    enum Kind {
        SELECTOR(TcpGate.Engine.SELECTOR, 1),
        SELECTOR_WITH_TWO_LOOPS(TcpGate.Engine.SELECTOR, 2),
        NETTY(TcpGate.Engine.NETTY, 1),
        NETTY_WITH_TWO_LOOPS(TcpGate.Engine.NETTY, 2);

        private final TcpGate.Engine engine;
        private final int loopCount;

        Kind(TcpGate.Engine engine, int loopCount) {
            this.engine = engine;
            this.loopCount = loopCount;
        }
    }

    GateContract(Kind kind) {
        this.kind = kind;
    }

    Gate gate(GateSettings settings, GateListener listener) {
        return new TcpGate(settings, listener, kind.engine, kind.loopCount);
    }

    /// What the gate told its listener.
    static final class Heard implements GateListener {
        final AtomicLong changes = new AtomicLong();
        final AtomicLong knocks = new AtomicLong();
        final AtomicLong lapses = new AtomicLong();
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
        public void lapsed() {
            lapses.incrementAndGet();
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
}
