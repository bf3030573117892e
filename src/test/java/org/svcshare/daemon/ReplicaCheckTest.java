package org.svcshare.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.config.Settings;
import org.svcshare.config.SettingsReader;

/// A look at the copies of a service, of which some are there.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
final class ReplicaCheckTest {
    @TempDir private Path folder;

    private Settings settings(String replica) throws Exception {
        return settings(replica, "");
    }

    private Settings settings(String replica, String more) throws Exception {
        Path file = folder.resolve("config.conf");
        Files.writeString(
                file,
                """
                bot = false
                state-folder = "%s"
                replica {
                  listen = "127.0.0.1:0"
                  control.listen = "127.0.0.1:0"
                  health.timeout = 5s
                  %s
                }
                %s
                """
                        .formatted(folder, replica, more));
        return new SettingsReader(Map.of(), "anna", folder, "1").read(file).settings();
    }

    private static List<String> look(Settings settings) throws Exception {
        return new ReplicaCheck(settings)
                .look().stream().map(finding -> finding.verdict() + " " + finding.text()).toList();
    }

    private static HttpServer service(int status) throws Exception {
        var server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    exchange.sendResponseHeaders(status, -1);
                    exchange.close();
                });
        server.start();
        return server;
    }

    @Test
    void given_no_replicas_when_looked_then_nothing_is_said() throws Exception {
        assertEquals(List.of(), look(settings("enabled = false")));
    }

    @Test
    void given_a_group_when_looked_then_it_is_said_whose_order_it_is() throws Exception {
        String group =
                """
                pools.engine = cluster
                cluster { name = bench, node = n1, peers = ["n1=127.0.0.1:7440"] }
                """;

        assertEquals(
                "WELL the order of writes goes through the group bench; each of its nodes needs"
                        + " replicas",
                look(settings("enabled = true", group)).getFirst());
        assertEquals(
                "WELL 127.0.0.1, on a port that is free then",
                look(settings("enabled = true, shared = false", group)).getFirst());
    }

    @Test
    void given_nodes_when_looked_then_each_is_asked_as_the_proxy_would() throws Exception {
        HttpServer well = service(404);
        HttpServer ill = service(503);
        int nobody;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = socket.getLocalPort();
        }
        try {
            assertEquals(
                    List.of(
                            "WELL 127.0.0.1, on a port that is free then",
                            "WELL 127.0.0.1, on a port that is free then",
                            "WELL node 127.0.0.1:%d answers".formatted(well.getAddress().getPort()),
                            "DOUBTFUL node 127.0.0.1:%d: answered a check with 503"
                                    .formatted(ill.getAddress().getPort()),
                            "DOUBTFUL node 127.0.0.1:%d: connection refused".formatted(nobody),
                            "WELL node 127.0.0.1:1 is inactive, and was not asked"),
                    look(
                            settings(
                                    """
                                    nodes = [
                                      { node = "127.0.0.1:%d" }
                                      { node = "127.0.0.1:%d" }
                                      { node = "127.0.0.1:%d" }
                                      { node = "127.0.0.1:1", active = false }
                                    ]
                                    """
                                            .formatted(
                                                    well.getAddress().getPort(),
                                                    ill.getAddress().getPort(),
                                                    nobody))));
        } finally {
            well.stop(0);
            ill.stop(0);
        }
    }

    @Test
    void given_a_directory_when_looked_then_it_is_asked_as_at_a_login() throws Exception {
        int nobody;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = socket.getLocalPort();
        }
        String found =
                look(settings(
                                "enabled = true, control.ldap { server = \"localhost:%d\","
                                                .formatted(nobody)
                                        + " base = \"dc=a\", timeout = 5s }"))
                        .get(2);
        assertTrue(
                found.startsWith("BROKEN localhost:%d: connect error: ".formatted(nobody)), found);
    }

    @Test
    void given_a_port_that_is_taken_when_looked_then_it_is_said() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<String> found =
                    look(
                            settings(
                                    "enabled = true, listen = \"127.0.0.1:%d\""
                                            .formatted(taken.getLocalPort())));
            assertEquals("BROKEN", found.getFirst().split(" ", 2)[0]);
            assertEquals("DOUBTFUL no nodes; `svcshare nodes add` adds them", found.getLast());
        }
    }
}
