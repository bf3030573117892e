package org.svcshare.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Three `svcshare run` that know one seed address and no IRC take turns.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GossipTurnsIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String ANNA = "ss-anna";
    private static final String BEN = "ss-ben";
    private static final String ZOE = "ss-zoe";

    @TempDir private Path folder;

    private final int seed = RealPart.freePort();
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final Map<String, BotFolder> bots = new HashMap<>();
    private final Map<String, Integer> webPorts = new HashMap<>();
    private final Map<String, Svcshare> running = new HashMap<>();

    private <T extends AutoCloseable> T part(T part) {
        parts.add(part);
        return part;
    }

    @BeforeEach
    void start() throws Exception {
        var service = part(new EchoService());
        // The first is the seed; the others come when it is there, so that none founds its own.
        for (String nick : List.of(ANNA, BEN, ZOE)) {
            int listen = nick.equals(ANNA) ? seed : RealPart.freePort();
            int web = RealPart.freePort();
            webPorts.put(nick, web);
            bots.put(
                    nick,
                    new BotFolder(
                            folder,
                            nick,
                            "127.0.0.1:1",
                            service.port(),
                            """
                            channel = gossip
                            gossip {
                              name = "%s"
                              listen = "127.0.0.1:%d"
                              seeds = ["127.0.0.1:%d"]
                            }
                            http { enabled = true, listen = "127.0.0.1:%d" }
                            turn {
                              election-timeout = 2s
                              handover-timeout = 3s
                              linger = 1s
                              queue-check-every = 20s
                            }
                            """
                                    .formatted(nick, listen, seed, web)));
            run(nick);
        }
        untilAllKnowAll();
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable part : parts.reversed()) {
            part.close();
        }
        http.close();
    }

    private void run(String nick) throws IOException {
        BotFolder bot = bot(nick);
        Svcshare svcshare =
                part(Svcshare.start(bot.folder, Map.of(), "run", "-c", bot.config().toString()));
        running.put(nick, svcshare);
        svcshare.logs("in the group");
    }

    private BotFolder bot(String nick) {
        BotFolder bot = bots.get(nick);
        if (bot == null) {
            throw new IllegalArgumentException(nick);
        }
        return bot;
    }

    private String ask(String method, String nick, String path, String body)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + webPorts.get(nick) + path))
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .timeout(LIMIT)
                        .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString(UTF_8)).body();
    }

    private JsonNode status(String nick) throws IOException, InterruptedException {
        return JsonMapper.shared().readTree(ask("GET", nick, "/api/v1/status", ""));
    }

    /// Below 0 while it does not answer.
    private int peers(String nick) throws InterruptedException {
        try {
            return status(nick).path("turn").path("peers").size();
        } catch (IOException e) {
            return -1;
        }
    }

    private static void until(String what, Callable<Boolean> is) {
        await(what).atMost(LIMIT).pollInterval(Duration.ofMillis(50)).until(is);
    }

    private void untilAllKnowAll() {
        for (String nick : running.keySet()) {
            until(nick + " knows all", () -> peers(nick) == running.size() - 1);
        }
    }

    private void untilOnlyOpen(String nick) {
        until(
                "only " + nick + " is open",
                () ->
                        bots.values().stream()
                                .allMatch(bot -> bot.gateOpen() == bot.nick.equals(nick)));
    }

    @Test
    void given_three_bots_when_all_want_then_each_has_its_turn_and_no_two_at_once() {
        try (var watch = new OpenGatesWatch(List.copyOf(bots.values()), Map.of())) {
            bot(BEN).queue(20);
            untilOnlyOpen(BEN);
            bot(ANNA).queue(300);
            bot(ZOE).queue(1000);

            bot(BEN).queue(0);
            untilOnlyOpen(ANNA);
            bot(ANNA).queue(0);
            untilOnlyOpen(ZOE);

            assertEquals(List.of(), watch.violations());
        }
    }

    @Test
    void given_a_holder_that_is_killed_then_another_has_the_turn_within_seconds_and_it_comes_back()
            throws Exception {
        try (var watch = new OpenGatesWatch(List.copyOf(bots.values()), Map.of())) {
            bot(ANNA).queue(20);
            untilOnlyOpen(ANNA);
            bot(BEN).queue(300);
            until("the queue is known", () -> status(BEN).toString().contains("300"));
            long began = System.nanoTime();

            requireNonNull(running.remove(ANNA)).kill();

            untilOnlyOpen(BEN);
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            assertTrue(took.compareTo(Duration.ofSeconds(15)) < 0, took::toString);

            // The seed is back, and so is its member.
            run(ANNA);
            untilAllKnowAll();
            assertEquals(List.of(), watch.violations());
        }
    }

    @Test
    void given_the_bot_that_all_used_as_their_seed_when_it_stops_in_order_then_turns_go_on()
            throws Exception {
        Svcshare first = requireNonNull(running.remove(ANNA));
        first.terminate();
        assertEquals(0, first.exit(LIMIT), first::printed);

        bot(ZOE).queue(10);
        untilOnlyOpen(ZOE);
        bot(BEN).queue(5);
        bot(ZOE).queue(0);
        untilOnlyOpen(BEN);
    }

    @Test
    void given_a_command_as_a_question_to_the_group_then_every_bot_carries_it_out_and_answers()
            throws Exception {
        bot(ZOE).queue(10);
        untilOnlyOpen(ZOE);

        String answers = ask("POST", BEN, "/api/v1/queries/command?timeout=6s", "halt 30m");

        for (String nick : bots.keySet()) {
            assertTrue(answers.contains(nick), answers);
        }
        untilOnlyOpen("");
        String one = ask("POST", BEN, "/api/v1/queries/command?timeout=6s", "ss-zoe: unhalt");
        assertTrue(one.contains(ZOE), one);
        untilOnlyOpen(ZOE);
    }
}
