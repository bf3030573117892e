package org.svcshare.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.svcshare.store.StoreEffect.Kept;

/// One member: its keeper, its journal, and what somebody who listens to it believes is in the
/// store.
final class SimMember {
    final String id;

    /// What is on its disk, and since when.
    final List<Written> journal = new ArrayList<>();

    /// By key the value that its events tell of.
    final Map<String, Value> told = new TreeMap<>();

    /// By key the latest removal that it has on disk, or had until it was dropped.
    final Map<String, Version> removed = new TreeMap<>();

    long driftMs;
    int side;
    int life;
    List<String> others = List.of();
    SimChecks checks = SimChecks.NONE;
    private final SimGroup group;
    private @Nullable StoreKeeper keeper;
    private boolean spreading;
    private int inGossip;
    private int inSync;

    record Written(long atMs, Kept kept) {}

    SimMember(SimGroup group, String id, long driftMs) {
        this.group = group;
        this.id = id;
        this.driftMs = driftMs;
    }

    boolean up() {
        return keeper != null;
    }

    StoreKeeper keeper() {
        return Objects.requireNonNull(keeper);
    }

    long wallMs() {
        return group.nowMs + driftMs;
    }

    StoreView view() {
        return keeper().view(wallMs());
    }

    void start() {
        life++;
        keeper = new StoreKeeper(id, group.rules, new SplittableRandom(group.random.nextLong()));
        others = List.of();
        removed.clear();
        for (Written written : journal) {
            keeper().restore(written.kept);
            remember(written.kept);
        }
        told.clear();
        // Whatever has run out meanwhile is told of when it is swept.
        for (Entry entry : keeper().view(0).list("", "", Integer.MAX_VALUE)) {
            told.put(entry.key(), Objects.requireNonNull(entry.value()));
            checks.shown(this, entry);
        }
        inGossip = 0;
        inSync = 0;
        spreading = false;
        int mine = life;
        group.after(group.random.nextLong(SimGroup.ROUND_MS), () -> rounds(mine));
        group.look();
    }

    void crash() {
        keeper = null;
        life++;
        group.look();
    }

    /// Takes the end of the journal.
    ///
    /// @param ms what was written down in so many last milliseconds may be lost, and is from a
    ///   random record on
    void powerCut(long ms) {
        crash();
        int first = journal.size();
        while (first > 0 && journal.get(first - 1).atMs > group.nowMs - ms) {
            first--;
        }
        int cut = first + group.random.nextInt(journal.size() - first + 1);
        for (Written written : journal.subList(cut, journal.size())) {
            if (written.kept instanceof Kept.Stored(Entry entry)
                    && entry.version().writer().equals(id)) {
                checks.lost(entry);
            }
        }
        journal.subList(cut, journal.size()).clear();
    }

    private void rounds(int mine) {
        if (life == mine) {
            acts(out -> keeper().round(wallMs(), out));
            long jitter = group.random.nextLong(-100, 101);
            group.after(SimGroup.ROUND_MS + jitter, () -> rounds(mine));
        }
    }

    private void spreads(int mine) {
        if (life == mine) {
            spreading = false;
            acts(out -> keeper().spread(wallMs(), out));
        }
    }

    void look() {
        if (!up()) {
            return;
        }
        var names = new TreeMap<String, String>();
        for (SimMember member : group.all()) {
            if (member.up() && member.side == side && member != this) {
                names.put(member.id, "member-" + member.id);
            }
        }
        others = List.copyOf(names.keySet());
        acts(out -> keeper().members(names, wallMs(), out));
    }

    void hears(String from, StoreMessage message) {
        acts(out -> keeper().heard(from, message, wallMs(), out));
    }

    Change.Outcome changes(Change change) {
        var outcomes = new ArrayList<Change.Outcome>();
        acts(out -> outcomes.add(keeper().change(change, wallMs(), out)));
        return outcomes.getFirst();
    }

    interface Act {
        void does(List<StoreEffect> out);
    }

    private void acts(Act act) {
        var out = new ArrayList<StoreEffect>();
        act.does(out);
        for (StoreEffect effect : out) {
            switch (effect) {
                case StoreEffect.Send(String to, StoreMessage message) ->
                        group.send(this, to, message);
                case StoreEffect.Keep(Kept kept) -> {
                    journal.add(new Written(group.nowMs, kept));
                    remember(kept);
                }
                case StoreEffect.Tell(GroupEvent event) -> hearsOf(event);
            }
        }
        if (!spreading && keeper().hot()) {
            spreading = true;
            int mine = life;
            group.after(SimGroup.SPREAD_MS, () -> spreads(mine));
        }
    }

    private void remember(Kept kept) {
        if (kept instanceof Kept.Stored(Entry entry) && entry.tombstone()) {
            removed.merge(entry.key(), entry.version(), (a, b) -> a.compareTo(b) > 0 ? a : b);
        }
    }

    private void hearsOf(GroupEvent event) {
        switch (event) {
            case GroupEvent.NewKey(Entry entry) -> {
                Value before = told.put(entry.key(), Objects.requireNonNull(entry.value()));
                check(before == null, event);
                checks.shown(this, entry);
            }
            case GroupEvent.KeyChanged(Entry entry, Entry was) -> {
                Value before = told.put(entry.key(), Objects.requireNonNull(entry.value()));
                check(before != null && before.equals(was.value()), event);
                check(!entry.value().equals(was.value()), event);
                checks.shown(this, entry);
            }
            case GroupEvent.KeyRemoved(Entry was, boolean expired) -> {
                Value before = told.remove(was.key());
                check(before != null && before.equals(was.value()), event);
            }
            case GroupEvent.BeforeGossip before -> check(inGossip++ == 0, event);
            case GroupEvent.AfterGossip after -> check(--inGossip == 0, event);
            case GroupEvent.BeforeSync before -> check(inSync++ == 0, event);
            case GroupEvent.AfterSync after -> check(--inSync == 0, event);
            default -> check(false, event);
        }
    }

    private void check(boolean holds, GroupEvent event) {
        if (!holds) {
            throw new AssertionError("untold or told twice: at " + id + " " + event);
        }
    }

    /// What its events tell is what is there.
    void checkTold() {
        var there = new TreeMap<String, Value>();
        // Also what has run out and was not swept yet: nobody was told of that.
        for (Entry entry : keeper().view(0).list("", "", Integer.MAX_VALUE)) {
            there.put(entry.key(), Objects.requireNonNull(entry.value()));
        }
        if (!there.equals(told)) {
            throw new AssertionError("told %s, has %s at %s".formatted(told, there, id));
        }
    }
}
