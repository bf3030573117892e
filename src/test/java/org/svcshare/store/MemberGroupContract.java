package org.svcshare.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.store.Change.Condition;
import org.svcshare.store.Change.Outcome;
import org.svcshare.store.MemberGroup.Forgotten;

/// What every [MemberGroup] promises, whatever is under it.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
public abstract class MemberGroupContract {
    /// For what takes a network or a failure detector.
    protected static final Duration LIMIT = Duration.ofSeconds(30);

    private final List<MemberGroup> open = new ArrayList<>();

    /// A member that joins the group of those that were made before in this test, or founds it.
    ///
    /// @param name of letters and digits
    protected abstract MemberGroup join(String name) throws Exception;

    /// Ends a member so that it cannot say goodbye.
    ///
    /// @return false where that takes a process of its own
    protected abstract boolean kill(String name) throws Exception;

    @AfterEach
    void closeAll() {
        open.forEach(MemberGroup::close);
    }

    private MemberGroup member(String name) throws Exception {
        MemberGroup member = join(name);
        open.add(member);
        await().atMost(LIMIT).until(() -> member.status().joined());
        return member;
    }

    private record Pair(MemberGroup first, MemberGroup second) {}

    /// Two members, n1 and n2, that see each other.
    private Pair pair() throws Exception {
        MemberGroup first = member("n1");
        MemberGroup second = member("n2");
        for (MemberGroup each : List.of(first, second)) {
            await().atMost(LIMIT).until(() -> alive(each).size() == 2);
        }
        return new Pair(first, second);
    }

    private static List<String> alive(MemberGroup group) {
        return group.members().stream()
                .filter(member -> member.state() == Member.State.ALIVE)
                .map(Member::name)
                .toList();
    }

    private static <T> T soon(CompletableFuture<T> future) throws Exception {
        return future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private static Outcome change(MemberGroup group, Change change) throws Exception {
        var outcome = new CompletableFuture<Outcome>();
        group.change(change, outcome::complete);
        return soon(outcome);
    }

    private static Change.Put putting(String key, String value, Condition condition) {
        return new Change.Put(key, Value.text(value), Optional.empty(), condition);
    }

    private static Entry put(MemberGroup group, String key, String value) throws Exception {
        var outcome = change(group, putting(key, value, new Condition.Any()));
        return assertInstanceOf(Outcome.Done.class, outcome).entry();
    }

    private static Outcome remove(MemberGroup group, String key) throws Exception {
        return change(group, new Change.Remove(key, new Condition.Any()));
    }

    private static <T> T look(MemberGroup group, Function<StoreView, T> question) throws Exception {
        var seen = new CompletableFuture<T>();
        group.read(question, seen::complete);
        return soon(seen);
    }

    private static String value(MemberGroup group, String key) throws Exception {
        return look(group, view -> view.get(key))
                .map(Entry::value)
                .map(Value::text)
                .orElse("(nothing)");
    }

    private static List<String> keys(MemberGroup group, String prefix, String after, int limit)
            throws Exception {
        return look(group, view -> view.list(prefix, after, limit)).stream()
                .map(Entry::key)
                .toList();
    }

    /// What is told of keys, as short words in order.
    private static List<String> listening(MemberGroup group) {
        var heard = new CopyOnWriteArrayList<String>();
        group.listen(event -> {
            switch (event) {
                case GroupEvent.NewKey(Entry entry) -> heard.add("new " + told(entry));
                case GroupEvent.KeyChanged(Entry entry, Entry before) ->
                        heard.add("changed " + told(entry) + " was " + text(before));
                case GroupEvent.KeyRemoved(Entry before, boolean expired) ->
                        heard.add((expired ? "expired " : "removed ") + told(before));
                default -> {}
            }
        });
        return heard;
    }

    private static String told(Entry entry) {
        return entry.key() + "=" + text(entry);
    }

    private static String text(Entry entry) {
        return Optional.ofNullable(entry.value()).map(Value::text).orElse("(nothing)");
    }

    @Test
    void given_one_member_when_a_key_is_put_changed_and_removed_then_it_reads_its_own_writes()
            throws Exception {
        MemberGroup group = member("n1");

        assertEquals("(nothing)", value(group, "a"));
        Entry first = put(group, "a", "1");
        assertEquals("1", value(group, "a"));
        Entry second = put(group, "a", "2");
        assertTrue(second.version().compareTo(first.version()) > 0);
        assertEquals(second, look(group, view -> view.get("a")).orElseThrow());
        assertEquals(1, look(group, StoreView::size));

        var removed = assertInstanceOf(Outcome.Done.class, remove(group, "a"));
        assertEquals(Optional.of(second), removed.before());
        assertTrue(removed.entry().tombstone());
        assertEquals("(nothing)", value(group, "a"));
        assertInstanceOf(Outcome.Missing.class, remove(group, "a"));
        assertEquals(0, look(group, StoreView::size));
        assertEquals(1, look(group, StoreView::tombstones));
    }

    @Test
    void given_keys_when_listed_then_they_come_in_order_and_piece_by_piece() throws Exception {
        MemberGroup group = member("n1");
        for (String key : List.of("b/2", "a", "b/1", "b", "c", "b/3", "B")) {
            put(group, key, key);
        }
        remove(group, "b/2");

        assertEquals(List.of("B", "a", "b", "b/1", "b/3", "c"), keys(group, "", "", 100));
        assertEquals(List.of("b/1", "b/3"), keys(group, "b/", "", 100));
        assertEquals(List.of("b/1"), keys(group, "b/", "", 1));
        assertEquals(List.of("b/3"), keys(group, "b/", "b/1", 100));
        assertEquals(List.of(), keys(group, "b/", "c", 100));
        assertEquals(List.of("b", "b/1"), keys(group, "b", "", 2));
        assertEquals(List.of("b/3", "c"), keys(group, "", "b/1", 100));
    }

    @Test
    void given_conditions_when_a_key_is_changed_then_only_what_was_seen_is_changed()
            throws Exception {
        MemberGroup group = member("n1");
        var absent = new Condition.Absent();
        var present = new Condition.Present();

        assertInstanceOf(Outcome.Conflict.class, change(group, putting("k", "x", present)));
        Entry first =
                assertInstanceOf(Outcome.Done.class, change(group, putting("k", "1", absent)))
                        .entry();
        assertEquals(
                new Outcome.Conflict(Optional.of(first)), change(group, putting("k", "x", absent)));

        var at = new Condition.At(first.version());
        Entry second =
                assertInstanceOf(Outcome.Done.class, change(group, putting("k", "2", at))).entry();
        assertEquals(
                new Outcome.Conflict(Optional.of(second)), change(group, putting("k", "x", at)));
        assertEquals(
                new Outcome.Conflict(Optional.of(second)),
                change(group, new Change.Remove("k", at)));
        assertEquals("2", value(group, "k"));

        var now = new Condition.At(second.version());
        assertInstanceOf(Outcome.Done.class, change(group, new Change.Remove("k", now)));
        assertEquals(new Outcome.Conflict(Optional.empty()), change(group, putting("k", "x", now)));
    }

    @Test
    void given_what_cannot_be_a_key_or_a_value_when_put_then_it_is_refused_with_a_reason()
            throws Exception {
        MemberGroup group = member("n1");
        for (String key : List.of("", "a\nb", "x".repeat(513), "\ud800")) {
            var refused =
                    assertInstanceOf(
                            Outcome.Refused.class,
                            change(group, putting(key, "1", new Condition.Any())));
            assertEquals(Change.Refusal.INVALID, refused.reason());
            assertFalse(refused.why().isEmpty());
        }
        var large = Value.of(new byte[Entry.MAX_VALUE_BYTES + 1]);
        var tooLarge = new Change.Put("k", large, Optional.empty(), new Condition.Any());
        assertEquals(
                Change.Refusal.INVALID,
                assertInstanceOf(Outcome.Refused.class, change(group, tooLarge)).reason());
        var largest = Value.of(new byte[Entry.MAX_VALUE_BYTES]);
        assertInstanceOf(
                Outcome.Done.class,
                change(group, new Change.Put("k", largest, Optional.empty(), new Condition.Any())));
        put(group, "ä/ß \u2603 ☃?&%", "");
        assertEquals("", value(group, "ä/ß \u2603 ☃?&%"));
    }

    @Test
    void given_two_members_when_one_writes_then_the_other_has_it_and_is_told_in_order()
            throws Exception {
        MemberGroup first = member("n1");
        put(first, "before", "0");
        MemberGroup second = member("n2");
        await().atMost(LIMIT).until(() -> value(second, "before").equals("0"));
        List<String> here = listening(first);
        List<String> there = listening(second);

        put(first, "k", "1");
        put(first, "k", "2");
        remove(first, "k");
        await().atMost(LIMIT).until(() -> there.contains("removed k=2"));
        put(second, "k", "3");

        var expected = List.of("new k=1", "changed k=2 was 1", "removed k=2", "new k=3");
        await().atMost(LIMIT).untilAsserted(() -> assertEquals(expected, here));
        // A member may see only the last of several changes, but never one after a later one.
        assertTrue(there.contains("new k=3"), there::toString);
        assertEquals("3", value(first, "k"));
        Optional<Entry> own = look(first, view -> view.get("k"));
        assertEquals(own, look(second, view -> view.get("k")));
    }

    @Test
    void given_a_time_to_live_when_it_is_over_then_the_key_is_gone_everywhere_and_that_is_told()
            throws Exception {
        Pair pair = pair();
        MemberGroup first = pair.first();
        MemberGroup second = pair.second();
        List<String> here = listening(first);
        List<String> there = listening(second);

        var ttl = Optional.of(Duration.ofMillis(700));
        change(first, new Change.Put("k", Value.text("1"), ttl, new Condition.Any()));
        assertEquals("1", value(first, "k"));
        assertTrue(look(first, view -> view.get("k")).orElseThrow().expiresMs() > 0);

        await().atMost(LIMIT).until(() -> there.contains("expired k=1"));
        await().atMost(LIMIT).until(() -> here.equals(List.of("new k=1", "expired k=1")));
        assertEquals("(nothing)", value(first, "k"));
        assertEquals("(nothing)", value(second, "k"));
        var outcome = change(first, putting("k", "2", new Condition.Absent()));
        assertInstanceOf(Outcome.Done.class, outcome);
    }

    @Test
    void given_a_time_to_live_when_the_key_is_put_again_then_the_new_time_counts()
            throws Exception {
        MemberGroup group = member("n1");
        List<String> heard = listening(group);
        var soon = Optional.of(Duration.ofMillis(300));
        change(group, new Change.Put("k", Value.text("1"), soon, new Condition.Any()));
        put(group, "k", "2");
        change(group, new Change.Put("other", Value.text("1"), soon, new Condition.Any()));

        await().atMost(LIMIT).until(() -> heard.contains("expired other=1"));
        assertEquals("2", value(group, "k"));
        assertFalse(heard.contains("expired k=1"), heard::toString);
    }

    @Test
    void given_a_listener_that_has_enough_when_something_happens_then_it_is_not_told()
            throws Exception {
        MemberGroup group = member("n1");
        var heard = new CopyOnWriteArrayList<GroupEvent>();
        Runnable end = group.listen(heard::add);
        end.run();
        List<String> other = listening(group);
        put(group, "k", "1");

        await().atMost(LIMIT).until(() -> !other.isEmpty());
        assertTrue(heard.stream().noneMatch(GroupEvent.OfKey.class::isInstance), heard::toString);
    }

    @Test
    void given_members_when_asked_who_is_there_then_each_sees_itself_first() throws Exception {
        Pair pair = pair();
        MemberGroup first = pair.first();
        MemberGroup second = pair.second();

        assertEquals(List.of("n1", "n2"), alive(first));
        assertEquals(List.of("n2", "n1"), alive(second));
        Member self = second.members().getFirst();
        assertTrue(self.self());
        assertTrue(self.id().matches("[0-9a-f]{16}"), self::toString);
        assertFalse(second.members().getLast().self());
        assertEquals("n2", second.status().name());
        assertEquals(first.status().group(), second.status().group());
        Entry entry = put(second, "k", "1");
        assertEquals(self.id(), entry.version().writer());
    }

    /// Who comes and goes, as short words in order.
    private static List<String> visitors(MemberGroup group) {
        var heard = new CopyOnWriteArrayList<String>();
        group.listen(event -> {
            switch (event) {
                case GroupEvent.MemberJoined(Member member) -> heard.add("+" + member.name());
                case GroupEvent.MemberLeft(Member member) -> heard.add("-" + member.name());
                case GroupEvent.MemberFailed(Member member) -> heard.add("!" + member.name());
                default -> {}
            }
        });
        return heard;
    }

    @Test
    void given_a_member_that_leaves_when_it_is_forgotten_then_nobody_shows_it_any_more()
            throws Exception {
        MemberGroup first = member("n1");
        List<String> heard = visitors(first);
        MemberGroup second = member("n2");
        await().atMost(LIMIT).until(() -> heard.contains("+n2"));
        assertEquals(Forgotten.ALIVE, forget(first, "n2"));
        assertEquals(Forgotten.UNKNOWN, forget(first, "nobody"));

        second.close();
        await().atMost(LIMIT).until(() -> heard.contains("-n2"));
        assertEquals(Member.State.LEFT, first.members().getLast().state());
        assertEquals(Forgotten.DONE, forget(first, "n2"));
        await().atMost(LIMIT).until(() -> first.members().size() == 1);
        assertFalse(heard.contains("!n2"), heard::toString);
    }

    @Test
    void given_a_member_that_dies_when_it_is_forgotten_then_nobody_shows_it_any_more()
            throws Exception {
        MemberGroup first = member("n1");
        List<String> heard = visitors(first);
        member("n2");
        await().atMost(LIMIT).until(() -> heard.contains("+n2"));
        assumeTrue(kill("n2"), "a member of this kind dies with its process only");
        await().atMost(LIMIT).until(() -> heard.contains("!n2"));
        assertEquals(Member.State.FAILED, first.members().getLast().state());
        assertEquals(Forgotten.DONE, forget(first, "n2"));
        await().atMost(LIMIT).until(() -> first.members().size() == 1);
    }

    private static Forgotten forget(MemberGroup group, String name) throws Exception {
        var forgotten = new CompletableFuture<Forgotten>();
        group.forget(name, forgotten::complete);
        return soon(forgotten);
    }

    @Test
    void given_members_when_something_is_called_out_then_all_hear_it_once() throws Exception {
        Pair pair = pair();
        MemberGroup first = pair.first();
        MemberGroup second = pair.second();
        List<GroupEvent.Called> here = calls(first);
        List<GroupEvent.Called> there = calls(second);

        assertEquals("", first.call("deploy", Value.text("v7")));

        var called = new GroupEvent.Called("deploy", Value.text("v7"), "n1");
        await().atMost(LIMIT).until(() -> there.contains(called) && here.contains(called));
        assertEquals(List.of(called), here);
        assertEquals(List.of(called), there);
        assertFalse(first.call("", Value.EMPTY).isEmpty());
    }

    private static List<GroupEvent.Called> calls(MemberGroup group) {
        var heard = new CopyOnWriteArrayList<GroupEvent.Called>();
        group.listen(event -> {
            if (event instanceof GroupEvent.Called called) {
                heard.add(called);
            }
        });
        return heard;
    }

    private record Heard(TreeMap<String, String> answers, List<String> silent) {}

    private static Heard ask(MemberGroup group, String name, Duration limit) throws Exception {
        var answers = new TreeMap<String, String>();
        var all = new CompletableFuture<Heard>();
        group.ask(
                name,
                Value.text("what"),
                limit,
                new MemberGroup.Answers() {
                    @Override
                    public void answer(String member, Value payload) {
                        String twice = answers.put(member, payload.text());
                        if (twice != null) {
                            all.completeExceptionally(new AssertionError(member + " twice"));
                        }
                    }

                    @Override
                    public void ended(List<String> silent) {
                        all.complete(new Heard(answers, silent));
                    }
                });
        return soon(all);
    }

    @Test
    void given_members_when_all_are_asked_then_answers_come_and_the_silent_are_named()
            throws Exception {
        Pair pair = pair();
        MemberGroup first = pair.first();
        MemberGroup second = pair.second();

        Heard pinged = ask(first, "ping", LIMIT);
        assertEquals(List.of("n1", "n2"), List.copyOf(pinged.answers.keySet()));
        assertEquals(List.of(), pinged.silent);
        assertFalse(ask(second, "version", LIMIT).answers.getOrDefault("n1", "").isEmpty());

        second.answerWith((name, payload, from, answer) -> {
            answer.accept(Value.text(name + " " + payload.text() + " from " + from));
            answer.accept(Value.text("a second time counts for nothing"));
        });
        Heard one = ask(first, "load", Duration.ofSeconds(1));
        assertEquals("{n2=load what from n1}", one.answers.toString());
        assertEquals(List.of("n1"), one.silent);
    }
}
