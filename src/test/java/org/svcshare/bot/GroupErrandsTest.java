package org.svcshare.bot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.svcshare.gossip.InMemoryGroup;
import org.svcshare.store.Change;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.Value;
import org.svcshare.turn.Asker;
import org.svcshare.turn.GroupNews;
import org.svcshare.turn.GroupWish;
import org.svcshare.turn.TurnEvent;

/// What people in the channel do with the group, on one in memory.
@DisplayNameGeneration(ReplaceUnderscores.class)
class GroupErrandsTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final Asker ZOE = new Asker("zoe", false);

    private final InMemoryGroup group = new InMemoryGroup("anna", 2);
    private final List<TurnEvent> events = new ArrayList<>();

    @Test
    void given_no_group_when_asked_then_that_is_said() {
        new GroupErrands(Optional::empty, events::add).run(ZOE, new GroupWish.Members());

        assertEquals(List.of(new TurnEvent.GroupAnswered(ZOE, new GroupNews.NoGroup())), events);
    }

    @Test
    void given_keys_when_put_and_got_then_the_answers_say_what_is_there() {
        assertEquals(new GroupNews.Missing("colour"), ask(new GroupWish.Get("colour")));
        assertEquals(new GroupNews.Set("colour", true), ask(new GroupWish.Put("colour", "blå")));
        assertEquals(new GroupNews.Set("colour", false), ask(new GroupWish.Put("colour", "blå")));
        assertEquals(
                new GroupNews.Found("colour", "blå", true, 4), ask(new GroupWish.Get("colour")));
    }

    @Test
    void given_bytes_that_are_no_text_when_got_then_they_are_not_taken_for_it() {
        group.change(
                new Change.Put(
                        "logo",
                        Value.of(new byte[] {(byte) 0xff}),
                        Optional.empty(),
                        new Change.Condition.Any()),
                _ -> {});

        assertEquals(
                new GroupNews.Found("logo", "\ufffd", false, 1), ask(new GroupWish.Get("logo")));
    }

    @Test
    void given_what_cannot_be_when_put_then_the_reason_is_said() {
        ask(new GroupWish.Put("a", "1"));
        ask(new GroupWish.Put("b", "1"));

        assertEquals(
                new GroupNews.NotDone("c", "the store is full"), ask(new GroupWish.Put("c", "1")));
        String longest = "k".repeat(513);
        assertEquals(
                new GroupNews.NotDone(longest, "a key has at most 512 bytes"),
                ask(new GroupWish.Get(longest)));
    }

    @Test
    void given_members_when_asked_for_then_each_is_as_it_is_and_so_is_the_trouble() {
        group.add(InMemoryGroup.member("ben", Member.State.ALIVE, NOON));
        group.add(InMemoryGroup.member("carl", Member.State.FAILED, NOON));
        group.add(InMemoryGroup.member("dora", Member.State.LEFT, NOON));
        group.trouble("no seed answers");

        assertEquals(
                new GroupNews.Members(
                        List.of(
                                new GroupNews.Row(
                                        "anna", GroupNews.State.THERE, Instant.EPOCH, true),
                                new GroupNews.Row("ben", GroupNews.State.THERE, NOON, false),
                                new GroupNews.Row("carl", GroupNews.State.FAILED, NOON, false),
                                new GroupNews.Row("dora", GroupNews.State.LEFT, NOON, false)),
                        "no seed answers"),
                ask(new GroupWish.Members()));
    }

    private GroupNews ask(GroupWish wish) {
        events.clear();
        new GroupErrands(() -> Optional.<MemberGroup>of(group), events::add).run(ZOE, wish);
        assertEquals(1, events.size(), events.toString());
        return ((TurnEvent.GroupAnswered) events.getFirst()).news();
    }
}
