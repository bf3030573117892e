package org.svcshare.turn;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What goes through the gate, as last reported, and what has been told about it.
final class Traffic {
    private int connections;
    private long openedTotal;
    private long movedBytes;
    private Instant lastByteAt = Instant.MIN;

    private @Nullable Instant spanBegan;
    private long spanOpenedTotal;
    private long spanMarkBytes;
    private boolean toldSome;

    /// A span in which connections were open, from its first byte to its last.
    record Span(long movedBytes, Instant began, Instant ended) {
        Duration length() {
            return Duration.between(began, ended);
        }
    }

    /// @return bytes moved since the last report
    long report(TurnEvent.Traffic report, Instant now) {
        long news = Math.max(0, report.movedBytes() - movedBytes);
        if (spanBegan == null && (report.connections() > 0 || report.openedTotal() > openedTotal)) {
            spanBegan = now;
            spanMarkBytes = movedBytes;
            spanOpenedTotal = openedTotal;
        }
        if (news > 0 || report.connections() != connections) {
            lastByteAt = now;
        }
        connections = Math.max(0, report.connections());
        openedTotal = Math.max(openedTotal, report.openedTotal());
        movedBytes = Math.max(movedBytes, report.movedBytes());
        return news;
    }

    /// The periodic look: true once when connections have appeared that were not told yet.
    boolean appeared() {
        if (connections > 0 && !toldSome) {
            toldSome = true;
            return true;
        }
        return false;
    }

    /// The periodic look: the span that has ended since the last one, also when it was shorter than
    /// the time between two looks; null for none.
    @Nullable Span ended(Instant now) {
        if (connections > 0 || spanBegan == null || openedTotal == spanOpenedTotal) {
            return null;
        }
        Instant end = lastByteAt.isBefore(spanBegan) ? now : lastByteAt;
        var span = new Span(movedBytes - spanMarkBytes, spanBegan, end);
        spanBegan = null;
        toldSome = false;
        return span;
    }

    /// Nothing has moved for how long.
    Duration idle(Instant since, Instant now) {
        Instant from = lastByteAt.isAfter(since) ? lastByteAt : since;
        return Duration.between(from, now);
    }

    int connections() {
        return connections;
    }

    long movedBytes() {
        return movedBytes;
    }
}
