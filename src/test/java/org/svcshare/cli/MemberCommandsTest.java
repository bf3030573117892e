package org.svcshare.cli;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.config.Endpoint;
import org.svcshare.config.HttpSettings;
import org.svcshare.config.ServerSettings;
import org.svcshare.engine.Engines;
import org.svcshare.lock.Stop;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.TableRules;
import org.svcshare.store.Change;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.MemoryGroup;
import org.svcshare.store.Value;
import org.svcshare.web.StatusSource;
import org.svcshare.web.WebServer;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The commands about members and the shared store, against real servers of two members.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class MemberCommandsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final TableRules RULES =
            new TableRules(
                    List.of(), new PoolRules("", 1, 60_000, 10_000, Set.of()), 100, 1000, 100);

    @TempDir private Path folder;

    private final PoolEngine engine = Engines.memory(RULES);
    private final MemoryGroup group = new MemoryGroup();
    private final MemberGroup first = group.join("n1");
    private final MemberGroup second = group.join("n2");
    private final List<WebServer> servers = new ArrayList<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private byte[] in = {};
    private String addresses = "";

    @BeforeEach
    void start() throws IOException {
        addresses = "127.0.0.1:" + server(Optional.of(first), 0);
    }

    @AfterEach
    void stop() {
        servers.forEach(WebServer::close);
        group.close();
        engine.close();
    }

    private int server(Optional<MemberGroup> member, int port) throws IOException {
        HttpSettings usual = ServerSettings.http(List.of(), Duration.ofDays(7));
        var http =
                new HttpSettings(
                        true,
                        new Endpoint("127.0.0.1", port),
                        true,
                        usual.tls(),
                        usual.tokens(),
                        usual.hosts(),
                        usual.legacy(),
                        1,
                        usual.limits());
        WebServer server =
                WebServer.start(
                        http,
                        ServerSettings.pools(RULES, Duration.ofSeconds(10)),
                        engine,
                        member,
                        StatusSource.poolsAlone("1.2.3"));
        servers.add(server);
        return server.listening().port();
    }

    private Surroundings surroundings() {
        return new Surroundings(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                () -> false,
                Map.of("SVCSHARE_ADDR", addresses, "PATH", System.getenv("PATH")),
                "anna",
                folder,
                folder);
    }

    private int run(String... args) {
        return Main.execute(args, surroundings());
    }

    private String took(String... args) {
        out.reset();
        assertEquals(ExitCode.OK, run(args), err::toString);
        return out();
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /// Puts what is read from the standard input.
    private int pipe(byte[] bytes, String... args) {
        in = bytes;
        return new CommandLine(
                        new KvCommand.Put(surroundings(), () -> new ByteArrayInputStream(in)))
                .execute(args);
    }

    /// A watch under way on a thread of its own.
    private final class Watching implements AutoCloseable {
        final Stop stop = new Stop();
        final CompletableFuture<Integer> code = new CompletableFuture<>();

        Watching(String... args) {
            var command = new CommandLine(new KvWatchCommand(surroundings(), stop));
            Thread.ofVirtual().start(() -> code.complete(command.execute(args)));
        }

        @Override
        public void close() {
            stop.pull();
            await().atMost(LIMIT).until(code::isDone);
            assertEquals(ExitCode.OK, code.join(), MemberCommandsTest.this::err);
        }
    }

    private void untilOut(String text) {
        await().atMost(LIMIT).until(() -> out().contains(text));
    }

    @Test
    void given_members_when_listed_then_a_table_and_a_summary_come_out() throws Exception {
        took("kv", "put", "k", "1");
        group.kill("n2");
        String table = took("members");

        assertTrue(table.matches("(?s)MEMBER +STATE +FOR +ADDRESS +VERSION\n.*"), table);
        assertTrue(
                table.matches("(?s).*\nn1 +alive +0s +127.0.0.1:7001 +1.2.3 +the one asked\n.*"));
        assertTrue(table.matches("(?s).*\nn2 +failed +.*"), table);
        assertTrue(
                table.endsWith("\n\nGroup memory: 1 of 2 is there, 1 key in the store.\n"), table);
        JsonNode json = JsonMapper.shared().readTree(took("members", "--json"));
        assertEquals("failed", json.at("/members/1/state").asString());

        assertEquals("n2 is forgotten\n", took("forget", "n2"));
        assertEquals(ExitCode.FAILED, run("forget", "n2"));
        assertEquals(ExitCode.FAILED, run("forget", "n1"));
        assertTrue(err().contains("stop it first"), err());
    }

    @Test
    void given_a_key_when_put_read_listed_and_removed_then_scripts_get_what_they_need()
            throws Exception {
        String version = took("kv", "put", "a/b ä", "one").strip();
        assertTrue(version.matches("[0-9a-f]{16}-[0-9a-f]{16}"), version);
        assertEquals("one", took("kv", "get", "a/b ä"));
        JsonNode entry = JsonMapper.shared().readTree(took("kv", "get", "a/b ä", "--json"));
        assertEquals(version, entry.path("version").asString());

        String next = took("kv", "put", "a/b ä", "two", "--if-version", version).strip();
        assertEquals(ExitCode.FAILED, run("kv", "put", "a/b ä", "x", "--if-version", version));
        assertEquals(ExitCode.FAILED, run("kv", "put", "a/b ä", "x", "--if-absent"));
        assertTrue(err().contains("it is at version " + next), err());
        took("kv", "put", "a/c", "three\nlines\n", "--if-absent", "--ttl", "1h");

        String table = took("kv", "list", "a/");
        assertTrue(table.matches("(?s)KEY +BYTES +ENDS IN +WRITER +VALUE\n.*"), table);
        assertTrue(table.matches("(?s).*\na/b ä +3 +n1 +two\n.*"), table);
        assertTrue(table.matches("(?s).*\na/c +12 +59m59s +n1 +three\\?lines\n.*"), table);
        JsonNode list = JsonMapper.shared().readTree(took("kv", "list", "--json"));
        assertEquals("three\nlines\n", list.at("/entries/1/value").asString());

        assertEquals(ExitCode.FAILED, run("kv", "remove", "a/c", "--if-version", version));
        assertEquals("", took("kv", "remove", "a/c"));
        assertEquals(ExitCode.FAILED, run("kv", "remove", "a/c"));
        out.reset();
        assertEquals(ExitCode.FAILED, run("kv", "get", "a/c"));
        assertEquals("", out());
        assertTrue(
                err().endsWith("There is no such key: nobody has set it, or it is gone\n"), err());
    }

    @Test
    void given_bytes_on_the_standard_input_when_put_then_they_come_back_as_they_were() {
        byte[] bytes = {0, 1, (byte) 0xfe, (byte) 0xff, '\n'};
        assertEquals(ExitCode.OK, pipe(bytes, "k"), err::toString);
        out.reset();
        assertEquals(ExitCode.OK, run("kv", "get", "k"));
        assertArrayEquals(bytes, out.toByteArray());
        assertEquals(ExitCode.OK, pipe(new byte[0], "k", "-"));
        assertEquals("", took("kv", "get", "k"));
        assertEquals(ExitCode.OK, pipe(new byte[64 * 1024], "k"));
        assertEquals(ExitCode.USAGE, pipe(new byte[64 * 1024 + 1], "k"), err::toString);
        assertEquals(ExitCode.OK, pipe("..".getBytes(StandardCharsets.UTF_8), ".."));
        assertEquals("..", took("kv", "get", ".."));
    }

    @Test
    void given_more_keys_than_one_answer_has_when_listed_then_all_come_out() {
        String value = "x".repeat(60_000);
        for (int i = 0; i < 40; i++) {
            took("kv", "put", "k%02d".formatted(i), value);
        }
        assertEquals(41, took("kv", "list").lines().count());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kv",
                "kv put",
                "kv put k 1 --ttl soon",
                "kv put k 1 --ttl 0",
                "kv put k 1 --if-version 7",
                "kv put k 1 --if-absent --if-version 0000000000000001-0000000000000001",
                "kv get",
                "kv watch a --prefix b",
                "kv watch --exec",
                "members --json --watch",
                "query",
                "query x --timeout 2m",
                "query x --timeout 0",
                "event",
                "forget"
            })
    void given_a_command_line_that_makes_no_sense_then_nothing_is_asked(String words) {
        assertEquals(ExitCode.USAGE, run(words.split(" ", -1)), err::toString);
        assertEquals("", out());
        assertFalse(err().isEmpty());
    }

    @Test
    void given_a_watch_when_keys_change_then_each_change_is_a_line() throws Exception {
        took("kv", "put", "p/old", "0");
        try (var _ = new Watching("--prefix", "p/")) {
            await().atMost(LIMIT)
                    .until(() -> {
                        run("kv", "put", "p/begun", "1");
                        return out().contains("put p/begun 1");
                    });
            run("kv", "put", "q", "not watched");
            run("kv", "put", "p/a b", "two\nlines");
            run("kv", "remove", "p/old");
            untilOut("removed p/old");
        }
        assertTrue(out().contains("put p/a b two?lines\n"), out());
        assertFalse(out().contains("put p/old"), out());
        assertFalse(out().contains("put q"), out());
    }

    @Test
    void given_a_command_when_keys_change_then_it_runs_for_each_with_the_change_at_hand()
            throws Exception {
        Path log = folder.resolve("log");
        took("kv", "put", "k", "before");
        String script =
                "{ printf '%s %s [' $SVCSHARE_EVENT \"$SVCSHARE_KEY\"; cat; echo ]; } >> " + log;
        try (var watching = new Watching("--initial", "k", "--exec", "sh", "-c", script)) {
            await().atMost(LIMIT).until(() -> Files.exists(log));
            took("kv", "put", "k", "after");
            took("kv", "remove", "k");
            await().atMost(LIMIT).until(() -> Files.readString(log).contains("removed"));
            assertFalse(watching.code.isDone());
        }
        assertEquals("put k [before]\nput k [after]\nremoved k []\n", Files.readString(log));
    }

    @Test
    void given_a_command_that_fails_when_keys_change_then_that_is_said_and_it_goes_on()
            throws Exception {
        Path log = folder.resolve("log");
        String script = "echo $SVCSHARE_VERSION >> " + log + "; exit 3";
        String version;
        try (var _ = new Watching("--initial", "--exec", "sh", "-c", script)) {
            version = took("kv", "put", "a", "1").strip();
            await().atMost(LIMIT).until(() -> Files.exists(log));
            took("kv", "put", "b", "1");
            await().atMost(LIMIT).until(() -> Files.readAllLines(log).size() == 2);
        }
        assertEquals(version, Files.readAllLines(log).getFirst());
        assertTrue(err().contains("sh ended with 3 (put a)"), err());
        assertEquals(
                ExitCode.NOT_FOUND, run("kv", "watch", "--exec", "there-is-no-such-command", "-x"));
    }

    @Test
    void given_two_servers_when_the_one_watched_goes_then_nothing_is_missed() throws Exception {
        int other = server(Optional.of(second), 0);
        addresses += ",127.0.0.1:" + other;
        took("kv", "put", "gone", "0");
        try (var _ = new Watching("--json", "--initial")) {
            untilOut("\"gone\"");
            servers.getFirst().drain();
            servers.getFirst().close();
            await().atMost(LIMIT).until(() -> err().contains("watching again"));
            addresses = "127.0.0.1:" + other;
            run("kv", "put", "new", "1");
            untilOut("\"new\"");

            // Both are away: what happens now is told later.
            servers.getLast().drain();
            servers.getLast().close();
            await().atMost(LIMIT).until(() -> err().split("broke off", -1).length == 3);
            change(new Change.Remove("gone", new Change.Condition.Any()));
            change(put("new", "2"));
            change(put("newer", "1"));
            server(Optional.of(second), other);
            untilOut("\"newer\"");
            untilOut("\"removed\"");
        }
        List<String> told =
                out().lines()
                        .filter(line -> line.startsWith("{"))
                        .map(line -> JsonMapper.shared().readTree(line))
                        .map(line ->
                                line.path("event").asString()
                                        + " "
                                        + line.path("key").asString()
                                        + " "
                                        + line.path("value").asString(""))
                        .toList();
        assertEquals(
                List.of("put gone 0", "put new 1", "put new 2", "put newer 1", "removed gone "),
                told);
    }

    private static Change put(String key, String value) {
        return new Change.Put(key, Value.text(value), Optional.empty(), new Change.Condition.Any());
    }

    private void change(Change change) throws Exception {
        var done = new CompletableFuture<Object>();
        first.change(change, done::complete);
        done.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void given_no_server_when_watched_then_it_ends_after_a_moment() throws Exception {
        servers.getFirst().close();
        var watching = new Watching("k");
        assertEquals(ExitCode.UNAVAILABLE, watching.code.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
        assertTrue(err().contains("no server reached"), err());
    }

    @Test
    void given_what_is_called_out_when_asked_for_then_all_hear_it() throws Exception {
        var heard = new CompletableFuture<String>();
        second.listen(event -> heard.complete(event.toString()));
        took("event", "deploy", "v7");
        assertTrue(
                heard.get(LIMIT.toSeconds(), TimeUnit.SECONDS).contains("deploy"), heard::toString);
    }

    @Test
    void given_a_question_when_asked_then_answers_come_out_and_the_silent_are_named() {
        second.answerWith((name, payload, _, answer) ->
                answer.accept(Value.text(name + " of " + payload.text())));

        String said = took("query", "load", "cpu", "--timeout", "500ms");
        assertTrue(said.matches("n2: load of cpu \\(\\d+ ms\\)\n"), said);
        assertEquals("svcshare: no answer from n1\n", err());
        assertEquals(2, took("query", "ping").lines().count());
        JsonNode all = JsonMapper.shared().readTree(took("query", "version", "--json"));
        assertEquals("1.2.3", all.at("/answers/0/payload").asString());
        second.answerWith((_, _, _, _) -> {});
        assertEquals(ExitCode.FAILED, run("query", "load", "--timeout", "100ms"));
        assertEquals(ExitCode.FAILED, run("query", "load", "--timeout", "100ms", "--json"));
    }

    @Test
    void given_a_server_without_a_group_when_asked_then_it_is_said_how_to_get_one()
            throws Exception {
        addresses = "127.0.0.1:" + server(Optional.empty(), 0);
        for (String words :
                List.of("members", "kv get k", "kv put k 1", "kv watch", "query ping", "event x")) {
            err.reset();
            long began = System.nanoTime();
            assertEquals(ExitCode.CONFIGURATION, run(words.split(" ", -1)), words);
            assertTrue(err().contains("gossip.enabled = true"), err());
            assertTrue(err().contains("svcshare run --seed"), err());
            assertTrue(System.nanoTime() - began < 2_000_000_000L, words + " took its time");
        }
    }
}
