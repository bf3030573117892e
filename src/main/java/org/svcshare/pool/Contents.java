package org.svcshare.pool;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.TicketView.State;

/// What a [LockTable] is made of, and how it is copied.
final class Contents {
    private static final TableRules NO_RULES = new TableRules(List.of(), null, 1, 0, 0);

    final Map<String, Pool> pools = new HashMap<>();
    final Map<RequestId, Ticket> byId = new HashMap<>();
    final Deadlines deadlines = new Deadlines();
    final EndedIds ended = new EndedIds();

    TableRules rules = NO_RULES;
    long nowMs = Long.MIN_VALUE;
    long lastTicket;
    long lastFence;
    TableImage.Absence absence = TableImage.Absence.NEVER;

    /// Declared pools as they were declared, then the others by name.
    List<Pool> inOrder() {
        var order = new ArrayList<Pool>(pools.size());
        for (PoolRules declared : rules.declared()) {
            Pool pool = pools.get(declared.name());
            if (pool != null) {
                order.add(pool);
            }
        }
        pools.values().stream()
                .filter(pool -> !pool.declared)
                .sorted(Comparator.comparing(pool -> pool.name))
                .forEach(order::add);
        return order;
    }

    /// Only operators go by number, seldom; an index would cost every ticket a quarter of its size.
    @Nullable Ticket find(long number) {
        for (Ticket ticket : byId.values()) {
            if (ticket.number == number) {
                return ticket;
            }
        }
        return null;
    }

    TableImage image() {
        var tickets = new ArrayList<TableImage.TicketImage>(byId.size());
        var means = new ArrayList<TableImage.MeanImage>();
        for (Pool pool : inOrder()) {
            pool.holders.forEach(ticket -> tickets.add(ticket.image()));
            pool.waiters.forEach(ticket -> tickets.add(ticket.image()));
            if (pool.meanHoldMs != 0) {
                means.add(new TableImage.MeanImage(pool.name, pool.meanHoldMs));
            }
        }
        return new TableImage(
                nowMs, lastTicket, lastFence, absence, rules, tickets, ended.images(), means);
    }

    /// @throws IllegalArgumentException when an id stands there twice, or a pool is held by more
    ///   than may hold it
    static Contents of(TableImage image) {
        var contents = new Contents();
        contents.nowMs = image.nowMs();
        contents.lastTicket = image.lastTicket();
        contents.lastFence = image.lastFence();
        contents.absence = image.absence();
        contents.rules = image.rules();
        for (PoolRules declared : image.rules().declared()) {
            contents.pools.put(declared.name(), new Pool(declared.name(), declared, true));
        }
        image.tickets().forEach(contents::add);
        contents.ended.limits(image.rules().rememberMs(), image.rules().maxRemembered());
        image.ended().forEach(contents.ended::restore);
        for (TableImage.MeanImage mean : image.means()) {
            Pool pool = contents.pools.get(mean.pool());
            if (pool != null) {
                pool.meanHoldMs = mean.meanHoldMs();
            }
        }
        return contents;
    }

    private void add(TableImage.TicketImage image) {
        // A pool that was in use when it left the settings has no rules of its own any more.
        Pool pool =
                pools.computeIfAbsent(
                        image.pool(), name -> new Pool(name, rulesOfOthers(name), false));
        var ticket = new Ticket(image, pool);
        if (byId.putIfAbsent(ticket.id, ticket) != null) {
            throw new IllegalArgumentException("ticket " + ticket.number + " stands there twice");
        }
        if (ticket.state == State.WAITING) {
            pool.waiters.add(ticket);
        } else {
            pool.take(ticket);
        }
        deadlines.set(ticket, image.dueMs());
    }

    PoolRules rulesOfOthers(String name) {
        PoolRules undeclared = rules.undeclared();
        return undeclared == null ? new PoolRules(name, 1, 0, 0, Set.of()) : undeclared;
    }
}
