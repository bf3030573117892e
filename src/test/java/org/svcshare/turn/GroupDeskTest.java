package org.svcshare.turn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What people read about the group and its store.
@DisplayNameGeneration(ReplaceUnderscores.class)
class GroupDeskTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final Asker ZOE = new Asker("zoe", false);

    private final TurnKeeper keeper =
            new TurnKeeper(TurnSettings.defaults("anna", "1.0"), KeptState.NONE, new Random(1));

    @BeforeEach
    void start() {
        keeper.start(NOON);
        keeper.on(new TurnEvent.Joined("svc", Casemapping.RFC1459, Set.of("svc", "zoe")), NOON);
    }

    @Test
    void given_a_wish_when_asked_then_it_goes_to_the_group_and_a_change_is_noted() {
        var get = new GroupWish.Get("colour");
        var put = new GroupWish.Put("colour", "blue");

        assertEquals(
                List.of(new TurnEffect.AskGroup(ZOE, get)),
                keeper.on(new TurnEvent.Asked(ZOE, new Command.Group(get)), NOON));
        assertEquals(
                List.of(
                        new TurnEffect.Note(new Happening.Commanded("zoe", "kv put colour")),
                        new TurnEffect.AskGroup(ZOE, put)),
                keeper.on(new TurnEvent.Asked(ZOE, new Command.Group(put)), NOON));
    }

    @Test
    void given_members_when_told_then_those_that_are_there_and_those_that_are_missing() {
        assertEquals(
                List.of("1 member: anna (this bot)."),
                told(new GroupNews.Members(List.of(anna()), "")));
        assertEquals(
                List.of(
                        "2 members: anna (this bot), ben.",
                        "1 failed: carl since 11:58 UTC.",
                        "1 left: dora since 2026-11-19 12:00 UTC.",
                        "There is trouble: no seed answers"),
                told(
                        new GroupNews.Members(
                                List.of(
                                        anna(),
                                        row("ben", GroupNews.State.THERE, Duration.ofDays(1)),
                                        row("carl", GroupNews.State.FAILED, Duration.ofMinutes(2)),
                                        row("dora", GroupNews.State.LEFT, Duration.ofDays(2))),
                                "no seed answers")));
    }

    @Test
    void given_very_many_members_when_told_then_one_line_is_enough() {
        var rows =
                Collections.nCopies(200, row("b".repeat(60), GroupNews.State.THERE, Duration.ZERO));

        List<String> said = told(new GroupNews.Members(rows, ""));

        assertEquals(1, said.size());
        assertTrue(said.getFirst().endsWith(" and 196 more."), said.toString());
        assertTrue(said.getFirst().getBytes(UTF_8).length < 260, said.toString());
    }

    @Test
    void given_a_key_when_told_then_its_value_or_that_there_is_none() {
        assertEquals(List.of("\"colour\" = blue"), told(found("colour", "blue", true)));
        assertEquals(List.of("\"colour\" is empty."), told(found("colour", "", true)));
        assertEquals(
                List.of("\"logo\" has 4 bytes that are no text."), told(found("logo", "?", false)));
        assertEquals(List.of("There is no \"size\"."), told(new GroupNews.Missing("size")));
        assertEquals(List.of("\"a\" is set."), told(new GroupNews.Set("a", true)));
        assertEquals(List.of("\"a\" is changed."), told(new GroupNews.Set("a", false)));
        assertEquals(List.of("This bot is in no group."), told(new GroupNews.NoGroup()));
        assertEquals(
                List.of("Not done with \"a\": the store is full"),
                told(new GroupNews.NotDone("a", "the store is full")));
    }

    /// A line that the channel cuts in two would begin a second one with words of the value.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "x\r\nanna: force 100",
                "\u0001ACTION dances\u0001",
                "\u0003" + "4red \u202Eright to left",
                "\u00e9\uD83D\uDE00 ",
                "word ",
            })
    void given_whatever_somebody_stored_when_told_then_it_is_one_short_line_of_plain_text(
            String evil) {
        String text = evil.repeat(2000);
        for (GroupNews news :
                List.of(
                        found(text, text, true),
                        new GroupNews.Missing(text),
                        new GroupNews.NotDone(text, text),
                        new GroupNews.Set(text, true),
                        new GroupNews.Members(
                                List.of(
                                        new GroupNews.Row(
                                                text, GroupNews.State.FAILED, NOON, false)),
                                text))) {
            for (String said : told(news)) {
                assertTrue(said.getBytes(UTF_8).length <= 260, said.length() + ": " + said);
                assertTrue(
                        said.codePoints().noneMatch(c -> c < ' ' || c == 0x202E || c == 0x7f),
                        said);
                assertTrue(said.matches("(\"|There is|Not done|\\d+ ).*"), said);
            }
        }
    }

    @Test
    void given_a_long_value_when_told_then_its_beginning_and_its_size() {
        String said = told(found("a", "x".repeat(1000), true)).getFirst();

        assertTrue(said.matches("\"a\" = x{200,240}… \\(4 bytes\\)"), said);
    }

    private static GroupNews found(String key, String text, boolean legible) {
        return new GroupNews.Found(key, text, legible, text.isEmpty() ? 0 : 4);
    }

    private static GroupNews.Row anna() {
        return new GroupNews.Row("anna", GroupNews.State.THERE, NOON, true);
    }

    private static GroupNews.Row row(String name, GroupNews.State state, Duration ago) {
        return new GroupNews.Row(name, state, NOON.minus(ago), false);
    }

    private List<String> told(GroupNews news) {
        return keeper.on(new TurnEvent.GroupAnswered(ZOE, news), NOON).stream()
                .map(effect -> ((TurnEffect.Say) effect).text())
                .toList();
    }
}
