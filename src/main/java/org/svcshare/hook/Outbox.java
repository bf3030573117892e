package org.svcshare.hook;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deliveries to one receiver, made one after another on a virtual thread of its own, so that a
/// slow receiver delays nobody else and each sees things in the order in which they happened.
///
/// Bounded in number and in bytes: what does not fit is dropped and counted.
final class Outbox implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
    static final int CAPACITY = 100;

    /// A member that comes back hears of many keys at once.
    static final int CAPACITY_OF_KEYS = 10_000;

    private static final long MOST_BYTES = 16L << 20;

    private final String receiver;

    /// Empty at the end of all deliveries.
    private final BlockingQueue<Optional<Delivery>> waiting;

    private final Thread carrier;
    private final AtomicLong delivered = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong waitingBytes = new AtomicLong();
    private volatile boolean closing;

    /// One thing to be told; blocks until it is told or given up.
    interface Delivery {
        /// @return whether it was taken
        boolean deliver() throws InterruptedException;
    }

    /// @param receiver for logs; no secrets in it
    Outbox(String receiver, int capacity) {
        this.receiver = receiver;
        this.waiting = new LinkedBlockingQueue<>(capacity);
        this.carrier = Thread.ofVirtual().name("hook " + receiver).start(this::carry);
    }

    /// Never blocks.
    void put(Delivery delivery) {
        put(delivery, 0);
    }

    /// @param sizeBytes what it keeps in memory while it waits
    void put(Delivery delivery, int sizeBytes) {
        long bytes = waitingBytes.addAndGet(sizeBytes);
        Delivery counted =
                () -> {
                    waitingBytes.addAndGet(-sizeBytes);
                    return delivery.deliver();
                };
        if (closing || bytes > MOST_BYTES || !waiting.offer(Optional.of(counted))) {
            waitingBytes.addAndGet(-sizeBytes);
            long count = dropped.incrementAndGet();
            LOG.atWarn()
                    .addKeyValue("to", receiver)
                    .addKeyValue("dropped", count)
                    .log("hook too slow, event dropped");
        }
    }

    HookCounts counts() {
        return new HookCounts(delivered.get(), failed.get(), dropped.get());
    }

    private void carry() {
        try {
            for (Optional<Delivery> next = waiting.take();
                    next.isPresent();
                    next = waiting.take()) {
                carry(next.get());
            }
        } catch (InterruptedException e) {
            LOG.atDebug().addKeyValue("to", receiver).log("hook ended at once");
        }
    }

    private void carry(Delivery delivery) throws InterruptedException {
        try {
            (delivery.deliver() ? delivered : failed).incrementAndGet();
        } catch (RuntimeException e) {
            failed.incrementAndGet();
            LOG.atError().addKeyValue("to", receiver).setCause(e).log("hook failed");
        }
    }

    /// Takes nothing more and gives what waits until `limit` to be delivered.
    void finish(Duration limit) throws InterruptedException {
        closing = true;
        long end = System.nanoTime() + limit.toNanos();
        if (waiting.offer(Optional.empty(), limit.toNanos(), TimeUnit.NANOSECONDS)) {
            carrier.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
        }
        close();
    }

    @Override
    public void close() {
        closing = true;
        carrier.interrupt();
    }
}
