package org.svcshare.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Looks at a [LockTable]'s contents.
///
/// @param looker which server looks
record LiveView(Contents at, long looker) implements TableView {
    @Override
    public long nowMs() {
        return at.nowMs;
    }

    @Override
    public int size() {
        return at.byId.size();
    }

    @Override
    public List<PoolView> pools() {
        return at.inOrder().stream().map(Pool::view).toList();
    }

    @Override
    public Optional<PoolView> pool(String name) {
        return Optional.ofNullable(at.pools.get(name)).map(Pool::view);
    }

    @Override
    public List<TicketView> tickets(Optional<String> pool, int limit) {
        var views = new ArrayList<TicketView>();
        List<Pool> shown =
                pool.map(name -> Optional.ofNullable(at.pools.get(name)).stream().toList())
                        .orElseGet(at::inOrder);
        for (Pool each : shown) {
            each.holders.forEach(ticket -> add(views, ticket, 0, limit));
            int[] ahead = {0};
            each.waiters.forEach(ticket -> add(views, ticket, ahead[0]++, limit));
        }
        return views;
    }

    private void add(List<TicketView> views, Ticket ticket, int ahead, int limit) {
        if (views.size() < limit) {
            views.add(ticket.view(ahead, looker));
        }
    }

    @Override
    public Optional<TicketView> ticket(RequestId id) {
        return Optional.ofNullable(at.byId.get(id)).map(this::view);
    }

    @Override
    public Optional<TicketView> ticket(long number) {
        return Optional.ofNullable(at.find(number)).map(this::view);
    }

    private TicketView view(Ticket ticket) {
        return ticket.view(ticket.holds() ? 0 : ticket.pool.waiters.ahead(ticket), looker);
    }
}
