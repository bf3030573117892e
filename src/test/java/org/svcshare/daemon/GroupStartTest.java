package org.svcshare.daemon;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.cluster.TestAuthority;
import org.svcshare.config.Endpoint;
import org.svcshare.config.HttpSettings;
import org.svcshare.config.Settings;
import org.svcshare.config.SettingsReader;
import org.svcshare.daemon.Finding.Verdict;

/// A node of a group as the daemon starts it and `svcshare check` looks at it: a group of one.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class GroupStartTest {
    @TempDir private static Path keys;
    @TempDir private Path folder;

    private static HttpSettings.Tls own;
    private static Path ours;
    private static Path others;

    private int http;
    private int raft;

    @BeforeAll
    static void make() throws Exception {
        var authority = new TestAuthority(keys, "ours");
        ours = authority.pem();
        own = authority.sign("n1", "ip:127.0.0.1").own();
        others = new TestAuthority(keys, "others").pem();
    }

    @BeforeEach
    void ports() throws IOException {
        try (var one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            http = one.getLocalPort();
            raft = two(one.getLocalPort());
        }
    }

    /// Two free ports that follow each other.
    private static int two(int other) throws IOException {
        while (true) {
            try (var one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    var _ =
                            new ServerSocket(
                                    one.getLocalPort() + 1, 1, InetAddress.getLoopbackAddress())) {
                if (one.getLocalPort() + 1 != other) {
                    return one.getLocalPort();
                }
            } catch (IOException | IllegalArgumentException _) {
                // Taken: others.
            }
        }
    }

    private Settings settings(String more) throws Exception {
        Path file =
                Files.writeString(
                        folder.resolve("config.conf"),
                        """
                        bot = false
                        state-folder = "%s/state"
                        http.listen = "127.0.0.1:%d"
                        pools.engine = cluster
                        cluster { node = n1, peers = ["n1=127.0.0.1:%d"] }
                        %s
                        """
                                .formatted(folder, http, raft, more));
        return new SettingsReader(Map.of(), "anna", folder, "1").read(file).settings();
    }

    private HttpResponse<String> send(String method, String target, String body) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + target))
                            .method(method, BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    private static String certificates() {
        return certificates(ours);
    }

    private static String certificates(Path ca) {
        return "cluster.tls { certificate = \"%s\", key = \"%s\", ca = \"%s\" }\n"
                .formatted(own.certificate(), own.key().orElseThrow(), ca);
    }

    @Test
    void given_a_group_of_one_when_run_twice_then_its_lock_is_still_held_and_it_tells_how_it_is()
            throws Exception {
        Settings settings = settings(certificates());
        try (Daemon daemon = Daemon.start(settings)) {
            assertEquals(201, send("POST", "/api/v1/pools/build/locks", "{}").statusCode());
            daemon.stop(Duration.ofSeconds(10));
            assertTrue(daemon.await());
        }
        try (Daemon _ = Daemon.start(settings)) {
            assertEquals(409, send("POST", "/api/v1/pools/build/locks", "{}").statusCode());
            assertEquals("ok\n", send("GET", "/readyz", "").body());
            List<String> metrics = send("GET", "/metrics", "").body().lines().toList();
            assertTrue(metrics.contains("svcshare_cluster_leader 1.0"), metrics::toString);
            assertTrue(
                    metrics.stream().anyMatch(m -> m.startsWith("svcshare_cluster_applied_index ")),
                    metrics::toString);
            assertTrue(
                    send("GET", "/api/v1/status", "").body().contains("\"raft\""), "what keeps it");
        }
    }

    @Test
    void given_a_port_in_use_when_started_then_it_is_named() throws Exception {
        for (int port : List.of(raft, raft + 1)) {
            try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                Settings settings = settings("");
                String said =
                        String.valueOf(
                                assertThrows(IOException.class, () -> Daemon.start(settings))
                                        .getMessage());
                assertTrue(said.contains("port " + port), said);
            }
        }
    }

    @Test
    void given_a_folder_in_use_when_started_again_elsewhere_then_that_is_said() throws Exception {
        try (Daemon _ = Daemon.start(settings(""))) {
            int first = raft;
            ports();
            assertTrue(first != raft);
            Path other = Files.createDirectories(folder.resolve("other"));
            Settings settings =
                    settings(
                            "cluster.folder = \"%s/state/cluster\"\nstate-folder = \"%s\""
                                    .formatted(folder, other));
            String said =
                    String.valueOf(
                            assertThrows(IOException.class, () -> Daemon.start(settings))
                                    .getMessage());
            assertTrue(said.contains("is in use by another svcshare"), said);
        }
    }

    // What a check finds.

    private List<Finding> check(String more) throws Exception {
        return new PoolsCheck(settings(more)).look();
    }

    private static void assertFinds(Verdict verdict, String part, List<Finding> findings) {
        assertTrue(
                findings.stream().anyMatch(f -> f.verdict() == verdict && f.text().contains(part)),
                findings.toString());
    }

    @Test
    void given_all_is_well_when_checked_then_it_is_said_and_others_are_called() throws Exception {
        int other = two(raft + 1);
        List<Finding> findings =
                check(
                        certificates()
                                + "cluster.peers = [\"n1=127.0.0.1:%d\", \"n2=127.0.0.1:%d\"]\n"
                                        .formatted(raft, other));

        assertFinds(Verdict.WELL, "node n1 of the group svcshare", findings);
        assertFinds(Verdict.WELL, "and the port after it are free", findings);
        assertFinds(Verdict.WELL, "n1.pem for 127.0.0.1, until 20", findings);
        assertFinds(Verdict.DOUBTFUL, "n2 at 127.0.0.1:" + other + " does not answer", findings);
    }

    @Test
    void given_a_node_that_runs_when_checked_then_it_is_in_use_and_answers_the_others()
            throws Exception {
        String certificates = certificates();
        try (Daemon _ = Daemon.start(settings(certificates))) {
            assertFinds(Verdict.DOUBTFUL, "in use by a svcshare that runs", check(certificates));
            int first = raft;
            ports();
            List<Finding> ofAnother =
                    check(
                            certificates
                                    + "cluster { node = n2, folder = \"%s/n2\" }\n"
                                            .formatted(folder)
                                    + "cluster.peers = [\"n1=127.0.0.1:%d\", \"n2=127.0.0.1:%d\"]\n"
                                            .formatted(first, raft));
            assertFinds(Verdict.WELL, "n1 at 127.0.0.1:" + first + " answers", ofAnother);
        }
    }

    @Test
    void given_what_cannot_work_when_checked_then_it_is_broken() throws Exception {
        try (var _ = new ServerSocket(raft + 1, 1, InetAddress.getLoopbackAddress())) {
            assertFinds(
                    Verdict.BROKEN,
                    new Endpoint("127.0.0.1", raft + 1) + " cannot be listened on",
                    check(""));
        }
        assertFinds(
                Verdict.BROKEN,
                "there is no host of that name",
                check(
                        "cluster { plain = true, peers = [\"n1=127.0.0.1:%d\", \"n2=n2.invalid:7440\"] }\n"
                                .formatted(raft)));
        Files.writeString(folder.resolve("file"), "");
        assertFinds(
                Verdict.BROKEN,
                "set cluster.folder to another",
                check("cluster.folder = \"%s/file/below\"\n".formatted(folder)));
        assertFinds(Verdict.BROKEN, "would not be believed", check(certificates(others)));
        await("nothing was left behind")
                .until(() -> !Files.exists(folder.resolve("state/cluster")));
    }
}
