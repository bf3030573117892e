package org.svcshare.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What a member has: the entry of every key, sorted, by range, and by what is due next. Everything
/// here takes O(log n).
///
/// An entry with a value is due when its time is over. A tombstone is due twice: first it *fades*,
/// which takes it out of digests and marks, so that members whose clocks differ, and that drop it
/// at different times, do not differ in what they say of themselves; a while later it is dropped.
/// In between it still answers whoever comes with something older.
final class Shelf {
    private final long tombstonesLiveMs;
    private final long fadedLiveMs;
    private final List<NavigableMap<String, Held>> ranges = new ArrayList<>();
    private final long[] sums = new long[StoreMessage.RANGES];
    private final NavigableMap<String, Entry> values = new TreeMap<>();
    private final NavigableSet<Due> due = new TreeSet<>();
    private int size;
    private long sizeBytes;

    /// @param sizeBytes of key and value
    /// @param faded a tombstone that is not spoken of any more
    record Held(Entry entry, int range, long hash, int sizeBytes, boolean faded) {
        StoreMessage.Mark mark() {
            return new StoreMessage.Mark(entry.key(), entry.version());
        }
    }

    /// What is to be done about an entry, and when.
    private record Due(long ms, String key) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            int byTime = Long.compare(ms, other.ms);
            return byTime != 0 ? byTime : key.compareTo(other.key);
        }
    }

    Shelf(StoreKeeper.Rules rules) {
        tombstonesLiveMs = rules.tombstonesLive().toMillis();
        // Clocks may differ by as much as a stamp may be ahead, in either direction.
        fadedLiveMs = 2 * rules.ahead().toMillis();
        for (int i = 0; i < StoreMessage.RANGES; i++) {
            ranges.add(new TreeMap<>());
        }
    }

    @Nullable Held held(String key) {
        return ranges.get(Hashes.range(Hashes.ofText(key))).get(key);
    }

    /// Takes the place of what was there.
    ///
    /// @param nowMs tells whether a tombstone has faded already
    void put(Entry entry, long nowMs) {
        long keyHash = Hashes.ofText(entry.key());
        Held held =
                new Held(
                        entry,
                        Hashes.range(keyHash),
                        Hashes.ofEntry(keyHash, entry.version()),
                        sizeBytes(entry),
                        entry.tombstone() && fadesMs(entry) <= nowMs);
        put(held);
    }

    private void put(Held held) {
        remove(held.entry.key());
        ranges.get(held.range).put(held.entry.key(), held);
        size++;
        sizeBytes += held.sizeBytes;
        if (!held.faded) {
            sums[held.range] += held.hash;
        }
        if (!held.entry.tombstone()) {
            values.put(held.entry.key(), held.entry);
        }
        if (dueMs(held) > 0) {
            due.add(new Due(dueMs(held), held.entry.key()));
        }
    }

    void remove(String key) {
        Held held = held(key);
        if (held == null) {
            return;
        }
        ranges.get(held.range).remove(key);
        size--;
        sizeBytes -= held.sizeBytes;
        if (!held.faded) {
            sums[held.range] -= held.hash;
        }
        values.remove(key);
        due.remove(new Due(dueMs(held), key));
    }

    /// It stays, and is not spoken of any more.
    void fade(Held held) {
        put(new Held(held.entry, held.range, held.hash, held.sizeBytes, true));
    }

    /// The first entry whose time has come.
    @Nullable Held firstDue(long nowMs) {
        return due.isEmpty() || due.first().ms > nowMs ? null : held(due.first().key);
    }

    /// How many entries with values have run out, and were not swept yet.
    int unswept(long nowMs) {
        int count = 0;
        for (Due one : due) {
            if (one.ms > nowMs) {
                break;
            }
            if (values.containsKey(one.key)) {
                count++;
            }
        }
        return count;
    }

    private long dueMs(Held held) {
        Entry entry = held.entry;
        if (!entry.tombstone()) {
            return entry.expiresMs();
        }
        return fadesMs(entry) + (held.faded ? fadedLiveMs : 0);
    }

    /// From when on a tombstone is not spoken of.
    long fadesMs(Entry tombstone) {
        return Math.max(tombstone.version().writtenMs(), tombstone.expiresMs()) + tombstonesLiveMs;
    }

    static int sizeBytes(Entry entry) {
        Value value = entry.value();
        return sizeBytes(entry.key()) + (value == null ? 0 : value.sizeBytes());
    }

    static int sizeBytes(String key) {
        return key.getBytes(UTF_8).length;
    }

    /// The hash of each range.
    List<Long> digest() {
        var hashes = new ArrayList<Long>(sums.length);
        for (long sum : sums) {
            hashes.add(sum);
        }
        return List.copyOf(hashes);
    }

    /// The ranges whose hashes are not those.
    List<Integer> differing(List<Long> hashes) {
        var differing = new ArrayList<Integer>();
        for (int i = 0; i < sums.length; i++) {
            if (sums[i] != hashes.get(i)) {
                differing.add(i);
            }
        }
        return differing;
    }

    /// In the order of keys, faded ones included.
    NavigableMap<String, Held> range(int range) {
        return ranges.get(range);
    }

    /// Entries with values, in the order of keys; some may have run out.
    NavigableMap<String, Entry> values() {
        return values;
    }

    /// Keys with values and tombstones.
    int size() {
        return size;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    List<Entry> all() {
        var all = new ArrayList<Entry>(size);
        for (var range : ranges) {
            range.values().forEach(held -> all.add(held.entry));
        }
        return all;
    }
}
