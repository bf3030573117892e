package org.svcshare.bot;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Effect;
import org.svcshare.pool.Mode;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableView;
import org.svcshare.pool.TicketView;
import org.svcshare.turn.Asker;
import org.svcshare.turn.PoolCall;
import org.svcshare.turn.PoolNews;
import org.svcshare.turn.PoolWish;
import org.svcshare.turn.TurnEvent;

/// Does what people in the channel want of the lock pools of this node, and tells them what becomes
/// of it. The locks outlive a restart of the bot; that they were taken here does not.
///
/// Owned by the bot's loop; the engine's answers come back to it.
final class PoolErrands {
    private static final Duration LAST_CALL = Duration.ofMinutes(2);
    private static final Duration IN_QUEUE = Duration.ofDays(1);
    private static final int MOST = 1000;
    private static final int MOST_TICKETS = 100;

    private final Supplier<Optional<PoolEngine>> engines;
    private final Executor loop;
    private final InstantSource clock;
    private final Supplier<RequestId> ids;
    private final Consumer<TurnEvent> events;
    private final Map<RequestId, Errand> errands = new LinkedHashMap<>();
    private boolean listens;

    /// A lock that was taken here, or is waited for.
    private static final class Errand {
        final Asker asker;
        final String pool;
        boolean waited;
        boolean held;
        boolean called;

        /// By the table's time, as all that counts down; [Long#MAX_VALUE]: never.
        long untilMs = Long.MAX_VALUE;

        Errand(Asker asker, String pool) {
            this.asker = asker;
            this.pool = pool;
        }

        boolean isOf(Asker other, String ofPool) {
            return pool.equals(ofPool) && asker.name().equalsIgnoreCase(other.name());
        }
    }

    /// @param engines the node's engine, or empty while it has none
    /// @param loop runs what it is given on the owning loop, later
    /// @param clock the wall's, by which people are told times
    PoolErrands(
            Supplier<Optional<PoolEngine>> engines,
            Executor loop,
            InstantSource clock,
            Supplier<RequestId> ids,
            Consumer<TurnEvent> events) {
        this.engines = engines;
        this.loop = loop;
        this.clock = clock;
        this.ids = ids;
        this.events = events;
    }

    void run(Asker asker, PoolWish wish) {
        Optional<PoolEngine> engine = engines.get();
        if (engine.isEmpty()) {
            say(asker, new PoolNews.NoPools());
            return;
        }
        PoolEngine pools = engine.get();
        if (!listens) {
            listens = true;
            pools.listen(effect -> loop.execute(() -> happened(pools, effect)));
        }
        switch (wish) {
            case PoolWish.All() ->
                    look(pools, asker, "the pools", PoolErrands::rows, news -> say(asker, news));
            case PoolWish.Look(String pool) ->
                    look(
                            pools,
                            asker,
                            pool,
                            view -> seen(pools, view, pool),
                            news -> say(asker, news));
            case PoolWish.Take take ->
                    look(
                            pools,
                            asker,
                            take.pool(),
                            view -> view.pool(take.pool()).isPresent(),
                            there -> {
                                if (there) {
                                    take(pools, asker, take);
                                } else {
                                    say(asker, new PoolNews.NoSuchPool(take.pool()));
                                }
                            });
            case PoolWish.GiveBack(String pool) -> giveBack(pools, asker, pool);
            case PoolWish.TakeAway(String pool, String holder) ->
                    look(
                            pools,
                            asker,
                            pool,
                            view -> of(view, pool, holder),
                            ticket -> takeAway(pools, asker, pool, holder, ticket));
        }
    }

    // Looking.

    private <T> void look(
            PoolEngine pools,
            Asker asker,
            String pool,
            Function<TableView, T> question,
            Consumer<T> then) {
        pools.read(
                question,
                answer ->
                        loop.execute(() -> {
                            if (answer == null) {
                                say(asker, new PoolNews.NotDone(pool, "cannot be asked just now"));
                            } else {
                                then.accept(answer);
                            }
                        }));
    }

    private static PoolNews rows(TableView view) {
        return new PoolNews.All(
                view.pools().stream()
                        .map(pool ->
                                new PoolNews.Row(
                                        pool.name(),
                                        pool.slots(),
                                        pool.slotsTaken(),
                                        pool.waiting()))
                        .toList());
    }

    private PoolNews seen(PoolEngine pools, TableView view, String pool) {
        return view.pool(pool).isEmpty()
                ? new PoolNews.NoSuchPool(pool)
                : new PoolNews.Seen(pool, tickets(pools, view, pool));
    }

    private List<PoolNews.Ticket> tickets(PoolEngine pools, TableView view, String pool) {
        return view.tickets(Optional.of(pool), MOST_TICKETS).stream()
                .map(ticket ->
                        new PoolNews.Ticket(
                                ticket.holder(),
                                ticket.reason(),
                                ticket.state() != TicketView.State.WAITING,
                                wall(pools, ticket.untilMs())))
                .toList();
    }

    /// The number of a ticket, 0 for none: what is held before what waits.
    private static long of(TableView view, String pool, String holder) {
        return view.tickets(Optional.of(pool), MOST_TICKETS).stream()
                .filter(ticket -> ticket.holder().equalsIgnoreCase(holder))
                .mapToLong(TicketView::ticket)
                .findFirst()
                .orElse(0);
    }

    /// When it is so late by the clock on the wall; the table's own need not agree with it.
    private @Nullable Instant wall(PoolEngine pools, long tableMs) {
        return tableMs == Long.MAX_VALUE
                ? null
                : clock.instant().plusMillis(tableMs - pools.nowMs());
    }

    // Taking and giving.

    private void take(PoolEngine pools, Asker asker, PoolWish.Take take) {
        Optional<Map.Entry<RequestId, Errand>> own = errand(asker, take.pool());
        if (own.isPresent() && own.get().getValue().held) {
            var renew =
                    new Operation.Renew(own.get().getKey(), take.pool(), take.length().toMillis());
            propose(pools, renew, asker, take.pool(), own.get().getKey());
            return;
        }
        if (own.isEmpty() && errands.size() >= MOST) {
            say(asker, new PoolNews.NotDone(take.pool(), "too many locks were taken here"));
            return;
        }
        RequestId id = own.map(Map.Entry::getKey).orElseGet(ids);
        errands.computeIfAbsent(id, _ -> new Errand(asker, take.pool()));
        var acquire =
                new Operation.Acquire(
                        id,
                        take.pool(),
                        asker.name(),
                        take.reason(),
                        Mode.EXCLUSIVE,
                        IN_QUEUE.toMillis(),
                        take.length().toMillis(),
                        0,
                        false);
        propose(pools, acquire, asker, take.pool(), id);
    }

    private Optional<Map.Entry<RequestId, Errand>> errand(Asker asker, String pool) {
        return errands.entrySet().stream()
                .filter(entry -> entry.getValue().isOf(asker, pool))
                .findFirst();
    }

    private void giveBack(PoolEngine pools, Asker asker, String pool) {
        Optional<Map.Entry<RequestId, Errand>> own = errand(asker, pool);
        if (own.isEmpty()) {
            say(asker, new PoolNews.NotDone(pool, "you did not take it here"));
            return;
        }
        RequestId id = own.get().getKey();
        propose(pools, new Operation.Release(id, pool), asker, pool, id);
    }

    private void takeAway(PoolEngine pools, Asker asker, String pool, String holder, long ticket) {
        if (ticket == 0) {
            say(asker, new PoolNews.NotDone(pool, holder + " does not have it"));
            return;
        }
        pools.propose(
                new Operation.Force(ticket, asker.name()),
                new OnLoop(
                        outcome ->
                                say(
                                        asker,
                                        outcome instanceof Outcome.Released
                                                ? new PoolNews.Free(pool, holder)
                                                : new PoolNews.NotDone(
                                                        pool, holder + " does not have it")),
                        failure -> say(asker, new PoolNews.NotDone(pool, failure.why()))));
    }

    private void propose(
            PoolEngine pools, Operation operation, Asker asker, String pool, RequestId id) {
        pools.propose(
                operation,
                new OnLoop(
                        outcome -> answered(pools, asker, pool, id, outcome),
                        failure -> {
                            if (!failure.perhapsDone() && operation instanceof Operation.Acquire) {
                                errands.remove(id);
                            }
                            say(asker, new PoolNews.NotDone(pool, failure.why()));
                        }));
    }

    private void answered(
            PoolEngine pools, Asker asker, String pool, RequestId id, Outcome outcome) {
        switch (outcome) {
            case Outcome.Granted granted ->
                    say(asker, new PoolNews.Yours(pool, wall(pools, granted.untilMs())));
            case Outcome.Queued queued ->
                    look(
                            pools,
                            asker,
                            pool,
                            view -> tickets(pools, view, pool),
                            tickets ->
                                    say(
                                            asker,
                                            new PoolNews.Waits(
                                                    pool,
                                                    tickets.stream()
                                                            .filter(PoolNews.Ticket::held)
                                                            .findFirst()
                                                            .orElse(null),
                                                    queued.ahead() + 1)));
            case Outcome.Released _, Outcome.Done _ -> {
                errands.remove(id);
                say(asker, new PoolNews.Free(pool, asker.name()));
            }
            case Outcome.Refused refused -> {
                errands.remove(id);
                say(
                        asker,
                        refused.why() == Refusal.UNKNOWN_POOL
                                ? new PoolNews.NoSuchPool(pool)
                                : new PoolNews.NotDone(pool, text(refused.why())));
            }
        }
    }

    private static String text(Refusal why) {
        return switch (why) {
            case NOT_ALLOWED -> "you may not have it";
            case TOO_MANY_WAITERS, TOO_MANY_TICKETS -> "too many wait already";
            case EXPIRED, TIMED_OUT, RELEASED, FORCED, UNKNOWN_TICKET, NOT_OWNER ->
                    "it had just ended; say that again";
            case BUSY, UNKNOWN_POOL, ID_REUSED, INVALID -> "that cannot be done";
        };
    }

    // What becomes of them.

    private void happened(PoolEngine pools, Effect effect) {
        Errand errand = errands.get(effect.id());
        if (errand == null) {
            return;
        }
        switch (effect) {
            case Effect.Queued _ -> errand.waited = true;
            case Effect.Granted granted -> {
                errand.held = true;
                holds(pools, errand, granted.untilMs());
                if (errand.waited) {
                    Instant until = wall(pools, errand.untilMs);
                    call(errand, new PoolCall.YourTurn(errand.pool, until));
                }
            }
            case Effect.Renewed renewed -> holds(pools, errand, renewed.untilMs());
            case Effect.Unlocking _ -> {}
            case Effect.Ended ended -> {
                errands.remove(effect.id());
                boolean taken = ended.cause() == Effect.Cause.FORCED;
                if (taken || (ended.held() && ended.cause() == Effect.Cause.EXPIRED)) {
                    call(errand, new PoolCall.Over(errand.pool, taken));
                }
            }
        }
    }

    private static void holds(PoolEngine pools, Errand errand, long untilMs) {
        errand.untilMs = untilMs;
        // Who takes it for a moment needs no warning.
        errand.called = untilMs == Long.MAX_VALUE || untilCallMs(pools, errand) <= 0;
    }

    private static long untilCallMs(PoolEngine pools, Errand errand) {
        return errand.untilMs - LAST_CALL.toMillis() - pools.nowMs();
    }

    /// How long until [#onTime] wants to be called; `most` when there is no need before.
    Duration untilNext(Duration most) {
        Optional<PoolEngine> engine = engines.get();
        long leastMs = most.toMillis();
        for (Errand errand : errands.values()) {
            if (errand.held && !errand.called && engine.isPresent()) {
                leastMs = Math.min(leastMs, untilCallMs(engine.get(), errand));
            }
        }
        return leastMs == most.toMillis() ? most : Duration.ofMillis(Math.max(0, leastMs));
    }

    /// Does what is due.
    void onTime() {
        Optional<PoolEngine> engine = engines.get();
        for (Errand errand : errands.values()) {
            if (errand.held
                    && !errand.called
                    && engine.isPresent()
                    && untilCallMs(engine.get(), errand) <= 0) {
                errand.called = true;
                Instant until = wall(engine.get(), errand.untilMs);
                if (until != null) {
                    call(errand, new PoolCall.EndsSoon(errand.pool, until));
                }
            }
        }
    }

    private void call(Errand errand, PoolCall call) {
        events.accept(new TurnEvent.PoolCalled(errand.asker.nick(), call));
    }

    private void say(Asker asker, PoolNews news) {
        events.accept(new TurnEvent.PoolsAnswered(asker, news));
    }

    /// Takes an engine's answer to the loop.
    private final class OnLoop implements PoolEngine.Answer {
        private final Consumer<Outcome> then;
        private final Consumer<PoolEngine.Failure> otherwise;

        OnLoop(Consumer<Outcome> then, Consumer<PoolEngine.Failure> otherwise) {
            this.then = then;
            this.otherwise = otherwise;
        }

        @Override
        public void outcome(Outcome outcome) {
            loop.execute(() -> then.accept(outcome));
        }

        @Override
        public void failed(PoolEngine.Failure failure) {
            loop.execute(() -> otherwise.accept(failure));
        }
    }
}
