package org.svcshare.cluster;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.svcshare.engine.Bytes;
import org.svcshare.engine.OperationCodec;
import org.svcshare.pool.Operation;

/// What was asked for here and is not on its way to the leader, in the order of asking. Owned by
/// the proposer's thread.
final class Backlog {
    private static final int MOST_OPERATIONS = 4096;
    private static final int ENOUGH_BYTES = Batch.MOST_BYTES / 2;
    private static final long NANOS_PER_MS = 1_000_000;

    /// A wait that was shortened by less is left as it was.
    private static final long SHORT_MS = 100;

    private final Deque<Flight.Asked> waiting = new ArrayDeque<>();

    /// What came back without having been done: goes before the others.
    private final TreeMap<Long, Flight.Asked> returned = new TreeMap<>();

    void add(Flight.Asked asked) {
        waiting.add(asked);
    }

    void giveBack(Collection<Flight.Asked> asked) {
        asked.forEach(each -> returned.put(each.place(), each));
    }

    boolean isEmpty() {
        return waiting.isEmpty() && returned.isEmpty();
    }

    int size() {
        return waiting.size() + returned.size();
    }

    /// Takes as much as goes into one batch.
    ///
    /// @param asked gets what the batch has, in its order
    byte[] pack(Batch.Header header, List<Flight.Asked> asked) {
        Bytes to = header.write();
        while (asked.size() < MOST_OPERATIONS && to.size() < ENOUGH_BYTES) {
            Flight.Asked next =
                    returned.isEmpty() ? waiting.poll() : returned.pollFirstEntry().getValue();
            if (next == null) {
                break;
            }
            OperationCodec.write(whatIsLeft(next), to);
            asked.add(next);
        }
        return to.copy();
    }

    /// A wait counts from when it was asked for, however long there was nobody to bring it to.
    private static Operation whatIsLeft(Flight.Asked asked) {
        long keptMs = (System.nanoTime() - asked.bornNanos()) / NANOS_PER_MS;
        return asked.operation() instanceof Operation.Acquire acquire
                        && acquire.waitMs() > 0
                        && keptMs > SHORT_MS
                ? acquire.withWait(Math.max(1, acquire.waitMs() - keptMs))
                : asked.operation();
    }

    void removeIf(Predicate<Flight.Asked> over) {
        returned.values().removeIf(over);
        waiting.removeIf(over);
    }

    List<Flight.Asked> all() {
        var all = new ArrayList<>(returned.values());
        all.addAll(waiting);
        return all;
    }
}
