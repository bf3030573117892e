package org.svcshare.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Optional;
import java.util.function.IntFunction;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.svcshare.store.Change.Outcome;

/// What does not go into one message.
@DisplayNameGeneration(ReplaceUnderscores.class)
final class LargeStoresTest {
    private static final Change.Condition ANY = new Change.Condition.Any();

    private final SimGroup group = new SimGroup(4, rules(30_000, 64L << 20));
    private final SimMember full = group.add(0);

    private static StoreKeeper.Rules rules(int maxKeys, long maxBytes) {
        return new StoreKeeper.Rules(
                maxKeys, maxBytes, Duration.ofSeconds(60), Duration.ofHours(24), 6, 4);
    }

    private static void put(SimMember member, String key, int sizeBytes) {
        var change = new Change.Put(key, Value.of(new byte[sizeBytes]), Optional.empty(), ANY);
        assertTrue(member.changes(change) instanceof Outcome.Done, key);
    }

    private long secondsUntilSame(SimMember... members) {
        long began = group.nowMs;
        while (!same(members)) {
            group.run(100);
            assertTrue(group.nowMs < began + 120_000, "they do not come to have the same");
        }
        return (group.nowMs - began + 999) / 1_000;
    }

    private static boolean same(SimMember... members) {
        for (SimMember member : members) {
            var first = members[0].view();
            var here = member.view();
            if (first.size() != here.size()
                    || !first.list("", "", Integer.MAX_VALUE)
                            .equals(here.list("", "", Integer.MAX_VALUE))) {
                return false;
            }
        }
        return true;
    }

    @Test
    void given_20_000_keys_when_a_member_joins_then_it_has_them_in_seconds_and_asked_once() {
        for (int i = 0; i < 20_000; i++) {
            put(full, "service/" + i, 20);
        }
        SimMember joiner = group.add(0);

        long seconds = secondsUntilSame(full, joiner);

        joiner.checkTold();
        assertTrue(seconds <= 10, seconds + " s");
        assertTrue(group.messages < 400, group.messages + " messages");
    }

    @Test
    void given_large_values_when_two_that_were_apart_meet_then_both_have_all() {
        SimMember other = group.add(0);
        other.side = 1;
        for (int i = 0; i < 100; i++) {
            put(full, "here/" + i, Entry.MAX_VALUE_BYTES);
            put(other, "there/" + i, Entry.MAX_VALUE_BYTES);
        }
        other.side = 0;
        group.look();

        assertTrue(secondsUntilSame(full, other) <= 10);
        assertEquals(200, full.view().size());
    }

    @Test
    void given_ranges_that_do_not_go_into_a_message_when_two_meet_then_both_have_all() {
        SimMember other = group.add(0);
        other.side = 1;
        keysOfRange(7, 6_000, i -> "a/" + i, (i, key) -> put(i % 3 == 0 ? other : full, key, 1));
        String pad = "x".repeat(480);
        keysOfRange(9, 1_500, i -> pad + i, (i, key) -> put(i % 3 == 0 ? full : other, key, 1));
        other.side = 0;
        group.look();

        assertTrue(secondsUntilSame(full, other) <= 10);
        assertEquals(7_500, full.view().size());
    }

    private interface Use {
        void use(int number, String key);
    }

    private static void keysOfRange(int range, int count, IntFunction<String> names, Use use) {
        for (int i = 0, found = 0; found < count; i++) {
            String key = names.apply(i);
            if (Hashes.range(Hashes.ofText(key)) == range) {
                use.use(found++, key);
            }
        }
    }

    @Test
    void given_more_than_fits_when_two_meet_then_they_have_the_same_as_soon_as_there_is_room() {
        var small = new SimGroup(5, rules(100, 1 << 20));
        SimMember one = small.add(0);
        SimMember two = small.add(0);
        two.side = 1;
        for (int i = 0; i < 100; i++) {
            put(one, "one/" + i, 1);
            put(two, "two/" + i, 1);
        }
        two.side = 0;
        small.look();
        small.run(10_000);
        assertEquals(125, one.view().size());
        assertEquals(125, two.view().size());

        for (int i = 0; i < 80; i++) {
            one.changes(new Change.Remove("one/" + i, ANY));
        }
        small.run(10_000);

        assertTrue(same(one, two));
        assertEquals(120, one.view().size());
        one.checkTold();
        two.checkTold();
    }
}
