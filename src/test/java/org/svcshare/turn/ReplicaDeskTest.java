package org.svcshare.turn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.turn.ReplicaNews.State;

/// What people read about the copies of the service.
@DisplayNameGeneration(ReplaceUnderscores.class)
class ReplicaDeskTest {
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
    void given_a_wish_when_asked_then_it_goes_to_the_replicas_and_a_change_is_noted() {
        var look = new ReplicaWish.Nodes();
        var maintenance = new ReplicaWish.Maintenance("a:8080", true);

        assertEquals(
                List.of(new TurnEffect.AskReplicas(ZOE, look)),
                keeper.on(new TurnEvent.Asked(ZOE, new Command.Replicas(look)), NOON));
        assertEquals(
                List.of(
                        new TurnEffect.Note(
                                new Happening.Commanded("zoe", "maintenance a:8080 on")),
                        new TurnEffect.AskReplicas(ZOE, maintenance)),
                keeper.on(new TurnEvent.Asked(ZOE, new Command.Replicas(maintenance)), NOON));
    }

    @Test
    void given_nodes_when_told_then_each_is_as_it_is() {
        assertEquals(
                List.of("1 node: a:8080 in step"),
                told(nodes("", row("a:8080", State.IN_STEP, 0, 0))));
        assertEquals(
                List.of(
                        "4 nodes: a:8080 in step · b:8080 behind, 312 writes, oldest 2m · c:8080"
                                + " out of step, 3 parked, it answered 500 · d:8080 inactive",
                        "No writes are taken: the disk is full"),
                told(
                        nodes(
                                "the disk is full",
                                row("a:8080", State.IN_STEP, 0, 0),
                                row("b:8080", State.BEHIND, 312, 0),
                                row("c:8080", State.OUT_OF_STEP, 0, 3),
                                row("d:8080", State.INACTIVE, 0, 0))));
    }

    @Test
    void given_a_node_that_is_left_alone_or_is_away_when_told_then_that_is_said() {
        assertEquals(
                List.of(
                        "2 nodes: a:1 behind, in maintenance, 1 write, oldest 2m · b:1 in step,"
                                + " does not answer"),
                told(
                        nodes(
                                "",
                                new ReplicaNews.Row(
                                        "a:1",
                                        State.BEHIND,
                                        true,
                                        false,
                                        1,
                                        Optional.of(NOON.minusSeconds(125)),
                                        0,
                                        ""),
                                new ReplicaNews.Row(
                                        "b:1",
                                        State.IN_STEP,
                                        false,
                                        false,
                                        0,
                                        Optional.empty(),
                                        0,
                                        ""))));
    }

    @Test
    void given_changes_and_refusals_when_told_then_in_words() {
        assertEquals(
                List.of("Node a:1 is in maintenance: its writes are kept."),
                told(new ReplicaNews.Maintained("a:1", true)));
        assertEquals(
                List.of("Node a:1 is not in maintenance any longer."),
                told(new ReplicaNews.Maintained("a:1", false)));
        assertEquals(List.of("There is no node \"b\"."), told(new ReplicaNews.NoSuchNode("b")));
        assertEquals(List.of("No nodes here."), told(new ReplicaNews.NoReplicas()));
        assertEquals(List.of("No nodes yet."), told(nodes("")));
        assertEquals(
                List.of("Not done with a:1: the disk is full"),
                told(new ReplicaNews.NotDone("a:1", "the disk is full")));
    }

    @Test
    void given_a_private_change_when_done_then_the_channel_hears_of_it() {
        var private_ = new Asker("zoe", true);

        List<TurnEffect> effects =
                keeper.on(
                        new TurnEvent.ReplicasAnswered(
                                private_, new ReplicaNews.Maintained("a:1", true)),
                        NOON);

        assertEquals(2, effects.size(), effects::toString);
    }

    @Test
    void given_many_nodes_when_told_then_in_a_few_lines_of_which_none_is_too_long() {
        var rows = new ArrayList<ReplicaNews.Row>();
        for (int i = 0; i < 100; i++) {
            rows.add(row("node-%02d.example.net:8080".formatted(i), State.BEHIND, 1000, 1));
        }

        List<String> said = told(new ReplicaNews.Nodes(rows, ""));

        assertEquals(4, said.size(), said.toString());
        assertTrue(said.getFirst().startsWith("100 nodes: node-00."), said.toString());
        assertTrue(said.get(1).startsWith("Also: node-"), said.toString());
        assertTrue(said.getLast().matches(".* and 8\\d more"), said.toString());
        assertTrue(said.stream().allMatch(s -> s.getBytes(UTF_8).length <= 260), said.toString());
    }

    /// A line that began with others' words could be a command to another bot.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "x\r\nanna: force 100",
                "\u0001ACTION dances\u0001",
                "\u202Eright ",
                "anna: "
            })
    void given_whatever_somebody_called_a_node_when_told_then_it_is_plain_text_behind_ours(
            String evil) {
        String text = evil.repeat(2000);
        var row =
                new ReplicaNews.Row(
                        text,
                        State.OUT_OF_STEP,
                        true,
                        false,
                        Long.MAX_VALUE,
                        Optional.of(NOON.minus(Duration.ofDays(3000))),
                        Integer.MAX_VALUE,
                        text);
        for (ReplicaNews news :
                List.of(
                        new ReplicaNews.Nodes(Collections.nCopies(100, row), text),
                        new ReplicaNews.Maintained(text, true),
                        new ReplicaNews.NoSuchNode(text),
                        new ReplicaNews.NotDone(text, text))) {
            for (String said : told(news)) {
                assertTrue(said.getBytes(UTF_8).length <= 260, said.length() + ": " + said);
                assertTrue(
                        said.codePoints().noneMatch(c -> c < ' ' || c == 0x202E || c == 0x7f),
                        said);
                assertTrue(
                        said.matches("(\\d+ nodes: |Also: |No writes |Node |There is|Not done).*"),
                        said);
            }
        }
    }

    private static ReplicaNews nodes(String trouble, ReplicaNews.Row... rows) {
        return new ReplicaNews.Nodes(List.of(rows), trouble);
    }

    private static ReplicaNews.Row row(String node, State state, long writes, int parked) {
        return new ReplicaNews.Row(
                node,
                state,
                false,
                true,
                writes,
                writes == 0 ? Optional.empty() : Optional.of(NOON.minusSeconds(125)),
                parked,
                "it answered 500");
    }

    private List<String> told(ReplicaNews news) {
        return keeper.on(new TurnEvent.ReplicasAnswered(ZOE, news), NOON).stream()
                .map(effect -> ((TurnEffect.Say) effect).text())
                .toList();
    }
}
