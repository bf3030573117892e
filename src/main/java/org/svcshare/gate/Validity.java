package org.svcshare.gate;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Until when a gate may pass anything: asked before everything that it reads, writes or accepts.
///
/// The question is put where the bytes pass and not to a timer, because a process that was stopped
/// wakes up in the middle of whatever it was doing, and its timers come after that. What is left is
/// the time between the question and the system call right behind it.
///
/// Asking is for any thread and costs one volatile read where there is no end.
final class Validity {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Loop home;
    private final Runnable whenOver;
    private volatile @Nullable Moment end;
    private volatile boolean over;

    /// Owned by the home loop.
    private boolean looking;

    /// @param whenOver called on the home loop, once for every end that was reached
    Validity(Loop home, Runnable whenOver) {
        this.home = home;
        this.whenOver = whenOver;
    }

    /// A gate opens; on the home loop.
    ///
    /// @param until null for without an end
    synchronized void begin(@Nullable Moment until) {
        over = false;
        end = until;
        if (until != null && !looking) {
            looking = true;
            home.schedule(this::look, 0);
        }
    }

    /// Puts the end off; has no effect once it was reached, or where there is none.
    synchronized void extend(Moment until) {
        if (end != null && holds()) {
            end = until;
        }
    }

    boolean limited() {
        return end != null;
    }

    /// Whether something may pass now. The first time that it may not has the gate closed.
    boolean holds() {
        Moment last = end;
        return last == null || (!over && holdsBefore(last));
    }

    private boolean holdsBefore(Moment last) {
        if (!last.reached()) {
            return true;
        }
        reached(last);
        return false;
    }

    private synchronized void reached(Moment last) {
        // It may have been put off, or the gate opened anew, since the caller looked.
        if (over || !last.equals(end)) {
            return;
        }
        over = true;
        try {
            home.execute(whenOver);
        } catch (RejectedExecutionException _) {
            // The gate is closed for good.
        }
    }

    /// Also when nothing wants to pass the gate closes in time, and soon after a sleep.
    private void look() {
        Moment last = end;
        if (last == null || !holds()) {
            looking = false;
            return;
        }
        home.schedule(this::look, Math.clamp(last.nanos() - System.nanoTime(), 0, LOOK_NANOS));
    }
}
