package org.svcshare.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
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
import org.svcshare.turn.Policy;
import org.svcshare.turn.TurnSettings;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class SettingsReaderTest {
    private static final String LEAST =
            """
            owner = anna
            irc.server = "irc.example.net"
            gate.targets = ["news.example.net:563"]
            """;
    private static final String HEX_32 = "00112233445566778899aabbccddeeff".repeat(2);

    @TempDir private Path folder;

    private final Map<String, String> environment = new HashMap<>();

    private SettingsReader reader() {
        return new SettingsReader(environment, "anna k", folder.resolve("home"), "1.2.3");
    }

    private LoadedSettings read(String text) throws Exception {
        return reader().read(file(text));
    }

    private Path file(String text) throws IOException {
        return privately(Files.writeString(folder.resolve("config.conf"), text));
    }

    private static Path privately(Path file) throws IOException {
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private List<Problem> problems(String text) {
        return assertThrows(SettingsException.class, () -> read(text)).problems();
    }

    private String problem(String more) {
        List<Problem> problems = problems(LEAST + more);
        assertEquals(1, problems.size(), problems.toString());
        return problems.getFirst().toString().replace(folder.toString(), "");
    }

    @Test
    void given_the_least_file_when_read_then_the_rest_is_the_reference() throws Exception {
        Settings settings = read(LEAST).settings();

        assertEquals(TurnSettings.defaults("anna", "1.2.3").owner(), settings.turn().owner());
        assertEquals(new Endpoint("irc.example.net", 6697), settings.irc().server());
        assertEquals(TlsSettings.VERIFIED, settings.irc().tls());
        assertEquals("ss-anna", settings.irc().nick());
        assertEquals("#svcshare", settings.irc().channel());
        assertEquals(new Endpoint("localhost", 8999), settings.gate().listen());
        assertEquals(List.of(new Endpoint("news.example.net", 563)), settings.gate().targets());
        assertEquals("proxy", settings.client().type());
        assertEquals(PeerSettings.ANY, settings.peers());
        assertEquals(
                new CommandSettings(
                        "anna",
                        List.of(),
                        Map.of(
                                "enqueue",
                                List.of("owner"),
                                "unlock-others",
                                List.of("op", "owner"),
                                "kv-put",
                                List.of("op", "owner"),
                                "maintenance",
                                List.of("op", "owner"))),
                settings.commands());
        assertFalse(settings.ircd().enabled());
        assertEquals(Optional.empty(), settings.reporter());
        assertEquals(folder.resolve("home/.local/state/svcshare"), settings.stateFolder());
    }

    @Test
    void given_a_client_to_ask_when_read_then_the_turn_has_the_defaults_of_its_record()
            throws Exception {
        Settings settings = read(LEAST + "client.type = nzbget").settings();

        assertEquals(TurnSettings.defaults("anna", "1.2.3"), settings.turn());
        assertEquals(Optional.of(URI.create("http://127.0.0.1:6789")), settings.client().url());
    }

    @Test
    void given_many_mistakes_when_read_then_all_are_told_with_file_line_and_path() {
        List<Problem> problems =
                problems(
                        """
                        irc.server = "irc.example.net:70000"
                        irc.nick = "a b"
                        gate { targets = ["news"], max-connections = many }
                        turn.linger = 30
                        """);

        assertEquals(
                List.of(
                        "irc.server",
                        "irc.nick",
                        "gate.targets",
                        "gate.max-connections",
                        "turn.linger"),
                problems.stream().map(Problem::path).toList());
        assertEquals(
                List.of("1", "2", "3", "3", "4"),
                problems.stream().map(p -> p.where().replaceFirst(".*config.conf:", "")).toList());
        assertTrue(
                problems.getLast().what().contains("a duration with its unit"),
                problems.toString());
    }

    @Test
    void given_no_guard_when_read_then_the_turn_is_not_guarded() throws Exception {
        Settings settings = read(LEAST).settings();

        assertEquals(Optional.empty(), settings.guard());
        assertFalse(settings.turn().guarded());
    }

    @Test
    void given_a_pool_of_this_node_as_guard_when_read_then_the_turn_is_guarded() throws Exception {
        Settings settings = read(LEAST + "turn.guard = \"pool:up link\"").settings();

        assertEquals(
                Optional.of(
                        new GuardSettings(
                                "up link",
                                List.of(),
                                Optional.empty(),
                                Optional.empty(),
                                Duration.ofSeconds(15))),
                settings.guard());
        assertTrue(settings.turn().guarded());
    }

    @Test
    void given_a_pool_elsewhere_as_guard_when_read_then_the_token_goes_with_it() throws Exception {
        privately(Files.writeString(folder.resolve("guard.token"), "s3cret\n"));
        LoadedSettings loaded =
                read(
                        LEAST
                                + """
                                turn {
                                  guard = "http://locks.example.net:9889/api/v1/pools/up%20link"
                                  guard-ttl = 10m
                                  guard-token-file = guard.token
                                }
                                """);

        GuardSettings guard = loaded.settings().guard().orElseThrow();
        assertEquals("up link", guard.pool());
        assertEquals(Optional.of(new Secret("s3cret")), guard.token());
        assertTrue(loaded.warnings().toString().contains("use https"));
        assertTrue(loaded.warnings().toString().contains("turn.guard-ttl: long"));
    }

    @Test
    void given_a_pool_at_a_group_as_guard_when_read_then_each_of_its_nodes_is_known()
            throws Exception {
        LoadedSettings loaded =
                read(
                        LEAST
                                + """
                                turn.guard = ["https://n1.example.net/api/v1/pools/up%20link"
                                  "https://n2.example.net/locks/api/v1/pools/up%20link"]
                                """);

        GuardSettings guard = loaded.settings().guard().orElseThrow();
        assertEquals("up link", guard.pool());
        assertEquals(
                List.of("n1.example.net", "n2.example.net"),
                guard.urls().stream().map(URI::getHost).toList());
        assertTrue(
                loaded.show()
                        .contains("guard = [\"https://n1.example.net/api/v1/pools/up%20link\", "),
                loaded.show());
    }

    @Test
    void given_a_pool_with_many_slots_as_guard_when_read_then_it_is_refused() {
        assertTrue(
                problem("turn.guard = \"pool:x\"\npools.declared = [{ name = x, slots = 2 }]")
                        .contains("expected a pool with one slot, found 2 slots"));
        assertTrue(
                problem("turn.guard = \"pool:x\"\npools.undeclared = refuse")
                        .contains("expected a pool of pools.declared"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "irc.nik = x | irc.nik: no such setting (did you mean nick?)",
                "irc.chanel = \"#x\" | no such setting (did you mean channel?)",
                "nick = x | nick: no such setting (did you mean irc.nick?)",
                "BOT_CHANNEL = x | now irc.channel, see docs/from-0.3.md",
                "turn { polcy = fifo } | did you mean policy?",
                "turn.policy = agein | found \"agein\" (did you mean ageing?)",
                "commands.allow.forse = [op] | no such command (did you mean force?)",
                "commands.allow.force = [ops] | expected anyone, voice, op, owner",
                "commands.owners = [anna] | expected account:NAME",
                "hooks = [{ on = [turn-grantd], run = [x] }] | did you mean turn-granted?",
                "hooks = [{ on = [knock] }] | either run",
                "hooks = [{ on = [knock], run = [x], url = \"http://x\" }] | either run",
                "hooks = [{ on = [knock], run = [x], tiemout = 5s }] | did you mean timeout?",
                "hooks = [7] | hooks[0]: expected a block",
                "turn = 5 | turn: expected a block { … }, found the number 5",
                "irc.channel = svcshare | expected a channel",
                "irc.channel = \"#a b\" | expected a channel",
                "irc.nick = \"9lives\" | expected a nick",
                "irc.nick = \"a\\r\\nQUIT\" | one line without control characters",
                "irc.tls.pin = abc | 64 hexadecimal digits",
                "irc.tls.ca = \"missing.pem\" | expected a file that can be read",
                "irc.sasl.mechanism = plain | plain expects account and password",
                "irc.sasl.mechanism = external | external expects TLS with irc.tls.certificate",
                "irc.reconnect-min = 1h | expected at least reconnect-min",
                "irc.ping-every = -5s | expected a duration",
                "gate.allow = [\"10.0.0.0/33\"] | expected networks in CIDR form",
                "gate.allow = [\"host.example\"] | expected networks in CIDR form",
                "gate.bandwidth = lots | expected a size",
                "gate.listen = \"localhost:99999\" | a port from 0 to 65535",
                "gate.listen = \"news.example.net:563\" | found the gate itself",
                "peers.secret = short | 32 bytes or more",
                "peers.accept = signed | signed expects peers.secret",
                "client.type = nzbgett | did you mean nzbget?",
                "client.url = \"ftp://x\" | expected an http or https URL",
                "client.type = exec | client.exec.queue: expected an argument list",
                "owner = \"two words\" | owner: expected one word",
                "turn.idle-check-max = 1s | expected at least idle-check-min",
                "turn.guard = service | expected an http or https URL, for instance https://locks",
                "turn.guard = \"pool:\" | expected the name of a pool",
                "turn.guard = \"https://a:b@h/api/v1/pools/x\" | expected no name and password",
                "turn { guard = \"https://h/api/v1/pools/x\", guard-token = \"a b\" } | without blanks",
                "turn { guard = \"https://h/api/v1/pools/x\", guard-ca = none } | guard-ca: expected a",
                "turn.guard = \"https://a.example/pools/x\" | that ends in /api/v1/pools/NAME",
                "turn { guard = \"pool:x\", guard-ttl = 1s } | of at least 2000ms",
                "turn.guard-token-file = none | turn.guard-token-file: expected a file",
                "ircd.max-clients = 0 | expected a whole number from 1",
                "ircd.tls-listen = \"127.0.0.1:6697\" | expects certificate and key",
                "log.level = loud | expected debug, error, info, trace, warn",
                "irc.server-password-file = nowhere | no such",
            })
    void given_a_mistake_when_read_then_the_message_says_what_was_expected(
            String mistake, String expected) {
        String message = problem(mistake);

        assertTrue(message.startsWith("/config.conf:"), message);
        assertTrue(message.contains(expected), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"irc {", "irc.channel = #svcshare", "a = ${missing}", "= 3", "a = [1"})
    void given_a_file_that_is_no_hocon_when_read_then_one_problem_names_the_line(String text) {
        List<Problem> problems = problems(text);

        assertEquals(1, problems.size());
        assertTrue(
                problems.getFirst().where().matches(".*config\\.conf:\\d+"), problems.toString());
    }

    @Test
    void given_no_server_and_no_embedded_one_when_read_then_both_ways_out_are_named() {
        String what = problems("gate.targets = \"a:1\"").getFirst().toString();

        assertTrue(what.contains("irc.server") && what.contains("ircd.enabled = true"), what);
    }

    @Test
    void given_no_server_but_the_embedded_one_when_read_then_the_bot_goes_there() throws Exception {
        Settings settings =
                read("""
                ircd { enabled = true, listen = "0.0.0.0:6670", password = pw }
                gate.targets = "a:1, b:2"
                """)
                        .settings();

        assertEquals(new Endpoint("127.0.0.1", 6670), settings.irc().server());
        assertEquals(TlsSettings.OFF, settings.irc().tls());
        assertEquals(Optional.of(new Secret("pw")), settings.irc().serverPassword());
        assertEquals(
                List.of(new Endpoint("a", 1), new Endpoint("b", 2)), settings.gate().targets());
    }

    @Test
    void given_no_file_when_read_then_it_runs_on_the_embedded_server() throws Exception {
        LoadedSettings loaded = reader().readWithoutFile();

        assertTrue(loaded.settings().ircd().enabled());
        assertEquals(new Endpoint("127.0.0.1", 6667), loaded.settings().irc().server());
        assertEquals("ss-anna_k", loaded.settings().irc().nick());
        assertEquals(
                List.of(loaded.settings().ircd().listen()), loaded.settings().gate().targets());
        assertEquals(List.of(), loaded.warnings());
    }

    @Test
    void given_no_file_but_an_environment_when_read_then_nothing_is_embedded() throws Exception {
        environment.put("SVCSHARE_IRC_SERVER", "localhost");
        environment.put("SVCSHARE_GATE_TARGETS", "a:1,b:2");
        environment.put("SVCSHARE_TURN_ON_PARTITION", "keep");

        Settings settings = reader().readWithoutFile().settings();

        assertFalse(settings.ircd().enabled());
        assertEquals(new Endpoint("localhost", 6667), settings.irc().server());
        assertEquals(2, settings.gate().targets().size());
        assertTrue(settings.turn().keepGateWhenLost());
    }

    @Test
    void given_a_variable_and_the_file_when_read_then_the_variable_goes_before() throws Exception {
        environment.put("SVCSHARE_IRC_NICK", "bob");
        environment.put("OTHER", "fifo");
        environment.put("SVCSHARE_IRC_NIK", "typo");
        environment.put("SVCSHARE_EVENT", "knock");

        LoadedSettings loaded = read(LEAST + "irc.nick = anna\nturn.policy = ${?OTHER}");

        assertEquals("bob", loaded.settings().irc().nick());
        assertEquals(Policy.FIFO, loaded.settings().turn().policy());
        assertEquals(
                List.of(
                        "environment variable SVCSHARE_IRC_NIK sets nothing"
                                + " (did you mean SVCSHARE_IRC_NICK?)"),
                loaded.warnings());
    }

    @Test
    void given_a_bad_variable_when_read_then_the_problem_names_it() {
        environment.put("SVCSHARE_GATE_MAX_CONNECTIONS", "-1");

        assertTrue(
                problems(LEAST)
                        .getFirst()
                        .where()
                        .equals("environment variable SVCSHARE_GATE_MAX_CONNECTIONS"));
    }

    @Test
    void given_all_settings_when_named_as_variables_then_no_two_are_alike() {
        long variables = Reference.paths().stream().map(Reference::variable).distinct().count();

        assertEquals(Reference.paths().size(), variables);
    }

    @Test
    void given_a_secret_file_when_read_then_it_lies_beside_the_settings() throws Exception {
        privately(Files.writeString(folder.resolve("irc.pw"), "s3cret\n"));

        LoadedSettings loaded = read(LEAST + "irc.server-password-file = irc.pw");

        assertEquals(Optional.of(new Secret("s3cret")), loaded.settings().irc().serverPassword());
        assertEquals(List.of(), loaded.warnings());
    }

    @Test
    void given_a_secret_others_can_read_when_read_then_a_warning_says_so() throws Exception {
        Path secret = Files.writeString(folder.resolve("irc.pw"), "s3cret");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
        Path file = file(LEAST + "irc.server-password-file = irc.pw\nclient.key = k");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

        List<String> warnings = reader().read(file).warnings();

        assertEquals(2, warnings.size(), warnings.toString());
        assertTrue(warnings.getFirst().contains("chmod 600"), warnings.toString());
        assertFalse(warnings.toString().contains("s3cret"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "two\nlines\n"})
    void given_a_secret_file_without_one_line_when_read_then_it_is_refused(String content)
            throws Exception {
        privately(Files.writeString(folder.resolve("pw"), content));

        assertTrue(problem("irc.server-password-file = pw").contains("a file with one line"));
    }

    @Test
    void given_a_secret_twice_when_read_then_it_is_refused() throws Exception {
        privately(Files.writeString(folder.resolve("pw"), "x"));

        assertTrue(problem("client { key = a, key-file = pw }").contains("only one of"));
    }

    @Test
    void given_group_secrets_in_two_forms_when_read_then_they_become_one_form() throws Exception {
        String base64 = "ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8=";

        PeerSettings hex =
                read(LEAST + "peers.secret = " + HEX_32.toUpperCase(java.util.Locale.ROOT))
                        .settings()
                        .peers();
        PeerSettings other = read(LEAST + "peers.secret = \"" + base64 + "\"").settings().peers();

        assertEquals(new PeerSettings(List.of(new Secret(HEX_32)), true), hex);
        assertEquals(hex, other);
    }

    @Test
    void given_two_secrets_and_any_when_read_then_the_first_signs() throws Exception {
        String second = "ff".repeat(32);

        PeerSettings peers =
                read(LEAST
                                + "peers { accept = any, secret = %s, other-secret = %s }"
                                        .formatted(HEX_32, second))
                        .settings()
                        .peers();

        assertEquals(
                new PeerSettings(List.of(new Secret(HEX_32), new Secret(second)), false), peers);
    }

    @Test
    void given_a_url_with_a_user_when_read_then_it_becomes_user_and_password() throws Exception {
        ClientSettings client =
                read(LEAST + "client { type = hellanzb, url = \"http://me:p%40ss@host:8760/x\" }")
                        .settings()
                        .client();

        assertEquals(Optional.of(URI.create("http://host:8760/x")), client.url());
        assertEquals(Optional.of("me"), client.user());
        assertEquals(Optional.of(new Secret("p@ss")), client.password());
    }

    @Test
    void given_aliases_and_hooks_when_read_then_they_are_understood() throws Exception {
        Settings settings =
                read(LEAST
                                + """
                                commands { owners = ["account:anna"], allow.enq = [op] }
                                hooks = [{ on = ["*"], run = [notify, "-q"] }]
                                gate.bandwidth = 1.5M
                                stop-limit = 1m30s
                                """)
                        .settings();

        // The reference's `enqueue` and the file's `enq` are one command.
        assertEquals(
                Map.of(
                        "enqueue",
                        List.of("op"),
                        "unlock-others",
                        List.of("op", "owner"),
                        "kv-put",
                        List.of("op", "owner"),
                        "maintenance",
                        List.of("op", "owner")),
                settings.commands().allow());
        assertEquals(List.of("notify", "-q"), settings.hooks().getFirst().run());
        assertEquals(1024 * 1536, settings.gate().bandwidthBps());
        assertEquals(Duration.ofSeconds(90), settings.stopLimit());
    }

    @Test
    void given_secrets_everywhere_when_shown_then_none_is_in_it() throws Exception {
        environment.put("SVCSHARE_IRC_SERVER_PASSWORD", "hidden1");
        LoadedSettings loaded =
                read(
                        LEAST
                                + """
                                irc.sasl { mechanism = plain, account = anna, password = hidden2 }
                                ircd.accounts { bob = hidden3 }
                                client { type = sabnzbd, key = hidden4 }
                                client.url = "http://u:hidden5@127.0.0.1:8080/?apikey=hidden6"
                                hooks = [
                                  { on = [knock], url = "https://h.example/hidden7", secret = hidden8 }
                                ]
                                """);

        String shown = loaded.show();

        assertFalse(shown.contains("hidden"), shown);
        assertTrue(shown.contains("nick = \"ss-anna\"  # found out"), shown);
        assertTrue(shown.contains("server = \"irc.example.net\"  # "), shown);
        assertTrue(shown.contains("environment variable SVCSHARE_IRC_SERVER_PASSWORD"), shown);
        assertTrue(shown.indexOf("owner") < shown.indexOf("irc {"), shown);
        assertTrue(shown.contains("https://h.example/***"), shown);
    }

    @Test
    void given_what_is_shown_when_read_again_then_it_is_a_settings_file() throws Exception {
        // An address that somebody wrote down counts as asked for.
        LoadedSettings first = read(LEAST + "http.listen = \"127.0.0.1:9889\"");

        LoadedSettings second = read(first.show());

        assertEquals(first.settings(), second.settings());
    }

    @Test
    void given_the_sample_file_when_read_then_it_is_valid() throws Exception {
        Path sample = Path.of("config.conf.dist");

        Settings settings = reader().read(sample).settings();

        assertEquals("anna", settings.turn().owner());
    }

    @Test
    void given_no_such_file_when_read_then_it_says_so() {
        var e =
                assertThrows(
                        SettingsException.class, () -> reader().read(folder.resolve("none.conf")));

        assertTrue(e.problems().getFirst().toString().endsWith("none.conf: no such file"));
    }
}
