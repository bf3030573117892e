package org.svcshare.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/// Laws of the values that go between members.
@DisplayNameGeneration(ReplaceUnderscores.class)
final class StoreValuesTest {
    private static final String A = "00000000000000aa";
    private static final String B = "00000000000000bb";

    private final SplittableRandom random = new SplittableRandom(7);

    private Entry entry() {
        Value value = random.nextInt(3) == 0 ? null : Value.text("" + random.nextInt(3));
        var version = new Version(random.nextLong(3), random.nextBoolean() ? A : B);
        return new Entry("k" + random.nextInt(2), value, version, random.nextInt(2));
    }

    @Test
    void the_order_of_entries_is_total_antisymmetric_and_transitive() {
        for (int i = 0; i < 20_000; i++) {
            Entry a = entry();
            Entry b = entry();
            Entry c = entry();
            assertEquals(Integer.signum(a.compareTo(b)), -Integer.signum(b.compareTo(a)));
            assertEquals(a.equals(b), a.compareTo(b) == 0, a + " " + b);
            if (a.compareTo(b) <= 0 && b.compareTo(c) <= 0) {
                assertTrue(a.compareTo(c) <= 0, a + " " + b + " " + c);
            }
        }
    }

    @Test
    void given_the_same_entries_in_any_order_when_put_on_a_shelf_then_its_hashes_are_the_same() {
        var entries = new ArrayList<Entry>();
        for (int i = 0; i < 500; i++) {
            entries.add(new Entry("key" + i, null, new Version(random.nextLong(1 << 20), A), 0));
        }
        var one = new Shelf(StoreKeeper.Rules.usual());
        entries.forEach(entry -> one.put(entry, 0));
        var other = new Shelf(StoreKeeper.Rules.usual());
        Collections.shuffle(entries, new Random(1));
        for (Entry entry : entries) {
            other.put(new Entry(entry.key(), null, new Version(1, B), 0), 0);
            other.put(entry, 0);
        }
        other.put(new Entry("gone", null, new Version(1, B), 0), 0);
        assertFalse(one.differing(other.digest()).isEmpty());
        other.remove("gone");

        assertEquals(List.of(), one.differing(other.digest()));
        entries.forEach(entry -> one.remove(entry.key()));
        assertEquals(List.of(), one.differing(new Shelf(StoreKeeper.Rules.usual()).digest()));
        assertEquals(0, one.sizeBytes());
    }

    /// All members must have the same, in every release.
    @Test
    void the_hashes_are_what_they_always_were() {
        assertEquals(KEY_HASH, Long.toHexString(Hashes.ofText("key/1")));
        assertEquals(
                ENTRY_HASH,
                Long.toHexString(Hashes.ofEntry(Hashes.ofText("key/1"), new Version(42, A))));
    }

    private static final String KEY_HASH = "6a511a8f9faf8174";
    private static final String ENTRY_HASH = "3b0ebafd190f8333";

    @Test
    void keys_that_look_alike_fall_into_all_ranges_evenly() {
        int[] counts = new int[StoreMessage.RANGES];
        for (int i = 0; i < 25_600; i++) {
            counts[Hashes.range(Hashes.ofText("service/web/" + i))]++;
        }
        for (int count : counts) {
            assertTrue(count > 50 && count < 150, "" + count);
        }
    }

    @Test
    void a_clock_only_grows_stays_near_the_wall_and_is_above_all_it_saw() {
        var clock = new HybridClock(Duration.ofSeconds(60));
        long wall = 1_800_000_000_000L;
        long last = 0;
        for (int i = 0; i < 10_000; i++) {
            wall += random.nextInt(-20, 30);
            if (random.nextInt(4) == 0) {
                long seen = (wall + random.nextInt(60_000)) << 16;
                assertFalse(clock.tooFarAhead(seen, wall));
                clock.saw(seen);
                last = Math.max(last, seen);
            }
            long next = clock.next(wall);
            assertTrue(next > last && next >>> 16 >= wall);
            last = next;
        }
        assertTrue(clock.tooFarAhead((wall + 60_001) << 16, wall));
        assertEquals(last, clock.last());
    }

    @Test
    void the_text_of_a_version_is_read_back_and_nothing_else_is_read() {
        for (int i = 0; i < 1_000; i++) {
            var version =
                    new Version(random.nextLong() >>> 1, "%016x".formatted(random.nextLong()));
            assertEquals(Optional.of(version), Version.parse(version.toString()));
        }
        String good = new Version(1, A).toString();
        for (String bad :
                List.of(
                        "",
                        good + "0",
                        good.substring(1),
                        good.replace('-', '_'),
                        "8" + good.substring(1),
                        good.replace("aa", "AA"),
                        " " + good)) {
            assertEquals(Optional.empty(), Version.parse(bad), bad);
        }
        assertEquals(1_000, new Version(1_000L << 16 | 7, A).writtenMs());
    }

    @Test
    void a_key_is_text_of_bounded_length_without_control_characters() {
        for (String good :
                List.of(
                        "a",
                        "a b",
                        "ä/€/😀",
                        "x".repeat(512),
                        "€".repeat(170),
                        "\u00a0",
                        "\ue000")) {
            assertEquals("", Entry.problem(good), good);
        }
        for (String bad :
                List.of(
                        "",
                        "x".repeat(513),
                        "€".repeat(171),
                        "a\tb",
                        "\u007f",
                        "\u0085",
                        "a\ud83d",
                        "\ude00",
                        "\ude00\ud83d")) {
            assertFalse(Entry.problem(bad).isEmpty(), bad);
        }
        // Every problem is found before the entry is made.
        var seen = new HashSet<String>();
        for (int i = 0; i < 5_000; i++) {
            String key = "" + (char) random.nextInt(0x10000) + (char) random.nextInt(0x10000);
            seen.add(Entry.problem(key));
        }
        assertEquals(3, seen.size(), "" + seen);
    }
}
