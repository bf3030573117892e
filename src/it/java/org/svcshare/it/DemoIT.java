package org.svcshare.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The demonstration as people start it.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class DemoIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @TempDir private Path folder;

    @Test
    void given_json_and_a_time_when_it_is_over_then_it_ends_by_itself() throws Exception {
        try (var demo = Svcshare.start(folder, Map.of(), "demo", "--seconds", "3", "--json")) {
            assertEquals(0, demo.exit(LIMIT), demo::printed);

            assertSummary(demo, 0);
        }
    }

    @Test
    void given_json_when_it_is_stopped_then_stdout_has_the_summary_and_nothing_else()
            throws Exception {
        try (var demo = Svcshare.start(folder, Map.of(), "demo", "--json")) {
            await("two were served").atMost(LIMIT).until(() -> served(demo.err()) >= 2);
            demo.terminate();
            assertEquals(0, demo.exit(LIMIT), demo::printed);

            assertSummary(demo, 2);
        }
    }

    /// Who has loaded something: they had a turn each.
    private static long served(String talk) {
        return talk.lines()
                .filter(line -> line.contains(" 0 connections. ["))
                .map(line -> line.substring(line.indexOf('<'), line.indexOf('>')))
                .distinct()
                .count();
    }

    private static void assertSummary(Svcshare demo, int fewestTurns) {
        JsonNode summary = JsonMapper.shared().readTree(demo.out());
        assertEquals(1, demo.out().lines().count(), demo::out);
        assertEquals(Set.of("turns", "overlaps", "bots"), names(summary));
        assertEquals(0, summary.path("overlaps").asInt(-1));
        assertTrue(summary.path("turns").asInt(-1) >= fewestTurns, demo::printed);
        assertEquals(
                List.of("anna", "ben", "carl"),
                summary.path("bots").valueStream().map(b -> b.path("nick").asString()).toList());
        int turns = 0;
        for (JsonNode bot : summary.path("bots")) {
            assertEquals(Set.of("nick", "turns", "megabytes", "waitedSeconds"), names(bot));
            assertTrue(bot.path("megabytes").asDouble(-1) >= 0, bot::toString);
            assertTrue(bot.path("waitedSeconds").asDouble(-1) >= 0, bot::toString);
            turns += bot.path("turns").asInt();
        }
        assertEquals(summary.path("turns").asInt(), turns);
        assertTrue(demo.err().contains("Three bots share one service."), demo::err);
    }

    private static Set<String> names(JsonNode object) {
        return object.propertyStream().map(Map.Entry::getKey).collect(Collectors.toSet());
    }

    @Test
    void given_a_person_with_an_irc_client_when_they_talk_to_the_bots_then_the_bots_do_it()
            throws Exception {
        int port = RealPart.freePort();
        try (var demo =
                        Svcshare.start(
                                folder, Map.of(), "demo", "--irc-port", String.valueOf(port));
                var person = IrcUser.connect(port, "dora", "")) {
            person.say("JOIN #svcshare");
            person.expect(" 366 ");
            for (String bot : List.of("anna", "ben", "carl")) {
                person.untilThere("#svcshare", bot);
                person.say("PRIVMSG #svcshare :" + bot + ": version");
                person.expect("^:" + bot + "!\\S+ PRIVMSG #svcshare :svcshare version \\d");
            }
            person.say("PRIVMSG #svcshare :anna: enqueue 40");
            person.expect("^:anna!\\S+ PRIVMSG #svcshare :Queued: 40$");
            person.say("PRIVMSG #svcshare :ben: enqueue 40");
            person.expect("^:ben!\\S+ PRIVMSG #svcshare :Queued: 40$");

            // Of 40 MB at 12 MB/s at least 10 are left for the first two seconds of looks.
            person.say("PRIVMSG #svcshare :ben: force 40");
            person.expect("^:ben!\\S+ PRIVMSG #svcshare :Resuming\\. Forced allotment: 40 MB\\.$");
            person.expect(
                    "^:ben!\\S+ PRIVMSG #svcshare :\\d+ MB \\+ .*\\(1 conn, force: [1-4]\\d MB\\)");
            person.say("PRIVMSG #svcshare :.status");
            person.expect("^:\\w+!\\S+ PRIVMSG #svcshare :\\d+ MB \\+ .*\\(\\d conn");

            person.say("PRIVMSG #svcshare :carl: halt 1");
            person.expect("^:carl!\\S+ PRIVMSG #svcshare :Halting for 1 minute\\.$");
            person.say("PRIVMSG #svcshare :carl: election");
            person.expect(
                    "^:carl!\\S+ PRIVMSG #svcshare :System is halted for another 1 minute\\.$");

            person.say("PRIVMSG #svcshare :anna: help");
            person.expect("^:anna!\\S+ PRIVMSG #svcshare :Commands: status, version, election, ");

            demo.terminate();
            assertEquals(0, demo.exit(LIMIT), demo::printed);
            assertTrue(demo.out().contains("two gates open at once: never"), demo::out);
            assertTrue(demo.out().contains("<ben> Resuming. Forced allotment: 40 MB."), demo::out);
        }
        assertTrue(Files.readString(folder.resolve("stderr"), UTF_8).isEmpty());
    }
}
