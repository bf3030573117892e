package org.svcshare.pool;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One pool: who holds it, and who waits.
final class Pool {
    /// A holding time counts for an eighth of the mean.
    private static final int MEAN_SHIFT = 3;

    final String name;
    final WaitQueue waiters = new WaitQueue();

    /// In the order of their grants; determines what a listing shows.
    final Set<Ticket> holders = new LinkedHashSet<>(2);

    boolean declared;
    PoolRules rules;
    long meanHoldMs;
    private int exclusive;
    private int shared;

    Pool(String name, PoolRules rules, boolean declared) {
        this.name = name;
        this.rules = rules;
        this.declared = declared;
    }

    boolean idle() {
        return holders.isEmpty() && waiters.size() == 0;
    }

    int slotsTaken() {
        return exclusive + (shared > 0 ? 1 : 0);
    }

    /// Whether a ticket of this mode could hold now, if it were its turn.
    boolean free(Mode mode) {
        return (mode == Mode.SHARED && shared > 0) || slotsTaken() < rules.slots();
    }

    /// The first waiter, if it can hold now. Nobody overtakes it: neither readers nor writers
    /// starve.
    @Nullable Ticket next() {
        Ticket ticket = waiters.peek();
        return ticket != null && free(ticket.mode) ? ticket : null;
    }

    void take(Ticket ticket) {
        holders.add(ticket);
        if (ticket.mode == Mode.SHARED) {
            shared++;
        } else {
            exclusive++;
        }
    }

    void giveBack(Ticket ticket, long heldMs) {
        holders.remove(ticket);
        if (ticket.mode == Mode.SHARED) {
            shared--;
        } else {
            exclusive--;
        }
        meanHoldMs = meanHoldMs == 0 ? heldMs : meanHoldMs + ((heldMs - meanHoldMs) >> MEAN_SHIFT);
    }

    PoolView view() {
        return new PoolView(
                name,
                declared,
                rules.slots(),
                slotsTaken(),
                holders.size(),
                waiters.size(),
                meanHoldMs);
    }
}
