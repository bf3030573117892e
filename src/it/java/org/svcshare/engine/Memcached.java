package org.svcshare.engine;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.svcshare.it.RealPart;

/// A real memcached on a port of its own, which takes connections when it is handed out.
final class Memcached implements AutoCloseable {
    final int port;
    private final Path folder;
    private RealPart server;

    private Memcached(Path folder, int port) {
        this.folder = folder;
        this.port = port;
        this.server = run();
    }

    static Memcached start(Path folder) {
        return new Memcached(folder, RealPart.freePort());
    }

    private RealPart run() {
        var command =
                new ArrayList<>(
                        List.of(
                                RealPart.find("memcached").toString(),
                                "-l",
                                "127.0.0.1",
                                "-p",
                                "" + port,
                                "-U",
                                "0",
                                "-m",
                                "64",
                                "-t",
                                "2"));
        if ("root".equals(System.getProperty("user.name"))) {
            command.addAll(List.of("-u", "nobody"));
        }
        RealPart started = RealPart.start(folder, Map.of(), command);
        Awaitility.await("memcached listens")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(10))
                .failFast("memcached has ended", () -> !started.alive())
                .until(this::listens);
        return started;
    }

    private boolean listens() {
        try (var probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return probe.isConnected();
        } catch (IOException _) {
            return false;
        }
    }

    /// It forgets everything; asked politely it takes a second for that.
    void kill() {
        if (server.alive()) {
            signal("KILL");
        }
        server.close();
    }

    void startAgain() {
        server = run();
    }

    /// STOP lets it hang, CONT go on.
    void signal(String name) {
        try {
            var kill = new ProcessBuilder("kill", "-" + name, "" + server.pid()).start();
            assertEquals(0, kill.waitFor());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// Gives a command of the text protocol and waits for one line.
    void command(String command) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write((command + "\r\n").getBytes(US_ASCII));
            assertTrue(socket.getInputStream().read() >= 'A');
        }
    }

    @Override
    public void close() {
        kill();
    }
}
