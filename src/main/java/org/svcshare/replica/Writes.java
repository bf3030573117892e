package org.svcshare.replica;

import java.util.Arrays;

/// The writes that some node has yet to get: where each stands in the log, its size, its time and
/// what the nodes agreed on. Some thirty bytes a write, so that a node may be a million behind.
///
/// Each has a number of its own, one more than the one before; they are dense, positions in the log
/// are not.
final class Writes {
    private static final int LEAST = 64;

    private long[] positions = new long[LEAST];
    private long[] timesMs = new long[LEAST];

    /// What the bodies up to this one come to.
    private long[] totals = new long[LEAST];

    private short[] outcomes = new short[LEAST];

    /// Of the answers' bodies that go with the outcomes.
    private int[] digests = new int[LEAST];

    /// The number of the oldest one that is known, and of the one to come.
    private long first = 1;

    private long next = 1;

    /// What the bodies of those before the first come to.
    private long before;

    /// @param position above that of the one before
    /// @return its number
    long add(long position, long sizeBytes, long atMs) {
        if (next > first && position <= position(next - 1)) {
            throw new IllegalArgumentException(
                    "write %d comes after %d".formatted(position, position(next - 1)));
        }
        if (next - first == positions.length) {
            grow();
        }
        int at = at(next);
        positions[at] = position;
        timesMs[at] = atMs;
        totals[at] = (next == first ? before : totals[at(next - 1)]) + sizeBytes;
        outcomes[at] = 0;
        digests[at] = 0;
        return next++;
    }

    private void grow() {
        int length = positions.length;
        long[] olderPositions = positions;
        long[] olderTimes = timesMs;
        long[] olderTotals = totals;
        short[] olderOutcomes = outcomes;
        int[] olderDigests = digests;
        positions = new long[length * 2];
        timesMs = new long[length * 2];
        totals = new long[length * 2];
        outcomes = new short[length * 2];
        digests = new int[length * 2];
        for (long number = first; number < next; number++) {
            int from = (int) (number & (length - 1));
            int to = at(number);
            positions[to] = olderPositions[from];
            timesMs[to] = olderTimes[from];
            totals[to] = olderTotals[from];
            outcomes[to] = olderOutcomes[from];
            digests[to] = olderDigests[from];
        }
    }

    private int at(long number) {
        return (int) (number & (positions.length - 1));
    }

    /// Forgets those before a number.
    void forgetBefore(long number) {
        long now = Math.clamp(number, first, next);
        before = bytesUpTo(now - 1);
        first = now;
        int known = (int) (next - first);
        if (positions.length > LEAST && known < positions.length / 8) {
            shrink(Math.max(LEAST, Integer.highestOneBit(Math.max(known, 1)) * 2));
        }
    }

    private void shrink(int length) {
        int older = positions.length;
        long[] positionsNow = new long[length];
        long[] timesNow = new long[length];
        long[] totalsNow = new long[length];
        short[] outcomesNow = new short[length];
        int[] digestsNow = new int[length];
        for (long number = first; number < next; number++) {
            int from = (int) (number & (older - 1));
            int to = (int) (number & (length - 1));
            positionsNow[to] = positions[from];
            timesNow[to] = timesMs[from];
            totalsNow[to] = totals[from];
            outcomesNow[to] = outcomes[from];
            digestsNow[to] = digests[from];
        }
        positions = positionsNow;
        timesMs = timesNow;
        totals = totalsNow;
        outcomes = outcomesNow;
        digests = digestsNow;
    }

    /// The oldest one that is known.
    long first() {
        return first;
    }

    /// The number of the one to come.
    long next() {
        return next;
    }

    long position(long number) {
        check(number);
        return positions[at(number)];
    }

    long atMs(long number) {
        check(number);
        return timesMs[at(number)];
    }

    long sizeBytes(long number) {
        check(number);
        return bytesUpTo(number) - bytesUpTo(number - 1);
    }

    /// What the bodies of those behind a number come to.
    long bytesBehind(long number) {
        return bytesUpTo(next - 1) - bytesUpTo(number);
    }

    private long bytesUpTo(long number) {
        return number < first ? before : totals[at(number)];
    }

    /// 0 while the nodes have not agreed.
    int outcome(long number) {
        check(number);
        return outcomes[at(number)];
    }

    void outcome(long number, int status) {
        outcome(number, status, 0);
    }

    /// @param digest of the answers' bodies; 0 where bodies are not compared
    void outcome(long number, int status, long digest) {
        check(number);
        outcomes[at(number)] = (short) status;
        digests[at(number)] = (int) digest;
    }

    /// Whether an answer's body may be the one that the nodes agreed on: nobody knows where bodies
    /// are not compared, and of writes that the nodes agreed on in an earlier life of ours.
    boolean mayBeOutcome(long number, long digest) {
        check(number);
        int agreed = digests[at(number)];
        return agreed == 0 || agreed == (int) digest;
    }

    boolean knows(long number) {
        return number >= first && number < next;
    }

    private void check(long number) {
        if (!knows(number)) {
            throw new IllegalArgumentException(
                    "write %d is not among %d to %d".formatted(number, first, next - 1));
        }
    }

    /// The number of the first write whose position is above this one; the one to come when there
    /// is none.
    long after(long position) {
        long low = first;
        long high = next;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (positions[at(middle)] <= position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /// The number of the write at this very position; 0 when it is not known.
    long number(long position) {
        long number = after(position - 1);
        return number < next && position(number) == position ? number : 0;
    }

    @Override
    public String toString() {
        return "writes %d to %d %s".formatted(first, next - 1, Arrays.toString(positions));
    }
}
