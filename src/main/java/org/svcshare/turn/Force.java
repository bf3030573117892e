package org.svcshare.turn;

/// A force allotment: an end mark on the gate's byte counter. Counted to the byte, both directions.
final class Force {
    private long endMarkBytes;
    private boolean granted;
    private boolean seen;

    /// @param movedBytes the gate's counter now
    void grant(long allotmentBytes, long movedBytes) {
        granted = allotmentBytes > 0;
        endMarkBytes = movedBytes + allotmentBytes;
        seen = false;
    }

    void clear() {
        granted = false;
    }

    long leftBytes(long movedBytes) {
        return granted ? Math.max(0, endMarkBytes - movedBytes) : 0;
    }

    boolean active(long movedBytes) {
        return leftBytes(movedBytes) > 0;
    }

    /// True once: at the first look that finds an allotment over that an earlier look saw active.
    boolean endedSinceLastLook(long movedBytes) {
        boolean active = active(movedBytes);
        boolean ended = seen && !active;
        seen = active;
        if (!active) {
            granted = false;
        }
        return ended;
    }
}
