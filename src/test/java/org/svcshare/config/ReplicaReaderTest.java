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
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.replica.AnswerRule;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;

/// The block `replica`.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class ReplicaReaderTest {
    private static final String ALONE = "bot = false\n";
    private static final String ONE = ALONE + "replica.nodes = [{ node = \"a:8080\" }]\n";

    @TempDir private Path folder;

    private LoadedSettings read(String text) throws Exception {
        return read(Map.of(), text);
    }

    private LoadedSettings read(Map<String, String> environment, String text) throws Exception {
        Path file = Files.writeString(folder.resolve("config.conf"), text);
        return new SettingsReader(environment, "anna", folder.resolve("home"), "1").read(file);
    }

    private ReplicaSettings replica(String text) throws Exception {
        return read(text).settings().replica().orElseThrow();
    }

    @Test
    void given_nodes_alone_when_read_then_the_rest_is_as_in_the_reference() throws Exception {
        LoadedSettings loaded = read(ONE);
        ReplicaSettings replica = loaded.settings().replica().orElseThrow();

        assertEquals(
                new ReplicaSettings(
                        new Endpoint("127.0.0.1", 7117),
                        Optional.empty(),
                        2,
                        List.of(new Node(new NodeAddress("a", 8080), 0, true, false, false, 1)),
                        new ReplicaSettings.NodeTls(Optional.empty(), false),
                        true,
                        false,
                        false,
                        true,
                        new ReplicaSettings.Writes(
                                AnswerRule.MAJORITY,
                                ReplicaSettings.Durability.FSYNC,
                                Duration.ofSeconds(10),
                                false,
                                false,
                                true,
                                Duration.ofMinutes(10),
                                Duration.ofMillis(100),
                                Duration.ofSeconds(30),
                                1,
                                Duration.ofHours(24)),
                        new ReplicaSettings.Health(
                                Duration.ofSeconds(2),
                                Duration.ofSeconds(2),
                                "/",
                                Optional.empty(),
                                1,
                                2),
                        new ReplicaSettings.Control(
                                true,
                                new Endpoint("127.0.0.1", 7118),
                                Optional.empty(),
                                Duration.ofMinutes(30),
                                Optional.empty()),
                        new ReplicaSettings.Limits(
                                1L << 30,
                                256 << 10,
                                8 << 20,
                                16 << 10,
                                1_000_000,
                                10_000,
                                256,
                                4096,
                                1000,
                                Duration.ofSeconds(60),
                                Duration.ofSeconds(30)),
                        loaded.settings().stateFolder().resolve("replica")),
                replica);
        assertEquals(List.of(), loaded.warnings());
    }

    @Test
    void given_everything_when_read_then_it_is_as_written_and_no_secret_is_shown()
            throws Exception {
        Files.writeString(folder.resolve("own.p12"), "");
        Files.writeString(folder.resolve("ca.pem"), "");
        LoadedSettings loaded =
                read(
                        """
                        bot = false
                        http.tokens = [{ name = ops, role = admin, token = 0123456789abcdef }]
                        replica {
                          listen = "0.0.0.0:8000"
                          tls { certificate = own.p12, password = hidden1 }
                          event-loops = 2
                          nodes = [
                            { node = "A.example.net:8080", priority = 1, weight = 3, tls = true }
                            { host = "10.0.0.2", port = 81, priority = -1, active = no }
                            { node = "[fd00::2]:8080", maintenance = on }
                          ]
                          node-tls.ca = ca.pem
                          round-robin = false
                          by-priority = true
                          consistency = session
                          writes {
                            answer = all, durability = os, timeout = 1s, compare-bodies = true
                            read-out-of-step = true, park-refused = false, refused-for = 1m
                            first-pause = 10ms, longest-pause = 5s, in-flight = 8, keys-live = 1h
                          }
                          health {
                            every = 1s, timeout = 500ms, path = "/health?full", pattern = "ok|fine"
                            rise = 2, fall = 3
                          }
                          control {
                            listen = "0.0.0.0:8001"
                            tls { certificate = own.p12, password = hidden2 }
                            token-life = 5m
                            ldap {
                              server = ldap.example.net
                              base = "dc=example,dc=net"
                              tls = false
                              ca = ca.pem
                              user-filter = "(mail=%s)"
                              group-filter = "(member=%s)"
                              attributes = "uid, cn"
                              bind-dn = "cn=reader,dc=example,dc=net"
                              bind-password = hidden3
                              timeout = 3s
                            }
                          }
                          limits { body = 10M, memory-body = 1k, answer = 1M, queue-writes = 10 }
                          folder = writes
                        }
                        """);
        ReplicaSettings replica = loaded.settings().replica().orElseThrow();

        assertEquals(new Endpoint("0.0.0.0", 8000), replica.listen());
        assertEquals(folder.resolve("own.p12"), replica.tls().orElseThrow().certificate());
        assertEquals(
                List.of(
                        new Node(new NodeAddress("a.example.net", 8080), 1, true, false, true, 3),
                        new Node(new NodeAddress("10.0.0.2", 81), -1, false, false, false, 1),
                        new Node(new NodeAddress("fd00::2", 8080), 0, true, true, false, 1)),
                replica.nodes());
        assertEquals(Optional.of(folder.resolve("ca.pem")), replica.nodeTls().authority());
        assertTrue(replica.byPriority() && replica.session() && !replica.roundRobin());
        assertEquals(
                new ReplicaSettings.Writes(
                        AnswerRule.ALL,
                        ReplicaSettings.Durability.OS,
                        Duration.ofSeconds(1),
                        true,
                        true,
                        false,
                        Duration.ofMinutes(1),
                        Duration.ofMillis(10),
                        Duration.ofSeconds(5),
                        8,
                        Duration.ofHours(1)),
                replica.writes());
        assertEquals("/health?full", replica.health().path());
        assertTrue(replica.health().pattern().orElseThrow().matcher("all fine").find());
        assertEquals(
                new ReplicaSettings.Ldap(
                        new Endpoint("ldap.example.net", 389),
                        "dc=example,dc=net",
                        false,
                        Optional.of(folder.resolve("ca.pem")),
                        "(mail=%s)",
                        "(member=%s)",
                        List.of("uid", "cn"),
                        Optional.of(
                                new ReplicaSettings.Ldap.Account(
                                        "cn=reader,dc=example,dc=net", new Secret("hidden3"))),
                        Duration.ofSeconds(3)),
                replica.control().ldap().orElseThrow());
        assertEquals(10, replica.limits().queueWrites());
        assertEquals(folder.resolve("writes"), replica.folder());
        assertFalse(loaded.show().contains("hidden"), loaded.show());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "replica.nodes = [{ node = \"a:1\" }]",
                "replica.enabled = true",
                "replica { enabled = on, nodes = [] }",
            })
    void given_what_needs_them_when_read_then_there_are_replicas(String text) throws Exception {
        assertTrue(read(ALONE + text).settings().replica().isPresent());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "replica.enabled = false",
                "replica { enabled = off, nodes = [{ node = \"a:1\" }] }",
                "replica.health.path = \"/x\"",
            })
    void given_what_does_not_ask_for_them_when_read_then_there_are_none(String text)
            throws Exception {
        LoadedSettings loaded = read(ALONE + text);

        assertEquals(Optional.empty(), loaded.settings().replica());
        assertEquals(List.of(), loaded.warnings());
    }

    @Test
    void given_the_environment_alone_when_read_then_it_counts() throws Exception {
        ReplicaSettings replica =
                read(
                                Map.of(
                                        "SVCSHARE_BOT",
                                        "false",
                                        "SVCSHARE_REPLICA_ENABLED",
                                        "true",
                                        "SVCSHARE_REPLICA_WRITES_ANSWER",
                                        "first",
                                        "SVCSHARE_REPLICA_CONTROL_LDAP_ATTRIBUTES",
                                        "uid"),
                                "")
                        .settings()
                        .replica()
                        .orElseThrow();

        assertEquals(AnswerRule.FIRST, replica.writes().answer());
        assertEquals(List.of(), replica.nodes());
    }

    @Test
    void given_a_password_in_the_environment_or_a_file_when_read_then_the_account_has_it()
            throws Exception {
        Files.writeString(folder.resolve("password"), "hidden4\n");
        String ldap =
                "replica.enabled = true, replica.control.ldap { server = a, base = b, bind-dn = c";
        var account = new ReplicaSettings.Ldap.Account("c", new Secret("hidden4"));
        for (LoadedSettings loaded :
                List.of(
                        read(
                                Map.of("SVCSHARE_REPLICA_CONTROL_LDAP_BIND_PASSWORD", "hidden4"),
                                ALONE + ldap + " }"),
                        read(ALONE + ldap + ", bind-password-file = password }"))) {
            assertEquals(
                    Optional.of(account),
                    loaded.settings()
                            .replica()
                            .orElseThrow()
                            .control()
                            .ldap()
                            .orElseThrow()
                            .account());
            assertFalse(loaded.show().contains("hidden"), loaded.show());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "replica.enabled = perhaps | replica.enabled: expected auto, false",
                "replica.listen = \"127.0.0.1:70000\" | replica.listen: expected host:port",
                "replica.listen = \"127.0.0.1:9889\" | replica.listen: expected another port than http.listen",
                "replica.listen = \"127.0.0.1:7118\" | control.listen: expected another port than replica.listen",
                "replica.control.listen = \"127.0.0.1:9889\" | control.listen: expected another port than http",
                "gossip { enabled = true, listen = \"127.0.0.1:7117\" } | replica.listen: expected another port than gossip",
                "replica.event-loops = 65 | replica.event-loops: expected a whole number from 1 to 64",
                "replica.tls.key = config.conf | replica.tls.key: expected with certificate only",
                "replica.tls.certificate = none.pem | replica.tls.certificate: expected a file that can be read",
                "replica.control.tls.certificate = config.conf | replica.control.tls.certificate: expected key as well",
                "replica.nodes = 7 | replica.nodes: expected a list of blocks",
                "replica.nodes = [{ node = a }] | replica.nodes[0].node: expected host:port",
                "replica.nodes = [{ node = \"a:0\" }] | replica.nodes[0].node: expected host:port with a port from 1",
                "replica.nodes = [{ host = a }] | replica.nodes[0].port: expected a whole number from 1 to 65535",
                "replica.nodes = [{ port = 1 }] | replica.nodes[0].host: expected node = \"host:port\", or host",
                "replica.nodes = [{ host = \"a b\", port = 1 }] | nodes[0].host: expected a host of letters",
                "replica.nodes = [{ node = \"a:1\", port = 1 }] | nodes[0].node: expected either node, or host",
                "replica.nodes = [{ node = \"a:1\" }, { host = A, port = 1 }] | nodes[1].host: there is another node a:1",
                "replica.nodes = [{ node = \"a:1\", weight = 101 }] | nodes[0].weight: expected a whole number from 1 to 100",
                "replica.nodes = [{ node = \"a:1\", weigth = 2 }] | nodes[0].weigth: no such setting (did you mean weight?)",
                "replica.nodes = [{ node = \"a:1\", active = 7 }] | nodes[0].active: expected true or false",
                "replica.node-tls { ca = config.conf, insecure = true } | insecure: expected either ca, or",
                "replica.node-tls.ca = none.pem | replica.node-tls.ca: expected a file that can be read",
                "replica.writes.answer = most | replica.writes.answer: expected all, first, majority",
                "replica.writes.durability = disk | writes.durability: expected fsync, memory, os",
                "replica.writes.timeout = 10 | replica.writes.timeout: expected a duration with its unit",
                "replica.writes.timeout = 11m | replica.writes.timeout: expected at most 600s",
                "replica.writes.longest-pause = 50ms | longest-pause: expected at least first-pause",
                "replica.writes.in-flight = 0 | in-flight: expected a whole number from 1",
                "replica.health.path = health | replica.health.path: expected a path with a slash first",
                "replica.health.path = \"/a b\" | replica.health.path: expected a path with a slash first",
                "replica.health.pattern = \"ok(\" | config.conf:3: replica.health.pattern: expected a regular",
                "replica.health.pattern = \"a[b\" | Unclosed character class at character 3",
                "replica.health.rise = 0 | replica.health.rise: expected a whole number from 1",
                "replica.health.every = 1ms | replica.health.every: expected a duration with its unit of at least",
                "replica.control.listen = \"0.0.0.0:7118\" | 0.0.0.0 is not loopback, so everybody could change",
                "replica.control.ldap.base = \"dc=a\" | replica.control.ldap.base: expected server as well",
                "replica.control.ldap.server = a | replica.control.ldap.base: expected where people are",
                "replica.control.ldap { server = a, base = b, user-filter = \"(uid=x)\" } | user-filter: expected a filter with one %s",
                "replica.control.ldap { server = a, base = b, group-filter = \"(a=%s%s)\" } | group-filter: expected a filter with one %s",
                "replica.control.ldap.bind-dn = \"cn=a\" | replica.control.ldap.bind-dn: expected server as well",
                "replica.control.ldap { server = a, base = b, bind-dn = \"cn=a\" } | bind-password: expected the password of bind-dn",
                "replica.control.ldap { server = a, base = b, bind-password = a } | bind-dn: expected whose password",
                "replica.control.ldap { server = a, base = b, bind-dn = \"cn=a\", bind-password-file = none } | bind-password-file: expected a file that can be read",
                "replica.limits.body = 1 | replica.limits.body: expected a size from 1k to 1T",
                "replica.limits.memory-body = 65M | replica.limits.memory-body: expected a size from 0 to 64M",
                "replica.limits.parked = -1 | replica.limits.parked: expected a whole number from 0",
                "replica.limits.node-timeout = 2h | replica.limits.node-timeout: expected at most 3600s",
                "replica.node = [] | replica.node: no such setting (did you mean nodes?)",
            })
    void given_a_mistake_when_read_then_the_message_says_what_was_expected(
            String mistake, String expected) {
        assertProblem(ONE + mistake, expected);
    }

    @Test
    void given_a_bot_when_a_port_is_the_gates_then_it_is_refused() {
        assertProblem(
                """
                channel = gossip
                gate { targets = ["a:1"], listen = "localhost:7117" }
                replica.nodes = [{ node = "b:1" }]
                """,
                "replica.listen: expected another port than gate.listen");
    }

    @Test
    void given_too_many_nodes_when_read_then_that_is_said() {
        var nodes = new StringBuilder();
        for (int i = 1; i <= 101; i++) {
            nodes.append("{ node = \"a:").append(i).append("\" }, ");
        }
        assertProblem(
                ALONE + "replica.nodes = [" + nodes + "]",
                "replica.nodes: expected at most 100, found 101");
    }

    @Test
    void given_no_control_api_when_its_address_is_odd_then_that_does_not_matter() throws Exception {
        assertFalse(
                replica(ONE + "replica.control { enabled = false, listen = \"0.0.0.0:7117\" }")
                        .control()
                        .enabled());
    }

    private void assertProblem(String text, String expected) {
        List<Problem> problems = assertThrows(SettingsException.class, () -> read(text)).problems();

        assertEquals(1, problems.size(), problems.toString());
        assertTrue(problems.getFirst().toString().contains(expected), problems.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "replica.listen = \"127.0.0.1:1\" | replica.enabled: auto, and without replica.nodes",
                "replica { enabled = true, node-tls.insecure = true } | insecure: true trusts anybody",
                "replica { enabled = true, control { listen = \"0.0.0.0:1\", ldap { server = a, base = b } } } | tokens and passwords can be read",
            })
    void given_what_is_odd_when_read_then_it_is_warned_about(String odd, String warning)
            throws Exception {
        var warnings = read(ALONE + odd).warnings().toString();

        assertTrue(warnings.contains(warning), warnings);
    }
}
