package org.svcshare.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.lock.CutProxy;

/// Bots as processes whose gates open under a pool of another svcshare process: never do two of
/// them let bytes through, whoever is stopped, killed or cut off.
@DisplayNameGeneration(ReplaceUnderscores.class)
class RemoteGuardIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final String LEASE = "3s";
    private static final String ANNA = "ss-anna";
    private static final String BEN = "ss-ben";
    private static final String TOKEN = "0123456789abcdefghij";

    @TempDir private Path folder;

    private final int serverPort = RealPart.freePort();
    private final List<AutoCloseable> parts = new ArrayList<>();

    /// Whose service heard something, one after the other.
    private final List<String> order = new ArrayList<>();

    private final GatePump anna = part(new GatePump(ANNA, order));
    private final GatePump ben = part(new GatePump(BEN, order));

    private <T extends AutoCloseable> T part(T part) {
        parts.add(part);
        return part;
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable part : parts.reversed()) {
            part.close();
        }
    }

    private List<String> order() {
        synchronized (order) {
            return List.copyOf(order);
        }
    }

    /// Pools and nothing else, in the same state folder every time.
    private Svcshare server(String more) throws IOException {
        Path own = Files.createDirectories(folder.resolve("server"));
        Path config =
                Files.writeString(
                        own.resolve("config.conf"),
                        "state-folder = \"%s/state\"\nhttp.listen = \"127.0.0.1:%d\"\n%s\n"
                                .formatted(own, serverPort, more));
        Path pools = Files.writeString(own.resolve("pools.yaml"), "pools: [{name: uplink}]\n");
        Svcshare server =
                part(
                        Svcshare.start(
                                own,
                                Map.of(),
                                "run",
                                "-c",
                                config.toString(),
                                "--distributex",
                                pools.toString()));
        server.logs("HTTP server runs");
        return server;
    }

    private static String elsewhere(int port) {
        return "guard = \"http://127.0.0.1:" + port + "/api/v1/pools/uplink\"";
    }

    private BotFolder bot(Path parent, String nick, int ircPort, GatePump pump, String guard) {
        return bot(parent, nick, ircPort, pump, guard, "");
    }

    private BotFolder bot(
            Path parent, String nick, int ircPort, GatePump pump, String guard, String more) {
        return new BotFolder(
                parent,
                nick,
                "127.0.0.1:" + ircPort,
                pump.service.port(),
                """
                %s
                turn {
                  %s
                  guard-ttl = %s
                  election-timeout = 1s
                  handover-timeout = 1s
                }
                """
                        .formatted(more, guard, LEASE));
    }

    private Svcshare run(BotFolder bot) throws IOException {
        return part(Svcshare.start(bot.folder, Map.of(), "run", "-c", bot.config().toString()));
    }

    private IrcUser boss(int port) {
        IrcUser boss = part(IrcUser.connect(port, "boss", ""));
        boss.say("JOIN #usenet");
        boss.expect(" 366 ");
        return boss;
    }

    private static void tell(IrcUser boss, String nick, String command) {
        boss.say("PRIVMSG #usenet :" + nick + ": " + command);
    }

    private void until(String what, Callable<Boolean> is) {
        try {
            await(what).atMost(LIMIT).pollInterval(Duration.ofMillis(20)).until(is);
        } catch (ConditionTimeoutException e) {
            String logs =
                    parts.stream()
                            .filter(Svcshare.class::isInstance)
                            .map(part -> ((Svcshare) part).printed())
                            .collect(Collectors.joining("\n---\n"));
            throw new AssertionError(what + "\n" + logs, e);
        }
    }

    @Test
    void given_a_holder_that_is_stopped_past_its_lease_when_it_wakes_then_no_byte_passes_its_gate()
            throws Exception {
        int irc = part(Ngircd.start(folder)).port;
        server("");
        String guard = elsewhere(serverPort);
        stoppedHolder(irc, bot(folder, ANNA, irc, anna, guard), bot(folder, BEN, irc, ben, guard));
    }

    @Test
    void given_a_bot_that_guards_with_its_own_node_when_the_other_is_stopped_then_the_same_holds()
            throws Exception {
        int irc = part(Ngircd.start(folder)).port;
        stoppedHolder(
                irc,
                bot(folder, ANNA, irc, anna, elsewhere(serverPort)),
                bot(
                        folder,
                        BEN,
                        irc,
                        ben,
                        "guard = \"pool:uplink\"",
                        "http { enabled = true, listen = \"127.0.0.1:" + serverPort + "\" }"));
    }

    private void stoppedHolder(int irc, BotFolder first, BotFolder second) throws Exception {
        IrcUser boss = boss(irc);
        run(second).logs("in #usenet as");
        Svcshare process = run(first);
        process.logs("in #usenet as");
        anna.start(first);
        ben.start(second);
        first.queue(10);
        second.queue(20);
        tell(boss, ANNA, "force 5");
        until("bytes through the first gate", () -> anna.heard() > 20);

        process.signal("STOP");
        try (var late = new Socket(InetAddress.getLoopbackAddress(), first.gatePort)) {
            late.getOutputStream().write('x');
            tell(boss, BEN, "force 5");
            until("bytes through the second gate", () -> ben.heard() > 20);
            long before = anna.heard();
            process.signal("CONT");

            until("the connection of before is cut", () -> anna.cut() == 1);
            until("the late connection is cut", () -> cut(late));
            until("the first gate is closed", () -> !first.gateOpen());
            long more = ben.heard() + 100;
            until("bytes through the second gate", () -> ben.heard() > more);
            assertEquals(before, anna.heard());
        }
        process.logs("gate: the time to be open is over");
        assertEquals(List.of(ANNA, BEN), order());
    }

    private static boolean cut(Socket connection) {
        try {
            return connection.getInputStream().read() < 0;
        } catch (IOException _) {
            return true;
        }
    }

    @Test
    void
            given_a_lock_server_that_is_killed_when_the_lease_ends_then_the_gate_closes_till_it_is_back()
                    throws Exception {
        int irc = part(Ngircd.start(folder)).port;
        Svcshare server = server("");
        BotFolder first = bot(folder, ANNA, irc, anna, elsewhere(serverPort));
        BotFolder second = bot(folder, BEN, irc, ben, elsewhere(serverPort));
        IrcUser boss = boss(irc);
        run(second).logs("in #usenet as");
        Svcshare process = run(first);
        process.logs("in #usenet as");
        try (var watch = new OpenGatesWatch(List.of(first, second), Map.of())) {
            anna.start(first);
            first.queue(10);
            until("bytes through the gate", () -> anna.heard() > 20);

            server.kill();
            // Long before the machine is so slow that this is a matter of chance.
            await("the gate is closed")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> !first.gateOpen());
            long before = anna.heard();
            boss.expect("PRIVMSG #usenet :Closing: the guard was lost: it could not be renewed");
            assertFalse(second.gateOpen());
            assertEquals(before, anna.heard());

            server("");
            until("bytes again", () -> anna.heard() > before + 20);
            assertEquals(List.of(), watch.violations());
        }
    }

    /// Several ways to one server, as the nodes of a group are for those who ask.
    @Test
    void given_a_group_of_lock_servers_when_one_dies_then_the_gate_stays_open_till_all_have()
            throws Exception {
        int irc = part(Ngircd.start(folder)).port;
        server("");
        CutProxy here = part(new CutProxy(serverPort));
        CutProxy there = part(new CutProxy(serverPort));
        String pool = "\"http://127.0.0.1:%d/api/v1/pools/uplink\"";
        String guard =
                "guard = ["
                        + pool.formatted(here.port())
                        + "\n"
                        + pool.formatted(there.port())
                        + "]";
        BotFolder first = bot(folder, ANNA, irc, anna, guard);
        BotFolder second = bot(folder, BEN, irc, ben, guard);
        IrcUser boss = boss(irc);
        run(second).logs("in #usenet as");
        run(first).logs("in #usenet as");
        try (var watch = new OpenGatesWatch(List.of(first, second), Map.of())) {
            anna.start(first);
            first.queue(10);
            tell(boss, ANNA, "force 5");
            until("bytes through the gate", () -> anna.heard() > 20);

            here.die();
            long died = System.nanoTime();
            until(
                    "the lease of before is over",
                    () -> System.nanoTime() - died > Duration.ofSeconds(5).toNanos());
            assertTrue(first.gateOpen());
            assertEquals(0, anna.cut());
            long before = anna.heard();
            until("bytes through the gate", () -> anna.heard() > before + 20);

            there.die();
            await("the gate is closed")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> !first.gateOpen());
            assertEquals(List.of(), watch.violations());
        }
    }

    @Test
    void given_bots_that_do_not_see_each_other_when_both_have_work_then_one_gate_is_open_at_a_time()
            throws Exception {
        int irc = part(Ngircd.start(folder)).port;
        Path beyond = Files.createDirectories(folder.resolve("beyond"));
        int otherIrc = part(Ngircd.start(beyond)).port;
        server("http.tokens = [{ name = bots, role = lock, token = \"" + TOKEN + "\" }]");
        String guard = elsewhere(serverPort) + "\nguard-token = " + TOKEN;
        BotFolder first = bot(folder, ANNA, irc, anna, guard);
        BotFolder second = bot(beyond, BEN, otherIrc, ben, guard);
        IrcUser boss = boss(irc);
        IrcUser other = boss(otherIrc);
        var processes = List.of(run(first), run(second));
        processes.forEach(process -> process.logs("in #usenet as"));
        try (var watch = new OpenGatesWatch(List.of(first, second), Map.of())) {
            first.queue(10);
            tell(boss, ANNA, "force 5");
            until("the first gate is open", first::gateOpen);
            second.queue(10);
            tell(other, BEN, "force 5");
            other.expect("Waiting for the guard: held by bots \\(ss-anna, turn \\d+\\)\\.");
            assertFalse(second.gateOpen());

            tell(boss, ANNA, "halt 50");
            until("the second gate is open", second::gateOpen);
            tell(boss, ANNA, "unhalt");
            boss.expect("Waiting for the guard: held by bots \\(ss-ben, turn \\d+\\)\\.");
            assertFalse(first.gateOpen());

            processes.getLast().kill();
            until("the first gate is open", first::gateOpen);
            assertEquals(List.of(), watch.violations());
        }
        processes.forEach(process -> assertFalse(process.err().contains(TOKEN)));
        assertTrue(processes.getFirst().alive());
    }
}
