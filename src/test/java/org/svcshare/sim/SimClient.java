package org.svcshare.sim;

import org.jspecify.annotations.Nullable;
import org.svcshare.turn.QueueSnapshot;

/// A download client: a queue in bytes, a pause, a speed, and moods.
final class SimClient {
    static final long MB = 1024 * 1024;

    private long queueBytes;
    private boolean paused = true;
    private boolean reachable = true;
    private long speedBps = 10 * MB;
    private int threads = 3;

    /// @return null when it cannot be asked
    @Nullable QueueSnapshot snapshot() {
        return reachable
                ? new QueueSnapshot(
                        (double) queueBytes / MB, 0, 0, paused ? 0 : speedBps, paused, 0)
                : null;
    }

    void add(double mb) {
        queueBytes += (long) (mb * MB);
    }

    void queueMb(double mb) {
        queueBytes = (long) (mb * MB);
    }

    double queueMb() {
        return (double) queueBytes / MB;
    }

    void speed(long bps) {
        speedBps = bps;
    }

    boolean reachable() {
        return reachable;
    }

    void reachable(boolean answers) {
        reachable = answers;
    }

    /// @return whether the client did it
    boolean pause(boolean wanted) {
        if (reachable) {
            paused = wanted;
        }
        return reachable;
    }

    boolean loads() {
        return !paused && queueBytes > 0;
    }

    int threads() {
        return threads;
    }

    /// How long the queue lasts at full speed; at least a nanosecond.
    long nanosLeft() {
        return (long) Math.ceil((double) queueBytes / speedBps * Sim.SECOND) + 1;
    }

    /// Loads for a while.
    ///
    /// @return the bytes it took
    long load(long nanos) {
        if (!loads()) {
            return 0;
        }
        long bytes = Math.min(queueBytes, (long) ((double) nanos / Sim.SECOND * speedBps));
        queueBytes -= bytes;
        return bytes;
    }

    @Override
    public String toString() {
        return (reachable ? "" : "unreachable and ") + (paused ? "paused" : "loading");
    }
}
