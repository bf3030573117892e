package org.svcshare.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is going on with one other member: which of its entries we lack, and how far the two have
/// walked through the ranges in which they differ.
final class Talk {
    private static final int PATIENCE_ROUNDS = 2;
    private static final int TRIES = 3;

    final String with;

    /// What it has and we lack, with the version it spoke of.
    final Map<String, Version> lacking = new HashMap<>();

    /// The same, as far as it was not asked for yet.
    final Deque<String> toAsk = new ArrayDeque<>();

    /// Asked for, in this order, and not answered.
    List<String> asked = List.of();

    /// Our way through the differing ranges, if it opened the round.
    @Nullable Walk walk;

    /// Its question that waits until we have got what we lack.
    StoreMessage.@Nullable Marks owed;

    /// If we opened the round: it has said that there is no more.
    boolean over;

    /// Rounds of ours since it last got on.
    int quietRounds;

    /// Rounds since we asked, and how often that was in vain.
    private int askedRounds;

    private int vainly;

    Talk(String with) {
        this.with = with;
    }

    /// Whether to get first what we lack before more is found.
    boolean crowded() {
        return lacking.size() >= StoreMessage.MAX_MARKS;
    }

    /// @return false when that is too much at once
    boolean lacks(StoreMessage.Mark mark) {
        if (lacking.size() >= 2 * StoreMessage.MAX_MARKS && !lacking.containsKey(mark.key())) {
            return false;
        }
        Version before = lacking.put(mark.key(), mark.version());
        if (before == null) {
            toAsk.addLast(mark.key());
        } else if (before.compareTo(mark.version()) > 0) {
            lacking.put(mark.key(), before);
        }
        return true;
    }

    /// What came is the first of what was asked for; the rest is to be asked for again, but not
    /// what was passed over, because it is not there any more.
    ///
    /// @return whether any of it came
    boolean answered(List<Entry> entries) {
        var came = new HashSet<String>();
        entries.forEach(entry -> came.add(entry.key()));
        int last = asked.size() - 1;
        while (last >= 0 && !came.contains(asked.get(last))) {
            last--;
        }
        if (last >= 0) {
            askedRounds = 0;
            vainly = 0;
            for (String passed : asked.subList(0, last + 1)) {
                if (lacking.remove(passed) != null && walk != null) {
                    walk.complete = false;
                }
            }
            askAgain(asked.subList(last + 1, asked.size()));
        }
        return last >= 0;
    }

    /// A round has passed. What does not come though it was asked for several times is given up: it
    /// is not there any more, or will be found again.
    void passRound() {
        quietRounds++;
        if (asked.isEmpty() || ++askedRounds < PATIENCE_ROUNDS) {
            return;
        }
        askedRounds = 0;
        if (++vainly < TRIES) {
            askAgain(asked);
            return;
        }
        vainly = 0;
        asked.forEach(lacking::remove);
        asked = List.of();
        if (walk != null) {
            walk.complete = false;
        }
    }

    private void askAgain(List<String> keys) {
        asked = List.of();
        keys.reversed().forEach(toAsk::addFirst);
    }

    boolean idle() {
        return lacking.isEmpty() && walk == null && owed == null && !over;
    }

    /// Through the ranges that differ, in their order, and through the keys of each.
    static final class Walk {
        final long round;
        final List<Integer> ranges;

        /// What the other has seen, which is ours to say when we have got all it has.
        final Map<String, Long> known;

        /// Where in the first of the ranges; empty for its beginning.
        String from = "";

        /// Whether a part was sent, and no answer came yet.
        boolean asking;

        /// Whether nothing was passed over.
        boolean complete = true;

        Walk(List<Integer> ranges, StoreMessage.Digest digest) {
            this.round = digest.round();
            this.ranges = new ArrayList<>(ranges);
            this.known = digest.known();
        }

        boolean atEnd() {
            return ranges.isEmpty();
        }

        /// That part was compared.
        ///
        /// @return false if it was none of this walk, or did not get on
        boolean advance(StoreMessage.Marks part) {
            if (part.round() != round || !ranges.containsAll(part.ranges())) {
                return false;
            }
            if (part.to().isEmpty()) {
                boolean first = part.ranges().getFirst().equals(ranges.getFirst());
                if (!part.from().isEmpty() && !(first && part.from().equals(from))) {
                    return false;
                }
                ranges.removeAll(part.ranges());
                from = "";
                return true;
            }
            boolean here = part.ranges().getFirst().equals(ranges.getFirst());
            boolean on = part.from().equals(from) && part.to().compareTo(from) > 0;
            if (here && on) {
                from = part.to();
            }
            return here && on;
        }
    }
}
