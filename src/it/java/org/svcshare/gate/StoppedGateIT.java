package org.svcshare.gate;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A process that is stopped in the middle of a transfer and goes on when its lease is over:
/// SIGSTOP and SIGCONT, which look to it like a long pause of its machine.
///
/// A stop may hit the few instructions between the look at the clock and the system call that it
/// allows. That one call happens then, and nothing after it; no program can exclude it. So no stop
/// may let more through than one call, and of a few stops one lets nothing through at all.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class StoppedGateIT {
    private static final Duration LEASE = Duration.ofSeconds(4);
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long SOME_BYTES = 4 * 1024 * 1024;
    private static final int STOPS = 4;
    private static final long ONE_CALL_BYTES = ReadBuffers.SIZE_BYTES;

    @TempDir private Path folder;

    /// What moves the bytes in the stopped process.
    enum Kind {
        SELECTOR,
        NETTY,
        TLS
    }

    @ParameterizedTest
    @EnumSource
    void given_a_stream_when_its_process_sleeps_past_the_lease_then_not_a_byte_passes_after_it(
            Kind kind) throws Exception {
        // One for all rounds: a folder takes a name's keys once.
        TestKeys keys = TestKeys.make(folder, "server", "dns:localhost");
        var late = new ArrayList<Late>();
        while (late.size() < STOPS && !late.contains(Late.NOTHING)) {
            late.add(stopped(kind, keys));
        }
        assertTrue(late.contains(Late.NOTHING), "passed after each of the stops: " + late);
    }

    /// What passed after the process woke up.
    private record Late(long upBytes, long downBytes) {
        static final Late NOTHING = new Late(0, 0);
    }

    private Late stopped(Kind kind, TestKeys keys) throws Exception {
        try (var service = new Streams(listen(kind, keys));
                var process = new Stopped(kind, service.port())) {
            int port = process.port();
            Moment over = Moment.now().plus(LEASE);
            Late late;
            try (var client = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
                var ends = new Ends();
                ends.stream(client, service.ends.down);
                await("bytes in both directions")
                        .atMost(LEASE)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() ->
                                service.ends.up.get() > SOME_BYTES
                                        && service.ends.down.get() > SOME_BYTES);

                process.signal("STOP");
                assertFalse(Moment.now().from(over).isPositive(), "too slow to test anything");
                // What was in the kernel's hands when the process stopped still arrives.
                await("the lease is over")
                        .atMost(LIMIT)
                        .until(() -> over.from(Moment.now()).isNegative());
                long up = settled(service.ends.up);
                long down = settled(service.ends.down);
                try (var guest = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
                    guest.getOutputStream().write(1);
                    process.signal("CONT");

                    process.says("lapsed");
                    assertTrue(ends.over.await(30, TimeUnit.SECONDS), "the client is not cut");
                    assertTrue(
                            service.ends.over.await(30, TimeUnit.SECONDS),
                            "the service is not cut");
                    assertThrows(IOException.class, () -> readToTheEnd(guest));
                }
                late = new Late(service.ends.up.get() - up, service.ends.down.get() - down);
                assertEquals(1, service.connections.get());
            }
            assertTrue(late.upBytes <= ONE_CALL_BYTES, () -> "to the service: " + late);
            assertTrue(late.downBytes <= ONE_CALL_BYTES, () -> "to the client: " + late);
            await("the port is closed").atMost(LIMIT).untilAsserted(() -> refused(port));
            return late;
        }
    }

    private static void readToTheEnd(Socket socket) throws IOException {
        if (socket.getInputStream().read() < 0) {
            throw new IOException("ended without a reset");
        }
    }

    private static void refused(int port) {
        assertThrows(
                ConnectException.class,
                () -> new Socket(InetAddress.ofLiteral("127.0.0.1"), port).close());
    }

    /// What a counter shows when it has not changed for a while.
    private static long settled(AtomicLong counter) {
        var last = new long[] {-1, 0};
        await("nothing moves")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    long now = counter.get();
                    last[1] = now == last[0] ? last[1] + 1 : 0;
                    last[0] = now;
                    return last[1] >= 8;
                });
        return last[0];
    }

    private static ServerSocket listen(Kind kind, TestKeys keys) throws Exception {
        if (kind != Kind.TLS) {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        }
        var server = SSLContext.getInstance("TLS");
        server.init(keys.keyManagers(), null, null);
        return (SSLServerSocket)
                server.getServerSocketFactory()
                        .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    /// Writes for ever and counts what comes, on one socket.
    private static final class Ends {
        final AtomicLong up = new AtomicLong();
        final AtomicLong down = new AtomicLong();
        final CountDownLatch over = new CountDownLatch(2);

        void stream(Socket socket, AtomicLong received) {
            Thread.ofPlatform().daemon().start(() -> write(socket));
            Thread.ofPlatform().daemon().start(() -> read(socket, received));
        }

        private void write(Socket socket) {
            try {
                OutputStream out = socket.getOutputStream();
                byte[] block = new byte[16 * 1024];
                while (true) {
                    out.write(block);
                }
            } catch (IOException _) {
                over.countDown();
            }
        }

        private void read(Socket socket, AtomicLong received) {
            byte[] block = new byte[64 * 1024];
            try {
                for (int n; (n = socket.getInputStream().read(block)) >= 0; ) {
                    received.addAndGet(n);
                }
            } catch (IOException _) {
                // Cut, as it has to be.
            }
            over.countDown();
        }
    }

    /// A service that never stops talking and listens at the same time.
    private static final class Streams implements AutoCloseable {
        final Ends ends = new Ends();
        final AtomicLong connections = new AtomicLong();
        private final ServerSocket listener;

        Streams(ServerSocket listener) {
            this.listener = listener;
            Thread.ofPlatform().daemon().start(this::accept);
        }

        int port() {
            return listener.getLocalPort();
        }

        private void accept() {
            while (true) {
                try {
                    Socket connection = listener.accept();
                    connections.incrementAndGet();
                    ends.stream(connection, ends.up);
                } catch (IOException _) {
                    return;
                }
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    /// The process whose gate it is.
    private static final class Stopped implements AutoCloseable {
        private final Process process;
        private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

        Stopped(Kind kind, int targetPort) throws IOException {
            Path java = Path.of(System.getProperty("java.home"), "bin", "java");
            String classes =
                    System.getProperty(
                            "surefire.test.class.path", System.getProperty("java.class.path"));
            process =
                    new ProcessBuilder(
                                    java.toString(),
                                    "-XX:+UseSerialGC",
                                    "-Xmx128m",
                                    "--sun-misc-unsafe-memory-access=allow",
                                    "--enable-native-access=ALL-UNNAMED",
                                    "-cp",
                                    classes,
                                    LeasedGate.class.getName(),
                                    kind.name(),
                                    Integer.toString(targetPort),
                                    Long.toString(LEASE.toMillis()))
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            Thread.ofPlatform().daemon().start(this::listen);
        }

        private void listen() {
            try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line; (line = reader.readLine()) != null; ) {
                    lines.add(line);
                }
            } catch (IOException e) {
                lines.add(e.toString());
            }
        }

        int port() throws InterruptedException {
            String line = says("open ");
            return Integer.parseInt(line.substring("open ".length()));
        }

        String says(String start) throws InterruptedException {
            String line = lines.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertTrue(line != null && line.startsWith(start), "says " + line);
            return String.valueOf(line);
        }

        void signal(String name) throws IOException, InterruptedException {
            var kill =
                    new ProcessBuilder(List.of("kill", "-" + name, Long.toString(process.pid())))
                            .inheritIO()
                            .start();
            assertEquals(0, kill.waitFor());
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
