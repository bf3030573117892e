package org.svcshare.gossip;

import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the handlers of a program, one after another, on a thread of their own: a slow one stops
/// nobody but those behind it. What does not fit into its queue is dropped and counted.
final class HandlerThread {
    private static final Logger LOG = LoggerFactory.getLogger(HandlerThread.class);

    /// Nano times are compared by their distance from one of them.
    private static final long ORIGIN = System.nanoTime();

    /// Empty at the end.
    private final LinkedBlockingQueue<Optional<Runnable>> waiting;

    /// What comes again and again; guarded by itself.
    private final PriorityQueue<Periodic> periodic =
            new PriorityQueue<>(Comparator.comparingLong(p -> p.dueNanos - ORIGIN));

    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final Thread thread;
    private volatile boolean closing;

    private static final class Periodic {
        final long everyNanos;
        final Runnable work;
        long dueNanos;

        Periodic(long everyNanos, Runnable work) {
            this.everyNanos = everyNanos;
            this.work = work;
            this.dueNanos = System.nanoTime() + everyNanos;
        }
    }

    /// @param name of the thread
    /// @param capacity how many calls may wait
    HandlerThread(String name, int capacity) {
        waiting = new LinkedBlockingQueue<>(capacity);
        thread = Thread.ofPlatform().daemon().name(name).unstarted(this::loop);
    }

    void start() {
        thread.start();
    }

    /// Never blocks.
    void put(Runnable handler) {
        if (closing) {
            return;
        }
        if (!waiting.offer(Optional.of(handler)) && dropped.getAndIncrement() == 0) {
            LOG.warn("handlers are slower than events come; some are dropped");
        }
    }

    /// Runs it as often as that; what a slow handler delayed is not made up for.
    void every(Duration interval, Runnable work) {
        synchronized (periodic) {
            periodic.add(new Periodic(interval.toNanos(), work));
        }
        // The thread looks anew how long it may wait; if there is no room it does so anyway.
        var _ = waiting.offer(Optional.of(() -> {}));
    }

    long dropped() {
        return dropped.get();
    }

    long failed() {
        return failed.get();
    }

    /// Takes nothing more, lets what waits run until the limit, and ends. Called by a handler it
    /// does not wait for itself.
    void finish(Duration limit) {
        closing = true;
        try {
            long end = System.nanoTime() + limit.toNanos();
            boolean told = waiting.offer(Optional.empty(), limit.toNanos(), TimeUnit.NANOSECONDS);
            if (told && thread.isAlive() && Thread.currentThread() != thread) {
                thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        if (Thread.currentThread() != thread) {
            thread.interrupt();
        }
    }

    private void loop() {
        try {
            while (true) {
                Optional<Runnable> next = waiting.poll(nanosLeft(), TimeUnit.NANOSECONDS);
                if (next == null) {
                    runDue();
                } else if (next.isPresent()) {
                    run(next.get());
                    runDue();
                } else {
                    return;
                }
            }
        } catch (InterruptedException _) {
            LOG.debug("handlers ended at once");
        }
    }

    private long nanosLeft() {
        synchronized (periodic) {
            Periodic first = periodic.peek();
            return first == null
                    ? TimeUnit.HOURS.toNanos(1)
                    : Math.max(0, first.dueNanos - System.nanoTime());
        }
    }

    private void runDue() {
        Periodic due;
        synchronized (periodic) {
            due = periodic.peek();
            if (closing || due == null || due.dueNanos - System.nanoTime() > 0) {
                return;
            }
            periodic.remove();
            due.dueNanos = System.nanoTime() + due.everyNanos;
            periodic.add(due);
        }
        run(due.work);
    }

    /// A program's errors are its own: whatever it throws, the next handler runs.
    private void run(Runnable handler) {
        try {
            handler.run();
        } catch (Throwable e) {
            failed.incrementAndGet();
            LOG.atError().setCause(e).log("a handler failed");
        }
    }
}
