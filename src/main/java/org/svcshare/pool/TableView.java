package org.svcshare.pool;

import java.util.List;
import java.util.Optional;

/// What can be read of a [LockTable], by the thread that owns it. All of it copies.
public interface TableView {
    /// The table's time: the latest that it was told.
    long nowMs();

    /// Declared ones first, as they were declared, then the others by name.
    List<PoolView> pools();

    Optional<PoolView> pool(String name);

    /// Holders first, then waiters in their order; of all pools or of one.
    ///
    /// @param limit how many at most
    List<TicketView> tickets(Optional<String> pool, int limit);

    Optional<TicketView> ticket(RequestId id);

    Optional<TicketView> ticket(long number);

    /// How many tickets there are in all.
    int size();
}
