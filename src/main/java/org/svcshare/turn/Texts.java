package org.svcshare.turn;

import java.time.Duration;
import java.util.Locale;

/// What a bot says, worded as svcshare 0.3 did (its section 9), so that people and their scripts
/// find it again. Sizes are cut to whole MB.
final class Texts {
    static final String YIELDING = "Yield request received. Pausing.";
    static final String ELECTION_STARTED = "Election started.";
    static final String WON_EMPTY = "Election won, but queue is empty. Ignoring.";
    static final String PAUSED = "Paused.";
    static final String PAUSED_GATE_ONLY = "Paused proxy. Failed to pause client.";
    static final String UNHALTED = "Unhalted.";
    static final String NOT_HALTED = "System was not in halted state.";

    private Texts() {}

    static String version(String version) {
        return "svcshare version " + version;
    }

    static String won(double queueMb) {
        return format("Election won. Queue size: %d MB.", (long) queueMb);
    }

    static String autoResumed(double queueMb) {
        return format("Autoresume activated. Queue size: %d MB.", (long) queueMb);
    }

    static String forced(double allotmentMb) {
        return format("Resuming. Forced allotment: %d MB.", (long) allotmentMb);
    }

    static String halting(Duration length) {
        if (length.isZero()) {
            return "Halting indefinitely.";
        }
        long minutes = Math.max(1, length.plusSeconds(59).toMinutes());
        return format("Halting for %d minute%s.", minutes, minutes == 1 ? "" : "s");
    }

    static String halted(Situation at) {
        if (at.halt.byHand() && at.halt.until() != null) {
            long minutes = at.halt.minutesLeft(at.now);
            return format(
                    "System is halted for another %d minute%s.", minutes, minutes == 1 ? "" : "s");
        }
        if (at.halt.byHand()) {
            return "System is indefinitely halted.";
        }
        return "System is not ready yet: it has only just joined.";
    }

    /// @param why as in [TurnEvent.GuardAwaited]
    static String awaiting(String why) {
        return "Waiting for the guard: " + why;
    }

    static String forceEnded(Situation at) {
        return "Force has ended. Queue: " + status(at);
    }

    /// What is left of the queue, and how fast.
    static String queue(Situation at) {
        if (!at.queue.known()) {
            return "Queue status unknown";
        }
        QueueSnapshot queue = at.queue.last();
        long speedKbps = queue.speedBps() / 1024;
        String text =
                format(
                        "%d MB + %d MB queued (%d item%s) @ %d KB/s",
                        (long) queue.currentMb(),
                        (long) queue.restMb(),
                        queue.items(),
                        queue.items() == 1 ? "" : "s",
                        speedKbps);
        if (queue.speedBps() <= 0) {
            return text;
        }
        return text
                + format(
                        " [%s / %s]",
                        hoursAndMinutes(queue.currentMb(), queue.speedBps()),
                        hoursAndMinutes(queue.totalMb(), queue.speedBps()));
    }

    static String status(Situation at) {
        var text = new StringBuilder(queue(at));
        text.append(format(" (%d conn", at.traffic.connections()));
        long forceBytes = at.force.leftBytes(at.traffic.movedBytes());
        if (forceBytes > 0) {
            text.append(format(", force: %d MB", forceBytes / (1024 * 1024)));
        }
        if (!at.awaiting.isEmpty()) {
            text.append(format(", %s", awaiting(at.awaiting).toLowerCase(Locale.ROOT)));
        }
        if (at.halt.inForce()) {
            long minutes = at.halt.byHand() ? at.halt.minutesLeft(at.now) : 0;
            text.append(minutes > 0 ? format(", halted: %dm", minutes) : ", halted");
        }
        return text.append(')').toString();
    }

    static String connectionsEnded(Traffic.Span span) {
        long seconds = Math.max(0, span.length().toSeconds());
        long speedKbps = span.movedBytes() / 1024 * 1000 / Math.max(1, span.length().toMillis());
        return format(
                "0 connections. [%d MB in %dm%ds (%d KB/s)]",
                span.movedBytes() / (1024 * 1024), seconds / 60, seconds % 60, speedKbps);
    }

    private static String hoursAndMinutes(double mb, long speedBps) {
        long minutes = (long) (mb * 1024 * 1024 / speedBps / 60);
        return format("%dh%dm", minutes / 60, minutes % 60);
    }

    @SuppressWarnings("AnnotateFormatMethod") // its annotation would be a library of its own
    static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
