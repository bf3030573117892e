package org.svcshare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class MainTest {
    @TempDir private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, String> environment = new HashMap<>();
    private Charset charset = StandardCharsets.UTF_8;

    @BeforeEach
    void ports() {
        environment.put("SVCSHARE_IRCD_LISTEN", "127.0.0.1:0");
        environment.put("SVCSHARE_GATE_LISTEN", "127.0.0.1:0");
        environment.put("SVCSHARE_GATE_TARGETS", "127.0.0.1:1");
    }

    private int run(String... args) {
        return Start.execute(
                args,
                new Surroundings(
                        new PrintStream(out, true, charset),
                        new PrintStream(err, true, charset),
                        () -> false,
                        environment,
                        "anna",
                        folder,
                        folder.resolve("home")));
    }

    private String out() {
        return out.toString(charset);
    }

    private String err() {
        return err.toString(charset);
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("config.conf"), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"version", "--version", "-V"})
    void given_a_wish_for_the_version_when_asked_then_one_line_goes_to_out(String word) {
        assertEquals(ExitCode.OK, run(word));
        assertEquals("svcshare " + Version.text() + System.lineSeparator(), out());
        assertEquals("", err());
    }

    @Test
    void given_no_command_when_run_then_the_help_goes_to_err_as_a_mistake() {
        assertEquals(ExitCode.USAGE, run());
        assertEquals("", out());
        assertTrue(err().contains("Exit codes:") && err().contains("svcshare demo"), err());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run",
                "demo",
                "check",
                "client",
                "ircd",
                "config",
                "secret",
                "completion",
                "lock",
                "lock why",
                "unlock",
                "pools",
                "tickets",
                "cluster",
                "cluster status",
                "cluster replace",
                "replica",
                "replica demo",
                "replica sample",
                "members",
                "nodes",
                "nodes add",
                "nodes remove",
                "nodes set",
                "nodes maintenance",
                "nodes queue",
                "kv",
                "kv put",
                "kv watch",
                "event",
                "query",
                "forget",
                "distributex"
            })
    void given_a_command_when_help_is_asked_then_it_goes_to_out(String command) {
        assertEquals(ExitCode.OK, run((command + " --help").split(" ", -1)));
        String first = out();
        assertEquals(ExitCode.OK, run(("help " + command).split(" ", -1)));
        assertEquals(first + first, out());
        assertTrue(first.contains("Usage: svcshare " + command), first);
        assertEquals("", err());
    }

    @Test
    void given_a_typing_mistake_when_run_then_the_right_word_is_suggested() {
        assertEquals(ExitCode.USAGE, run("chekc"));
        assertTrue(err().contains("svcshare check"), err());
        assertFalse(err().contains("\tat "), err());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo --seconds 0",
                "demo --seconds x",
                "demo --irc-port 70000",
                "run --nonsense",
                "completion fish",
                "config",
                "lock",
                "lock build",
                "lock -- true",
                "lock run --",
                "lock a b -- true",
                "lock --nonsense a -- true",
                "lock --wait soon a -- true",
                "lock --wait -- true",
                "lock --wait 1s --no-wait a -- true",
                "lock --no-wait=1 a -- true",
                "lock --ttl 10ms a -- true",
                "lock --ttl 8d a -- true",
                "lock --conflict-exit-code 256 a -- true",
                "unlock",
                "unlock seventeen",
                "tickets --json --watch",
                "replica",
                "replica demo --port 70000",
                "replica demo --writes 0",
                "replica sample --listen 8081",
                "replica sample --listen 127.0.0.1:x",
                "replica sample --listen :8081",
                "distributex",
                "distributex -r a",
                "distributex -r a -p 0 true",
                "distributex -x true"
            })
    void given_a_wrong_command_line_when_run_then_the_code_is_usage(String line) {
        assertEquals(ExitCode.USAGE, run(line.split(" ", -1)));
        assertEquals("", out());
        assertFalse(err().isEmpty());
    }

    @Test
    void given_mistakes_in_the_settings_when_checked_then_each_has_its_line() throws Exception {
        file("irc.nik = x\nlog.level = loud\n");

        assertEquals(ExitCode.CONFIGURATION, run("config", "check"));
        assertTrue(err().contains("config.conf:1: irc.nik: no such setting"), err());
        assertTrue(err().contains("config.conf:2: log.level: expected"), err());
        assertTrue(err().contains("mistakes in the settings"), err());
        assertEquals("", out());
    }

    @Test
    void given_a_file_that_is_not_there_when_run_then_the_code_is_configuration() {
        assertEquals(ExitCode.CONFIGURATION, run("run", "-c", folder + "/none.conf"));
        assertTrue(err().contains("none.conf: no such file"), err());
    }

    @Test
    void given_a_spawn_file_that_is_not_there_when_run_then_the_code_is_configuration() {
        assertEquals(ExitCode.CONFIGURATION, run("run", "--spawn", folder + "/spawn.conf"));
        assertTrue(err().contains("spawn.conf: no such file"), err());
    }

    @Test
    void given_options_of_spawnctl_when_run_then_they_are_for_its_file_alone() throws Exception {
        Path json = Files.writeString(folder.resolve("spawn.conf"), "{\"nodes\": []}");

        assertEquals(ExitCode.CONFIGURATION, run("run", "--api-port", "7118"));
        assertTrue(err().contains("--api-port: expected with --spawn"), err());
        assertEquals(
                ExitCode.CONFIGURATION, run("run", "--spawn", json.toString(), "--seed", "a:1"));
        assertTrue(err().contains("--spawn: expected without --gossip, --seed"), err());
        assertEquals(
                ExitCode.CONFIGURATION,
                run("run", "--spawn", json.toString(), "--round-robin", "-t", "--port", "x"));
        assertTrue(err().contains("--port: expected a port from 1 to 65535, found \"x\""), err());
    }

    @Test
    void given_several_places_when_a_file_is_looked_for_then_the_first_counts() throws Exception {
        Path xdg = Files.createDirectories(folder.resolve("xdg/svcshare")).resolve("config.conf");
        Files.writeString(xdg, "owner = from-xdg\nircd.enabled = true");
        environment.put("XDG_CONFIG_HOME", folder.resolve("xdg").toString());

        assertEquals(ExitCode.OK, run("config", "show"));
        assertTrue(out().contains("owner = from-xdg"), out());

        file("owner = from-here\nircd.enabled = true");
        assertEquals(ExitCode.OK, run("config", "show"));
        assertTrue(out().contains("owner = from-here"), out());

        environment.put("SVCSHARE_CONFIG", xdg.toString());
        out.reset();
        assertEquals(ExitCode.OK, run("config", "show"));
        assertTrue(out().contains("owner = from-xdg"), out());
    }

    @Test
    void given_all_that_is_needed_when_checked_then_each_has_a_good_line() throws Exception {
        try (var service = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            environment.put("SVCSHARE_GATE_TARGETS", "127.0.0.1:" + service.getLocalPort());
            environment.put("SVCSHARE_IRC_SERVER", "127.0.0.1:" + service.getLocalPort());

            assertEquals(ExitCode.OK, run("check"), out());
        }
        assertTrue(out().contains("✓ service"), out());
        assertTrue(out().contains("✓ gate"), out());
        assertTrue(out().contains("✓ IRC"), out());
        assertFalse(out().contains("✗"), out());
    }

    @Test
    void given_a_taken_port_and_a_dead_service_when_checked_then_both_are_told() throws Exception {
        charset = StandardCharsets.US_ASCII;
        try (var taken = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            environment.put("SVCSHARE_GATE_LISTEN", "127.0.0.1:" + taken.getLocalPort());

            assertEquals(ExitCode.FAILED, run("check"));
        }
        assertTrue(out().contains("FAIL gate"), out());
        assertTrue(out().contains("is svcshare running already?"), out());
        assertTrue(out().contains("FAIL service"), out());
        assertTrue(out().contains("ok   state folder"), out());
    }

    @Test
    void given_a_bad_option_of_the_irc_server_when_run_then_it_is_named_as_the_option() {
        assertEquals(ExitCode.CONFIGURATION, run("ircd", "--listen", "nowhere:99999"));
        assertTrue(err().contains("--listen: expected host:port"), err());
    }

    @Test
    void given_a_wish_for_a_secret_when_drawn_then_it_is_one_that_peers_take() throws Exception {
        assertEquals(ExitCode.OK, run("secret"));
        String first = out().strip();
        out.reset();
        assertEquals(ExitCode.OK, run("secret"));

        assertTrue(first.matches("[0-9a-f]{64}"), first);
        assertFalse(first.equals(out().strip()));
        environment.put("SVCSHARE_PEERS_SECRET", first);
        assertEquals(ExitCode.OK, run("config", "check"), err());
    }

    @Test
    void given_a_shell_when_completion_is_asked_then_our_commands_are_in_it() {
        assertEquals(ExitCode.OK, run("completion", "bash"));
        assertTrue(out().startsWith("#!"), out());
        assertTrue(out().contains("completion") && out().contains("--irc-port"));
        assertTrue(out().contains("--conflict-exit-code") && out().contains("unlock"));
        assertTrue(out().contains("_picocli_svcshare_lock_why()"), out());
    }

    @Test
    void given_no_server_when_one_is_needed_then_the_code_is_unavailable() throws Exception {
        environment.put("SVCSHARE_ADDR", "127.0.0.1:" + closedPort());

        assertEquals(ExitCode.UNAVAILABLE, run("pools"));
        assertTrue(err().contains("no server reached"), err());
        assertEquals("", out());
    }

    @Test
    void given_an_address_or_a_token_that_is_none_when_asked_then_the_code_is_configuration()
            throws Exception {
        environment.put("SVCSHARE_ADDR", "ftp://somewhere");
        assertEquals(ExitCode.CONFIGURATION, run("tickets"));
        assertEquals(ExitCode.CONFIGURATION, run("lock", "build", "--", "true"));

        environment.put("SVCSHARE_ADDR", "127.0.0.1:1");
        environment.put("SVCSHARE_TOKEN_FILE", folder.resolve("none").toString());
        assertEquals(ExitCode.CONFIGURATION, run("lock", "build", "--", "true"));
        assertTrue(err().contains("SVCSHARE_TOKEN_FILE: cannot read"), err());

        Files.writeString(folder.resolve("none"), "two words\n");
        assertEquals(ExitCode.CONFIGURATION, run("pools"));
        assertFalse(err().contains("two words"), err());
    }

    @Test
    void given_no_such_command_when_locked_then_the_code_is_that_of_a_shell() {
        assertEquals(ExitCode.NOT_FOUND, run("lock", "build", "--", "no-such-command-here"));
        assertEquals("", out());
    }

    private static int closedPort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
