package org.svcshare.pool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A lock table with a clock that a test sets, and words for what is asked of it.
final class TableKit {
    static final PoolRules ANY = new PoolRules("*", 1, 60_000, 1000, Set.of());

    final List<Effect> effects = new ArrayList<>();
    LockTable table = new LockTable(effects::add);
    long nowMs = 1_000_000;

    TableKit(PoolRules... declared) {
        rules(new TableRules(List.of(declared), ANY, 10_000, 60_000, 1000));
    }

    void rules(TableRules rules) {
        apply(new Operation.Configure(rules));
    }

    static PoolRules pool(String name, int slots) {
        return new PoolRules(name, slots, 60_000, 1000, Set.of());
    }

    static RequestId id(String who) {
        return new RequestId(0, who.hashCode());
    }

    static Operation.Acquire asking(String who, String pool) {
        return new Operation.Acquire(
                id(who), pool, who, "", Mode.EXCLUSIVE, 100_000, 60_000, 0, false);
    }

    static Operation.Acquire reading(String who, String pool) {
        return new Operation.Acquire(
                id(who), pool, who, "", Mode.SHARED, 100_000, 60_000, 0, false);
    }

    Outcome apply(Operation operation) {
        effects.clear();
        return table.apply(operation, nowMs);
    }

    Outcome acquire(String who, String pool) {
        return apply(asking(who, pool));
    }

    Outcome release(String who, String pool) {
        return apply(new Operation.Release(id(who), pool));
    }

    Outcome renew(String who, String pool, Duration lease) {
        return apply(new Operation.Renew(id(who), pool, lease.toMillis()));
    }

    void pass(Duration time) {
        nowMs += time.toMillis();
        apply(new Operation.Tick());
    }

    List<String> holders(String pool) {
        return names(pool, true);
    }

    List<String> waiters(String pool) {
        return names(pool, false);
    }

    private List<String> names(String pool, boolean held) {
        return table.view().tickets(java.util.Optional.of(pool), 1000).stream()
                .filter(ticket -> held == (ticket.state() != TicketView.State.WAITING))
                .map(TicketView::holder)
                .toList();
    }

    /// Goes on with a copy, as after a restart from a snapshot.
    void restart() {
        var copy = new LockTable(effects::add);
        copy.restore(table.image());
        table = copy;
    }
}
