package org.svcshare.gate;

/// The bandwidth limit of one gate: a bucket for each direction, shared by all connections.
///
/// Safe for any thread.
final class Shaping {
    private final TokenBucket up = new TokenBucket();
    private final TokenBucket down = new TokenBucket();
    private volatile boolean limited;

    /// @param bytesPerSecond each direction; 0 for no limit
    void limit(long bytesPerSecond, long nowNanos) {
        if (bytesPerSecond > 0) {
            up.rate(bytesPerSecond, nowNanos);
            down.rate(bytesPerSecond, nowNanos);
        }
        limited = bytesPerSecond > 0;
    }

    boolean limited() {
        return limited;
    }

    TokenBucket bucket(Direction direction) {
        return direction == Direction.UP ? up : down;
    }
}
