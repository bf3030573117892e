package org.svcshare.store;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.svcshare.store.GroupEvent.KeyChanged;
import org.svcshare.store.GroupEvent.KeyRemoved;
import org.svcshare.store.GroupEvent.NewKey;
import org.svcshare.store.StoreEffect.Keep;
import org.svcshare.store.StoreEffect.Kept;
import org.svcshare.store.StoreEffect.Tell;

/// The only one that changes the [Shelf]: decides whether an entry takes the place of another,
/// keeps it, and tells what that means to readers.
///
/// A value that is put again, byte for byte, is a write like any other, with a version and a time
/// to live of its own, but for those who watch nothing has changed, and nothing is told.
///
/// Own writes stop at the limits. Those of others may go over them by a quarter, so that what was
/// written at the same time everywhere still gets everywhere. What does not fit even then is
/// refused and counted, and offered again in later rounds; until there is room, this member lacks
/// it. What takes the place of something larger always fits, and so does a removal of what is
/// there.
final class Writing {
    private final StoreKeeper.Rules rules;
    private final Shelf shelf;
    private final HybridClock clock;
    private final Knowledge knowledge;
    private final Counts counts;

    /// What became of an entry of somebody else's.
    enum Fate {
        NEWS,
        /// We had it, or something later.
        OLD,
        REFUSED
    }

    Writing(
            StoreKeeper.Rules rules,
            Shelf shelf,
            HybridClock clock,
            Knowledge knowledge,
            Counts counts) {
        this.rules = rules;
        this.shelf = shelf;
        this.clock = clock;
        this.knowledge = knowledge;
        this.counts = counts;
    }

    /// Does what is due: values that run out, tombstones that fade and go.
    void sweep(long nowMs, List<StoreEffect> out) {
        boolean noted = false;
        for (var held = shelf.firstDue(nowMs); held != null; held = shelf.firstDue(nowMs)) {
            Entry entry = held.entry();
            if (!entry.tombstone()) {
                Entry over = over(entry);
                shelf.put(over, nowMs);
                out.add(new Keep(new Kept.Stored(over)));
                out.add(new Tell(new KeyRemoved(entry, true)));
            } else if (!held.faded()) {
                shelf.fade(held);
            } else {
                if (!noted) {
                    // From here on only what we know tells that the key was removed.
                    knowledge.keep(true, nowMs, out);
                    noted = true;
                }
                shelf.remove(entry.key());
                out.add(new Keep(new Kept.Dropped(entry.key())));
            }
        }
    }

    /// An entry whose time is over is kept as a tombstone that remembers when that was.
    private static Entry over(Entry entry) {
        return new Entry(entry.key(), null, entry.version(), entry.expiresMs());
    }

    /// Of somebody else's. What was due has to be swept before.
    Fate take(Entry theirs, long nowMs, List<StoreEffect> out) {
        if (tooFarAhead(theirs, nowMs)) {
            counts.add("too-far-ahead");
            return Fate.REFUSED;
        }
        Entry entry = theirs.tombstone() || theirs.live(nowMs) ? theirs : over(theirs);
        var held = shelf.held(entry.key());
        if (held == null
                ? entry.tombstone() && shelf.fadesMs(entry) <= nowMs
                : !beats(entry, held.entry())) {
            return Fate.OLD;
        }
        if (!fits(entry, held, 4)) {
            counts.add("full");
            return Fate.REFUSED;
        }
        clock.saw(entry.version().stamp());
        counts.add("applied");
        store(entry, !theirs.tombstone() && entry.tombstone(), nowMs, out);
        return Fate.NEWS;
    }

    private boolean tooFarAhead(Entry entry, long nowMs) {
        return clock.tooFarAhead(entry.version().stamp(), nowMs)
                || (entry.tombstone() && entry.expiresMs() > nowMs + rules.ahead().toMillis());
    }

    private static boolean beats(Entry entry, Entry held) {
        boolean ranOut = held.tombstone() && held.expiresMs() != 0;
        if (ranOut && !entry.tombstone() && entry.version().equals(held.version())) {
            return false;
        }
        return entry.compareTo(held) > 0;
    }

    /// Takes the place of what is there.
    void store(Entry entry, boolean ranOut, long nowMs, List<StoreEffect> out) {
        Entry before = value(entry.key());
        shelf.put(entry, nowMs);
        out.add(new Keep(new Kept.Stored(entry)));
        if (before == null) {
            if (!entry.tombstone()) {
                out.add(new Tell(new NewKey(entry)));
            }
        } else if (entry.tombstone()) {
            out.add(new Tell(new KeyRemoved(before, ranOut)));
        } else if (entry.value() != null && !entry.value().equals(before.value())) {
            out.add(new Tell(new KeyChanged(entry, before)));
        }
    }

    /// What readers see, provided that it was swept.
    @Nullable Entry value(String key) {
        return shelf.values().get(key);
    }

    /// Whether it may take the place of what is there.
    ///
    /// @param part by which part of the limits they may be passed; 0 for not at all
    boolean fits(Entry entry, Shelf.@Nullable Held held, int part) {
        long maxKeys = rules.maxKeys() + (part == 0 ? 0L : (long) rules.maxKeys() / part);
        long maxBytes = rules.maxBytes() + (part == 0 ? 0L : rules.maxBytes() / part);
        long growth = (long) Shelf.sizeBytes(entry) - (held == null ? 0 : held.sizeBytes());
        boolean newValue = !entry.tombstone() && (held == null || held.entry().tombstone());
        return (!newValue || shelf.values().size() < maxKeys)
                && (held != null || shelf.size() < 2 * maxKeys)
                && (growth <= 0 || shelf.sizeBytes() + growth <= maxBytes);
    }

    /// Whether a key that is not here would be refused anyway.
    boolean full() {
        return shelf.values().size() >= rules.maxKeys() + rules.maxKeys() / 4L
                || shelf.size() >= 2L * (rules.maxKeys() + rules.maxKeys() / 4L)
                || shelf.sizeBytes() >= rules.maxBytes() + rules.maxBytes() / 4;
    }
}
