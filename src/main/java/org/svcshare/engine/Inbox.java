package org.svcshare.engine;

import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// What many threads leave for one: bounded, first come first served.
///
/// When things come one at a time its owner looks again for a moment before it goes to sleep, and
/// lets others have the processor meanwhile: to be woken would take as long, a fifth of the time of
/// a client who takes and gives back a lock. When they come in crowds it sleeps at once, since a
/// crowd that gathers meanwhile costs less than its members one by one.
public final class Inbox<T> {
    /// A client that is answered asks again after some 150 µs on the same machine.
    private static final long WATCHFUL_NANOS =
            Runtime.getRuntime().availableProcessors() > 1 ? 200_000 : 0;

    private static final int CROWD = 8;
    private static final long GATHER_NANOS = 50_000;

    private final Queue<T> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final int most;

    /// How many came last.
    private int last;

    /// Who is to be woken; null while it is awake.
    private volatile @Nullable Thread asleep;

    public Inbox(int most) {
        this.most = most;
    }

    /// Any thread.
    ///
    /// @return false when there is no room
    public boolean offer(T work) {
        if (size.incrementAndGet() > most) {
            size.decrementAndGet();
            return false;
        }
        put(work);
        return true;
    }

    /// The last thing to come: there is always room for it. Any thread.
    public void add(T work) {
        size.incrementAndGet();
        put(work);
    }

    private void put(T work) {
        queue.add(work);
        Thread owner = asleep;
        if (owner != null) {
            asleep = null;
            LockSupport.unpark(owner);
        }
    }

    /// Waits for something to come; the owner's thread.
    ///
    /// @param nanos at most so long
    /// @return how many were moved, at most `atMost`; 0 when the time is over
    public int take(Collection<? super T> into, int atMost, long nanos)
            throws InterruptedException {
        int crowd = last;
        int got = drain(into, atMost);
        if (got == 0) {
            got = sleep(into, atMost, nanos, crowd <= 1);
        }
        if (crowd >= CROWD && got > 0 && got < crowd) {
            LockSupport.parkNanos(this, GATHER_NANOS);
            got += drain(into, atMost - got);
        }
        last = got;
        return got;
    }

    @SuppressWarnings("ThreadPriorityCheck") // only speed depends on it
    private int sleep(Collection<? super T> into, int atMost, long nanos, boolean watchful)
            throws InterruptedException {
        long began = System.nanoTime();
        long watched = watchful ? Math.min(nanos, WATCHFUL_NANOS) : 0;
        int got = 0;
        while (got == 0 && System.nanoTime() - began < watched) {
            Thread.yield();
            got = drain(into, atMost);
        }
        while (got == 0) {
            asleep = Thread.currentThread();
            // Who came before that was written did not see it.
            got = drain(into, atMost);
            long left = nanos - (System.nanoTime() - began);
            if (got > 0 || left <= 0) {
                break;
            }
            LockSupport.parkNanos(this, left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        asleep = null;
        return got;
    }

    /// Does not wait; the owner's thread, or another once the owner has left.
    public int drain(Collection<? super T> into, int atMost) {
        int got = 0;
        for (T work; got < atMost && (work = queue.poll()) != null; got++) {
            into.add(work);
        }
        if (got > 0) {
            size.addAndGet(-got);
        }
        return got;
    }
}
