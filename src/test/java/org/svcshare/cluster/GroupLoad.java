package org.svcshare.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.svcshare.engine.EngineKit.Reply;
import org.svcshare.pool.Mode;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.PoolEngine.Failure;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.RequestId;

/// Clients that take one lock in turn and give it back, all the time, at any node that runs. They
/// notice a lock that two of them have, and a fencing token that does not rise.
final class GroupLoad implements AutoCloseable {
    private static final String POOL = "load";
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long PAUSE_NANOS = 2_000_000;

    private final TestGroup group;
    private final List<Thread> clients = new ArrayList<>();
    private final AtomicLong ids = new AtomicLong();
    private final AtomicLong lastFence = new AtomicLong();
    private final AtomicInteger inside = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private volatile boolean over;

    final AtomicInteger rounds = new AtomicInteger();

    GroupLoad(TestGroup group, int count) {
        this.group = group;
        for (int i = 0; i < count; i++) {
            clients.add(Thread.ofVirtual().start(this::run));
        }
    }

    private void run() {
        while (!over) {
            round(new RequestId(77, ids.incrementAndGet()));
        }
    }

    private void round(RequestId id) {
        var acquire =
                new Operation.Acquire(
                        id,
                        POOL,
                        "load",
                        "",
                        Mode.EXCLUSIVE,
                        LONG.toMillis(),
                        LONG.toMillis(),
                        0,
                        false);
        long until = System.nanoTime() + PATIENCE.toNanos();
        Outcome got = ask(acquire);
        while (got instanceof Outcome.Queued && System.nanoTime() < until) {
            LockSupport.parkNanos(PAUSE_NANOS);
            got = ask(acquire);
        }
        if (!(got instanceof Outcome.Granted granted)) {
            wrong.add(id + ": " + got);
            return;
        }
        if (inside.incrementAndGet() > 1) {
            wrong.add(id + ": somebody else has it too");
        }
        long before = lastFence.getAndSet(granted.fence());
        if (before >= granted.fence()) {
            wrong.add(id + ": token " + granted.fence() + " after " + before);
        }
        inside.decrementAndGet();
        Outcome released = ask(new Operation.Release(id, POOL));
        if (!(released instanceof Outcome.Released)
                && !released.equals(new Outcome.Refused(Refusal.RELEASED))) {
            wrong.add(id + ": " + released);
        }
        rounds.incrementAndGet();
    }

    /// Repeats under the same id, at any node, until somebody knows what came of it.
    private Outcome ask(Operation operation) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        String last = "";
        while (System.nanoTime() < until) {
            ClusterEngine node = any();
            Reply reply = once(node, operation);
            if (reply.failure().equals(Reply.NO_FAILURE)) {
                return reply.outcome();
            }
            last = String.valueOf(reply.failure());
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        wrong.add(operation + ": no answer, " + last);
        return new Outcome.Done();
    }

    /// One that is ready, if there is one.
    private ClusterEngine any() {
        List<ClusterEngine> all = List.copyOf(group.running().values());
        List<ClusterEngine> ready = all.stream().filter(node -> node.status().ready()).toList();
        List<ClusterEngine> some = ready.isEmpty() ? all : ready;
        return some.get(ThreadLocalRandom.current().nextInt(some.size()));
    }

    private static Reply once(PoolEngine engine, Operation operation) {
        var reply = new CompletableFuture<Reply>();
        engine.propose(
                operation,
                new PoolEngine.Answer() {
                    @Override
                    public void outcome(Outcome outcome) {
                        reply.complete(new Reply(outcome, Reply.NO_FAILURE));
                    }

                    @Override
                    public void failed(Failure failure) {
                        reply.complete(new Reply(Reply.NO_OUTCOME, failure));
                    }
                });
        return reply.completeOnTimeout(
                        new Reply(Reply.NO_OUTCOME, new Failure(true, "silence")),
                        PATIENCE.toSeconds(),
                        TimeUnit.SECONDS)
                .join();
    }

    /// Waits until so many more rounds were made.
    void go(int more) {
        int wanted = rounds.get() + more;
        Awaitility.await(more + " rounds, " + group)
                .atMost(PATIENCE)
                .until(() -> rounds.get() >= wanted || !wrong.isEmpty());
        check();
    }

    void check() {
        if (!wrong.isEmpty()) {
            throw new AssertionError(
                    "after " + rounds + " rounds: " + List.copyOf(wrong) + ", " + group);
        }
    }

    @Override
    public void close() {
        over = true;
        Awaitility.await("the clients end")
                .atMost(PATIENCE.multipliedBy(2))
                .until(() -> clients.stream().noneMatch(Thread::isAlive));
        check();
    }
}
