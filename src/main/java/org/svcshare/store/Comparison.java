package org.svcshare.store;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.svcshare.store.StoreEffect.Send;
import org.svcshare.store.StoreMessage.Mark;

/// What to do about the marks of another member: ask for what is news, and contradict what has been
/// removed.
///
/// An entry that is missing here although this member has seen all that its writer wrote was
/// removed, and its tombstone was dropped since. Then the tombstone is made once more, just above
/// the entry, and sent to whoever still has it; it spreads and lives like any other. Only entries
/// that are older than tombstones live can be such.
final class Comparison {
    /// Who writes tombstones that are made once more: above all ids, and the same everywhere, so
    /// that all make the same one.
    static final String REMADE = "ffffffffffffffff";

    private final StoreKeeper.Rules rules;
    private final Shelf shelf;
    private final Writing writing;
    private final Knowledge knowledge;
    private final HybridClock clock;
    private final Rumours rumours;
    private final Counts counts;

    Comparison(
            StoreKeeper.Rules rules,
            Shelf shelf,
            Writing writing,
            Knowledge knowledge,
            HybridClock clock,
            Rumours rumours,
            Counts counts) {
        this.rules = rules;
        this.shelf = shelf;
        this.writing = writing;
        this.knowledge = knowledge;
        this.clock = clock;
        this.rumours = rumours;
        this.counts = counts;
    }

    /// @param lacking gets what the other has and we lack; says whether there is room for it
    /// @return whether nothing had to be passed over
    boolean compare(
            String with,
            List<Mark> marks,
            long nowMs,
            Predicate<Mark> lacking,
            List<StoreEffect> out) {
        boolean complete = true;
        var tombstones = new ArrayList<Entry>();
        for (Mark mark : marks) {
            var held = shelf.held(mark.key());
            if (held != null && held.entry().version().compareTo(mark.version()) >= 0) {
                if (held.faded() && held.entry().version().compareTo(mark.version()) > 0) {
                    tombstones.add(again(mark.key(), held.entry().version(), nowMs, out));
                }
            } else if (clock.tooFarAhead(mark.version().stamp(), nowMs)) {
                counts.add("too-far-ahead");
                complete = false;
            } else if (held == null && removed(mark.version(), nowMs)) {
                var above = new Version(mark.version().stamp(), REMADE);
                tombstones.add(again(mark.key(), above, nowMs, out));
            } else if (held == null && writing.full()) {
                complete = false;
            } else {
                complete &= lacking.test(mark);
            }
        }
        send(with, tombstones, out);
        return complete;
    }

    /// Whether an entry that is not here was removed.
    boolean removed(Version version, long nowMs) {
        return version.writtenMs() + rules.tombstonesLive().toMillis() < nowMs
                && knowledge.covers(version);
    }

    /// Tells somebody who has sent us such an entry.
    void contradict(String with, Entry entry, long nowMs, List<StoreEffect> out) {
        var above = new Version(entry.version().stamp(), REMADE);
        send(with, List.of(again(entry.key(), above, nowMs, out)), out);
    }

    private Entry again(String key, Version version, long nowMs, List<StoreEffect> out) {
        // Its life begins again, without its getting above anything that was written since.
        var tombstone = new Entry(key, null, version, Math.max(0, nowMs));
        counts.add("remade");
        if (writing.fits(tombstone, shelf.held(key), 4)) {
            writing.store(tombstone, false, nowMs, out);
            rumours.heat(key);
        }
        return tombstone;
    }

    private static void send(String to, List<Entry> entries, List<StoreEffect> out) {
        var load = Bounds.Load.ofEntries();
        for (Entry entry : entries) {
            if (!load.add(entry)) {
                out.add(new Send(to, new StoreMessage.Entries(load.things())));
                load = Bounds.Load.ofEntries();
                load.add(entry);
            }
        }
        if (!load.isEmpty()) {
            out.add(new Send(to, new StoreMessage.Entries(load.things())));
        }
    }
}
