package org.svcshare.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.svcshare.store.Change.Condition;
import org.svcshare.store.Change.Outcome;
import org.svcshare.store.Change.Refusal;
import org.svcshare.store.StoreEffect.Kept;
import org.svcshare.store.StoreEffect.Send;
import org.svcshare.store.StoreMessage.Entries;
import org.svcshare.store.StoreMessage.Mark;
import org.svcshare.store.StoreMessage.Marks;
import org.svcshare.store.StoreMessage.Rumour;
import org.svcshare.store.StoreMessage.Wanted;

@DisplayNameGeneration(ReplaceUnderscores.class)
final class StoreKeeperTest {
    private static final String SELF = "00000000000000aa";
    private static final String OTHER = "00000000000000bb";
    private static final long NOW = 1_800_000_000_000L;
    private static final Duration LIVE = Duration.ofHours(1);
    private static final Duration AHEAD = Duration.ofSeconds(10);
    private static final StoreKeeper.Rules RULES =
            new StoreKeeper.Rules(8, 100_000, AHEAD, LIVE, 3, 2);

    private final StoreKeeper keeper = new StoreKeeper(SELF, RULES, new SplittableRandom(1));
    private final List<StoreEffect> out = new ArrayList<>();

    private Outcome put(String key, String value, long nowMs) {
        return put(key, value, Optional.empty(), new Condition.Any(), nowMs);
    }

    private Outcome put(
            String key, String value, Optional<Duration> ttl, Condition condition, long nowMs) {
        return keeper.change(new Change.Put(key, Value.text(value), ttl, condition), nowMs, out);
    }

    private Outcome remove(String key, long nowMs) {
        return keeper.change(new Change.Remove(key, new Condition.Any()), nowMs, out);
    }

    private static Entry theirs(String key, String value, long writtenMs) {
        return new Entry(key, Value.text(value), version(writtenMs), 0);
    }

    private static Version version(long writtenMs) {
        return new Version(writtenMs << 16, OTHER);
    }

    private void hear(StoreMessage message, long nowMs) {
        keeper.heard(OTHER, message, nowMs, out);
    }

    private void hear(Entry entry, long nowMs) {
        hear(new Entries(List.of(entry)), nowMs);
    }

    private void meet() {
        keeper.members(Map.of(OTHER, "other"), NOW, out);
        out.clear();
    }

    private List<GroupEvent> told() {
        return out.stream()
                .flatMap(effect -> effect instanceof StoreEffect.Tell(var e) ? Stream.of(e) : null)
                .toList();
    }

    private <T extends StoreMessage> List<T> sent(Class<T> kind) {
        return out.stream()
                .flatMap(effect -> effect instanceof Send(var to, var m) ? Stream.of(m) : null)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    private String text(String key, long nowMs) {
        return keeper.view(nowMs).get(key).map(Entry::value).map(Value::text).orElse("-");
    }

    private static Entry done(Outcome outcome) {
        return assertInstanceOf(Outcome.Done.class, outcome).entry();
    }

    @Test
    void given_others_when_a_key_is_put_then_it_is_kept_told_and_sent_in_this_order() {
        meet();

        Entry entry = done(put("a", "1", NOW));

        assertEquals(
                List.of(
                        new StoreEffect.Keep(new Kept.Stored(entry)),
                        new StoreEffect.Tell(new GroupEvent.NewKey(entry)),
                        new Send(null, new Entries(List.of(entry)))),
                out);
        assertTrue(keeper.hot());
    }

    @Test
    void given_a_value_when_put_again_byte_for_byte_then_it_is_a_write_and_no_news() {
        Entry first = done(put("a", "1", NOW));
        Entry second = done(put("a", "1", NOW + 5));

        assertTrue(second.compareTo(first) > 0);
        assertEquals(List.of(new GroupEvent.NewKey(first)), told());
    }

    @Test
    void given_a_life_of_a_key_when_told_then_it_is_new_changed_and_removed_once_each() {
        Entry first = done(put("a", "1", NOW));
        Entry second = done(put("a", "2", NOW));
        remove("a", NOW);
        assertInstanceOf(Outcome.Missing.class, remove("a", NOW));
        Entry third = done(put("a", "3", NOW));

        assertEquals(
                List.of(
                        new GroupEvent.NewKey(first),
                        new GroupEvent.KeyChanged(second, first),
                        new GroupEvent.KeyRemoved(second, false),
                        new GroupEvent.NewKey(third)),
                told());
    }

    @Test
    void given_conditions_when_they_do_not_hold_then_the_current_entry_is_answered() {
        Entry first = done(put("a", "1", NOW));
        var current = new Outcome.Conflict(Optional.of(first));
        var none = Optional.<Duration>empty();
        Version old = first.version();

        assertEquals(current, put("a", "2", none, new Condition.Absent(), NOW));
        Entry second = done(put("a", "2", none, new Condition.At(old), NOW));
        assertEquals(
                new Outcome.Conflict(Optional.of(second)),
                put("a", "3", none, new Condition.At(old), NOW));
        assertEquals(
                new Outcome.Conflict(Optional.empty()),
                put("b", "3", none, new Condition.Present(), NOW));
        done(put("b", "3", none, new Condition.Absent(), NOW));
        done(put("b", "4", none, new Condition.Present(), NOW));
    }

    @Test
    void given_a_time_to_live_when_over_then_the_key_is_removed_once_and_new_when_put_again() {
        Entry first =
                done(put("a", "1", Optional.of(Duration.ofSeconds(1)), new Condition.Any(), NOW));
        assertEquals(1, keeper.view(NOW + 999).size());
        assertEquals(0, keeper.view(NOW + 1000).size());
        assertEquals("-", text("a", NOW + 1000));
        assertEquals(List.of(), keeper.view(NOW + 1000).list("", "", 9));

        Entry second = done(put("a", "2", NOW + 1000));
        keeper.round(NOW + 2000, out);

        assertEquals(
                List.of(
                        new GroupEvent.NewKey(first),
                        new GroupEvent.KeyRemoved(first, true),
                        new GroupEvent.NewKey(second)),
                told());
    }

    @Test
    void given_changes_that_are_none_when_asked_for_then_refused() {
        var none = Optional.<Duration>empty();
        var any = new Condition.Any();
        for (Outcome outcome :
                List.of(
                        put("", "1", NOW),
                        put("a\n", "1", NOW),
                        put("a", "x".repeat(Entry.MAX_VALUE_BYTES + 1), none, any, NOW),
                        put("a", "1", Optional.of(Duration.ZERO), any, NOW),
                        put(
                                "a",
                                "1",
                                Optional.of(Duration.ofDays(Long.MAX_VALUE / 90_000)),
                                any,
                                NOW))) {
            var refused = assertInstanceOf(Outcome.Refused.class, outcome);
            assertEquals(Refusal.INVALID, refused.reason());
        }
        assertEquals(List.of(), out);
    }

    @Test
    void given_a_full_store_when_written_to_then_new_keys_are_refused_and_the_rest_goes_on() {
        IntStream.range(0, 8).forEach(i -> done(put("key" + i, "1", NOW)));

        assertEquals(
                Refusal.FULL,
                assertInstanceOf(Outcome.Refused.class, put("more", "1", NOW)).reason());
        done(put("key0", "2", NOW));
        done(remove("key1", NOW));
        done(put("more", "1", NOW));
        // Others may go over by a quarter, so that what crossed on the way still gets everywhere.
        hear(theirs("x", "1", NOW), NOW);
        hear(theirs("y", "1", NOW), NOW);
        hear(theirs("z", "1", NOW), NOW);

        assertEquals(10, keeper.view(NOW).size());
        assertEquals(1, keeper.counts().get("full"));
    }

    @Test
    void given_large_values_when_the_bytes_are_used_up_then_only_what_does_not_grow_is_taken() {
        done(put("a", "x".repeat(60_000), NOW));

        assertEquals(
                Refusal.FULL,
                assertInstanceOf(Outcome.Refused.class, put("b", "x".repeat(60_000), NOW))
                        .reason());
        done(put("a", "y".repeat(60_000), NOW));
        assertEquals(60_001, keeper.view(NOW).sizeBytes());
        done(remove("a", NOW));
        assertEquals(1, keeper.view(NOW).sizeBytes());
        assertEquals(1, keeper.view(NOW).tombstones());
    }

    @Test
    void given_an_entry_from_too_far_ahead_when_heard_then_refused_and_counted() {
        hear(theirs("a", "1", NOW + AHEAD.toMillis() + 1), NOW);
        hear(theirs("b", "1", NOW + AHEAD.toMillis()), NOW);

        assertEquals(1, keeper.view(NOW).size());
        assertEquals(1, keeper.counts().get("too-far-ahead"));
    }

    @Test
    void given_a_clock_that_fell_behind_when_a_key_is_put_then_refused() {
        put("a", "1", NOW);

        assertEquals(
                Refusal.UNAVAILABLE,
                assertInstanceOf(Outcome.Refused.class, put("b", "1", NOW - 2 * AHEAD.toMillis()))
                        .reason());
    }

    @Test
    void given_two_entries_when_heard_in_any_order_then_the_later_stands() {
        Entry early = theirs("a", "1", NOW);
        Entry late = theirs("a", "2", NOW + 1);

        hear(late, NOW);
        hear(early, NOW);
        hear(late, NOW);

        assertEquals(List.of(new GroupEvent.NewKey(late)), told());
    }

    @Test
    void given_an_entry_that_has_run_out_when_heard_then_nobody_sees_it() {
        Entry over = new Entry("a", Value.text("1"), version(NOW - 100), NOW - 1);
        hear(over, NOW);
        hear(over, NOW - 50);

        assertEquals(List.of(), told());
        assertEquals(0, keeper.view(NOW).size());
    }

    @Test
    void given_a_removed_key_when_its_old_value_is_heard_then_it_stays_removed() {
        Entry old = theirs("a", "1", NOW);
        hear(old, NOW);
        remove("a", NOW + 1);
        out.clear();

        hear(old, NOW + 2);

        assertEquals(List.of(), told());
        assertEquals("-", text("a", NOW + 2));
    }

    @Test
    void given_a_tombstone_when_it_has_lived_long_enough_then_it_leaves_the_digest_and_then_goes() {
        meet();
        keeper.round(NOW, out);
        var empty = sent(StoreMessage.Digest.class).getLast().hashes();
        put("a", "1", NOW);
        remove("a", NOW);
        out.clear();
        keeper.round(NOW + 1, out);
        assertTrue(!empty.equals(sent(StoreMessage.Digest.class).getLast().hashes()));

        keeper.round(NOW + LIVE.toMillis(), out);
        assertEquals(empty, sent(StoreMessage.Digest.class).getLast().hashes());
        assertEquals(1, keeper.view(NOW).tombstones());

        keeper.round(NOW + LIVE.toMillis() + 2 * AHEAD.toMillis(), out);
        assertEquals(0, keeper.view(NOW).tombstones());
        assertTrue(out.contains(new StoreEffect.Keep(new Kept.Dropped("a"))));
        assertEquals(0, keeper.view(NOW).sizeBytes());
    }

    @Test
    void given_a_forgotten_removal_when_somebody_still_has_the_value_then_it_is_contradicted() {
        Entry old = theirs("a", "1", NOW);
        keeper.restore(new Kept.Known(OTHER, version(NOW + 10).stamp()));
        long later = NOW + LIVE.toMillis() + 20_000;
        meet();
        out.clear();

        hear(new Rumour(List.of(new Mark("a", old.version()))), later);
        assertEquals(List.of(), sent(Wanted.class));
        Entry contradiction = sent(Entries.class).getFirst().entries().getFirst();
        assertTrue(contradiction.tombstone() && contradiction.compareTo(old) > 0);

        out.clear();
        hear(old, later);
        assertEquals(List.of(), told());
        // What was written behind what we know is news, however old it is.
        Entry unknown = theirs("a", "2", NOW + 11);
        hear(unknown, later);
        assertEquals(List.of(new GroupEvent.NewKey(unknown)), told());
    }

    @Test
    void given_a_writer_of_whom_little_was_seen_when_an_old_entry_comes_then_it_is_news() {
        keeper.restore(new Kept.Known(OTHER, version(NOW - 1).stamp()));

        hear(theirs("a", "1", NOW), NOW + 2 * LIVE.toMillis());

        assertEquals(1, told().size());
    }

    @Test
    void given_equal_stores_when_a_digest_comes_then_its_knowledge_is_taken_over() {
        meet();
        var other = new StoreKeeper(OTHER, RULES, new SplittableRandom(2));
        other.restore(new Kept.Known("00000000000000cc", version(NOW).stamp()));
        other.members(Map.of(SELF, "self"), NOW, out);
        hear(sent(StoreMessage.Digest.class).getFirst(), NOW);

        assertTrue(
                keeper.kept().contains(new Kept.Known("00000000000000cc", version(NOW).stamp())));
        var done = sent(Marks.class).getFirst();
        assertEquals(List.of(), done.ranges());
        out.clear();
        other.heard(SELF, done, NOW, out);
        assertEquals(List.of(new GroupEvent.AfterSync("self", 0)), told());
    }

    @Test
    void given_a_restart_when_restored_then_nothing_is_told_and_all_is_there() {
        put("a", "1", NOW);
        put("b", "1", NOW);
        remove("b", NOW);
        Entry last = done(put("c", "1", NOW));
        var again = new StoreKeeper(SELF, RULES, new SplittableRandom(3));
        var kept =
                out.stream()
                        .flatMap(e -> e instanceof StoreEffect.Keep(var k) ? Stream.of(k) : null)
                        .toList();
        kept.forEach(again::restore);
        var fromSnapshot = new StoreKeeper(SELF, RULES, new SplittableRandom(3));
        keeper.kept().forEach(fromSnapshot::restore);

        for (StoreKeeper one : List.of(again, fromSnapshot)) {
            assertEquals(keeper.view(NOW).list("", "", 9), one.view(NOW).list("", "", 9));
            assertEquals(1, one.view(NOW).tombstones());
            var outcome =
                    one.change(
                            new Change.Put("c", Value.EMPTY, Optional.empty(), new Condition.Any()),
                            NOW - 1_000,
                            new ArrayList<>());
            assertTrue(done(outcome).compareTo(last) > 0);
        }
    }

    @Test
    void given_keys_when_listed_then_by_prefix_in_order_from_behind_a_key() {
        for (String key : List.of("b/2", "a", "b/1", "b", "b/3", "c")) {
            put(key, key, NOW);
        }
        remove("b/2", NOW);

        var view = keeper.view(NOW);
        assertEquals(List.of("b", "b/1", "b/3"), keys(view.list("b", "", 9)));
        assertEquals(List.of("b/3"), keys(view.list("b/", "b/1", 9)));
        assertEquals(List.of("b/1"), keys(view.list("b/", "a", 1)));
        assertEquals(List.of(), keys(view.list("b/", "c", 9)));
        assertEquals(5, view.size());
    }

    private static List<String> keys(List<Entry> entries) {
        return entries.stream().map(Entry::key).toList();
    }

    @Test
    void given_nobody_who_answers_when_rounds_go_on_then_each_that_began_has_ended() {
        keeper.members(Map.of(OTHER, "other"), NOW, out);
        for (int i = 1; i <= 20; i++) {
            keeper.round(NOW + i * 1000L, out);
        }
        keeper.members(Map.of(), NOW + 30_000, out);

        assertEquals(20, count(GroupEvent.BeforeGossip.class));
        assertEquals(20, count(GroupEvent.AfterGossip.class));
        assertEquals(1, count(GroupEvent.BeforeSync.class));
        assertEquals(1, count(GroupEvent.AfterSync.class));
    }

    private long count(Class<? extends GroupEvent> kind) {
        return told().stream().filter(kind::isInstance).count();
    }

    @Test
    void given_no_news_when_it_is_time_to_spread_then_nothing_is_sent() {
        meet();
        assertTrue(!keeper.spread(NOW, out));
        assertEquals(List.of(), out);

        put("a", "1", NOW);
        out.clear();
        int spreads = 1;
        while (keeper.spread(NOW, out)) {
            spreads++;
        }

        assertEquals(spreads, sent(Rumour.class).size());
        assertTrue(spreads <= RULES.rumourRounds());
    }

    @Test
    void given_messages_beyond_their_bounds_when_heard_then_counted_and_nothing_else() {
        var version = version(NOW);
        var longKey = "x".repeat(Entry.MAX_KEY_BYTES + 1);
        var large = Value.text("x".repeat(60_000));
        var entries =
                IntStream.range(0, 5).mapToObj(i -> new Entry("k" + i, large, version, 0)).toList();
        var messages =
                List.of(
                        new Entries(entries),
                        new StoreMessage.Digest(1, List.of(1L), Map.of()),
                        new StoreMessage.Digest(1, keeperDigest(), Map.of("short", 1L)),
                        new Marks(1, List.of(256), "", "", List.of(), true),
                        new Marks(1, List.of(1, 1), "", "", List.of(), true),
                        new Marks(1, List.of(1, 2), "a", "", List.of(), true),
                        new Marks(1, List.of(1), "", "", List.of(new Mark(longKey, version)), true),
                        new Wanted(List.of("")),
                        new Rumour(List.of(new Mark("\u0000", version))));
        messages.forEach(message -> hear(message, NOW));

        assertEquals(messages.size(), keeper.counts().get("not-bounded"));
        assertEquals(List.of(), out);
    }

    private static List<Long> keeperDigest() {
        return IntStream.range(0, StoreMessage.RANGES).mapToObj(i -> 0L).toList();
    }
}
