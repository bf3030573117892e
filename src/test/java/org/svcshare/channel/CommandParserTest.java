package org.svcshare.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.turn.Casemapping;
import org.svcshare.turn.Command;
import org.svcshare.turn.GroupWish;
import org.svcshare.turn.PoolWish;
import org.svcshare.turn.ReplicaWish;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CommandParserTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ss|anna: pause",
                "ss|anna:pause",
                "ss|anna, pause",
                "SS\\ANNA: PAUSE",
                "ss|anna: pause   ",
                "ss|anna:    pause now please"
            })
    void given_our_nick_first_when_parsed_then_it_is_for_us(String text) {
        assertEquals(order(CommandWord.PAUSE, new Command.Pause()), inChannel(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pause",
                "ben: pause",
                "ss|anna pause",
                "ss|annab: pause",
                "hello ss|anna: pause",
                "",
                ":",
                "ss|anna",
                "ss|anna:",
                "ss|anna:   ",
                " .status",
                ".status ",
                ".STATUS",
                ".statusx"
            })
    void given_other_words_in_the_channel_when_parsed_then_they_are_not_for_us(String text) {
        assertEquals(new Spoken.NotForUs(), inChannel(text));
    }

    @Test
    void given_the_two_public_words_then_understood_in_the_channel_only() {
        assertEquals(order(CommandWord.STATUS, new Command.Status(true)), inChannel(".status"));
        assertEquals(order(CommandWord.VERSION, new Command.Version()), inChannel(".version"));
        assertEquals(new Spoken.Unknown(".status"), direct(".status"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"election", "resume", "continue", "RESUME", "  election"})
    void given_an_alias_when_parsed_then_it_is_the_same_command(String text) {
        assertEquals(order(CommandWord.ELECTION, new Command.Election()), direct(text));
    }

    @ParameterizedTest
    @CsvSource({
        "force, 0",
        "force 0, 0",
        "force 99, 99",
        "force 10.5, 11",
        "force 0.4, 1",
        "force 500mb, 500",
        "force 500 MB, 500",
        "force 500MiB, 500",
        "force 1.5g, 1536",
        "'force 1,5 GB', 1536",
        "force 2t, 2097152",
        "force 100k, 1"
    })
    void given_a_size_as_people_write_it_then_megabytes(String text, long megabytes) {
        assertEquals(order(CommandWord.FORCE, new Command.Force(megabytes)), direct(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "force -5",
                "force junk",
                "force 1e9",
                "force NaN",
                "force 5 6",
                "force 500 b",
                "force 999999999999999t",
                "force 99999999999999999999",
                "force 5mbx"
            })
    void D19_given_nonsense_after_force_then_a_clear_answer_and_nothing_done(String text) {
        var unusable = assertInstanceOf(Spoken.Unusable.class, direct(text));

        assertTrue(unusable.answer().contains("is no size"), unusable.answer());
    }

    @ParameterizedTest
    @CsvSource({
        "halt, 0",
        "halt 0, 0",
        "halt 1, 60",
        "halt 90, 5400",
        "halt 90m, 5400",
        "halt 90 m, 5400",
        "halt 2h, 7200",
        "halt 1h30m, 5400",
        "halt 1h 30m, 5400",
        "halt 1d, 86400",
        "halt 45s, 45",
        "halt 15min, 900"
    })
    void given_a_time_as_people_write_it_then_its_length(String text, long seconds) {
        assertEquals(
                order(CommandWord.HALT, new Command.Halt(Duration.ofSeconds(seconds))),
                direct(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "halt -3",
                "halt abc",
                "halt 1 2",
                "halt 2 30m",
                "halt 1.5h",
                "halt 999999999",
                "halt 999999999d999999999d"
            })
    void D19_given_nonsense_after_halt_then_a_clear_answer_and_no_endless_halt(String text) {
        var unusable = assertInstanceOf(Spoken.Unusable.class, direct(text));

        assertTrue(unusable.answer().contains("is no time"), unusable.answer());
    }

    @ParameterizedTest
    @ValueSource(strings = {"nick", "nick  ", "nick a b"})
    void D3_given_nick_without_its_argument_then_usage(String text) {
        var unusable = assertInstanceOf(Spoken.Unusable.class, direct(text));

        assertEquals("Usage: " + CommandWord.NICK.usage(), unusable.answer());
    }

    @Test
    void given_a_nick_when_it_can_be_one_then_taken_and_else_refused() {
        assertEquals(order(CommandWord.NICK, new Command.Nick("ss|b")), direct("nick ss|b"));
        assertInstanceOf(Spoken.Unusable.class, direct("nick #channel"));
        assertInstanceOf(Spoken.Unusable.class, direct("nick 9lives"));
        assertInstanceOf(Spoken.Unusable.class, direct("nick a,b"));
    }

    @Test
    void given_items_to_enqueue_then_all_of_them_and_without_any_usage() {
        assertEquals(
                order(CommandWord.ENQUEUE, new Command.Enqueue(List.of("1", "2"))),
                direct("enq 1  2"));
        assertInstanceOf(Spoken.Unusable.class, direct("enqueue"));
        assertInstanceOf(Spoken.Unusable.class, direct("enqueue " + "1 ".repeat(1000)));
    }

    @Test
    void given_history_and_next_then_their_arguments_are_checked() {
        assertEquals(order(CommandWord.HISTORY, new Command.History(5)), direct("history"));
        assertEquals(order(CommandWord.HISTORY, new Command.History(20)), direct("history 20"));
        assertInstanceOf(Spoken.Unusable.class, direct("history 21"));
        assertInstanceOf(Spoken.Unusable.class, direct("history 0"));
        assertInstanceOf(Spoken.Unusable.class, direct("history -1"));
        assertEquals(order(CommandWord.NEXT, new Command.Next(true)), direct("next CANCEL"));
        assertInstanceOf(Spoken.Unusable.class, direct("next please"));
    }

    @Test
    void given_a_lock_then_time_and_reason_are_told_apart() {
        assertEquals(take("bench", 30, ""), direct("lock bench"));
        assertEquals(take("bench", 120, ""), direct("lock bench 2h"));
        assertEquals(take("bench", 90, "for the demo"), direct("lock bench 90 for the demo"));
        assertEquals(take("bench", 30, "demo at 5"), direct("lock bench demo at 5"));
        assertInstanceOf(Spoken.Unusable.class, direct("lock"));
        assertInstanceOf(Spoken.Unusable.class, direct("lock bench 8d"));
        assertInstanceOf(Spoken.Unusable.class, direct("lock bench 0"));
        assertInstanceOf(Spoken.Unusable.class, direct("lock " + "x".repeat(61)));
    }

    @Test
    void given_an_unlock_then_somebody_elses_needs_another_permission() {
        assertEquals(
                pools(CommandWord.UNLOCK, new PoolWish.GiveBack("bench")), direct("unlock bench"));
        var others = pools(CommandWord.UNLOCK_OTHERS, new PoolWish.TakeAway("bench", "ben"));
        assertEquals(others, direct("unlock bench ben"));
        assertEquals(others, direct("unlock-others bench ben"));
        assertInstanceOf(Spoken.Unusable.class, direct("unlock"));
        assertInstanceOf(Spoken.Unusable.class, direct("unlock-others bench"));
        assertInstanceOf(Spoken.Unusable.class, direct("unlock a b c"));
    }

    @Test
    void given_who_then_with_a_pool_it_is_about_that_and_alone_about_the_bots() {
        assertEquals(order(CommandWord.WHO, new Command.Who()), direct("who"));
        assertEquals(pools(CommandWord.WHO, new PoolWish.Look("bench")), direct("who bench"));
        assertEquals(pools(CommandWord.POOLS, new PoolWish.All()), direct("pools"));
    }

    private static Spoken take(String pool, long minutes, String reason) {
        return pools(
                CommandWord.LOCK, new PoolWish.Take(pool, Duration.ofMinutes(minutes), reason));
    }

    private static Spoken pools(CommandWord word, PoolWish wish) {
        return order(word, new Command.Pools(wish));
    }

    @Test
    void given_keys_of_the_group_then_setting_one_needs_another_permission() {
        assertEquals(group(CommandWord.MEMBERS, new GroupWish.Members()), direct("members"));
        assertEquals(group(CommandWord.KV, new GroupWish.Get("jobs/1")), direct("kv GET jobs/1"));
        var put = group(CommandWord.KV_PUT, new GroupWish.Put("a", "some words"));
        assertEquals(put, direct("kv put a some  words"));
        assertEquals(put, direct("kv-put a some words"));
        for (String text : List.of("kv", "kv get", "kv get a b", "kv list", "kv-put a", "kv put")) {
            assertInstanceOf(Spoken.Unusable.class, direct(text), text);
        }
        assertInstanceOf(Spoken.Unusable.class, direct("kv get " + "x".repeat(201)));
        assertInstanceOf(Spoken.Unusable.class, direct("kv put a " + "x".repeat(401)));
        assertEquals(
                new Spoken.Unusable(CommandWord.KV_PUT, "Usage: " + CommandWord.KV_PUT.usage()),
                direct("kv put a"));
        assertEquals(CommandWord.MEMBERS, CommandWord.near("membres").orElseThrow());
    }

    @Test
    void given_nodes_then_they_are_looked_at_or_one_is_left_alone() {
        assertEquals(
                order(CommandWord.NODES, new Command.Replicas(new ReplicaWish.Nodes())),
                direct("nodes"));
        assertEquals(maintenance("a:8080", true), direct("maintenance a:8080 on"));
        assertEquals(
                maintenance("[fd00::2%eth0]:80", false),
                direct("Maintenance [fd00::2%eth0]:80 OFF"));
        for (String text :
                List.of(
                        "maintenance",
                        "maintenance a:80",
                        "maintenance a:80 perhaps",
                        "maintenance on a:80",
                        "maintenance a:80 on now",
                        "maintenance anna,force on",
                        "maintenance " + "x".repeat(271) + " on")) {
            assertEquals(
                    new Spoken.Unusable(
                            CommandWord.MAINTENANCE, "Usage: " + CommandWord.MAINTENANCE.usage()),
                    direct(text),
                    text);
        }
    }

    private static Spoken maintenance(String node, boolean on) {
        return order(
                CommandWord.MAINTENANCE,
                new Command.Replicas(new ReplicaWish.Maintenance(node, on)));
    }

    private static Spoken group(CommandWord word, GroupWish wish) {
        return order(word, new Command.Group(wish));
    }

    @Test
    void given_a_typo_then_the_nearest_word_and_for_chat_none() {
        assertEquals(CommandWord.PAUSE, CommandWord.near("pasue").orElseThrow());
        assertEquals(CommandWord.STATUS, CommandWord.near("staus").orElseThrow());
        assertEquals(CommandWord.ELECTION, CommandWord.near("resum").orElseThrow());
        assertTrue(CommandWord.near("thanks!").isEmpty());
        assertTrue(CommandWord.near("hi").isEmpty());
        assertTrue(CommandWord.near("x".repeat(500)).isEmpty());
    }

    private static Spoken inChannel(String text) {
        return CommandParser.parse(text, false, "ss|anna", Casemapping.RFC1459);
    }

    private static Spoken direct(String text) {
        return CommandParser.parse(text, true, "ss|anna", Casemapping.RFC1459);
    }

    private static Spoken order(CommandWord word, Command command) {
        return new Spoken.Order(word, command);
    }
}
