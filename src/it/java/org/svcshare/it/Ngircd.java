package org.svcshare.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/// A real ngircd on a port of its own, which takes connections when it is handed out.
final class Ngircd implements AutoCloseable {
    final int port;
    private final RealPart server;

    private Ngircd(int port, RealPart server) {
        this.port = port;
        this.server = server;
    }

    static Ngircd start(Path folder) throws IOException {
        Path program = RealPart.find("ngircd");
        int port = RealPart.freePort();
        Path settings = folder.resolve("ngircd.conf");
        Files.writeString(
                settings,
                """
                [Global]
                Name = irc.test
                Info = test
                Listen = 127.0.0.1
                Ports = %d
                MotdPhrase = hello
                ServerUID = %s
                [Limits]
                MaxConnectionsIP = 0
                MaxJoins = 0
                MaxNickLength = 20
                MaxPenaltyTime = 0
                [Options]
                DNS = no
                Ident = no
                PAM = no
                """
                        .formatted(port, System.getProperty("user.name")));
        RealPart server =
                RealPart.start(
                        folder,
                        Map.of(),
                        List.of(program.toString(), "-n", "-f", settings.toString()));
        Awaitility.await("ngircd listens")
                .atMost(Duration.ofSeconds(30))
                .failFast("ngircd has ended", () -> !server.alive())
                .until(() -> listens(port));
        return new Ngircd(port, server);
    }

    private static boolean listens(int port) {
        try (var probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return probe.isConnected();
        } catch (IOException _) {
            return false;
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
