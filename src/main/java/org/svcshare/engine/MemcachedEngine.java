package org.svcshare.engine;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.engine.PoolRound.Result;
import org.svcshare.pool.Effect;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.TableRules;
import org.svcshare.pool.TableView;

/// Pools in a memcached that several servers share. Each pool is one value there, which changes by
/// compare-and-swap only; see [PoolRound].
///
/// One thread owns what this server knows, and calls back. Rounds run beside it on virtual threads,
/// one for a pool at a time, and report to it. What other servers do to tickets of this one is
/// noticed by looking: at the poll interval while somebody waits here, else when a lease ends.
public final class MemcachedEngine implements PoolEngine {
    private static final Logger LOG = LoggerFactory.getLogger(MemcachedEngine.class);
    private static final String KIND = "memcached";
    private static final int MAX_OUTSTANDING = 131_072;
    private static final int ROUNDS_AT_ONCE = 64;

    private sealed interface Event {
        record Proposed(Operation operation, Answer answer) implements Event {}

        record Asked<T>(Function<TableView, T> question, Consumer<@Nullable T> then)
                implements Event {
            void at(@Nullable TableView view) {
                then.accept(view == null ? null : question.apply(view));
            }
        }

        record RoundOver(SharedPool pool, Result result) implements Event {}

        record Stop() implements Event {}
    }

    private final ValueStore store;
    private final PoolRound.Shop shop;
    private final List<Consumer<Effect>> listeners = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final AtomicInteger outstanding = new AtomicInteger();
    private final Semaphore rounds = new Semaphore(ROUNDS_AT_ONCE);
    private final Thread thread;

    /// For the owning thread.
    private final SharedPools pools;

    private volatile boolean closing;
    private volatile boolean over;

    /// Begins to work, whether memcached can be reached or not.
    static MemcachedEngine start(TableRules rules, MemcachedPlace place) {
        return start(
                rules,
                place,
                MemcachedStore.open(place),
                InstantSource.system(),
                new SecureRandom());
    }

    static MemcachedEngine start(
            TableRules rules,
            MemcachedPlace place,
            ValueStore store,
            InstantSource wall,
            RandomGenerator random) {
        var engine = new MemcachedEngine(rules, place, store, wall, random);
        engine.thread.start();
        return engine;
    }

    private MemcachedEngine(
            TableRules rules,
            MemcachedPlace place,
            ValueStore store,
            InstantSource wall,
            RandomGenerator random) {
        this.store = store;
        long writer = random.nextLong();
        var writes = new AtomicLong();
        this.shop =
                new PoolRound.Shop(
                        writer,
                        store,
                        wall,
                        System::nanoTime,
                        new ClockNumbers(wall),
                        () -> new PoolValue.Write(writer, writes.incrementAndGet()),
                        random::nextLong,
                        place.operationLimit());
        this.pools = new SharedPools(rules, place, shop, this::launch, this::tell);
        this.thread = Thread.ofPlatform().name("pools").unstarted(this::run);
    }

    // From any thread.

    @Override
    public void propose(Operation operation, Answer answer) {
        if (!OperationCodec.fits(operation)) {
            answer.outcome(new Outcome.Refused(Refusal.INVALID));
        } else if (!offer(new Event.Proposed(operation, new Counted(answer)))) {
            answer.failed(new Failure(false, no()));
        }
    }

    /// Makes room for another one when it is answered.
    private final class Counted implements Answer {
        private final Answer answer;

        private Counted(Answer answer) {
            this.answer = answer;
        }

        @Override
        public void outcome(Outcome outcome) {
            outstanding.decrementAndGet();
            answer.outcome(outcome);
        }

        @Override
        public void failed(Failure failure) {
            outstanding.decrementAndGet();
            answer.failed(failure);
        }
    }

    @Override
    public <T> void read(Function<TableView, T> question, Consumer<@Nullable T> then) {
        if (!offer(new Event.Asked<>(question, then))) {
            then.accept(null);
        }
    }

    private boolean offer(Event event) {
        if (closing || outstanding.incrementAndGet() > MAX_OUTSTANDING) {
            outstanding.decrementAndGet();
            return false;
        }
        events.add(event);
        if (over) {
            // It came in while the thread left.
            refuseRest();
        }
        return true;
    }

    private String no() {
        return closing ? "it stops" : "too much at once; try again";
    }

    @Override
    public void listen(Consumer<Effect> listener) {
        listeners.add(listener);
    }

    @Override
    public Status status() {
        String why = closing ? "it stops" : store.trouble();
        return new Status(KIND, why.isEmpty(), why);
    }

    @Override
    public long nowMs() {
        return shop.wall().millis();
    }

    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        events.add(new Event.Stop());
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    // The owning thread.

    private void run() {
        var batch = new ArrayList<Event>();
        try {
            boolean stop = false;
            while (!stop || pools.flying() > 0 || !events.isEmpty()) {
                gather(batch);
                for (Event event : batch) {
                    stop |= event instanceof Event.Stop;
                    handle(event);
                }
                batch.clear();
                pools.turn();
            }
        } catch (InterruptedException _) {
            LOG.warn("the pools were interrupted");
        } catch (RuntimeException e) {
            LOG.error("the pools stop working: {}", e.getMessage(), e);
        }
        closing = true;
        over = true;
        batch.forEach(this::refuse);
        refuseRest();
        store.close();
    }

    private void gather(List<Event> batch) throws InterruptedException {
        if (events.drainTo(batch) > 0) {
            return;
        }
        Event first = events.poll(pools.waitMs(), TimeUnit.MILLISECONDS);
        if (first != null) {
            batch.add(first);
            events.drainTo(batch);
        }
    }

    private void handle(Event event) {
        switch (event) {
            case Event.Proposed(Operation operation, Answer answer) ->
                    pools.propose(operation, answer);
            case Event.Asked<?> asked -> asked(asked);
            case Event.RoundOver(SharedPool pool, Result result) -> pools.roundOver(pool, result);
            case Event.Stop() -> pools.stop();
        }
    }

    // Looking.

    private void asked(Event.Asked<?> asked) {
        pools.see(images -> {
            outstanding.decrementAndGet();
            try {
                asked.at(images == null ? null : pools.view(images));
            } catch (RuntimeException e) {
                LOG.error("a look at the pools failed", e);
            }
        });
    }

    // Rounds.

    private void launch(SharedPool pool, PoolRound.Order order) {
        Thread.ofVirtual().name("pool-round").start(() -> events.add(round(pool, order)));
    }

    private Event round(SharedPool pool, PoolRound.Order order) {
        rounds.acquireUninterruptibly();
        try {
            return new Event.RoundOver(pool, new PoolRound(shop, order).run());
        } catch (RuntimeException e) {
            LOG.error("a round of pool {} failed", pool.name, e);
            return new Event.RoundOver(
                    pool, new Result.Failed(new Failure(true, "it went wrong: " + e)));
        } finally {
            rounds.release();
        }
    }

    // Telling.

    private void tell(Effect effect) {
        for (Consumer<Effect> listener : listeners) {
            try {
                listener.accept(effect);
            } catch (RuntimeException e) {
                LOG.error("a listener of the pools failed", e);
            }
        }
    }

    private void refuseRest() {
        for (Event event = events.poll(); event != null; event = events.poll()) {
            refuse(event);
        }
    }

    private void refuse(Event event) {
        switch (event) {
            case Event.Proposed(Operation _, Answer answer) ->
                    Answers.failed(answer, new Failure(false, no()));
            case Event.Asked<?> asked -> {
                outstanding.decrementAndGet();
                asked.at(null);
            }
            case Event.RoundOver(SharedPool _, Result _), Event.Stop() -> {}
        }
    }
}
