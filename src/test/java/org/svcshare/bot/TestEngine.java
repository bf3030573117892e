package org.svcshare.bot;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Effect;
import org.svcshare.pool.LockTable;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.TableRules;
import org.svcshare.pool.TableView;
import org.svcshare.pool.TicketView;

/// A real lock table with one pool, which answers at once. Thread-safe.
final class TestEngine implements PoolEngine {
    private final String pool;
    private final LongSupplier clock;
    private final List<Consumer<Effect>> listeners = new ArrayList<>();
    private final LockTable table = new LockTable(this::tell);

    /// @param clock milliseconds
    TestEngine(String pool, LongSupplier clock) {
        this.pool = pool;
        this.clock = clock;
        var declared = new PoolRules(pool, 1, 60_000, 10, Set.of());
        apply(new Operation.Configure(new TableRules(List.of(declared), null, 100, 60_000, 1000)));
    }

    private void tell(Effect effect) {
        listeners.forEach(listener -> listener.accept(effect));
    }

    synchronized Outcome apply(Operation operation) {
        return table.apply(operation, clock.getAsLong());
    }

    /// Who has it; empty for nobody.
    synchronized String holder() {
        return table.view().tickets(Optional.of(pool), 1).stream()
                .map(TicketView::holder)
                .findFirst()
                .orElse("");
    }

    synchronized void takeAway() {
        apply(
                new Operation.Force(
                        table.view().tickets(Optional.of(pool), 1).getFirst().ticket(), "op"));
    }

    @Override
    public void propose(Operation operation, Answer answer) {
        answer.outcome(apply(operation));
    }

    @Override
    public synchronized <T> void read(Function<TableView, T> question, Consumer<@Nullable T> then) {
        then.accept(question.apply(table.view()));
    }

    @Override
    public synchronized void listen(Consumer<Effect> listener) {
        listeners.add(listener);
    }

    @Override
    public Status status() {
        return new Status("test", true, "");
    }

    @Override
    public long nowMs() {
        return clock.getAsLong();
    }

    @Override
    public void close() {}
}
