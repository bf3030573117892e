package org.svcshare.gate;

import java.util.concurrent.atomic.AtomicLong;

/// Counts what one direction of a connection moved, and says how much it may read.
///
/// Owned by the loop of its lane; the count may be read by anybody.
final class Meter {
    /// Without at least this much no read is worth a system call; what is too much is owed.
    private static final int LEAST_READ_BYTES = 512;

    private final Lane lane;
    private final Direction direction;
    private final AtomicLong moved = new AtomicLong();

    Meter(Lane lane, Direction direction) {
        this.lane = lane;
        this.direction = direction;
    }

    long movedBytes() {
        return moved.get();
    }

    /// The kernel of the destination took so many bytes.
    void moved(long bytes) {
        if (bytes > 0) {
            moved.setRelease(moved.getPlain() + bytes);
            lane.tally().moved(direction, bytes);
        }
    }

    /// So many bytes were read.
    void read(int bytes) {
        if (lane.shaping().limited()) {
            lane.shaping().bucket(direction).spend(bytes, System.nanoTime());
        }
    }

    boolean mayRead() {
        return !lane.shaping().limited()
                || lane.shaping().bucket(direction).available(System.nanoTime()) > 0;
    }

    /// How much the next read may bring.
    int allowanceBytes(int mostBytes) {
        if (!lane.shaping().limited()) {
            return mostBytes;
        }
        long available = lane.shaping().bucket(direction).available(System.nanoTime());
        return Math.clamp(
                Math.min(available, lane.shareBytes(direction)), LEAST_READ_BYTES, mostBytes);
    }

    /// Has `read` called when the bandwidth limit allows it.
    void park(Lane.Parked flow) {
        lane.park(flow, direction);
    }
}
