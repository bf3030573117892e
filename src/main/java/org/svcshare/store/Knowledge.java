package org.svcshare.store;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How much this member has seen of what each writer wrote: everything up to a stamp. "Seen" means
/// that it is here, or that something later was here and perhaps is forgotten since.
///
/// With that an entry can be told apart that is news from one that was removed so long ago that its
/// tombstone is gone: if it is missing here although its writer's stamp is covered, it was removed.
/// This takes no clock, and it does not matter who was away, for how long, and through whom the
/// removal came.
///
/// It grows in one way alone: by what another member says of itself, when all that the other had at
/// that moment is here. Its limits:
///
/// - A write and a later removal of the same key, on two sides of a split that lasts longer than
///   tombstones live: nobody who knew of the removal has seen the write, and the write stands.
/// - A power cut may take a writer's last writes from it, but not from those who had got them. So
///   it says nothing of its own newer writes until it has met others [#MEETINGS] times after a
///   start. If only a member that is away even then, and longer than tombstones live, had got such
///   a write, it is lost. (Nothing is, where writes are on disk before they are sent.)
/// - Two members with one id (a copied folder) are not told apart.
/// - Of more than [StoreMessage#MAX_KNOWN] writers those with the lowest stamps are forgotten.
///
/// Source: the causal context of Bieniusa et al., "An optimized conflict-free replicated set",
/// 2012.
final class Knowledge {
    /// After so many comparisons we have back what we wrote before a power cut.
    static final int MEETINGS = 20;

    private static final long KEEP_EVERY_MS = 60_000;

    private final String selfId;
    private final HybridClock clock;
    private final Map<String, Long> seen = new TreeMap<>();
    private final Map<String, Kept> kept = new TreeMap<>();

    private int meetings;

    private record Kept(long stamp, long atMs) {}

    Knowledge(String selfId, HybridClock clock) {
        this.selfId = selfId;
        this.clock = clock;
    }

    void restore(StoreEffect.Kept.Known known) {
        seen.put(known.writer(), known.stamp());
        kept.put(known.writer(), new Kept(known.stamp(), 0));
        if (known.writer().equals(selfId)) {
            clock.saw(known.stamp());
        }
    }

    void restore(StoreEffect.Kept.Forgotten forgotten) {
        seen.remove(forgotten.writer());
        kept.remove(forgotten.writer());
    }

    boolean covers(Version version) {
        return seen.getOrDefault(version.writer(), -1L) >= version.stamp();
    }

    /// What this member says of itself.
    Map<String, Long> told() {
        seeOurs();
        return Map.copyOf(seen);
    }

    /// No later write of ours can be below the clock.
    private void seeOurs() {
        if (meetings >= MEETINGS) {
            seen.put(selfId, clock.last());
        }
    }

    /// All that somebody with this knowledge had is here now.
    void adopt(Map<String, Long> known, long nowMs, List<StoreEffect> out) {
        meetings = Math.min(meetings + 1, MEETINGS);
        known.forEach((writer, stamp) -> {
            if (!clock.tooFarAhead(stamp, nowMs)) {
                seen.merge(writer, stamp, Math::max);
                if (writer.equals(selfId)) {
                    clock.saw(stamp);
                }
            }
        });
        // One place is ours.
        while (seen.size() >= StoreMessage.MAX_KNOWN) {
            forgetLowest(out);
        }
    }

    private void forgetLowest(List<StoreEffect> out) {
        String lowest = selfId;
        for (var one : seen.entrySet()) {
            if (!one.getKey().equals(selfId)
                    && (lowest.equals(selfId) || one.getValue() < seen.getOrDefault(lowest, 0L))) {
                lowest = one.getKey();
            }
        }
        seen.remove(lowest);
        if (kept.remove(lowest) != null) {
            out.add(new StoreEffect.Keep(new StoreEffect.Kept.Forgotten(lowest)));
        }
    }

    /// Writes down what grew, of each writer once a minute at most.
    ///
    /// @param now whether it is all to be written down, however short ago that was
    void keep(boolean now, long nowMs, List<StoreEffect> out) {
        seeOurs();
        seen.forEach((writer, stamp) -> {
            Kept before = kept.get(writer);
            if (before == null
                    || (stamp > before.stamp
                            && (now || Math.abs(nowMs - before.atMs) >= KEEP_EVERY_MS))) {
                kept.put(writer, new Kept(stamp, nowMs));
                out.add(new StoreEffect.Keep(new StoreEffect.Kept.Known(writer, stamp)));
            }
        });
    }

    List<StoreEffect.Kept> kept() {
        seeOurs();
        return seen.entrySet().stream()
                .<StoreEffect.Kept>map(
                        one -> new StoreEffect.Kept.Known(one.getKey(), one.getValue()))
                .toList();
    }

    int size() {
        return seen.size();
    }
}
