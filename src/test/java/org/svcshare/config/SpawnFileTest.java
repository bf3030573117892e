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
import org.svcshare.replica.AnswerRule;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;

/// The settings file of spawn, and the options of spawnctl.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class SpawnFileTest {
    private static final String ALL =
            """
            {
              "host": "127.0.0.2",
              "port": 8000,
              "api": {"host": "127.0.0.3", "port": 8001},
              "query-mode": {"round-robin": true, "by-priority": true},
              "health-check": {"seconds": 3, "url": "/health", "regexp": "^ok$"},
              "nodes": [
                {"host": "A.example.net", "port": 80, "priority": -1, "active": true},
                {"host": "b", "port": 81, "active": true, "maintenance": true},
                {"host": "c", "port": 82}
              ],
              "auth": {
                "type": "LDAP",
                "expiration": 5,
                "host": "ldap.example.net",
                "port": 3389,
                "settings": {
                  "base": "dc=example,dc=net",
                  "ssl": false,
                  "filters": {"user": "(uid=%s)", "group": "(memberUid=%s)"},
                  "attributes": ["uid", "mail"]
                }
              },
              "testMode": true
            }
            """;

    @TempDir private Path folder;

    private LoadedSettings read(String json, String... options) throws Exception {
        return read(json, Optional.empty(), options);
    }

    private LoadedSettings read(String json, Optional<Path> settings, String... options)
            throws Exception {
        Path file = Files.writeString(folder.resolve("spawn.conf"), json);
        var said = new java.util.TreeMap<String, String>();
        for (int i = 0; i < options.length; i += 2) {
            said.put(options[i], options[i + 1]);
        }
        return new SettingsReader(Map.of(), "anna", folder.resolve("home"), "1")
                .readSpawn(file, said, settings);
    }

    private ReplicaSettings replica(String json, String... options) throws Exception {
        return read(json, options).settings().replica().orElseThrow();
    }

    @Test
    void given_every_key_when_read_then_each_is_as_it_was() throws Exception {
        LoadedSettings loaded = read(ALL);
        ReplicaSettings replica = loaded.settings().replica().orElseThrow();

        assertEquals(new Endpoint("127.0.0.2", 8000), replica.listen());
        assertEquals(new Endpoint("127.0.0.3", 8001), replica.control().listen());
        assertTrue(replica.roundRobin() && replica.byPriority());
        assertEquals(Duration.ofSeconds(3), replica.health().every());
        assertEquals("/health", replica.health().path());
        assertEquals("^ok$", replica.health().pattern().orElseThrow().pattern());
        assertEquals(
                List.of(
                        new Node(new NodeAddress("a.example.net", 80), -1, true, false, false, 1),
                        new Node(new NodeAddress("b", 81), 0, true, true, false, 1),
                        Node.at(new NodeAddress("c", 82))),
                replica.nodes());
        assertEquals(Duration.ofMinutes(5), replica.control().tokenLife());
        assertEquals(
                new ReplicaSettings.Ldap(
                        new Endpoint("ldap.example.net", 3389),
                        "dc=example,dc=net",
                        false,
                        Optional.empty(),
                        "(uid=%s)",
                        "(memberUid=%s)",
                        List.of("uid", "mail"),
                        Optional.empty(),
                        Duration.ofSeconds(10)),
                replica.control().ldap().orElseThrow());
        assertEquals(
                List.of("testMode, --test: without effect, as it always was"), loaded.warnings());
    }

    @Test
    void given_nothing_when_read_then_it_is_as_spawn_had_it_but_on_loopback() throws Exception {
        LoadedSettings loaded = read("{}");
        Settings settings = loaded.settings();
        ReplicaSettings replica = settings.replica().orElseThrow();

        assertEquals(new Endpoint("127.0.0.1", 7117), replica.listen());
        assertEquals(new Endpoint("127.0.0.1", 7118), replica.control().listen());
        assertFalse(replica.roundRobin() || replica.byPriority());
        assertEquals(Duration.ofSeconds(10), replica.health().every());
        assertEquals(List.of(), replica.nodes());
        assertEquals(Optional.empty(), replica.control().ldap());
        assertEquals(
                List.of(
                        "host: not set, so it is 127.0.0.1, this machine alone; spawn took 0.0.0.0",
                        "api.host: not set, so it is 127.0.0.1, this machine alone; spawn took"
                                + " 0.0.0.0"),
                loaded.warnings());
        assertFalse(settings.bot());
        assertEquals(Optional.empty(), settings.gossip());
        assertEquals(List.of(), settings.pools().rules().declared());
        assertEquals(null, settings.pools().rules().undeclared());
        assertEquals(PoolSettings.Engine.MEMORY, settings.pools().engine());
    }

    @Test
    void given_options_beside_the_file_when_read_then_they_go_before_it() throws Exception {
        LoadedSettings loaded =
                read(
                        ALL,
                        "host",
                        "::1",
                        "api-port",
                        "9001",
                        "round-robin",
                        "false",
                        "by-priority",
                        "false",
                        "check-sec",
                        "500ms",
                        "check-url",
                        "/",
                        "check-regexp",
                        "fine",
                        "auth",
                        "guest",
                        "auth-expire",
                        "1h",
                        "test",
                        "true");
        ReplicaSettings replica = loaded.settings().replica().orElseThrow();

        assertEquals(new Endpoint("::1", 8000), replica.listen());
        assertEquals(new Endpoint("127.0.0.3", 9001), replica.control().listen());
        assertFalse(replica.roundRobin() || replica.byPriority());
        assertEquals(Duration.ofMillis(500), replica.health().every());
        assertEquals("/", replica.health().path());
        assertEquals("fine", replica.health().pattern().orElseThrow().pattern());
        assertEquals(Optional.empty(), replica.control().ldap());
        assertEquals(Duration.ofHours(1), replica.control().tokenLife());
        assertEquals(1, loaded.warnings().size(), loaded.warnings().toString());
    }

    @Test
    void given_a_number_of_seconds_as_an_option_when_read_then_it_does_not_overflow()
            throws Exception {
        assertEquals(Duration.ofSeconds(10), replica("{}", "check-sec", "10").health().every());
        assertEquals(Duration.ofSeconds(10), replica("{}", "check-sec", "10s").health().every());
    }

    @Test
    void given_options_of_ldap_when_read_then_they_complete_the_file() throws Exception {
        var ldap =
                replica(
                                "{\"auth\": {\"base\": \"dc=a\", \"ssl\": true}}",
                                "auth",
                                "ldap",
                                "auth-host",
                                "10.0.0.9")
                        .control()
                        .ldap()
                        .orElseThrow();

        assertEquals(new Endpoint("10.0.0.9", 636), ldap.server());
        assertTrue(ldap.tls());
        assertEquals("(uid=%s)", ldap.userFilter());
    }

    @Test
    void given_keys_of_another_case_and_unknown_ones_when_read_then_as_spawn_took_them()
            throws Exception {
        LoadedSettings loaded =
                read(
                        """
                        {"Host": "127.0.0.2", "API": {"Host": "127.0.0.2", "colour": 1}, "x": {"y": 2},
                         "nodes": [{"Host": "a", "PORT": 1, "colour": "blue"}], "auth": null}
                        """);

        assertEquals("127.0.0.2", loaded.settings().replica().orElseThrow().listen().host());
        assertEquals(1, loaded.settings().replica().orElseThrow().nodes().size());
        String warnings = loaded.warnings().toString();
        assertTrue(warnings.contains("\"API.colour\": not known, not used"), warnings);
        assertTrue(warnings.contains("\"x\": not known, not used"), warnings);
        assertEquals(2, loaded.warnings().size(), warnings);
    }

    @Test
    void given_a_settings_file_beside_it_when_read_then_it_says_what_the_json_does_not()
            throws Exception {
        Path settings =
                Files.writeString(
                        folder.resolve("config.conf"),
                        """
                        replica {
                          listen = "127.0.0.9:1", control.listen = "127.0.0.9:2"
                          round-robin = true, by-priority = true, writes.answer = all
                        }
                        """);
        LoadedSettings loaded =
                read(
                        "{\"query-mode\": {\"by-priority\": false}, \"port\": 7}",
                        Optional.of(settings));
        ReplicaSettings replica = loaded.settings().replica().orElseThrow();

        assertEquals(AnswerRule.ALL, replica.writes().answer());
        assertTrue(replica.roundRobin());
        assertFalse(replica.byPriority());
        assertEquals(new Endpoint("127.0.0.1", 7), replica.listen());
        assertEquals(new Endpoint("127.0.0.9", 2), replica.control().listen());
        assertEquals(1, loaded.warnings().size(), loaded.warnings().toString());
    }

    @Test
    void given_guests_beyond_loopback_when_read_then_that_is_refused_and_with_tokens_it_is_not()
            throws Exception {
        String open = "{\"host\": \"0.0.0.0\", \"api\": {\"host\": \"0.0.0.0\"}}";

        assertProblem(open, "api.host: replica.control.listen: 0.0.0.0 is not loopback");
        Path settings =
                Files.writeString(
                        folder.resolve("config.conf"),
                        "http.tokens = [{ name = a, role = admin, token = 0123456789abcdef }]");
        assertTrue(read(open, Optional.of(settings)).settings().replica().isPresent());
        assertEquals("0.0.0.0", replica(open, "api-host", "127.0.0.1").listen().host());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"host\": | spawn.conf:1: not JSON:",
                "[] | spawn.conf: expected a JSON object",
                "{\"host\": {}} | spawn.conf: host: expected one value, found a block",
                "{\"host\": \"a b\"} | spawn.conf: host: replica.listen: expected host:port",
                "{\"api\": 7118} | spawn.conf: api: expected a block { … }, found one value",
                "{\"port\": 0} | spawn.conf: port: expected a port from 1 to 65535, found \"0\"",
                "{\"port\": 70000} | spawn.conf: port: expected a port from 1",
                "{\"api\": {\"port\": \"x\"}} | spawn.conf: api.port: expected a port from 1",
                "{\"port\": 7118} | replica.control.listen: expected another port than replica.listen",
                "{\"query-mode\": {\"round-robin\": 1}} | query-mode.round-robin: expected true or false",
                "{\"health-check\": {\"seconds\": 0}} | health-check.seconds: expected a number of seconds",
                "{\"health-check\": {\"seconds\": \"soon\"}} | health-check.seconds: expected a number of seconds",
                "{\"health-check\": {\"seconds\": 9000}} | replica.health.every: expected at most 3600s",
                "{\"health-check\": {\"url\": \"health\"}} | health-check.url: replica.health.path: expected a path",
                "{\"health-check\": {\"regexp\": \"ok(\"}} | health-check.regexp: replica.health.pattern: expected a regular",
                "{\"nodes\": {}} | spawn.conf: nodes: expected a list, found a block",
                "{\"nodes\": [7]} | nodes[0]: expected a block with host and port",
                "{\"nodes\": [{\"port\": 1}]} | nodes[0]: replica.nodes[0].host: expected",
                "{\"nodes\": [{\"host\": \"a\", \"port\": 0}]} | nodes[0]: replica.nodes[0].port: expected",
                "{\"nodes\": [{\"host\": \"a\", \"port\": 1}, {\"host\": \"a\", \"port\": 1}]} | there is another node a:1",
                "{\"auth\": {\"type\": \"LDAP\"}} | auth.host: expected where people log in",
                "{\"auth\": {\"type\": \"LDAP\", \"host\": \"a\"}} | replica.control.ldap.base: expected where people",
                "{\"auth\": {\"expiration\": \"never\"}} | auth.expiration: expected a number of minutes",
            })
    void given_a_mistake_when_read_then_the_message_says_what_was_expected(
            String json, String expected) {
        assertProblem(json, expected);
    }

    @Test
    void given_a_bad_option_when_read_then_it_is_named() {
        List<Problem> problems =
                assertThrows(SettingsException.class, () -> read("{}", "check-sec", "-1"))
                        .problems();

        assertEquals(
                "[--check-sec: expected a number of seconds or a duration such as 10s, found"
                        + " \"-1\"]",
                problems.toString());
    }

    @Test
    void given_a_login_that_nobody_built_when_read_then_that_is_said() throws Exception {
        List<String> warnings = read("{\"auth\": {\"type\": \"oAuth\"}}").warnings();

        assertTrue(
                warnings.toString().contains("\"oAuth\" is no kind of login"), warnings::toString);
    }

    @Test
    void given_no_such_file_when_read_then_that_is_a_mistake() {
        var reader = new SettingsReader(Map.of(), "anna", folder, "1");
        var problems =
                assertThrows(
                                SettingsException.class,
                                () ->
                                        reader.readSpawn(
                                                folder.resolve("none.conf"),
                                                Map.of(),
                                                Optional.empty()))
                        .problems();

        assertTrue(problems.toString().contains("none.conf: no such file"), problems.toString());
    }

    private void assertProblem(String json, String expected) {
        List<Problem> problems = assertThrows(SettingsException.class, () -> read(json)).problems();

        assertEquals(1, problems.size(), problems.toString());
        assertTrue(problems.getFirst().toString().contains(expected), problems.toString());
    }
}
