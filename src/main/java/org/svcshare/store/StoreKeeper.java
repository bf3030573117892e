package org.svcshare.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.svcshare.store.Change.Outcome;
import org.svcshare.store.Change.Refusal;
import org.svcshare.store.StoreEffect.Kept;
import org.svcshare.store.StoreEffect.Send;

/// One member's store: takes what its users want and what other members say, returns what is to be
/// kept, told and sent, in that order.
///
/// The parts decide: [Writing] which entry stands and what that means to readers, [Exchange] how
/// two members come to have the same, [Comparison] and [Knowledge] what was removed long ago,
/// [Rumours] how news spread, [Sessions] which rounds this member opens.
///
/// What is kept has to be on disk in the order in which it was returned: a power cut may take the
/// end of it, but nothing from the middle.
///
/// Not thread-safe; the owning loop is the only caller. Time is the wall clock's, milliseconds
/// since 1970, not below 0; it may jump.
public final class StoreKeeper {
    private static final Duration MAX_TTL = Duration.ofDays(36_500);

    /// So far the first stamp of a life may be above the last one that we know of: a power cut may
    /// have made us forget stamps that others have seen.
    private static final int STRIDE = 1 << 12;

    private final String selfId;
    private final Rules rules;
    private final RandomGenerator random;
    private final HybridClock clock;
    private final Shelf shelf;
    private final Counts counts = new Counts();
    private final Knowledge knowledge;
    private final Writing writing;
    private final Rumours rumours;
    private final Sessions sessions;
    private final Exchange exchange;
    private Map<String, String> names = Map.of();
    private List<String> ids = List.of();
    private boolean strode;

    /// @param maxKeys keys with values; as many tombstones are remembered besides
    /// @param maxBytes of keys and values
    /// @param ahead how far a stamp may be ahead of our own clock
    /// @param tombstonesLive for how long a removal is remembered by all
    /// @param rumourRounds how often a member tells of one piece of news at most
    /// @param rumourFanOut to how many at once
    public record Rules(
            int maxKeys,
            long maxBytes,
            Duration ahead,
            Duration tombstonesLive,
            int rumourRounds,
            int rumourFanOut) {
        /// 100,000 keys, 64 MiB, 60 s, 24 h.
        public static Rules usual() {
            return new Rules(
                    100_000, 64L << 20, Duration.ofSeconds(60), Duration.ofHours(24), 6, 4);
        }
    }

    /// @param selfId 16 hexadecimal digits
    /// @param random draws whom to talk to; seed it to repeat a run
    public StoreKeeper(String selfId, Rules rules, RandomGenerator random) {
        this.selfId = selfId;
        this.rules = rules;
        this.random = random;
        clock = new HybridClock(rules.ahead());
        shelf = new Shelf(rules);
        knowledge = new Knowledge(selfId, clock);
        writing = new Writing(rules, shelf, clock, knowledge, counts);
        rumours = new Rumours(rules, shelf, random, counts);
        sessions = new Sessions(random, counts);
        var comparison = new Comparison(rules, shelf, writing, knowledge, clock, rumours, counts);
        exchange =
                new Exchange(
                        shelf, writing, comparison, knowledge, rumours, sessions, counts, random);
    }

    /// What was kept, in the order in which it was; before anything else.
    public void restore(Kept kept) {
        switch (kept) {
            case Kept.Stored(Entry entry) -> {
                clock.saw(entry.version().stamp());
                shelf.put(entry, Long.MIN_VALUE);
            }
            case Kept.Dropped(String key) -> shelf.remove(key);
            case Kept.Known known -> knowledge.restore(known);
            case Kept.Forgotten forgotten -> knowledge.restore(forgotten);
        }
    }

    /// What a user of this member wants.
    public Outcome change(Change change, long nowMs, List<StoreEffect> out) {
        String problem = problem(change);
        if (!problem.isEmpty()) {
            return new Outcome.Refused(Refusal.INVALID, problem);
        }
        writing.sweep(nowMs, out);
        Entry before = writing.value(change.key());
        if (!holds(change.condition(), Optional.ofNullable(before))) {
            return new Outcome.Conflict(Optional.ofNullable(before));
        }
        if (before == null && change instanceof Change.Remove) {
            return new Outcome.Missing();
        }
        if (clock.tooFarAhead(clock.last() + STRIDE, nowMs)) {
            return new Outcome.Refused(
                    Refusal.UNAVAILABLE,
                    "this member's clock is more than %d s behind what was written"
                            .formatted(rules.ahead().toSeconds()));
        }
        var held = shelf.held(change.key());
        if (!writing.fits(entry(change, clock.last(), nowMs), held, 0)) {
            return new Outcome.Refused(
                    Refusal.FULL,
                    "the store has %,d keys, %,d removed ones and %,d bytes"
                            .formatted(
                                    shelf.values().size(),
                                    shelf.size() - shelf.values().size(),
                                    shelf.sizeBytes()));
        }
        if (!strode) {
            strode = true;
            clock.saw(clock.next(nowMs) + random.nextInt(STRIDE));
        }
        Entry entry = entry(change, clock.next(nowMs), nowMs);
        writing.store(entry, false, nowMs, out);
        counts.add("written");
        rumours.heat(entry.key());
        exchange.have(entry.key());
        if (!ids.isEmpty()) {
            out.add(new Send(null, new StoreMessage.Entries(List.of(entry))));
        }
        return new Outcome.Done(entry, Optional.ofNullable(before));
    }

    private static String problem(Change change) {
        String problem = Entry.problem(change.key());
        if (problem.isEmpty() && change instanceof Change.Put put) {
            if (put.value().sizeBytes() > Entry.MAX_VALUE_BYTES) {
                return "a value has at most %,d bytes".formatted(Entry.MAX_VALUE_BYTES);
            }
            var ttl = put.ttl();
            if (ttl.isPresent()
                    && (ttl.get().compareTo(Duration.ofMillis(1)) < 0
                            || ttl.get().compareTo(MAX_TTL) > 0)) {
                return "a time to live is a millisecond to %d days".formatted(MAX_TTL.toDays());
            }
        }
        return problem;
    }

    private static boolean holds(Change.Condition condition, Optional<Entry> current) {
        return switch (condition) {
            case Change.Condition.Any() -> true;
            case Change.Condition.Absent() -> current.isEmpty();
            case Change.Condition.Present() -> current.isPresent();
            case Change.Condition.At(Version version) ->
                    current.map(Entry::version).filter(version::equals).isPresent();
        };
    }

    private Entry entry(Change change, long stamp, long nowMs) {
        var version = new Version(stamp, selfId);
        return switch (change) {
            case Change.Put put ->
                    new Entry(
                            put.key(),
                            put.value(),
                            version,
                            put.ttl().map(ttl -> nowMs + ttl.toMillis()).orElse(0L));
            case Change.Remove remove -> new Entry(remove.key(), null, version, 0);
        };
    }

    /// What another member says.
    public void heard(String fromId, StoreMessage message, long nowMs, List<StoreEffect> out) {
        if (fromId.equals(selfId)) {
            return;
        }
        if (!Bounds.kept(message)) {
            counts.add("not-bounded");
            return;
        }
        writing.sweep(nowMs, out);
        switch (message) {
            case StoreMessage.Entries(List<Entry> entries) ->
                    exchange.entries(fromId, entries, nowMs, out);
            case StoreMessage.Digest digest -> exchange.digest(fromId, digest, nowMs, out);
            case StoreMessage.Marks marks -> exchange.marks(fromId, marks, nowMs, out);
            case StoreMessage.Wanted(List<String> keys) -> exchange.wanted(fromId, keys, out);
            case StoreMessage.Rumour(List<StoreMessage.Mark> marks) ->
                    exchange.rumour(fromId, marks, nowMs, out);
        }
    }

    /// Who else is in the group now.
    ///
    /// @param nameById all others
    public void members(Map<String, String> nameById, long nowMs, List<StoreEffect> out) {
        writing.sweep(nowMs, out);
        var there = new TreeSet<>(nameById.keySet());
        there.remove(selfId);
        var gone = new TreeSet<>(ids);
        gone.removeAll(there);
        var newcomers = new TreeSet<>(there);
        ids.forEach(newcomers::remove);
        int before = ids.size() - gone.size();
        names = Map.copyOf(nameById);
        ids = List.copyOf(there);
        rumours.members(ids);
        if (!gone.isEmpty()) {
            // What we know now tells us later what those who are away have missed.
            knowledge.keep(true, nowMs, out);
            exchange.gone(gone);
            sessions.gone(gone, out);
        }
        if (!newcomers.isEmpty()) {
            sessions.met(newcomers, before);
            openSync(out);
        }
    }

    private void openSync(List<StoreEffect> out) {
        String with = sessions.beginSync(names, out);
        if (with != null) {
            exchange.open(with, out);
        }
    }

    /// Every interval: sweeps, and compares the store with that of a member at random.
    public void round(long nowMs, List<StoreEffect> out) {
        writing.sweep(nowMs, out);
        String again = sessions.round(out);
        if (again != null) {
            exchange.open(again, out);
        }
        exchange.round(nowMs, out);
        knowledge.keep(false, nowMs, out);
        openSync(out);
        if (!ids.isEmpty()) {
            String with = ids.get(random.nextInt(ids.size()));
            sessions.beginGossip(with, names.getOrDefault(with, with), out);
            exchange.open(with, out);
        }
    }

    /// Tells a few others what is news here; every 0.2 s while there is such.
    ///
    /// @return whether to call it again
    public boolean spread(long nowMs, List<StoreEffect> out) {
        writing.sweep(nowMs, out);
        rumours.spread(out);
        return rumours.hot();
    }

    /// Whether [#spread] has something to do.
    public boolean hot() {
        return rumours.hot();
    }

    /// The store at that time. Reads through, so it is good until the next call of another method.
    public StoreView view(long nowMs) {
        return new View(shelf, nowMs);
    }

    /// All that [#restore] needs, for a snapshot.
    public List<Kept> kept() {
        var kept = new ArrayList<Kept>();
        shelf.all().forEach(entry -> kept.add(new Kept.Stored(entry)));
        kept.addAll(knowledge.kept());
        return kept;
    }

    /// Numbers that only grow, by name.
    public Map<String, Long> counts() {
        return counts.all();
    }
}
