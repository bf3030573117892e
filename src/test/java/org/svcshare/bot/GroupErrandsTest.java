package org.svcshare.bot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.svcshare.store.Change;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.MemoryGroup;
import org.svcshare.store.Value;
import org.svcshare.turn.Asker;
import org.svcshare.turn.GroupNews;
import org.svcshare.turn.GroupWish;
import org.svcshare.turn.TurnEvent;

/// What people in the channel do with the group, on one in memory.
@DisplayNameGeneration(ReplaceUnderscores.class)
class GroupErrandsTest {
    private static final Instant LONG_AGO = Instant.EPOCH;
    private static final Asker ZOE = new Asker("zoe", false);

    @AutoClose private final MemoryGroup village = new MemoryGroup(2);
    private final MemberGroup group = village.join("anna");
    private final BlockingQueue<TurnEvent> events = new LinkedBlockingQueue<>();

    @Test
    void given_no_group_when_asked_then_that_is_said() {
        new GroupErrands(Optional::empty, events::add).run(ZOE, new GroupWish.Members());

        assertEquals(
                List.of(new TurnEvent.GroupAnswered(ZOE, new GroupNews.NoGroup())),
                List.copyOf(events));
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
        var _ = village.join("ben");
        var _ = village.join("carl");
        village.join("dora").close();
        village.kill("carl");
        village.trouble("no seed answers");

        var news = (GroupNews.Members) ask(new GroupWish.Members());

        assertEquals("no seed answers", news.trouble());
        assertEquals(
                List.of(
                        "anna THERE true",
                        "ben THERE false",
                        "carl FAILED false",
                        "dora LEFT false"),
                news.rows().stream()
                        .map(row -> row.name() + " " + row.state() + " " + row.self())
                        .toList());
        assertTrue(
                news.rows().stream().allMatch(row -> row.since().isAfter(LONG_AGO)),
                news::toString);
    }

    @Test
    void given_a_member_that_stops_when_asked_for_a_key_then_there_is_an_answer() {
        group.close();

        assertEquals(
                new GroupNews.NotDone("colour", "this member is stopping or overrun"),
                ask(new GroupWish.Get("colour")));
    }

    private GroupNews ask(GroupWish wish) {
        new GroupErrands(() -> Optional.of(group), events::add).run(ZOE, wish);
        try {
            TurnEvent answer = events.poll(10, TimeUnit.SECONDS);
            assertEquals(List.of(), List.copyOf(events));
            return ((TurnEvent.GroupAnswered) Objects.requireNonNull(answer)).news();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
