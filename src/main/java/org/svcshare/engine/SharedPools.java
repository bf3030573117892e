package org.svcshare.engine;

import java.time.Duration;
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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.engine.PoolRound.Result;
import org.svcshare.engine.SharedPool.Want;
import org.svcshare.pool.Effect;
import org.svcshare.pool.LockTable;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine.Answer;
import org.svcshare.pool.PoolEngine.Failure;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableImage;
import org.svcshare.pool.TableRules;
import org.svcshare.pool.TableView;
import org.svcshare.pool.TicketView;

/// What one server of several knows of the pools in a memcached, and what it has to do with them:
/// rounds are begun from here, and come back here. For the thread that owns a [MemcachedEngine].
final class SharedPools {
    private static final Logger LOG = LoggerFactory.getLogger(SharedPools.class);
    private static final int BATCH = 1024;
    private static final int MAX_POOLS = 10_000;
    private static final long NANOS_PER_MS = 1_000_000;
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(5);
    private static final Duration CLOCK_SILENCE = Duration.ofMinutes(1);

    private record Look(long atMs, SharedPool pool) {}

    /// Carries a round out on another thread, and has [#roundOver] called on this one.
    interface Launch {
        void round(SharedPool pool, PoolRound.Order order);
    }

    private final MemcachedPlace place;
    private final PoolRound.Shop shop;
    private final Launch launch;
    private final Consumer<Effect> effects;
    private final Map<String, SharedPool> pools = new HashMap<>();
    private final Map<String, PoolRules> declared = new LinkedHashMap<>();
    private final PriorityQueue<Look> looks =
            new PriorityQueue<>(Comparator.comparingLong(Look::atMs));

    /// What wants a round after the present batch of events.
    private final Set<SharedPool> ready = new LinkedHashSet<>();

    private TableRules rules;

    /// How many there are in all pools that this server knows.
    private int tickets;

    private int flying;
    private boolean stopping;
    private long clockWarnedMs = nowMs() - CLOCK_SILENCE.toMillis();

    SharedPools(
            TableRules rules,
            MemcachedPlace place,
            PoolRound.Shop shop,
            Launch launch,
            Consumer<Effect> effects) {
        this.rules = rules;
        this.place = place;
        this.shop = shop;
        this.launch = launch;
        this.effects = effects;
        configure(rules);
    }

    /// How many rounds are under way.
    int flying() {
        return flying;
    }

    /// Looks at nothing more of its own accord.
    void stop() {
        stopping = true;
        looks.clear();
    }

    /// @return when [#turn] is worth while, in milliseconds from now; [Long#MAX_VALUE]: not by
    ///   itself
    long waitMs() {
        Look next = looks.peek();
        return next == null ? Long.MAX_VALUE : Math.max(0, next.atMs - nowMs());
    }

    /// Begins the rounds that are wanted, or due.
    void turn() {
        lookAtWhatIsDue();
        ready.forEach(this::begin);
        ready.clear();
    }

    private static long nowMs() {
        return System.nanoTime() / NANOS_PER_MS;
    }

    void propose(Operation operation, Answer answer) {
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
            Answers.outcome(
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
        Answers.outcome(answer, new Outcome.Refused(Refusal.UNKNOWN_TICKET));
    }

    private void force(Operation.Force force, Answer answer) {
        see(images -> {
            if (images == null) {
                Answers.failed(answer, new Failure(false, trouble()));
                return;
            }
            Optional<TicketView> ticket = view(images).ticket(force.ticket());
            if (ticket.isEmpty()) {
                Answers.outcome(answer, new Outcome.Refused(Refusal.UNKNOWN_TICKET));
            } else {
                into(ticket.get().pool(), force, answer);
            }
        });
    }

    private String trouble() {
        String trouble = shop.store().trouble();
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
                Answers.failed(answer, new Failure(true, trouble()));
            } else {
                Answers.outcome(answer, new Outcome.Done());
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

    /// Declared ones, and the others that this server knows of.
    void see(Consumer<@Nullable Map<String, TableImage>> then) {
        declared.keySet().forEach(this::pool);
        var all = List.copyOf(pools.values());
        var gathering = new Gathering(all.size(), then);
        for (SharedPool pool : all) {
            pool.add(new Want.See(gathering));
            ready.add(pool);
        }
    }

    TableView view(Map<String, TableImage> images) {
        var inOrder = new LinkedHashMap<String, TableImage>();
        declared.keySet().forEach(name -> put(images, name, inOrder));
        images.keySet().stream()
                .filter(name -> !declared.containsKey(name))
                .sorted()
                .forEach(name -> put(images, name, inOrder));
        return new ManyTables(inOrder, shop.server());
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
            if (next.pool.lookMs == next.atMs && !next.pool.busy() && !stopping) {
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
        launch.round(pool, order);
    }

    private TableRules rulesOf(Optional<PoolRules> own, int elsewhere) {
        return new TableRules(
                own.stream().toList(),
                rules.undeclared(),
                Math.max(1, rules.maxTickets() - elsewhere),
                rules.rememberMs(),
                rules.maxRemembered());
    }

    void roundOver(SharedPool pool, Result result) {
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
        } else if (pool.lookMs != SharedPool.NEVER && !stopping) {
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
                    before.image(), done.begin(), before.ours(), done.forgotten(), effects);
        }
        done.due().forEach(effects);
        int step = 0;
        for (Want want : wants) {
            switch (want) {
                case Want.Do(Operation _, Answer answer) -> {
                    PoolRound.Step at = done.steps().get(step++);
                    at.effects().forEach(effects);
                    Answers.outcome(answer, at.outcome());
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

    private void failed(Want want, Failure failure) {
        switch (want) {
            case Want.Do(Operation _, Answer answer) -> Answers.failed(answer, failure);
            case Want.See(Gathering gathering) -> gathering.failed();
        }
    }
}
