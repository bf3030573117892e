package org.svcshare.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.svcshare.pool.LockTable;
import org.svcshare.pool.PoolView;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableImage;
import org.svcshare.pool.TableView;
import org.svcshare.pool.TicketView;

/// Many tables of one pool each, looked at as one.
final class ManyTables implements TableView {
    private final Map<String, TableView> tables = new LinkedHashMap<>();

    /// @param images by pool, in the order in which they shall be shown
    /// @param server which one looks
    ManyTables(Map<String, TableImage> images, long server) {
        images.forEach((pool, image) -> {
            var table = new LockTable(_ -> {});
            table.restore(image);
            tables.put(pool, table.view(server));
        });
    }

    @Override
    public long nowMs() {
        return tables.values().stream().mapToLong(TableView::nowMs).max().orElse(0);
    }

    @Override
    public List<PoolView> pools() {
        return tables.values().stream().flatMap(table -> table.pools().stream()).toList();
    }

    @Override
    public Optional<PoolView> pool(String name) {
        return Optional.ofNullable(tables.get(name)).flatMap(table -> table.pool(name));
    }

    @Override
    public List<TicketView> tickets(Optional<String> pool, int limit) {
        var tickets = new ArrayList<TicketView>();
        tables.forEach((name, table) -> {
            if (tickets.size() < limit && pool.map(name::equals).orElse(true)) {
                tickets.addAll(table.tickets(pool, limit - tickets.size()));
            }
        });
        return tickets;
    }

    @Override
    public Optional<TicketView> ticket(RequestId id) {
        return tables.values().stream().flatMap(table -> table.ticket(id).stream()).findFirst();
    }

    @Override
    public Optional<TicketView> ticket(long number) {
        return tables.values().stream().flatMap(table -> table.ticket(number).stream()).findFirst();
    }

    @Override
    public int size() {
        return tables.values().stream().mapToInt(TableView::size).sum();
    }
}
