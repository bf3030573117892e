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

/// The block `gossip`, the setting `channel`, and hooks on what happens in a group.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class GossipReaderTest {
    private static final String SECRET = "0123456789abcdef".repeat(4);
    private static final String BOT =
            "channel = gossip\ngate.targets = [\"news.example.net:563\"]\n";

    @TempDir private Path folder;

    private LoadedSettings read(String text) throws Exception {
        return read(Map.of(), text);
    }

    private LoadedSettings read(Map<String, String> environment, String text) throws Exception {
        Path file = Files.writeString(folder.resolve("config.conf"), text);
        return reader(environment).read(file);
    }

    private SettingsReader reader(Map<String, String> environment) {
        return new SettingsReader(environment, "anna", folder.resolve("home"), "1");
    }

    private GossipSettings gossip(String text) throws Exception {
        return read(BOT + text).settings().gossip().orElseThrow();
    }

    @Test
    void given_gossip_as_channel_when_read_then_nothing_else_is_needed_and_no_irc()
            throws Exception {
        LoadedSettings loaded = read(BOT);
        Settings settings = loaded.settings();
        GossipSettings gossip = settings.gossip().orElseThrow();

        assertEquals(ChannelKind.GOSSIP, settings.channel());
        assertFalse(settings.channel().onIrc());
        assertEquals("anna", gossip.name());
        assertEquals("svcshare", gossip.group());
        assertEquals(new Endpoint("127.0.0.1", 5555), gossip.listen());
        assertEquals(gossip.listen(), gossip.reachedAt());
        assertEquals(List.of(), gossip.seeds());
        assertEquals(Optional.empty(), gossip.secret());
        assertEquals(Optional.empty(), gossip.tls());
        assertEquals(Duration.ofSeconds(1), gossip.interval());
        assertEquals(Duration.ofSeconds(8), gossip.silentAfter());
        assertEquals(Duration.ofMinutes(1), gossip.clockAhead());
        assertEquals(Duration.ofHours(24), gossip.tombstonesLive());
        assertEquals(new GossipSettings.Limits(100_000, 64L << 20), gossip.limits());
        assertEquals(settings.stateFolder().resolve("gossip"), gossip.folder());
        assertEquals(List.of(), loaded.warnings());
    }

    @Test
    void given_everything_when_read_then_it_is_as_written_and_the_secret_is_not_shown()
            throws Exception {
        Files.writeString(folder.resolve("own.pem"), "");
        Files.writeString(folder.resolve("own.key"), "");
        Files.writeString(folder.resolve("ca.pem"), "");
        LoadedSettings loaded =
                read(
                        BOT
                                + """
                                gossip {
                                  name = anna.home
                                  group = flat
                                  listen = "0.0.0.0:7000"
                                  advertise = "anna.example.net"
                                  seeds = ["10.0.0.1", "[fd00::2]:7000", "10.0.0.1:5555"]
                                  secret = "%s"
                                  tls { certificate = own.pem, key = own.key, ca = ca.pem }
                                  interval = 200ms
                                  silent-after = 3s
                                  clock-ahead = 10s
                                  tombstones-live = 1h
                                  limits { keys = 10, bytes = 1M }
                                  folder = data
                                }
                                """
                                        .formatted(SECRET));
        GossipSettings gossip = loaded.settings().gossip().orElseThrow();

        assertEquals("anna.home", gossip.name());
        assertEquals("flat", gossip.group());
        assertEquals(new Endpoint("anna.example.net", 5555), gossip.reachedAt());
        assertEquals(
                List.of(new Endpoint("10.0.0.1", 5555), new Endpoint("fd00::2", 7000)),
                gossip.seeds());
        assertEquals(SECRET, gossip.secret().orElseThrow().reveal());
        assertEquals(folder.resolve("ca.pem"), gossip.tls().orElseThrow().ca());
        assertEquals(Duration.ofMillis(200), gossip.interval());
        assertEquals(new GossipSettings.Limits(10, 1 << 20), gossip.limits());
        assertEquals(folder.resolve("data"), gossip.folder());
        assertFalse(loaded.show().contains(SECRET), loaded.show());
        assertTrue(loaded.show().contains("secret = \"***\""), loaded.show());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "channel = both\nirc.server = irc.example.net",
                "irc.server = irc.example.net\ngossip.seeds = \"127.0.0.1:5556\"",
                "irc.server = irc.example.net\ngossip.enabled = true",
                "bot = false\ngossip.enabled = true",
            })
    void given_what_needs_a_group_when_read_then_there_is_one(String text) throws Exception {
        String gate = "gate.targets = [\"news.example.net:563\"]\n";

        assertTrue(read(gate + text).settings().gossip().isPresent());
    }

    @Test
    void given_nothing_about_it_when_read_then_there_is_no_group() throws Exception {
        Settings settings =
                read("irc.server = irc.example.net\ngate.targets = [\"a:1\"]\n").settings();

        assertEquals(ChannelKind.IRC, settings.channel());
        assertEquals(Optional.empty(), settings.gossip());
    }

    @Test
    void given_the_environment_alone_when_read_then_it_counts() throws Exception {
        GossipSettings gossip =
                read(
                                Map.of(
                                        "SVCSHARE_CHANNEL",
                                        "gossip",
                                        "SVCSHARE_GATE_TARGETS",
                                        "news.example.net:563",
                                        "SVCSHARE_GOSSIP_LISTEN",
                                        "10.0.0.3:5555",
                                        "SVCSHARE_GOSSIP_SECRET",
                                        SECRET,
                                        "SVCSHARE_GOSSIP_SEEDS",
                                        "10.0.0.1:5555, 10.0.0.2"),
                                "")
                        .settings()
                        .gossip()
                        .orElseThrow();

        assertEquals("[10.0.0.1:5555, 10.0.0.2:5555]", gossip.seeds().toString());
        assertEquals(SECRET, gossip.secret().orElseThrow().reveal());
    }

    @Test
    void given_an_owner_with_signs_when_read_then_the_name_has_none() throws Exception {
        assertEquals("j_rgen_x", gossip("owner = \"jürgen|x\"").name());
        assertEquals("member", gossip("owner = \"-._\"").name());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "channel = \"#svcshare\" | config.conf:3: channel: expected both, gossip, irc, found",
                "gossip.name = \"two words\" | config.conf:3: gossip.name: expected 1 to 60 letters",
                "gossip.name = \"-a\" | with a letter or digit first",
                "gossip.group = \"\u00e9\" | visible ASCII",
                "gossip.listen = \"127.0.0.1:70000\" | gossip.listen: expected host:port",
                "gossip.listen = \"10.0.0.1:5555\" | is not loopback, so anybody could join",
                "gossip.listen = \"127.0.0.1:8999\" | gossip.listen: expected another port than gate",
                "gossip.listen = \"127.0.0.1:9889\" | gossip.listen: expected another port than http",
                "gossip.seeds = [\"somewhere:\"] | gossip.seeds: expected host:port",
                "gossip.seeds = [\"10.0.0.1:5555\"] | 127.0.0.1 is loopback, where 10.0.0.1:5555 cannot",
                "gossip.advertise = \"0.0.0.0:5555\" | an address at which others reach this one",
                "gossip.secret = tooshort | config.conf:3: gossip.secret: expected 32 bytes or more",
                "gossip.secret-file = none | gossip.secret-file: expected a file that can be read",
                "gossip.tls.ca = config.conf | gossip.tls.certificate: expected this member's",
                "gossip.tls { certificate = config.conf, key = config.conf } | the group's authority",
                "gossip.interval = 10ms | gossip.interval: expected a duration with its unit of at",
                "gossip.interval = 2m | gossip.interval: expected at most 60s",
                "gossip.silent-after = 8 | gossip.silent-after: expected a duration with its unit",
                "gossip.tombstones-live = 30s | expected at least clock-ahead",
                "gossip.limits.keys = 0 | gossip.limits.keys: expected a whole number from 1",
                "gossip.limits.bytes = 1k | gossip.limits.bytes: expected a size from 64k to 1G",
                "gossip.enabled = false | gossip.enabled: expected true or auto, as channel is",
                "gossip.enabled = perhaps | gossip.enabled: expected auto, false",
                "gossip.seed = \"a:1\" | gossip.seed: no such setting (did you mean seeds?)",
            })
    void given_a_mistake_when_read_then_the_message_says_what_was_expected(
            String mistake, String expected) {
        assertProblem(BOT + mistake, expected);
    }

    @Test
    void given_all_addresses_without_one_to_tell_when_read_then_it_is_asked_for() {
        assertProblem(
                BOT + "gossip { listen = \"0.0.0.0:5555\", secret = \"" + SECRET + "\" }",
                "gossip.advertise: expected host:port at which the others reach this member");
    }

    @Test
    void given_people_on_irc_as_well_when_read_then_a_server_is_needed() {
        assertProblem(
                "channel = both\ngate.targets = [\"a:1\"]\n",
                "irc.server: expected host:port of an IRC server");
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
                "channel = gossip; gossip { plain = true, listen = \"10.0.0.1:5555\" } | whoever reaches 10.0.0.1",
                "channel = gossip; gossip { plain = true, secret = \"SECRET\" } | plain: has no effect",
                "irc.server = a; gossip.name = anna | gossip.enabled: auto, and without gossip.seeds",
                "channel = gossip; irc.server = a | irc.server: not used, as channel = gossip",
                "irc.server = a; hooks = [{ on = [new-key], run = [x] }] | new-key never comes, as",
            })
    void given_what_is_odd_when_read_then_it_is_warned_about(String odd, String warning)
            throws Exception {
        String text = odd.replace("; ", "\n").replace("SECRET", SECRET);
        var warnings = read("gate.targets = [\"a:1\"]\n" + text).warnings().toString();

        assertTrue(warnings.contains(warning), warnings);
    }

    // Hooks.

    @Test
    void given_hooks_on_a_group_when_read_then_names_and_prefix_are_kept() throws Exception {
        List<HookSettings> hooks =
                read(BOT
                                + """
                                hooks = [
                                  { on = [new-key, key-removed, "event:deploy"], prefix = "jobs/", run = [x] }
                                  { on = ["query:load", "query:disk"], run = [y] }
                                ]
                                """)
                        .settings()
                        .hooks();

        assertEquals("jobs/", hooks.getFirst().prefix());
        assertTrue(hooks.getFirst().hearsKeys());
        assertEquals(List.of("load", "disk"), hooks.getLast().answers());
        assertFalse(hooks.getLast().hearsKeys());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{ on = [new_key], run = [x] } | no such event: \"new_key\" (did you mean new-key?)",
                "{ on = [\"event:\"], run = [x] } | expected a name of 1 to 100 letters, digits",
                "{ on = [\"query:a b\"], run = [x] } | expected a name of 1 to 100 letters, digits",
                "{ on = [\"query:ping\"], run = [x] } | query:ping is answered by svcshare itself",
                "{ on = [\"query:a\", \"query:a\"], run = [x] } | answered by another hook already",
                "{ on = [\"query:a\"], url = \"http://a/\" } | query:NAME expects a program",
                "{ on = [start], prefix = a, run = [x] } | expected with new-key, key-changed",
            })
    void given_a_hook_with_a_mistake_when_read_then_the_message_says_what_was_expected(
            String hook, String expected) {
        assertProblem(BOT + "hooks = [" + hook + "]", expected);
    }

    // Without a file.

    @Test
    void given_a_seed_and_nothing_else_when_read_then_the_gate_leads_to_the_status_page()
            throws Exception {
        Settings settings =
                reader(Map.of())
                        .readGossip(
                                Optional.empty(),
                                List.of("127.0.0.1:5555", "127.0.0.1"),
                                Map.of(
                                        "gossip.listen",
                                        "127.0.0.1:5556",
                                        "http.listen",
                                        "127.0.0.1:9890"))
                        .settings();

        assertEquals(ChannelKind.GOSSIP, settings.channel());
        assertEquals(5556, settings.gossip().orElseThrow().listen().port());
        assertEquals("[127.0.0.1:5555]", settings.gossip().orElseThrow().seeds().toString());
        assertEquals(List.of(new Endpoint("127.0.0.1", 9890)), settings.gate().targets());
        assertEquals(GateSettings.WhenClosed.HOLD, settings.gate().whenClosed());
        assertFalse(settings.ircd().enabled());
    }

    @Test
    void given_a_seed_beside_a_file_when_read_then_it_goes_before_its_seeds_and_both_stays()
            throws Exception {
        Path file =
                Files.writeString(
                        folder.resolve("config.conf"),
                        """
                        channel = both
                        irc.server = irc.example.net
                        gate.targets = ["news.example.net:563"]
                        gossip.seeds = ["127.0.0.1:1"]
                        """);
        Settings settings =
                reader(Map.of())
                        .readGossip(Optional.of(file), List.of("127.0.0.1:2"), Map.of())
                        .settings();

        assertEquals(ChannelKind.BOTH, settings.channel());
        assertEquals("[127.0.0.1:2]", settings.gossip().orElseThrow().seeds().toString());
        assertEquals(GateSettings.WhenClosed.REFUSE, settings.gate().whenClosed());
    }

    @Test
    void given_a_seed_that_is_none_when_read_then_the_option_is_named() {
        var wrong =
                assertThrows(
                        SettingsException.class,
                        () ->
                                reader(Map.of())
                                        .readGossip(
                                                Optional.empty(),
                                                List.of("127.0.0.1:x"),
                                                Map.of()));

        assertEquals(
                "--seed: gossip.seeds: expected host:port with a port from 1 to 65535, found"
                        + " \"127.0.0.1:x\"",
                wrong.getMessage());
    }
}
