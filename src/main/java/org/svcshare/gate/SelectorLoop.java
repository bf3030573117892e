package org.svcshare.gate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An event loop on a JDK selector.
final class SelectorLoop implements Loop {

    /// One registered socket.
    interface Ready {
        void ready(SelectionKey key);

        /// What was thrown out of [#ready]; has to leave nothing that is ready again at once.
        void failed();
    }

    private record Later(Runnable task, long atNanos, long order) implements Comparable<Later> {
        @Override
        public int compareTo(Later other) {
            // Differences, because nanoTime may overflow.
            int byTime = Long.signum(atNanos - other.atNanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(SelectorLoop.class);
    private static final int TASKS_PER_TURN = 1024;
    private static final long MOST_WAIT_MILLIS = 60_000;

    private final Selector selector;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Later> later = new PriorityQueue<>();
    private final List<SocketChannel> leaving = new ArrayList<>();
    private final AtomicBoolean started = new AtomicBoolean();
    private long scheduled;
    private boolean reported;
    private volatile boolean stopping;
    private volatile boolean ended;

    SelectorLoop(String name) {
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    /// Does nothing when it runs already.
    void start() {
        if (started.compareAndSet(false, true)) {
            thread.start();
        }
    }

    @Override
    public void execute(Runnable task) {
        if (ended) {
            throw new RejectedExecutionException("the loop has ended");
        }
        tasks.add(task);
        if (ended && tasks.remove(task)) {
            throw new RejectedExecutionException("the loop has ended");
        }
        if (!inLoop()) {
            selector.wakeup();
        }
    }

    @Override
    public void schedule(Runnable task, long delayNanos) {
        later.add(new Later(task, System.nanoTime() + delayNanos, scheduled++));
    }

    @Override
    public boolean inLoop() {
        return Thread.currentThread().equals(thread);
    }

    SelectionKey register(SelectableChannel channel, int interest, Ready ready)
            throws ClosedChannelException {
        return channel.register(selector, interest, ready);
    }

    /// Closes a socket that is registered here and has said all it had to say.
    ///
    /// Not at once: the JDK asks and tells the kernel twice as much about a socket that its
    /// selector still knows.
    void close(SelectionKey key, SocketChannel channel) {
        key.cancel();
        leaving.add(channel);
    }

    /// Makes the selector forget closed sockets, which are open for the kernel until then; in a
    /// task only.
    void letGo() {
        try {
            selector.selectNow(this::dispatch);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Ends the loop when what was asked before is done; its sockets close.
    void stop() {
        stopping = true;
        selector.wakeup();
    }

    void awaitEnd(Duration atMost) {
        try {
            thread.join(atMost);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (selector) {
            while (!stopping || !tasks.isEmpty()) {
                turn();
            }
        } catch (IOException e) {
            LOG.error("the gate's event loop ends: {}", Problems.of(e));
        } finally {
            ended = true;
            // Whoever waits for one of these learns at least that it did not work.
            for (Runnable task; (task = tasks.poll()) != null; ) {
                run(task);
            }
            leaving.forEach(SelectorLoop::closeNow);
        }
    }

    private void turn() throws IOException {
        int known = leaving.size();
        if (known > 0 || stopping || !tasks.isEmpty()) {
            selector.selectNow(this::dispatch);
        } else {
            selector.select(this::dispatch, millisToWait());
        }
        if (known > 0) {
            List<SocketChannel> gone = leaving.subList(0, known);
            gone.forEach(SelectorLoop::closeNow);
            gone.clear();
        }
        for (int i = 0; i < TASKS_PER_TURN; i++) {
            Runnable task = tasks.poll();
            if (task == null) {
                break;
            }
            run(task);
        }
        runDue();
    }

    private void runDue() {
        if (later.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        for (Later next; (next = later.peek()) != null && next.atNanos() - now <= 0; ) {
            later.poll();
            run(next.task());
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | OutOfMemoryError e) {
            report(e);
        }
    }

    private void dispatch(SelectionKey key) {
        // Whoever was closed earlier in this turn may still be in the batch.
        if (key.isValid() && key.attachment() instanceof Ready ready) {
            try {
                ready.ready(key);
            } catch (RuntimeException | OutOfMemoryError e) {
                report(e);
                ready.failed();
            }
        }
    }

    private void report(Throwable unexpected) {
        if (!reported) {
            reported = true;
            LOG.error("unexpected in the gate's event loop", unexpected);
        }
    }

    private long millisToWait() {
        Later next = later.peek();
        if (next == null) {
            return MOST_WAIT_MILLIS;
        }
        long nanos = next.atNanos() - System.nanoTime();
        long roundedUp = TimeUnit.NANOSECONDS.toMillis(nanos + 999_999);
        // Zero would wait for ever.
        return Math.clamp(roundedUp, 1, MOST_WAIT_MILLIS);
    }

    private static void closeNow(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException _) {
            // Nothing is left of it.
        }
    }
}
