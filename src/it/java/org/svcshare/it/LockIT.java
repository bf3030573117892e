package org.svcshare.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svcshare.lock.CutProxy;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `svcshare lock` and the commands around it, as processes, against a daemon that serves pools.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LockIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir private Path folder;

    private final int port = RealPart.freePort();
    private final Map<String, String> environment = new HashMap<>();
    private final List<Svcshare> started = new ArrayList<>();
    private @Nullable Svcshare daemon;

    LockIT() {
        environment.put("SVCSHARE_ADDR", "127.0.0.1:" + port);
    }

    @BeforeEach
    void serve() throws Exception {
        daemon = daemon("daemon", "");
    }

    private Svcshare daemon(String name, String more) throws IOException {
        Path config =
                Files.writeString(
                        folder.resolve("daemon.conf"),
                        """
                        state-folder = "%s/state"
                        http.listen = "127.0.0.1:%d"
                        %s
                        """
                                .formatted(folder, port, more));
        Path pools =
                Files.writeString(
                        folder.resolve("distributex.yaml"),
                        """
                        pools:
                          - name: build
                            expire: 60
                          - name: theirs
                            expire: 60
                            servers: somebody-else
                        """);
        var server = start(name, "run", "-c", config.toString(), "--distributex", pools.toString());
        server.logs("HTTP server runs");
        return server;
    }

    private Svcshare running() {
        return Objects.requireNonNull(daemon);
    }

    /// Runs a command in a folder of its own.
    private Svcshare start(String name, String... arguments) {
        try {
            Path own = Files.createDirectories(folder.resolve(name));
            var svcshare = Svcshare.start(own, environment, arguments);
            started.add(svcshare);
            return svcshare;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Runs a script of the shell under the lock `build`.
    private Svcshare lock(String name, String script, String... options) {
        var words = new ArrayList<String>(List.of("lock"));
        words.addAll(List.of(options));
        words.addAll(List.of("build", "--", "sh", "-c", script));
        return start(name, words.toArray(String[]::new));
    }

    /// The output of a command that is done.
    private String ask(String name, String... arguments) throws InterruptedException {
        Svcshare asked = start(name, arguments);
        assertEquals(0, asked.exit(LIMIT), asked::printed);
        return asked.out();
    }

    @AfterEach
    void stop() {
        started.reversed().forEach(Svcshare::close);
    }

    private void until(String file) {
        await(file).atMost(LIMIT).until(() -> Files.exists(folder.resolve(file)));
    }

    private void untilHeld(boolean held) {
        await("held: " + held).atMost(LIMIT).until(() -> tickets("held") == (held ? 1 : 0));
    }

    private int tickets(String state) throws Exception {
        int count = 0;
        for (JsonNode ticket : Pools.get(port, "/api/v1/tickets").path("tickets")) {
            count += ticket.path("state").asString("").equals(state) ? 1 : 0;
        }
        return count;
    }

    @ParameterizedTest
    @CsvSource({"exit 0, 0", "exit 3, 3", "kill -9 $$, 137", "kill -TERM $$, 143"})
    void given_a_command_when_it_ends_then_its_code_is_passed_on_and_the_lock_is_free(
            String ending, int code) throws Exception {
        Svcshare lock =
                lock(
                        "lock",
                        "echo $SVCSHARE_LOCK_POOL $SVCSHARE_LOCK_FENCE $SVCSHARE_LOCK_TOKEN"
                                + " $SVCSHARE_LOCK_EXPIRES; "
                                + ending);

        assertEquals(code, lock.exit(LIMIT), lock::printed);
        assertTrue(lock.out().matches("build \\d+ [0-9a-f]{32} 20\\d\\d-\\S+Z\n"), lock::printed);
        assertEquals("", lock.err());
        assertEquals(0, tickets("held"));
    }

    @Test
    void given_a_held_lock_when_others_come_then_they_wait_or_are_told() throws Exception {
        Svcshare first = holder("first", "until");
        untilHeld(true);
        Svcshare second = start("second", "lock", "build", "--", "echo", "second");
        await().atMost(LIMIT).until(() -> tickets("waiting") == 1);

        Svcshare third = start("third", "lock", "--no-wait", "build", "--", "echo", "third");
        assertEquals(75, third.exit(LIMIT), third::printed);
        assertEquals("", third.out());
        assertTrue(third.err().contains("no lock on build: "), third::err);
        Svcshare fourth =
                start(
                        "fourth",
                        "lock",
                        "--wait",
                        "100ms",
                        "-q",
                        "--conflict-exit-code",
                        "9",
                        "build",
                        "--",
                        "echo",
                        "fourth");
        assertEquals(9, fourth.exit(LIMIT), fourth::printed);
        assertEquals("", fourth.err());

        String why = ask("why", "lock", "why", "build");
        assertTrue(why.startsWith("build: taken, 1 waiting\n"), why);
        assertTrue(why.contains(" runs sh\n") && why.contains("\n  1. "), why);
        String table = ask("tickets", "tickets");
        assertEquals(3, table.lines().count(), table);
        assertTrue(ask("pools", "pools").contains("build   1      1      1     1"), table);
        JsonNode json = JsonMapper.shared().readTree(ask("json", "tickets", "--json"));
        assertEquals(2, json.path("tickets").size());

        Files.writeString(folder.resolve("until"), "");
        assertEquals(0, first.exit(LIMIT), first::printed);
        assertEquals(0, second.exit(LIMIT), second::printed);
        assertEquals("second\n", second.out());
        assertEquals(0, tickets("held"));
    }

    /// Holds the lock until a file is there.
    private Svcshare holder(String name, String file) {
        return lock(name, "until [ -e " + folder.resolve(file) + " ]; do sleep 0.05; done");
    }

    @Test
    void given_a_lock_that_an_operator_ends_when_noticed_then_all_of_the_command_is_ended()
            throws Exception {
        Svcshare lock =
                lock(
                        "lock",
                        "trap '' TERM; sleep 300 & echo $$ $! > ../pids.new; mv ../pids.new ../pids;"
                                + " wait; sleep 300",
                        "--ttl=1500ms",
                        "--grace=300ms");
        until("pids");
        List<Long> pids = new ArrayList<>();
        for (String pid : Files.readString(folder.resolve("pids")).strip().split(" ", -1)) {
            pids.add(Long.parseLong(pid));
        }
        String ticket =
                Pools.get(port, "/api/v1/tickets")
                        .path("tickets")
                        .path(0)
                        .path("ticket")
                        .asString();

        assertEquals("", ask("unlock", "unlock", ticket));

        assertEquals(76, lock.exit(LIMIT), lock::printed);
        assertTrue(lock.err().contains("the lock is lost: "), lock::err);
        for (long pid : pids) {
            assertFalse(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
        }
    }

    @Test
    void given_a_server_that_is_gone_when_the_lease_ends_then_the_command_is_ended()
            throws Exception {
        Svcshare lock = lock("lock", "touch ../runs; exec sleep 300", "--ttl=2s");
        until("runs");

        running().kill();

        assertEquals(76, lock.exit(LIMIT), lock::printed);
        assertTrue(lock.err().contains("its lease ended"), lock::err);
    }

    @Test
    void given_a_server_that_says_nothing_for_a_while_when_it_is_back_then_the_lock_is_renewed()
            throws Exception {
        Svcshare lock =
                lock(
                        "lock",
                        "touch ../runs; until [ -e ../until ]; do sleep 0.05; done; exit 4",
                        "--ttl=6s");
        until("runs");
        String before = ends();
        running().signal("STOP");
        // It is asked for more time at a third of the lease, and answers late.
        await().pollDelay(Duration.ofMillis(2500)).atMost(LIMIT).until(() -> true);
        running().signal("CONT");
        await().atMost(LIMIT).until(() -> ends().compareTo(before) > 0);
        assertTrue(lock.alive());

        Files.writeString(folder.resolve("until"), "");
        assertEquals(4, lock.exit(LIMIT), lock::printed);
        assertEquals("", lock.err());
    }

    @Test
    void given_a_server_that_is_killed_when_it_is_started_again_then_the_lock_is_renewed()
            throws Exception {
        Svcshare lock =
                lock(
                        "lock",
                        "touch ../runs; until [ -e ../until ]; do sleep 0.05; done; exit 4",
                        "--ttl=20s");
        until("runs");
        String before = ends();
        running().kill();
        daemon = daemon("again", "");
        assertEquals(1, tickets("held"));

        await().atMost(LIMIT).until(() -> ends().compareTo(before) > 0);
        Files.writeString(folder.resolve("until"), "");
        assertEquals(4, lock.exit(LIMIT), lock::printed);
        assertEquals("", lock.err());
        assertEquals(0, tickets("held"));
    }

    /// Two ways to one daemon, as the nodes of a group are for those who ask.
    @Test
    void given_two_servers_when_the_one_that_is_asked_goes_then_the_other_is() throws Exception {
        Svcshare first = holder("first", "until");
        untilHeld(true);
        try (var here = new CutProxy(port);
                var there = new CutProxy(port)) {
            environment.put(
                    "SVCSHARE_ADDR", "127.0.0.1:" + here.port() + ", 127.0.0.1:" + there.port());
            Svcshare second =
                    lock(
                            "second",
                            "touch ../runs; until [ -e ../enough ]; do sleep 0.05; done; exit 4",
                            "--ttl=6s");
            await().atMost(LIMIT).until(() -> tickets("waiting") == 1);

            here.die();
            await().atMost(LIMIT).until(() -> there.connections() > 0);
            Files.writeString(folder.resolve("until"), "");
            until("runs");
            assertEquals(0, first.exit(LIMIT), first::printed);
            String before = ends();
            await().atMost(LIMIT).until(() -> ends().compareTo(before) > 0);

            String away = "127.0.0.1:" + here.port();
            String back = "http://127.0.0.1:" + there.port();
            assertTrue(ask("pools", "pools", "--server", away, "--server", back).contains("build"));
            assertTrue(
                    ask("tickets", "tickets", "--server", away + "," + back).contains(" runs sh"));
            Files.writeString(folder.resolve("enough"), "");
            assertEquals(4, second.exit(LIMIT), second::printed);
            assertEquals("", second.err());
            assertEquals(0, tickets("held"));
            assertEquals(
                    1,
                    start("unlock", "unlock", "4711", "--server", away, "--server", back)
                            .exit(LIMIT));
        }
    }

    @Test
    void given_tls_and_tokens_when_locked_then_both_are_asked_for() throws Exception {
        running().terminate();
        assertEquals(0, running().exit(LIMIT));
        OwnCertificate own = OwnCertificate.create(folder, "localhost");
        Path good = Files.writeString(folder.resolve("good"), "0123456789abcdef0123456789abcdef\n");
        Path bad = Files.writeString(folder.resolve("bad"), "fedcba9876543210fedcba9876543210\n");
        daemon =
                daemon(
                        "tls",
                        """
                        http.tls { certificate = "%s", key = "%s" }
                        http.tokens = [{ name = ci, role = lock, token-file = "%s" }]
                        """
                                .formatted(own.pem(), folder.resolve("key.pem"), good));
        environment.put("SVCSHARE_ADDR", "https://localhost:" + port);
        Svcshare stranger = start("stranger", "lock", "build", "--", "echo", "held");
        environment.put("SVCSHARE_CA_FILE", own.pem().toString());
        environment.put("SVCSHARE_TOKEN_FILE", bad.toString());
        Svcshare nobody = start("nobody", "lock", "build", "--", "echo", "held");
        environment.put("SVCSHARE_TOKEN_FILE", good.toString());
        Svcshare ci = start("ci", "lock", "build", "--", "echo", "held");
        Svcshare unlock = start("unlock", "unlock", "1");

        assertEquals(69, stranger.exit(LIMIT), stranger::printed);
        assertEquals(77, nobody.exit(LIMIT), nobody::printed);
        assertEquals(0, ci.exit(LIMIT), ci::printed);
        assertEquals("held\n", ci.out());
        assertEquals(77, unlock.exit(LIMIT), unlock::printed);
    }

    private String ends() throws Exception {
        return Pools.get(port, "/api/v1/tickets").path("tickets").path(0).path("until").asString();
    }

    @ParameterizedTest
    @CsvSource({"TERM, 5", "INT, 6", "HUP, 7"})
    void given_a_signal_when_it_comes_then_the_command_gets_it_and_the_lock_is_given_back(
            String signal, int code) throws Exception {
        Svcshare lock =
                lock(
                        "lock",
                        "trap 'exit 5' TERM; trap 'exit 6' INT; trap 'exit 7' HUP; touch ../runs;"
                                + " while :; do sleep 0.05; done");
        until("runs");

        lock.signal(signal);

        assertEquals(code, lock.exit(LIMIT), lock::printed);
        assertEquals(0, tickets("held"));
    }

    @Test
    void given_a_command_that_does_not_heed_a_signal_when_a_second_comes_then_it_is_killed()
            throws Exception {
        Svcshare lock =
                lock(
                        "lock",
                        "trap 'touch ../heard' TERM; touch ../runs; while :; do sleep 0.05; done");
        until("runs");
        lock.signal("TERM");
        until("heard");
        lock.signal("TERM");

        assertEquals(137, lock.exit(LIMIT), lock::printed);
        assertEquals(0, tickets("held"));
    }

    @Test
    void given_somebody_who_waits_when_stopped_then_the_place_in_line_is_given_back()
            throws Exception {
        holder("first", "until");
        untilHeld(true);
        Svcshare second = start("second", "lock", "build", "--", "echo", "second");
        await().atMost(LIMIT).until(() -> tickets("waiting") == 1);

        second.signal("INT");

        assertEquals(130, second.exit(LIMIT), second::printed);
        assertEquals("", second.out());
        assertEquals(0, tickets("waiting"));
    }

    @Test
    void given_a_wrapper_that_is_killed_when_its_lease_is_over_then_the_next_gets_the_lock()
            throws Exception {
        Svcshare first =
                lock(
                        "first",
                        "echo $$ > ../pid.new; mv ../pid.new ../pid; exec sleep 300",
                        "--ttl=3s",
                        "--grace=0");
        until("pid");
        first.kill();

        Svcshare second = start("second", "lock", "build", "--", "echo", "second");
        assertEquals(0, second.exit(LIMIT), second::printed);
        assertEquals("second\n", second.out());
        // What it ran is nobody's any longer; the fencing token is for that.
        long orphan = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
        ProcessHandle.of(orphan).ifPresent(ProcessHandle::destroyForcibly);
    }

    @Test
    void given_local_locks_when_two_come_then_the_second_does_not_stand_in_line_at_the_server()
            throws Exception {
        environment.put("SVCSHARE_LOCK_FOLDER", folder.resolve("locks").toString());
        Svcshare first =
                lock(
                        "first",
                        "touch ../runs; until [ -e ../until ]; do sleep 0.05; done",
                        "--local");
        until("runs");

        Svcshare second =
                start("second", "lock", "--local", "--no-wait", "build", "--", "echo", "second");
        assertEquals(75, second.exit(LIMIT), second::printed);
        assertTrue(second.err().contains("another command on this machine"), second::err);

        Files.writeString(folder.resolve("until"), "");
        assertEquals(0, first.exit(LIMIT), first::printed);
    }

    @Test
    void given_a_wrong_pool_or_no_server_when_asked_then_the_code_says_which() throws Exception {
        Svcshare unknown = start("unknown", "lock", "nowhere", "--", "true");
        Svcshare unlock = start("unlock", "unlock", "4711");
        environment.put("SVCSHARE_ADDR", "127.0.0.1:" + RealPart.freePort());
        Svcshare away = start("away", "lock", "build", "--", "true");

        assertEquals(78, unknown.exit(LIMIT), unknown::printed);
        assertEquals(1, unlock.exit(LIMIT), unlock::printed);
        assertEquals(69, away.exit(LIMIT), away::printed);
    }

    @Test
    void given_the_wrapper_of_distributex_when_run_then_it_does_what_crontabs_expect()
            throws Exception {
        environment.put("SVCSHARE_LOCK_FOLDER", folder.resolve("locks").toString());
        String own = Integer.toString(port);
        Svcshare first =
                start(
                        "first",
                        "distributex",
                        "-H",
                        "127.0.0.1",
                        "-p",
                        own,
                        "-r",
                        "build",
                        "-l",
                        "touch ../runs; sleep 300 | cat");
        until("runs");
        assertEquals(1, tickets("held"));
        first.signal("TERM");
        assertEquals(1, first.exit(LIMIT), first::printed);
        assertEquals(0, tickets("held"));

        Svcshare second =
                start(
                        "second",
                        "distributex",
                        "-H",
                        "127.0.0.1",
                        "-p",
                        own,
                        "-r",
                        "build",
                        "echo a b; exit 7");
        assertEquals(7, second.exit(LIMIT), second::printed);
        assertEquals("a b\n", second.out());

        Svcshare third =
                start("third", "distributex", "-H127.0.0.1", "-p" + own, "-rtheirs", "echo no");
        assertEquals(77, third.exit(LIMIT), third::printed);
        assertEquals("", third.out());

        Svcshare local = start("local", "distributex", "-r", "build", "echo here");
        assertEquals(0, local.exit(LIMIT), local::printed);
        assertEquals("here\n", local.out());
        assertEquals(0, tickets("held"));
    }
}
