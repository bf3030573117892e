package org.svcshare.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svcshare.config.GroupSettings.Node;

/// The block `cluster`, and settings without a bot.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class GroupReaderTest {
    private static final String LOCAL =
            "cluster.peers = [\"n1=127.0.0.1:7440\", \"n2=127.0.0.1:7442\", \"n3=localhost:7444\"]\n";
    private static final String FAR =
            "cluster.peers = [\"n1=10.0.0.1:7440\", \"n2=10.0.0.2:7440\", \"n3=10.0.0.3:7440\"]\n";
    private static final String CLUSTER = "bot = false\npools.engine = cluster\n";

    @TempDir private Path folder;

    private LoadedSettings read(String text) throws Exception {
        return read(Map.of("HOSTNAME", "n2.example.net"), text);
    }

    private LoadedSettings read(Map<String, String> environment, String text) throws Exception {
        Path file = Files.writeString(folder.resolve("config.conf"), text);
        return new SettingsReader(environment, "anna", folder.resolve("home"), "1").read(file);
    }

    private GroupSettings group(String text) throws Exception {
        return read(CLUSTER + text).settings().group().orElseThrow();
    }

    @Test
    void given_three_addresses_when_read_then_there_is_a_group_and_nothing_else_is_needed()
            throws Exception {
        Settings settings = read(CLUSTER + LOCAL).settings();
        GroupSettings group = settings.group().orElseThrow();

        assertFalse(settings.bot());
        assertEquals("svcshare", group.name());
        assertEquals("n2", group.node());
        assertEquals(new Node("n2", new Endpoint("127.0.0.1", 7442)), group.self());
        assertEquals(new Endpoint("127.0.0.1", 7443), group.self().handover());
        assertEquals(3, group.peers().size());
        assertEquals(settings.stateFolder().resolve("cluster"), group.folder());
        assertEquals(Duration.ofMillis(300), group.electionTimeout());
        assertEquals(Duration.ofSeconds(2), group.leaderGrace());
        assertEquals(OptionalInt.of(14), group.priority());
        assertEquals(Optional.empty(), group.tls());
    }

    @Test
    void given_everything_when_read_then_it_is_as_written_and_the_password_is_not_shown()
            throws Exception {
        Files.writeString(folder.resolve("own.p12"), "");
        Files.writeString(folder.resolve("ca.pem"), "");
        Files.writeString(folder.resolve("password"), "hush-hush\n");
        LoadedSettings loaded =
                read(
                        CLUSTER
                                + """
                                cluster {
                                  name = locks
                                  node = n4
                                  peers = ["n4=[fd00::4]:7440"]
                                  join = ["10.0.0.1:7440", "n2.example.net:7440"]
                                  folder = data
                                  election-timeout = 1s
                                  leader-grace = 5s
                                  priority = off
                                  tls {
                                    certificate = own.p12
                                    certificate-password-file = password
                                    ca = ca.pem
                                  }
                                }
                                """);
        GroupSettings group = loaded.settings().group().orElseThrow();

        assertEquals(new Node("n4", new Endpoint("fd00::4", 7440)), group.self());
        assertEquals(
                List.of(new Endpoint("10.0.0.1", 7440), new Endpoint("n2.example.net", 7440)),
                group.join());
        assertEquals(folder.resolve("data"), group.folder());
        assertEquals(OptionalInt.empty(), group.priority());
        assertEquals(
                new GroupSettings.Tls(
                        new HttpSettings.Tls(
                                folder.resolve("own.p12"),
                                Optional.empty(),
                                Optional.of(new Secret("hush-hush"))),
                        folder.resolve("ca.pem")),
                group.tls().orElseThrow());
        assertFalse(loaded.show().contains("hush-hush"), loaded.show());
    }

    @Test
    void given_the_environment_alone_when_read_then_it_counts() throws Exception {
        Settings settings =
                read(
                                Map.of(
                                        "SVCSHARE_BOT",
                                        "false",
                                        "SVCSHARE_POOLS_ENGINE",
                                        "cluster",
                                        "SVCSHARE_CLUSTER_NODE",
                                        "b",
                                        "SVCSHARE_CLUSTER_PEERS",
                                        "a=127.0.0.1:1000, b=127.0.0.1:1002,c=127.0.0.1:1004"),
                                "")
                        .settings();

        assertEquals(new Endpoint("127.0.0.1", 1002), settings.group().orElseThrow().self().at());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cluster.peers = [] | config.conf:3: cluster.peers: expected the nodes of the group",
                "cluster.peers = [\"127.0.0.1:7440\"] | expected NAME=HOST:PORT",
                "cluster.peers = [\"n2=127.0.0.1\"] | expected host:port",
                "cluster.peers = [\"n 2=127.0.0.1:7440\"] | letters, digits and dashes, found",
                "cluster.peers = [\"n2=127.0.0.1:65535\"] | a port up to 65534",
                "cluster.peers = [\"n2=127.0.0.1:1\",\"n2=127.0.0.1:3\"] | found twice n2",
                "cluster.peers = [\"n1=127.0.0.1:1\",\"n2=127.0.0.1:2\"] | is taken by n1 already",
                "cluster.peers = [\"n1=127.0.0.1:1\"] | of cluster.peers (n1), found \"n2\", the name",
                "cluster.peers = [\"n2=10.0.0.1:7440\"] | 10.0.0.1 is not loopback, so anybody",
            })
    void given_peers_that_make_no_group_when_read_then_the_message_says_what_was_expected(
            String mistake, String expected) {
        assertProblem(CLUSTER + mistake, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cluster.node = n7 | of cluster.peers (n1, n2, n3), found \"n7\"",
                "cluster.node = \"n 7\" | letters, digits and dashes, found",
                "cluster.name = \"\u00e9\" | visible ASCII",
                "cluster.join = [somewhere] | expected host:port",
                "cluster.election-timeout = 10ms | at least 50ms",
                "cluster.election-timeout = 11s | at most 10s",
                "cluster.leader-grace = 2h | at most 3600s",
                "cluster.priority = 15 | from 1 to 14, or off",
                "cluster.priority = 0 | from 1 to 14, or off",
                "cluster.tls.ca = config.conf | this node's certificate as well",
                "cluster.tls { certificate = config.conf, ca = config.conf } | expected key as well",
                "cluster.tls { certificate = config.conf, key = config.conf } | the group's authority",
                "cluster.tls { certificate = a.p12, ca = config.conf } | a file that can be read",
                "cluster.peer = [] | did you mean peers?",
                "http.listen = \"127.0.0.1:7443\" | expected another port than this node's",
            })
    void given_another_mistake_when_read_then_the_message_says_what_was_expected(
            String mistake, String expected) {
        assertProblem(CLUSTER + LOCAL + mistake, expected);
    }

    private void assertProblem(String text, String expected) {
        List<Problem> problems = assertThrows(SettingsException.class, () -> read(text)).problems();

        assertEquals(1, problems.size(), problems.toString());
        assertTrue(problems.getFirst().toString().contains(expected), problems.toString());
    }

    @Test
    void given_machines_apart_without_certificates_when_plain_then_that_is_warned_about()
            throws Exception {
        LoadedSettings loaded = read(CLUSTER + FAR + "cluster.plain = true\n");

        assertEquals(Optional.empty(), loaded.settings().group().orElseThrow().tls());
        assertTrue(loaded.warnings().toString().contains("cluster.plain: whoever reaches"));
    }

    @Test
    void given_what_is_odd_when_read_then_it_is_warned_about() throws Exception {
        String two = "cluster.peers = [\"n1=127.0.0.1:7440\", \"n2=127.0.0.1:7442\"]\n";

        assertTrue(
                read(CLUSTER + two).warnings().toString().contains("an odd number is better"),
                "two nodes");
        assertTrue(
                read("bot = false\n" + LOCAL).warnings().toString().contains("peers: not used"),
                "another engine");
        assertEquals(Optional.empty(), read("bot = false\n" + LOCAL).settings().group());
    }

    @Test
    void given_no_name_when_read_then_the_machine_gives_it_without_its_domain() throws Exception {
        assertEquals("n2", group(LOCAL).node());
        assertEquals("n3", group(LOCAL + "cluster.node = n3").node());
    }
}
