package org.svcshare.replica;

import java.util.Arrays;

/// The writes that some node has yet to get: where each stands in the log, its size, its time and
/// what the nodes agreed on. Thirty bytes a write, so that a node may be a million behind.
///
/// Each has a number of its own, one more than the one before; they are dense, positions in the log
/// are not.
final class Writes {
    private static final int LEAST = 64;

    private long[] positions = new long[LEAST];
    private long[] timesMs = new long[LEAST];
    private int[] sizes = new int[LEAST];
    private short[] outcomes = new short[LEAST];

    /// The number of the oldest one that is known, and of the one to come.
    private long first = 1;

    private long next = 1;

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
        sizes[at] = (int) Math.min(sizeBytes, Integer.MAX_VALUE);
        outcomes[at] = 0;
        return next++;
    }

    private void grow() {
        int length = positions.length;
        long[] olderPositions = positions;
        long[] olderTimes = timesMs;
        int[] olderSizes = sizes;
        short[] olderOutcomes = outcomes;
        positions = new long[length * 2];
        timesMs = new long[length * 2];
        sizes = new int[length * 2];
        outcomes = new short[length * 2];
        for (long number = first; number < next; number++) {
            int from = (int) (number & (length - 1));
            int to = at(number);
            positions[to] = olderPositions[from];
            timesMs[to] = olderTimes[from];
            sizes[to] = olderSizes[from];
            outcomes[to] = olderOutcomes[from];
        }
    }

    private int at(long number) {
        return (int) (number & (positions.length - 1));
    }

    /// Forgets those before a number.
    void forgetBefore(long number) {
        first = Math.clamp(number, first, next);
        int known = (int) (next - first);
        if (positions.length > LEAST && known < positions.length / 8) {
            shrink(Math.max(LEAST, Integer.highestOneBit(Math.max(known, 1)) * 2));
        }
    }

    private void shrink(int length) {
        int older = positions.length;
        long[] positionsNow = new long[length];
        long[] timesNow = new long[length];
        int[] sizesNow = new int[length];
        short[] outcomesNow = new short[length];
        for (long number = first; number < next; number++) {
            int from = (int) (number & (older - 1));
            int to = (int) (number & (length - 1));
            positionsNow[to] = positions[from];
            timesNow[to] = timesMs[from];
            sizesNow[to] = sizes[from];
            outcomesNow[to] = outcomes[from];
        }
        positions = positionsNow;
        timesMs = timesNow;
        sizes = sizesNow;
        outcomes = outcomesNow;
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

    int sizeBytes(long number) {
        check(number);
        return sizes[at(number)];
    }

    /// 0 while the nodes have not agreed.
    int outcome(long number) {
        check(number);
        return outcomes[at(number)];
    }

    void outcome(long number, int status) {
        check(number);
        outcomes[at(number)] = (short) status;
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
