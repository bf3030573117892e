package org.svcshare.store;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.svcshare.store.StoreEffect.Kept;

/// One random history of a group: times in which everything happens to it, and between them peace,
/// in which all have to come to have the same. The seed decides all of it.
///
/// What is checked:
///
/// - within [#PEACE_ROUNDS] rounds after a heal all have the same value for every key, and it is
///   the latest that any of them had
/// - on each member events tell exactly what is in its store, and rounds begin and end once
/// - **no removed key comes back.** When all had the same for long enough that everybody had met
///   everybody, every version written until then is *settled*. A settled version that was not the
///   value then is never seen again anywhere; and where a later removal was on disk, no settled
///   version below it is ever seen again, whoever was away and for how long
/// - no message is larger than it may be
///
/// A removal and a write that is older, on two sides of a split, are not settled: after a split
/// that lasts longer than tombstones live either may stand.
final class StoreHistory implements SimChecks {
    static final long TOMBSTONES_MS = 60_000;
    static final long AHEAD_MS = 4_000;
    private static final int PEACE_ROUNDS = 60;

    /// A journal is on disk after this time at the latest.
    private static final long SYNCED_MS = 3_000;

    private final SimGroup group;
    private final List<String> keys;
    private final int valueBytes;
    private final Set<Version> written = new HashSet<>();
    private final Set<Version> settled = new HashSet<>();
    private final Map<String, Version> current = new HashMap<>();
    private final Set<Version> forgotten = new HashSet<>();

    /// By key the latest removal that anybody ever had.
    private final Map<String, Version> removals = new HashMap<>();

    private StoreHistory(long seed) {
        var rules =
                new StoreKeeper.Rules(
                        10_000,
                        1 << 20,
                        Duration.ofMillis(AHEAD_MS),
                        Duration.ofMillis(TOMBSTONES_MS),
                        4,
                        3);
        group = new SimGroup(seed, rules);
        int many = group.chance(0.1) ? group.random.nextInt(100, 3_000) : 1;
        int count = many == 1 ? group.random.nextInt(1, 12) : many;
        keys = java.util.stream.IntStream.range(0, count).mapToObj(i -> "key/" + i).toList();
        valueBytes = many > 1 || group.chance(0.9) ? 8 : 60_000;
        group.loss = group.chance(0.3) ? 0 : group.random.nextDouble(0.25);
        group.repeats = group.chance(0.5) ? 0 : group.random.nextDouble(0.15);
        group.delayMs = group.random.nextLong(2, 400);
        int members = group.random.nextInt(2, 7);
        for (int i = 0; i < members; i++) {
            group.add(drift()).checks = this;
        }
    }

    private long drift() {
        return group.random.nextLong(-AHEAD_MS / 3, AHEAD_MS / 3 + 1);
    }

    /// @return how many versions were written
    static int play(long seed) {
        var history = new StoreHistory(seed);
        try {
            history.play();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    e.getMessage()
                            + "; repeat it with -Dstore.seed="
                            + seed
                            + history.group.story(),
                    e);
        }
        return history.written.size();
    }

    private void play() {
        group.look();
        int phases = group.random.nextInt(2, 5);
        for (int phase = 0; phase < phases; phase++) {
            trouble();
            peace();
        }
    }

    private void trouble() {
        int steps = group.random.nextInt(5, 60);
        for (int i = 0; i < steps; i++) {
            group.run(group.random.nextLong(1, group.chance(0.1) ? 8_000 : 1_200));
            something();
            group.all().stream().filter(SimMember::up).forEach(SimMember::checkTold);
        }
        if (group.chance(0.7)) {
            longAbsence();
        }
    }

    private void something() {
        SimMember member = group.any(List.copyOf(group.all()));
        switch (group.random.nextInt(20)) {
            case 0 -> {
                int sides = group.random.nextInt(1, 4);
                group.all().forEach(one -> one.side = group.random.nextInt(sides));
                group.note("split");
                group.look();
            }
            case 1 -> {
                group.all().forEach(one -> one.side = 0);
                group.note("heal");
                group.look();
            }
            case 2 -> {
                if (member.up()) {
                    group.note("crash " + member.id);
                    member.crash();
                }
            }
            case 3 -> {
                if (member.up()) {
                    member.powerCut(SYNCED_MS);
                    group.note("power cut " + member.id);
                }
            }
            case 4, 5 -> {
                if (!member.up()) {
                    group.note("start " + member.id);
                    member.start();
                }
            }
            case 6 -> member.driftMs = drift();
            case 7 -> {
                int burst = group.random.nextInt(2, 40);
                for (int i = 0; i < burst; i++) {
                    write(member);
                }
            }
            default -> write(member);
        }
    }

    /// Some are alone or off for longer than tombstones live, and the others go on.
    private void longAbsence() {
        SimMember away = group.any(List.copyOf(group.all()));
        if (group.chance(0.5) && away.up()) {
            group.note("long off " + away.id);
            away.crash();
        } else {
            away.side = 7;
            group.note("long alone " + away.id);
            group.look();
        }
        for (int i = 0; i < 12; i++) {
            group.run(group.random.nextLong(1_000));
            write(group.any(List.copyOf(group.all())));
        }
        group.run(group.random.nextLong(TOMBSTONES_MS / 2, 3 * TOMBSTONES_MS));
        for (int i = 0; i < 5; i++) {
            something();
            group.run(group.random.nextLong(3_000));
        }
    }

    private void write(SimMember member) {
        if (!member.up()) {
            return;
        }
        String key = keys.get(group.random.nextInt(keys.size()));
        Change.Condition any = new Change.Condition.Any();
        Change change;
        if (group.chance(0.4)) {
            change = new Change.Remove(key, any);
        } else {
            byte[] bytes = new byte[valueBytes];
            bytes[0] = (byte) group.random.nextInt(group.chance(0.5) ? 2 : 100);
            Optional<Duration> ttl =
                    group.chance(0.8)
                            ? Optional.empty()
                            : Optional.of(
                                    Duration.ofMillis(group.random.nextLong(1, 2 * TOMBSTONES_MS)));
            change = new Change.Put(key, Value.of(bytes), ttl, any);
        }
        if (member.changes(change) instanceof Change.Outcome.Done(Entry entry, var before)) {
            check(written.add(entry.version()) || forgotten.contains(entry.version()), "twice");
            group.note(member.id + " writes " + entry);
            if (entry.tombstone()) {
                noteRemoval(entry);
            }
        }
    }

    private void noteRemoval(Entry entry) {
        removals.merge(entry.key(), entry.version(), (a, b) -> a.compareTo(b) > 0 ? a : b);
    }

    private void peace() {
        group.note("peace");
        for (SimMember member : group.all()) {
            member.side = 0;
            if (!member.up()) {
                member.start();
            }
        }
        group.look();
        Map<String, Entry> latest = latest();
        int rounds = 0;
        while (!same()) {
            check(++rounds < PEACE_ROUNDS, "they do not come to have the same: " + differences());
            group.run(SimGroup.ROUND_MS);
        }
        group.note("the same after " + rounds);
        Map<String, Entry> have = latest();
        latest.forEach((key, entry) -> {
            Entry now = have.get(key);
            boolean over = entry.tombstone() || entry.expiresMs() != 0;
            Version removal = removals.get(key);
            boolean removed =
                    forgotten.contains(entry.version())
                            || (removal != null && removal.compareTo(entry.version()) > 0);
            check(
                    over || removed || (now != null && now.compareTo(entry) >= 0),
                    "lost " + entry + ", there is " + now);
        });
        settle();
    }

    /// Until all have met all, and all is on disk.
    private void settle() {
        group.run(110 * SimGroup.ROUND_MS);
        check(same(), "they do not stay the same: " + differences());
        group.all().forEach(SimMember::checkTold);
        settled.addAll(written);
        current.clear();
        for (Entry entry : group.up().getFirst().view().list("", "", Integer.MAX_VALUE)) {
            current.put(entry.key(), entry.version());
        }
    }

    private boolean same() {
        return differences().isEmpty();
    }

    /// Of the values alone: tombstones come and go by each member's clock.
    private String differences() {
        @Nullable Map<String, Entry> first = null;
        for (SimMember member : group.up()) {
            if (member.others.size() < group.up().size() - 1) {
                return "not together";
            }
            Map<String, Entry> here = new TreeMap<>();
            for (Entry entry : member.view().list("", "", Integer.MAX_VALUE)) {
                // While clocks differ, what runs out now has run out at some alone.
                boolean running = entry.expiresMs() == 0;
                if (running || entry.expiresMs() > group.nowMs + AHEAD_MS) {
                    here.put(entry.key(), entry);
                }
            }
            if (first == null) {
                first = here;
            } else {
                var rest = new TreeMap<>(here);
                rest.entrySet().removeAll(first.entrySet());
                var missing = new TreeMap<>(first);
                missing.entrySet().removeAll(here.entrySet());
                missing.values().removeIf(this::aboutOver);
                rest.values().removeIf(this::aboutOver);
                if (!rest.isEmpty() || !missing.isEmpty()) {
                    return member.id + " has " + rest + " and lacks " + missing;
                }
            }
        }
        return "";
    }

    private boolean aboutOver(Entry entry) {
        return entry.expiresMs() != 0 && entry.expiresMs() < group.nowMs + 2 * AHEAD_MS;
    }

    /// By key the latest of what anybody has on its shelf.
    private Map<String, Entry> latest() {
        var latest = new TreeMap<String, Entry>();
        for (SimMember member : group.up()) {
            for (Kept kept : member.keeper().kept()) {
                if (kept instanceof Kept.Stored(Entry entry)) {
                    latest.merge(entry.key(), entry, (a, b) -> a.compareTo(b) > 0 ? a : b);
                }
            }
        }
        return latest;
    }

    @Override
    public void shown(SimMember member, Entry entry) {
        Version version = entry.version();
        // What has run out is not seen, whether it was swept or not; clocks differ about when.
        boolean over = entry.expiresMs() != 0 && entry.expiresMs() < group.nowMs + AHEAD_MS;
        if (over || !settled.contains(version)) {
            return;
        }
        group.note(member.id + " sees " + entry);
        check(
                version.equals(current.get(entry.key())),
                "a removed key is back at " + member.id + ": " + entry);
        Version removal = member.removed.get(entry.key());
        check(
                removal == null || settled.contains(removal) || removal.compareTo(version) < 0,
                "what " + member.id + " saw removed is back: " + entry + " under " + removal);
    }

    @Override
    public void lost(Entry entry) {
        forgotten.add(entry.version());
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
