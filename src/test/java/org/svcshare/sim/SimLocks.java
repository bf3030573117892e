package org.svcshare.sim;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Effect;
import org.svcshare.pool.LockTable;
import org.svcshare.pool.Mode;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableRules;
import org.svcshare.pool.TableView;

/// The lock service that guards the gates, behind a network of its own.
///
/// Questions and answers are delayed, overtake each other, and are lost; some stay on the way for
/// many seconds and arrive all the same, long after who asked has given up waiting.
final class SimLocks {
    static final String POOL = "service";

    private static final long PATIENCE = 5 * Sim.SECOND;
    private static final long LOST_ON_THE_WAY = 40 * Sim.SECOND;

    private final Sim sim;
    private final LockTable table = new LockTable(this::told);
    private final Set<String> cutOff = new HashSet<>();
    private Sim.@Nullable Scheduled tick;
    private long maxDelay = 20 * Sim.MILLI;
    private double loss;
    private double straying;
    private boolean down;

    SimLocks(Sim sim) {
        this.sim = sim;
        var pool = new PoolRules(POOL, 1, 60_000, 100, Set.of());
        apply(new Operation.Configure(new TableRules(List.of(pool), null, 1000, 600_000, 10_000)));
    }

    private Outcome apply(Operation operation) {
        Outcome outcome = table.apply(operation, sim.nanos() / Sim.MILLI);
        if (tick != null) {
            tick.cancel();
        }
        long due = table.nextDueMs();
        tick =
                due == Long.MAX_VALUE
                        ? null
                        : sim.at((due + 1) * Sim.MILLI, () -> apply(new Operation.Tick()));
        return outcome;
    }

    private void told(Effect effect) {
        if (!(effect instanceof Effect.Renewed)) {
            sim.trace().add(sim.nanos(), "locks", effect, "");
        }
    }

    // The weather.

    /// @param lost how likely a question or an answer is lost, 0 to 1
    /// @param strays how likely it takes up to 40 s, 0 to 1
    void weather(long maxDelayNanos, double lost, double strays) {
        maxDelay = maxDelayNanos;
        loss = lost;
        straying = strays;
    }

    void cutOff(String bot, boolean off) {
        if (off) {
            cutOff.add(bot);
        } else {
            cutOff.remove(bot);
        }
    }

    /// The service does not answer, or does so again, and leaves everybody time to come back.
    void down(boolean isDown, Duration grace) {
        if (down && !isDown) {
            apply(new Operation.Restarted(grace.toMillis(), 10_000));
        }
        down = isDown;
    }

    boolean isDown() {
        return down;
    }

    boolean cutsOff(String bot) {
        return cutOff.contains(bot);
    }

    void calm() {
        cutOff.clear();
        down(false, Duration.ZERO);
        weather(20 * Sim.MILLI, 0, 0);
    }

    boolean troubled() {
        return down || !cutOff.isEmpty() || loss > 0 || straying > 0 || taken();
    }

    /// Somebody who is no bot has it or waits for it.
    private boolean taken() {
        return table.view().tickets(Optional.of(POOL), 100).stream()
                .anyMatch(ticket -> ticket.holder().equals("somebody"));
    }

    /// Somebody who is no bot wants the service for himself.
    void somebodyTakes(Duration length) {
        apply(
                new Operation.Acquire(
                        new RequestId(sim.random().nextLong(), sim.random().nextLong()),
                        POOL,
                        "somebody",
                        "",
                        Mode.EXCLUSIVE,
                        60_000,
                        length.toMillis(),
                        0,
                        false));
    }

    private long delay() {
        return sim.chance(straying)
                ? sim.between(0, LOST_ON_THE_WAY)
                : sim.between(Sim.MILLI / 10, maxDelay);
    }

    private boolean reaches(String bot) {
        return !down && !cutOff.contains(bot) && !sim.chance(loss);
    }

    /// The service as one bot sees it.
    PoolEngine seenBy(String bot) {
        return new Seen(bot);
    }

    private final class Seen implements PoolEngine {
        private final String bot;

        Seen(String bot) {
            this.bot = bot;
        }

        @Override
        public void propose(Operation operation, Answer answer) {
            // Some clients wait for long, and get answers that are old.
            long patience = sim.chance(0.5) ? PATIENCE : LOST_ON_THE_WAY;
            var open = new boolean[] {true};
            sim.after(
                    patience,
                    () -> {
                        if (open[0]) {
                            open[0] = false;
                            if (!sim.chance(0.1)) {
                                answer.failed(new Failure(true, "no answer"));
                            }
                        }
                    });
            if (!reaches(bot)) {
                return;
            }
            sim.after(
                    delay(),
                    () -> {
                        Outcome outcome = apply(operation);
                        if (!reaches(bot)) {
                            return;
                        }
                        sim.after(
                                delay(),
                                () -> {
                                    if (open[0]) {
                                        open[0] = false;
                                        answer.outcome(outcome);
                                    }
                                });
                    });
        }

        @Override
        public <T> void read(Function<TableView, T> question, Consumer<@Nullable T> then) {
            T answer = question.apply(table.view());
            sim.after(delay(), () -> then.accept(answer));
        }

        @Override
        public void listen(Consumer<Effect> listener) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Status status() {
            return new Status("simulated", !down, "");
        }

        @Override
        public long nowMs() {
            return table.view().nowMs();
        }

        @Override
        public void close() {}
    }
}
