package org.svcshare.ircd;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/// How fast the lines of one client are carried out: some at once, then one per interval. What
/// comes faster waits here, up to a bound.
///
/// A token bucket, kept as the one time at which it would be full again.
final class LineThrottle {
    static final int MOST_LINES = 128;
    static final int MOST_BYTES = 64 * 1024;

    private final Duration interval;
    private final Duration burst;
    private final Deque<Frame> waiting = new ArrayDeque<>();
    private int waitingBytes;
    private Instant fullAt;

    /// @param lines how many at once, at least 1
    /// @param interval time for one more; zero for no limit
    LineThrottle(int lines, Duration interval, Instant now) {
        this.interval = interval;
        this.burst = interval.multipliedBy(Math.max(1, lines));
        this.fullAt = now;
    }

    /// Puts a frame at the end of the queue.
    ///
    /// @return false when it does not fit any more
    boolean offer(Frame frame) {
        waitingBytes += bytes(frame);
        waiting.addLast(frame);
        return waiting.size() <= MOST_LINES && waitingBytes <= MOST_BYTES;
    }

    /// The next frame if it is due.
    Optional<Frame> poll(Instant now) {
        if (waiting.isEmpty() || wait(now).isPositive()) {
            return Optional.empty();
        }
        Instant from = fullAt.isAfter(now) ? fullAt : now;
        fullAt = from.plus(interval);
        Frame frame = waiting.removeFirst();
        waitingBytes -= bytes(frame);
        return Optional.of(frame);
    }

    /// How long until the next frame is due; zero or less when one may go now.
    Duration wait(Instant now) {
        // A clock that was set back must not keep a client waiting for hours.
        Instant latest = now.plus(burst);
        if (fullAt.isAfter(latest)) {
            fullAt = latest;
        }
        return Duration.between(now, fullAt.plus(interval)).minus(burst);
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    void clear() {
        waiting.clear();
        waitingBytes = 0;
    }

    private static int bytes(Frame frame) {
        return switch (frame) {
            case Frame.Line line -> line.text().length();
            case Frame.TooLong _, Frame.Endless _ -> 1;
        };
    }
}
