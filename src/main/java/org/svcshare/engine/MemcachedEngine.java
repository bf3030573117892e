package org.svcshare.engine;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
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
import org.svcshare.engine.SharedPool.Want;
import org.svcshare.pool.Effect;
import org.svcshare.pool.LockTable;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableImage;
import org.svcshare.pool.TableRules;
import org.svcshare.pool.TableView;
import org.svcshare.pool.TicketView;

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
    private static final int BATCH = 1024;
    private static final int ROUNDS_AT_ONCE = 64;
    private static final int MAX_POOLS = 10_000;
    private static final long NANOS_PER_MS = 1_000_000;
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(5);
    private static final Duration CLOCK_SILENCE = Duration.ofMinutes(1);

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

    private record Look(long atMs, SharedPool pool) {}

    private final MemcachedPlace place;
    private final ValueStore store;
    private final PoolRound.Shop shop;
    private final List<Consumer<Effect>> listeners = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final AtomicInteger outstanding = new AtomicInteger();
    private final Semaphore rounds = new Semaphore(ROUNDS_AT_ONCE);
    private final Thread thread;

    // For the owning thread.
    private final Map<String, SharedPool> pools = new HashMap<>();
    private final Map<String, PoolRules> declared = new LinkedHashMap<>();
    private final PriorityQueue<Look> looks =
            new PriorityQueue<>(Comparator.comparingLong(Look::atMs));

    /// What wants a round after the present batch of events.
    private final Set<SharedPool> ready = new LinkedHashSet<>();

    private TableRules rules;
    private int tickets;
    private int flying;
    private long clockWarnedMs = nowMs() - CLOCK_SILENCE.toMillis();

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
        this.place = place;
        this.store = store;
        this.rules = rules;
        configure(rules);
        long writer = random.nextLong();
        var writes = new AtomicLong();
        this.shop =
                new PoolRound.Shop(
                        store,
                        wall,
                        System::nanoTime,
                        new ClockNumbers(wall),
                        () -> new PoolValue.Write(writer, writes.incrementAndGet()),
                        random::nextLong,
                        place.operationLimit());
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
            while (!stop || flying > 0 || !events.isEmpty()) {
                gather(batch);
                for (Event event : batch) {
                    stop |= event instanceof Event.Stop;
                    handle(event);
                }
                batch.clear();
                lookAtWhatIsDue();
                ready.forEach(this::begin);
                ready.clear();
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
        Look next = looks.peek();
        Event first =
                next == null
                        ? events.take()
                        : events.poll(Math.max(0, next.atMs - nowMs()), TimeUnit.MILLISECONDS);
        if (first != null) {
            batch.add(first);
            events.drainTo(batch);
        }
    }

    private static long nowMs() {
        return System.nanoTime() / NANOS_PER_MS;
    }

    private void handle(Event event) {
        switch (event) {
            case Event.Proposed(Operation operation, Answer answer) -> proposed(operation, answer);
            case Event.Asked<?> asked -> asked(asked);
            case Event.RoundOver(SharedPool pool, Result result) -> roundOver(pool, result);
            case Event.Stop() -> looks.clear();
        }
    }

    private void proposed(Operation operation, Answer answer) {
        switch (operation) {
            case Operation.Acquire asked -> into(asked.pool(), operation, answer);
            case Operation.Renew renew -> into(renew.pool(), operation, answer);
            case Operation.Release release -> into(release.pool(), operation, answer);
            case Operation.Claim claim -> into(claim.pool(), operation, answer);
            case Operation.Unheard unheard -> ours(unheard, answer);
            case Operation.Force force -> force(force, answer);
            case Operation.Configure(TableRules wanted) -> {
                configure(wanted);
                everywhere(operation, answer);
            }
            case Operation.Restarted _, Operation.Tick _ -> everywhere(operation, answer);
        }
    }

    private void configure(TableRules wanted) {
        rules = wanted;
        declared.clear();
        wanted.declared().forEach(pool -> declared.put(pool.name(), pool));
    }

    private void into(String name, Operation operation, Answer answer) {
        SharedPool pool = pool(name);
        if (pool == null) {
            // It takes no look at memcached to say no.
            boolean full = rules.undeclared() != null;
            answer(
                    answer,
                    full ? new Outcome.Refused(Refusal.TOO_MANY_TICKETS) : unknown(operation));
            return;
        }
        pool.add(new Want.Do(operation, answer));
        ready.add(pool);
    }

    private Outcome unknown(Operation operation) {
        var table = new LockTable(_ -> {});
        table.apply(new Operation.Configure(rulesOf(Optional.empty(), 0)), 0);
        return table.apply(operation, 0);
    }

    private @Nullable SharedPool pool(String name) {
        SharedPool pool = pools.get(name);
        if (pool != null) {
            return pool;
        }
        boolean room = pools.size() < MAX_POOLS && tickets < rules.maxTickets();
        if (!declared.containsKey(name) && (rules.undeclared() == null || !room)) {
            return null;
        }
        pool = new SharedPool(name, place.key(name));
        pools.put(name, pool);
        return pool;
    }

    /// Only the server at which somebody waited knows that nobody heard.
    private void ours(Operation.Unheard unheard, Answer answer) {
        for (SharedPool pool : pools.values()) {
            if (pool.known != null && pool.known.ours().contains(unheard.id())) {
                pool.add(new Want.Do(unheard, answer));
                ready.add(pool);
                return;
            }
        }
        answer(answer, new Outcome.Refused(Refusal.UNKNOWN_TICKET));
    }

    private void force(Operation.Force force, Answer answer) {
        see(images -> {
            if (images == null) {
                failed(answer, new Failure(false, trouble()));
                return;
            }
            Optional<TicketView> ticket = view(images).ticket(force.ticket());
            if (ticket.isEmpty()) {
                answer(answer, new Outcome.Refused(Refusal.UNKNOWN_TICKET));
            } else {
                into(ticket.get().pool(), force, answer);
            }
        });
    }

    private String trouble() {
        String trouble = store.trouble();
        return trouble.isEmpty() ? place + " could not be read" : trouble;
    }

    /// What concerns all pools is answered when each of them has been seen with it.
    private void everywhere(Operation operation, Answer answer) {
        if (operation instanceof Operation.Restarted) {
            var ignored = new Ignored();
            pools.values().forEach(pool -> pool.add(new Want.Do(operation, ignored)));
        }
        see(images -> {
            if (images == null && !(operation instanceof Operation.Configure)) {
                failed(answer, new Failure(true, trouble()));
            } else {
                answer(answer, new Outcome.Done());
            }
        });
    }

    private static final class Ignored implements Answer {
        @Override
        public void outcome(Outcome outcome) {}

        @Override
        public void failed(Failure failure) {
            LOG.debug("{}", failure.why());
        }
    }

    // Looking.

    private void asked(Event.Asked<?> asked) {
        see(images -> {
            outstanding.decrementAndGet();
            try {
                asked.at(images == null ? null : view(images));
            } catch (RuntimeException e) {
                LOG.error("a look at the pools failed", e);
            }
        });
    }

    /// Declared ones, and the others that this server knows of.
    private void see(Consumer<@Nullable Map<String, TableImage>> then) {
        declared.keySet().forEach(this::pool);
        var all = List.copyOf(pools.values());
        var gathering = new Gathering(all.size(), then);
        for (SharedPool pool : all) {
            pool.add(new Want.See(gathering));
            ready.add(pool);
        }
    }

    private TableView view(Map<String, TableImage> images) {
        var inOrder = new LinkedHashMap<String, TableImage>();
        declared.keySet().forEach(name -> put(images, name, inOrder));
        images.keySet().stream()
                .filter(name -> !declared.containsKey(name))
                .sorted()
                .forEach(name -> put(images, name, inOrder));
        return new ManyTables(inOrder);
    }

    private static void put(
            Map<String, TableImage> images, String name, Map<String, TableImage> inOrder) {
        TableImage image = images.get(name);
        if (image != null) {
            inOrder.put(name, image);
        }
    }

    private void lookAtWhatIsDue() {
        long now = nowMs();
        for (Look next = looks.peek(); next != null && next.atMs <= now; next = looks.peek()) {
            looks.remove();
            // A round since then has set another time.
            if (next.pool.lookMs == next.atMs && !next.pool.busy() && !closing) {
                ready.add(next.pool);
            }
        }
    }

    // Rounds.

    private void begin(SharedPool pool) {
        if (pool.busy()) {
            return;
        }
        List<Operation> operations = pool.begin(BATCH);
        var order =
                new PoolRound.Order(
                        pool.name,
                        pool.key,
                        rulesOf(
                                Optional.ofNullable(declared.get(pool.name)),
                                tickets - pool.size()),
                        operations,
                        pool.known);
        flying++;
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

    private TableRules rulesOf(Optional<PoolRules> own, int elsewhere) {
        return new TableRules(
                own.stream().toList(),
                rules.undeclared(),
                Math.max(1, rules.maxTickets() - elsewhere),
                rules.rememberMs(),
                rules.maxRemembered());
    }

    private void roundOver(SharedPool pool, Result result) {
        flying--;
        List<Want> wants = pool.end();
        tickets -= pool.size();
        switch (result) {
            case Result.Done done -> done(pool, wants, done);
            case Result.Failed(Failure failure) -> {
                pool.planAgain(nowMs(), place.pollInterval());
                wants.forEach(want -> failed(want, failure));
            }
        }
        tickets += pool.size();
        if (pool.wanted()) {
            ready.add(pool);
        } else if (pool.lookMs != SharedPool.NEVER && !closing) {
            looks.add(new Look(pool.lookMs, pool));
        } else if (!declared.containsKey(pool.name) && pool.idle()) {
            pools.remove(pool.name, pool);
        }
    }

    private void done(SharedPool pool, List<Want> wants, Result.Done done) {
        Known before = pool.known;
        compareClocks(done.begin().nowMs());
        var asked = new HashSet<RequestId>();
        wants.forEach(want -> id(want).ifPresent(asked::add));
        pool.learn(done, asked, System.nanoTime());
        pool.plan(nowMs(), shop.wall().millis(), place.pollInterval());
        if (before != null) {
            Differences.tell(
                    before.image(), done.begin(), before.ours(), done.forgotten(), this::tell);
        }
        done.due().forEach(this::tell);
        int step = 0;
        for (Want want : wants) {
            switch (want) {
                case Want.Do(Operation _, Answer answer) -> {
                    PoolRound.Step at = done.steps().get(step++);
                    at.effects().forEach(this::tell);
                    answer(answer, at.outcome());
                }
                case Want.See(Gathering gathering) -> gathering.seen(pool.name, done.after());
            }
        }
    }

    private static Optional<RequestId> id(Want want) {
        if (!(want instanceof Want.Do(Operation operation, Answer _))) {
            return Optional.empty();
        }
        return switch (operation) {
            case Operation.Acquire acquire -> Optional.of(acquire.id());
            case Operation.Renew renew -> Optional.of(renew.id());
            case Operation.Claim claim -> Optional.of(claim.id());
            case Operation.Unheard unheard -> Optional.of(unheard.id());
            case Operation.Release _,
                    Operation.Force _,
                    Operation.Configure _,
                    Operation.Restarted _,
                    Operation.Tick _ ->
                    Optional.empty();
        };
    }

    /// Leases end by the servers' clocks; one that is ahead ends the leases of all others early.
    private void compareClocks(long tableMs) {
        long aheadMs = tableMs - shop.wall().millis();
        if (aheadMs > CLOCK_TOLERANCE.toMillis()
                && nowMs() - clockWarnedMs >= CLOCK_SILENCE.toMillis()) {
            clockWarnedMs = nowMs();
            LOG.warn(
                    "the clock of a server that shares {} is {} s ahead of this one's: leases end"
                            + " too early or too late",
                    place,
                    aheadMs / 1000);
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

    private static void answer(Answer answer, Outcome outcome) {
        try {
            answer.outcome(outcome);
        } catch (RuntimeException e) {
            LOG.error("an answer of the pools was not taken", e);
        }
    }

    private static void failed(Answer answer, Failure failure) {
        try {
            answer.failed(failure);
        } catch (RuntimeException e) {
            LOG.error("an answer of the pools was not taken", e);
        }
    }

    private void failed(Want want, Failure failure) {
        switch (want) {
            case Want.Do(Operation _, Answer answer) -> failed(answer, failure);
            case Want.See(Gathering gathering) -> gathering.failed();
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
                    failed(answer, new Failure(false, no()));
            case Event.Asked<?> asked -> {
                outstanding.decrementAndGet();
                asked.at(null);
            }
            case Event.RoundOver(SharedPool _, Result _), Event.Stop() -> {}
        }
    }
}
