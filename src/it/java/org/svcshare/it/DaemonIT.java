package org.svcshare.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `svcshare run` as a process of its own, on a real ngircd and on its embedded server.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class DaemonIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String NICK = "ss-anna";
    private static final String SAYS = "^:ss-anna!\\S+ PRIVMSG #usenet :";

    @TempDir private Path folder;
    private EchoService service = new EchoService();

    @BeforeEach
    void serve() {
        service = new EchoService();
    }

    @AfterEach
    void close() {
        service.close();
    }

    private BotFolder bot(Ngircd server, String more) {
        return new BotFolder(folder, NICK, "127.0.0.1:" + server.port, service.port(), more);
    }

    private static Svcshare run(BotFolder bot) throws IOException {
        return Svcshare.start(bot.folder, Map.of(), "run", "-c", bot.config().toString());
    }

    private static IrcUser boss(int port) {
        IrcUser boss = IrcUser.connect(port, "boss", "");
        boss.say("JOIN #usenet");
        boss.expect(" 366 ");
        return boss;
    }

    private static void tell(IrcUser boss, String command) {
        boss.say("PRIVMSG #usenet :" + NICK + ": " + command);
    }

    private static void untilOpen(BotFolder bot, boolean open) {
        await("gate open: " + open).atMost(LIMIT).until(() -> bot.gateOpen() == open);
    }

    private static void untilQueue(IrcUser boss, int mb) {
        await("the bot knows the queue")
                .atMost(LIMIT)
                .until(() -> boss.ask(NICK, "queue").startsWith(mb + " MB"));
    }

    private static long turn(BotFolder bot) throws IOException {
        return state(bot).path("turn").asLong();
    }

    private static JsonNode state(BotFolder bot) throws IOException {
        return JsonMapper.shared()
                .readTree(Files.readString(bot.folder.resolve("state/turn.json")));
    }

    @Test
    void given_the_irc_server_alone_when_started_then_people_can_join_and_sigterm_ends_it()
            throws Exception {
        int port = RealPart.freePort();
        try (var server =
                Svcshare.start(folder, Map.of(), "ircd", "--listen", "127.0.0.1:" + port)) {
            server.logs("IRC server runs");
            try (var person = IrcUser.connect(port, "zoe", "")) {
                person.say("JOIN #lobby");
                person.expect("^:zoe!\\S+ JOIN ");
            }
            server.terminate();
            assertEquals(0, server.exit(Duration.ofSeconds(20)));
        }
    }

    @Test
    void given_a_turn_on_ngircd_when_sigterm_comes_then_it_says_goodbye_and_ends_in_order()
            throws Exception {
        try (var ngircd = Ngircd.start(folder);
                var boss = boss(ngircd.port);
                var peer = boss(ngircd.port, "peer")) {
            BotFolder bot = bot(ngircd, "stop-limit = 15s");
            bot.queue(10);
            try (var daemon = run(bot)) {
                boss.expect("^:ss-anna!\\S+ JOIN ");
                untilOpen(bot, true);
                try (var through = new Socket(InetAddress.getLoopbackAddress(), bot.gatePort)) {
                    through.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
                    assertEquals(
                            "hello",
                            new String(
                                    through.getInputStream().readNBytes(5),
                                    StandardCharsets.UTF_8));
                    // A peer of its generation, so that there is somebody to say BYE to.
                    peer.say(
                            "PRIVMSG #usenet :\u0001SSMSG 2 1 {\"o\":\"peer\",\"v\":\"1\",\"g\":2,"
                                    + "\"b\":\"00000000000000aa\",\"p\":\"smallest-queue\"}\u0001");
                    peer.expect("^:ss-anna!\\S+ PRIVMSG peer :\u0001SSMSG 2 1 ");
                    long began = System.nanoTime();
                    daemon.terminate();

                    boss.expect(SAYS + "\u0001SSMSG 2 6 ");
                    boss.expect(SAYS + "\u0001SSMSG 2 7 ");
                    boss.expect("^:ss-anna!\\S+ QUIT :.*svcshare stops");
                    assertTrue(cut(through));
                    assertEquals(0, daemon.exit(LIMIT), daemon::printed);
                    assertTrue(
                            Duration.ofNanos(System.nanoTime() - began)
                                            .compareTo(Duration.ofSeconds(20))
                                    < 0);
                }
                assertFalse(bot.gateOpen());
                assertEquals("", daemon.out());
                assertFalse(daemon.err().contains("ERROR"), daemon::err);
                assertTrue(daemon.err().contains(" turn: turn-granted turn=1 "), daemon::err);
                assertTrue(daemon.err().contains(" turn: turn-lost turn=1 "), daemon::err);
            }
        }
    }

    /// Ended or reset, both of which a client program notices.
    private static boolean cut(Socket connection) {
        try {
            return connection.getInputStream().read() < 0;
        } catch (IOException _) {
            return true;
        }
    }

    private static IrcUser boss(int port, String nick) {
        IrcUser user = IrcUser.connect(port, nick, "");
        user.say("JOIN #usenet");
        user.expect(" 366 ");
        return user;
    }

    @Test
    void given_the_embedded_server_when_run_then_it_is_joined_and_ends_with_the_daemon()
            throws Exception {
        int port = RealPart.freePort();
        var bot =
                new BotFolder(
                        folder,
                        NICK,
                        "127.0.0.1:" + port,
                        service.port(),
                        "ircd { enabled = true, listen = \"127.0.0.1:" + port + "\" }");
        try (var daemon = run(bot);
                var boss = boss(port)) {
            boss.untilThere("#usenet", NICK);
            tell(boss, "version");
            boss.expect(SAYS + "svcshare version \\d");
            tell(boss, "status");
            boss.expect(SAYS + "0 MB \\+ 0 MB queued \\(0 items\\) @ 0 KB/s \\(0 conn");
            bot.queue(7);
            untilQueue(boss, 7);
            tell(boss, "election");
            untilOpen(bot, true);
            daemon.terminate();
            assertEquals(0, daemon.exit(LIMIT), daemon::printed);
            assertFalse(bot.gateOpen());
        }
    }

    @Test
    void given_a_killed_daemon_when_it_is_back_then_turn_number_and_halt_are_known()
            throws Exception {
        try (var ngircd = Ngircd.start(folder);
                var boss = boss(ngircd.port)) {
            BotFolder bot = bot(ngircd, "");
            bot.queue(10);
            try (var daemon = run(bot)) {
                boss.expect("^:ss-anna!\\S+ JOIN ");
                untilOpen(bot, true);
                assertEquals(1, turn(bot));
                tell(boss, "halt 50");
                boss.expect(SAYS + "Halting for 50 minutes\\.");
                untilOpen(bot, false);
                await().atMost(LIMIT).until(() -> state(bot).has("haltedUntil"));
                daemon.kill();
            }
            boss.expect("^:ss-anna!\\S+ QUIT ");
            try (var _ = run(bot)) {
                boss.expect("^:ss-anna!\\S+ JOIN ");
                await().atMost(LIMIT)
                        .until(() -> boss.ask(NICK, "status").matches(".*halted: (49|50)m\\)"));
                assertFalse(bot.gateOpen());
                tell(boss, "unhalt");
                boss.expect(SAYS + "Unhalted\\.");
                untilOpen(bot, true);
                assertEquals(2, turn(bot));
            }
        }
    }

    @Test
    void given_somebody_on_the_gates_port_when_it_wins_then_the_channel_hears_why()
            throws Exception {
        try (var ngircd = Ngircd.start(folder);
                var boss = boss(ngircd.port)) {
            BotFolder bot = bot(ngircd, "");
            try (var daemon = run(bot)) {
                boss.expect("^:ss-anna!\\S+ JOIN ");
                try (var taken =
                        new ServerSocket(bot.gatePort, 1, InetAddress.getLoopbackAddress())) {
                    bot.queue(10);
                    untilQueue(boss, 10);
                    tell(boss, "election");
                    boss.expect(SAYS + "Cannot open the gate: .*" + taken.getLocalPort());
                    assertTrue(daemon.alive());
                }
                tell(boss, "force 5");
                untilOpen(bot, true);
            }
        }
    }

    @Test
    void given_a_state_folder_in_use_when_a_second_starts_then_it_is_refused() throws Exception {
        try (var ngircd = Ngircd.start(folder);
                var boss = boss(ngircd.port)) {
            BotFolder bot = bot(ngircd, "");
            try (var first = run(bot)) {
                boss.expect("^:ss-anna!\\S+ JOIN ");
                Path elsewhere = Files.createDirectories(folder.resolve("second"));
                try (var second =
                        Svcshare.start(elsewhere, Map.of(), "run", "-c", bot.config().toString())) {
                    assertEquals(69, second.exit(LIMIT), second::printed);
                    assertTrue(
                            second.err()
                                    .contains(
                                            "svcshare: the state folder "
                                                    + bot.folder.resolve("state")
                                                    + " is in use by another svcshare"),
                            second::err);
                }
                assertTrue(first.alive());
            }
        }
    }

    @Test
    void given_mistakes_in_the_settings_when_run_then_each_is_named_with_its_line()
            throws Exception {
        Path config =
                Files.writeString(
                        folder.resolve("wrong.conf"),
                        """
                        owner = anna
                        irc.server = "127.0.0.1:6667"
                        gate.targets = ["127.0.0.1:119"]
                        turn.linger = soon
                        gate.listn = "localhost:8999"
                        """);
        try (var daemon = Svcshare.start(folder, Map.of(), "run", "-c", config.toString())) {
            assertEquals(78, daemon.exit(LIMIT), daemon::printed);
            assertTrue(
                    daemon.err().contains("wrong.conf:4: turn.linger: expected a duration"),
                    daemon::err);
            assertTrue(
                    daemon.err().contains("wrong.conf:5: gate.listn: no such setting"),
                    daemon::err);
            assertTrue(daemon.err().contains("svcshare: 2 mistakes in the settings"), daemon::err);
            assertEquals("", daemon.out());
        }
    }

    @Test
    void given_hooks_and_a_reporter_when_a_turn_moves_bytes_then_all_are_told() throws Exception {
        var posted = new CopyOnWriteArrayList<String>();
        HttpServer web =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext(
                "/",
                exchange -> {
                    String body =
                            new String(
                                    exchange.getRequestBody().readAllBytes(),
                                    StandardCharsets.UTF_8);
                    posted.add(
                            exchange.getRequestMethod()
                                    + " "
                                    + exchange.getRequestURI()
                                    + " "
                                    + body);
                    byte[] ok = "ok".getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, ok.length);
                    exchange.getResponseBody().write(ok);
                    exchange.close();
                });
        web.start();
        int port = web.getAddress().getPort();
        Path told = folder.resolve("told");
        try (var ngircd = Ngircd.start(folder);
                var boss = boss(ngircd.port)) {
            BotFolder bot =
                    bot(
                            ngircd,
                            """
                            hooks = [
                              { on = [turn-granted], run = [sh, "-c", "echo $SVCSHARE_EVENT $SVCSHARE_TURN $SVCSHARE_BOT >> %s"] }
                              { on = ["*"], url = "http://127.0.0.1:%d/hook" }
                            ]
                            reporter { url = "http://127.0.0.1:%d/whatever", key = k1 }
                            """
                                    .formatted(told, port, port));
            bot.queue(10);
            try (var _ = run(bot)) {
                boss.expect("^:ss-anna!\\S+ JOIN ");
                untilOpen(bot, true);
                try (var through = new Socket(InetAddress.getLoopbackAddress(), bot.gatePort)) {
                    through.getOutputStream().write(new byte[50_000]);
                    through.getInputStream().readNBytes(50_000);
                    boss.expect(SAYS + "10 MB \\+ 0 MB queued .*\\(1 conn\\)");
                }
                boss.expect(SAYS + "0 connections\\. \\[0 MB in ");
                await().atMost(LIMIT).until(() -> Files.exists(told));
                await().atMost(LIMIT)
                        .untilAsserted(() ->
                                assertEquals("turn-granted 1 ss-anna\n", Files.readString(told)));
                await("the report of 0.3")
                        .atMost(LIMIT)
                        .until(() -> posted.stream().anyMatch(p -> p.startsWith("POST /post ")));
                String report =
                        posted.stream().filter(p -> p.startsWith("POST /post ")).findFirst().get();
                assertTrue(
                        report.matches(
                                "POST /post private_key=k1&bytes=100000"
                                        + "&start=\\d+\\.\\d\\d&end=\\d+\\.\\d\\d"),
                        report);
                for (String event : List.of("channel-joined", "turn-granted", "transferred")) {
                    await(event)
                            .atMost(LIMIT)
                            .until(() ->
                                    posted.stream()
                                            .filter(p -> p.startsWith("POST /hook "))
                                            .map(p -> json(p.substring("POST /hook ".length())))
                                            .anyMatch(p ->
                                                    p.path("event").asString("").equals(event)));
                }
            }
        } finally {
            web.stop(0);
        }
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    @Test
    void given_a_client_program_that_hangs_when_people_ask_then_the_bot_answers_all_the_same()
            throws Exception {
        try (var ngircd = Ngircd.start(folder);
                var boss = boss(ngircd.port)) {
            BotFolder bot =
                    bot(
                            ngircd,
                            """
                            client {
                              timeout = 5s
                              exec { queue = [sleep, "1000"], pause = [sleep, "1000"], resume = [sleep, "1000"] }
                            }
                            """);
            try (var daemon = run(bot)) {
                boss.expect("^:ss-anna!\\S+ JOIN ");
                for (int i = 0; i < 20; i++) {
                    long began = System.nanoTime();
                    assertTrue(boss.ask(NICK, "status").startsWith("Queue status unknown"));
                    // Far less than one call of the client may take.
                    assertTrue(System.nanoTime() - began < Duration.ofSeconds(4).toNanos());
                }
                tell(boss, "force 10");
                boss.expect(SAYS + "Resuming\\. Forced allotment: 10 MB\\.");
                untilOpen(bot, true);
                tell(boss, "pause");
                untilOpen(bot, false);
                boss.expect(SAYS + "Paused proxy\\. Failed to pause client\\.");
                daemon.terminate();
                assertEquals(0, daemon.exit(LIMIT), daemon::printed);
            }
        }
    }
}
