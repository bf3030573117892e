package org.svcshare.engine;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.awaitility.Awaitility;
import org.svcshare.pool.Effect;
import org.svcshare.pool.Mode;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.PoolEngine.Answer;
import org.svcshare.pool.PoolEngine.Failure;
import org.svcshare.pool.PoolEngine.Glance;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableRules;
import org.svcshare.pool.TableView;
import org.svcshare.pool.TicketView;

/// An engine with words for what is asked of it; keeps what it tells.
public final class EngineKit implements AutoCloseable {
    public static final Duration PATIENCE = Duration.ofSeconds(20);
    public static final PoolRules ANY = new PoolRules("*", 1, 60_000, 1000, Set.of());
    public static final TableRules RULES =
            new TableRules(
                    List.of(
                            new PoolRules("bench", 1, 60_000, 10_000, Set.of()),
                            new PoolRules("seats", 2, 60_000, 10_000, Set.of())),
                    ANY,
                    100_000,
                    60_000,
                    1000);

    /// What comes of an operation.
    public record Reply(Outcome outcome, Failure failure) {
        public static final Outcome NO_OUTCOME = new Outcome.Done();
        public static final Failure NO_FAILURE = new Failure(false, "");
    }

    public final PoolEngine engine;
    private final List<Effect> effects = new ArrayList<>();

    public EngineKit(PoolEngine engine) {
        this.engine = engine;
        engine.listen(effect -> {
            synchronized (effects) {
                effects.add(effect);
            }
        });
    }

    public static RequestId id(String who) {
        return new RequestId(4711, who.hashCode());
    }

    public static Operation.Acquire asking(String who, String pool, Duration wait, Duration lease) {
        return new Operation.Acquire(
                id(who),
                pool,
                who,
                "",
                Mode.EXCLUSIVE,
                wait.toMillis(),
                lease.toMillis(),
                0,
                false);
    }

    public CompletableFuture<Reply> propose(Operation operation) {
        var reply = new CompletableFuture<Reply>();
        engine.propose(
                operation,
                new Answer() {
                    @Override
                    public void outcome(Outcome outcome) {
                        once(reply.complete(new Reply(outcome, Reply.NO_FAILURE)));
                    }

                    @Override
                    public void failed(Failure failure) {
                        once(reply.complete(new Reply(Reply.NO_OUTCOME, failure)));
                    }

                    private void once(boolean first) {
                        if (!first) {
                            throw new IllegalStateException("answered twice: " + operation);
                        }
                    }
                });
        return reply;
    }

    public static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("no answer", e);
        }
    }

    public Outcome ask(Operation operation) {
        Reply reply = get(propose(operation));
        if (!reply.failure().equals(Reply.NO_FAILURE)) {
            throw new AssertionError(operation + ": " + reply.failure());
        }
        return reply.outcome();
    }

    public Failure fail(Operation operation) {
        Reply reply = get(propose(operation));
        if (reply.failure().equals(Reply.NO_FAILURE)) {
            throw new AssertionError(operation + ": " + reply.outcome());
        }
        return reply.failure();
    }

    public boolean cannotBeRead() {
        var seen = new CompletableFuture<Boolean>();
        engine.read(_ -> true, answer -> seen.complete(answer == null));
        return get(seen);
    }

    public Outcome acquire(String who, String pool) {
        return ask(asking(who, pool, Duration.ofMinutes(1), Duration.ofMinutes(1)));
    }

    public Outcome.Granted granted(String who, String pool) {
        return assertInstanceOf(Outcome.Granted.class, acquire(who, pool));
    }

    public Outcome release(String who, String pool) {
        return ask(new Operation.Release(id(who), pool));
    }

    /// Holders, then waiters.
    public List<String> queue(String pool) {
        return look(view ->
                view.tickets(Optional.of(pool), 10_000).stream().map(TicketView::holder).toList());
    }

    public int count(ToIntFunction<TableView> question) {
        return look(question::applyAsInt);
    }

    public <T> T look(Function<TableView, T> question) {
        var seen = new CompletableFuture<T>();
        engine.read(question, seen::complete);
        return get(seen);
    }

    public <T> Optional<Glance<T>> glance(Function<TableView, T> question) {
        var seen = new CompletableFuture<Optional<Glance<T>>>();
        engine.glance(question, glance -> seen.complete(Optional.ofNullable(glance)));
        return get(seen);
    }

    public List<Effect> effects() {
        synchronized (effects) {
            return List.copyOf(effects);
        }
    }

    public List<Effect> effectsOf(String who) {
        return effects().stream().filter(effect -> effect.id().equals(id(who))).toList();
    }

    public <E extends Effect> E await(Class<E> kind, String who) {
        Predicate<Effect> wanted = effect -> kind.isInstance(effect) && effect.id().equals(id(who));
        Awaitility.await(kind.getSimpleName() + " of " + who + " in " + effects())
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> effects().stream().anyMatch(wanted));
        return kind.cast(effects().stream().filter(wanted).findFirst().orElseThrow());
    }

    @Override
    public void close() {
        engine.close();
    }
}
