package org.svcshare.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.svcshare.lock.Answer;
import org.svcshare.lock.HeldLock;
import org.svcshare.lock.LockClient;
import org.svcshare.lock.Stop;

/// Renews a lock at a third of its lease, on a thread of its own, and knows whether it is lost.
final class Renewals implements AutoCloseable {
    /// A lock without an end is looked at so often: somebody may have taken it away.
    private static final Duration LOOK = Duration.ofSeconds(20);

    /// How long a renewal may take that has to say whether the machine slept.
    private static final Duration DOUBT = Duration.ofSeconds(3);

    private static final long AFTER_TROUBLE_MS = 1000;

    private final LockClient client;
    private final Duration ttl;
    private final Runnable changed;

    private volatile HeldLock lock;
    private volatile boolean closed;
    private volatile String gone = "";
    private volatile String trouble = "";
    private volatile boolean doubt;
    private long doubtSinceNanos;
    private Stop current = new Stop();

    /// @param changed told on the thread of the renewals when the lock is lost for certain
    Renewals(LockClient client, HeldLock lock, Duration ttl, Runnable changed) {
        this.client = client;
        this.lock = lock;
        this.ttl = ttl;
        this.changed = changed;
    }

    void begin() {
        Thread.ofPlatform().daemon().name("renew").start(this::renew);
    }

    HeldLock lock() {
        return lock;
    }

    /// Whether the lock is not ours any longer. Only for one thread, about once a second.
    ///
    /// @return why, when it is lost
    Optional<String> lost(long nowNanos, Instant now) {
        if (!gone.isEmpty()) {
            return Optional.of(gone);
        }
        HeldLock held = lock;
        if (held.left(nowNanos).isZero()) {
            return Optional.of(
                    "its lease ended"
                            + (trouble.isEmpty() ? "" : " and could not be renewed: " + trouble));
        }
        if (!held.doubtful(now)) {
            doubt = false;
        } else if (!doubt) {
            doubt = true;
            doubtSinceNanos = nowNanos;
            nudge();
        } else if (nowNanos - doubtSinceNanos > DOUBT.toNanos()) {
            return Optional.of("its lease ended by the clock, and no server says otherwise");
        }
        return Optional.empty();
    }

    /// When the lock ends unless it is renewed.
    Duration left(long nowNanos) {
        return lock.left(nowNanos);
    }

    private void renew() {
        while (!closed) {
            long dueMs = due(System.nanoTime()).toMillis();
            if (!doubt && dueMs > 0) {
                fresh().rest(dueMs);
                continue;
            }
            Duration left = lock.left(System.nanoTime());
            Duration patience = doubt ? DOUBT : lock.hasEnd() ? left : LOOK;
            switch (client.renew(lock, ttl, patience, fresh())) {
                case Answer.Held(HeldLock renewed) -> {
                    lock = renewed;
                    trouble = "";
                    doubt = false;
                }
                case Answer.Refused(var why, String detail) when why.lost() -> {
                    gone = detail;
                    changed.run();
                    return;
                }
                case Answer.Cancelled _ -> {}
                case Answer answer -> {
                    trouble = PoolAccess.words(answer);
                    fresh().rest(AFTER_TROUBLE_MS);
                }
            }
        }
    }

    private Duration due(long nowNanos) {
        Duration every = lock.hasEnd() ? lock.lasts().dividedBy(3) : LOOK;
        return every.minusNanos(nowNanos - lock.askedNanos());
    }

    private synchronized Stop fresh() {
        current = new Stop();
        if (closed) {
            current.pull();
        }
        return current;
    }

    private synchronized void nudge() {
        current.pull();
    }

    @Override
    public void close() {
        closed = true;
        nudge();
    }
}
