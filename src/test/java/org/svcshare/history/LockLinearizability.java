package org.svcshare.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Whether a mutex with fencing tokens can explain a history: whether there is an order of its
/// events, each within its own times, in which only a free lock is got, only a taken one is
/// refused, only its holder gives it back, and the tokens grow.
///
/// The search is Wing and Gong's ("Testing and verifying concurrent objects", 1993) with Lowe's
/// memory of what was tried ("Testing for linearizability", 2017).
public final class LockLinearizability {
    /// The lock after some events.
    private record Lock(String holder, long fence) {
        static final Lock FREE = new Lock("", 0);

        boolean free() {
            return holder.isEmpty();
        }

        /// @return the lock after an event, or empty when it cannot happen now
        Optional<Lock> after(LockEvent event) {
            return switch (event.kind()) {
                case ACQUIRED ->
                        free() && event.fence() > fence
                                ? Optional.of(new Lock(event.who(), event.fence()))
                                : Optional.empty();
                // Its token is not known: it is above the last, and below the next that is.
                case PERHAPS_ACQUIRED ->
                        free() ? Optional.of(new Lock(event.who(), fence)) : Optional.empty();
                case BUSY -> free() ? Optional.empty() : Optional.of(this);
                case RELEASED, PERHAPS_RELEASED, PERHAPS_EXPIRED ->
                        holder.equals(event.who())
                                ? Optional.of(new Lock("", fence))
                                : Optional.empty();
            };
        }
    }

    private record State(BitSet done, Lock lock) {}

    private LockLinearizability() {}

    /// @return what is wrong, or empty
    public static Optional<String> check(List<LockEvent> history) {
        List<LockEvent> events =
                history.stream().sorted(Comparator.comparingLong(LockEvent::beginNanos)).toList();
        var must = new BitSet();
        for (int i = 0; i < events.size(); i++) {
            must.set(i, events.get(i).mustHappen());
        }
        Deque<State> open = new ArrayDeque<>();
        Set<State> seen = new HashSet<>();
        open.push(new State(new BitSet(), Lock.FREE));
        BitSet furthest = new BitSet();
        while (!open.isEmpty()) {
            State state = open.pop();
            if (!seen.add(state)) {
                continue;
            }
            if (all(must, state.done)) {
                return Optional.empty();
            }
            if (state.done.cardinality() > furthest.cardinality()) {
                furthest = state.done;
            }
            for (int next : candidates(events, state.done)) {
                state.lock
                        .after(events.get(next))
                        .ifPresent(lock -> {
                            var done = (BitSet) state.done.clone();
                            done.set(next);
                            open.push(new State(done, lock));
                        });
            }
        }
        return Optional.of(complaint(events, furthest));
    }

    private static boolean all(BitSet must, BitSet done) {
        var left = (BitSet) must.clone();
        left.andNot(done);
        return left.isEmpty();
    }

    /// Events that may be next: begun before every one ended that has to come and has not yet.
    private static List<Integer> candidates(List<LockEvent> events, BitSet done) {
        var next = new ArrayList<Integer>();
        long firstEnd = Long.MAX_VALUE;
        for (int i = done.nextClearBit(0); i < events.size(); i = done.nextClearBit(i + 1)) {
            LockEvent event = events.get(i);
            if (event.beginNanos() > firstEnd) {
                break;
            }
            next.add(i);
            if (event.mustHappen()) {
                firstEnd = Math.min(firstEnd, event.endNanos());
            }
        }
        long end = firstEnd;
        next.removeIf(i -> events.get(i).beginNanos() > end);
        return next;
    }

    private static String complaint(List<LockEvent> events, BitSet furthest) {
        var text = new StringBuilder("no order explains this history; after the events marked + ");
        text.append("none of the others can be next:");
        int from = Math.max(0, furthest.nextClearBit(0) - 10);
        for (int i = from; i < Math.min(events.size(), from + 40); i++) {
            text.append('\n').append(furthest.get(i) ? "+ " : "  ").append(events.get(i));
        }
        return text.toString();
    }
}
