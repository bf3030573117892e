package org.svcshare.cluster;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.util.AwaitForSignal;
import org.jspecify.annotations.Nullable;

/// What one thread waits at. Unlike with Ratis' own, a ring is not lost that comes just before it
/// begins to wait: it would send what there is at the next heartbeat only.
final class Bell extends AwaitForSignal {
    private final AtomicBoolean rung = new AtomicBoolean();
    private volatile @Nullable Thread waiter;

    Bell(Object of) {
        super(of);
    }

    /// By any thread.
    @Override
    public void signal() {
        if (!rung.getAndSet(true)) {
            LockSupport.unpark(waiter);
        }
    }

    @Override
    public void await() throws InterruptedException {
        while (!await(1, TimeUnit.DAYS)) {
            // Goes on waiting.
        }
    }

    /// @return whether it rang, now or since the last wait
    @Override
    public boolean await(long time, TimeUnit unit) throws InterruptedException {
        if (time <= 0) {
            return false;
        }
        waiter = Thread.currentThread();
        long endNanos = System.nanoTime() + unit.toNanos(time);
        while (!rung.getAndSet(false)) {
            long restNanos = endNanos - System.nanoTime();
            if (restNanos <= 0) {
                return false;
            }
            LockSupport.parkNanos(this, restNanos);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return true;
    }
}
