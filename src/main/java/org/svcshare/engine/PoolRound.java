package org.svcshare.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.svcshare.engine.ValueStore.StoreException;
import org.svcshare.engine.ValueStore.Stored;
import org.svcshare.pool.Effect;
import org.svcshare.pool.LockTable;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine.Failure;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.TableImage;
import org.svcshare.pool.TableRules;

/// One batch of operations on one pool: read its value, apply them, store the new one if nobody was
/// faster, otherwise begin again.
///
/// Every write has a name, which is stored with it. So when the answer to a write is lost, reading
/// once more tells whether it was done, as long as nobody has written since.
final class PoolRound {
    /// Above this, new tickets are refused. Memcached itself refuses values from 1 MiB on.
    static final int MAX_VALUE_BYTES = 900_000;

    /// What a ticket takes besides its names.
    private static final int TICKET_BYTES = 100;

    /// For what grows without a new ticket: the remembered ends.
    private static final int SPARE_BYTES = 40_000;

    /// How many remembered ends a value has at most; they are written each time.
    static final int MAX_REMEMBERED = 1000;

    private static final long FIRST_PAUSE_NANOS = 500_000;
    private static final int MAX_PAUSE_SHIFT = 6;
    private static final Duration KEEP_IDLE = Duration.ofHours(1);

    /// What all rounds of an engine share.
    ///
    /// @param server which one of those that share the store
    /// @param writes gives each write its name
    record Shop(
            long server,
            ValueStore store,
            InstantSource wall,
            LongSupplier nanos,
            ClockNumbers numbers,
            Supplier<PoolValue.Write> writes,
            LongSupplier lives,
            Duration limit) {}

    /// What to do.
    ///
    /// @param rules of this pool alone, and for all
    /// @param operations may be none: then it is a look that also does what is due
    /// @param known what this server knows; null: nothing
    record Order(
            String pool,
            String key,
            TableRules rules,
            List<Operation> operations,
            @Nullable Known known) {}

    sealed interface Result {
        /// @param begin the table before the operations
        /// @param forgotten whether the store had forgotten what this server knows
        /// @param due what happened before the first operation
        record Done(
                long life,
                TableImage begin,
                boolean forgotten,
                List<Effect> due,
                List<Step> steps,
                TableImage after)
                implements Result {}

        record Failed(Failure failure) implements Result {}
    }

    /// @param effects what the operation led to
    record Step(List<Effect> effects, Outcome outcome) {}

    /// What would be stored, and what it would mean.
    private record Draft(PoolValue value, Result.Done done) {}

    private final Shop shop;
    private final Order order;

    /// Drafts whose fate is not known.
    private final List<Draft> lost = new ArrayList<>();

    /// On what they are based; null: nothing was there.
    private PoolValue.@Nullable Write lostBase;

    PoolRound(Shop shop, Order order) {
        this.shop = shop;
        this.order = order;
    }

    Result run() {
        long endNanos = shop.nanos.getAsLong() + shop.limit.toNanos();
        String why = "too many servers change pool " + order.pool + " at once; try again";
        for (int tries = 0; ; tries++) {
            try {
                Result result = attempt();
                if (result != null) {
                    return result;
                }
            } catch (StoreException e) {
                why = e.why();
                if (lost.isEmpty()) {
                    return new Result.Failed(new Failure(false, why));
                }
            } catch (IllegalArgumentException e) {
                return new Result.Failed(
                        new Failure(!lost.isEmpty(), String.valueOf(e.getMessage())));
            }
            long pauseNanos = pause(tries);
            if (shop.nanos.getAsLong() + pauseNanos - endNanos > 0) {
                return new Result.Failed(new Failure(!lost.isEmpty(), why));
            }
            LockSupport.parkNanos(pauseNanos);
        }
    }

    /// Two servers that collided do not come back at the same time.
    private static long pause(int tries) {
        long most = FIRST_PAUSE_NANOS << Math.min(tries, MAX_PAUSE_SHIFT);
        return ThreadLocalRandom.current().nextLong(most / 4, most);
    }

    /// @return null: again
    private @Nullable Result attempt() throws StoreException {
        Stored seen = shop.store.read(order.key);
        PoolValue value = seen == null ? null : PoolValue.read(order.pool, seen.bytes());
        PoolValue.Write base = value == null ? null : value.write();
        for (Draft draft : lost) {
            if (draft.value.write().equals(base)) {
                return draft.done;
            }
        }
        if (!lost.isEmpty() && !Objects.equals(lostBase, base)) {
            // It may have been stored, and written over by somebody who built upon it.
            return new Result.Failed(
                    new Failure(true, "the answer to a write of pool " + order.pool + " was lost"));
        }
        Draft draft = draft(value);
        if (!changes(value, draft.done)) {
            return draft.done;
        }
        byte[] bytes = draft.value.bytes();
        try {
            return shop.store.replace(order.key, seen, bytes, keep(draft.done.after))
                    ? draft.done
                    : null;
        } catch (StoreException e) {
            if (e.perhapsDone()) {
                lost.add(draft);
                lostBase = base;
            }
            throw e;
        }
    }

    private static boolean changes(@Nullable PoolValue value, Result.Done done) {
        List<TableImage.TicketImage> before = value == null ? List.of() : value.image().tickets();
        return !done.due.isEmpty()
                || done.steps.stream().anyMatch(step -> !step.effects.isEmpty())
                || !done.after.tickets().equals(before);
    }

    /// A pool that nobody comes back to need not be there for ever: its numbers come from the
    /// clock.
    private Duration keep(TableImage after) {
        long restMs = Math.max(KEEP_IDLE.toMillis(), order.rules.rememberMs());
        long lastMs = after.nowMs();
        for (TableImage.TicketImage ticket : after.tickets()) {
            if (ticket.dueMs() == Long.MAX_VALUE || ticket.leaseMs() == 0) {
                return Duration.ZERO;
            }
            lastMs = Math.max(lastMs, ticket.dueMs() + ticket.leaseMs() + ticket.graceMs());
        }
        return Duration.ofMillis(lastMs - after.nowMs() + restMs);
    }

    private Draft draft(@Nullable PoolValue value) {
        long nowMs = shop.wall.millis();
        Known known = order.known;
        boolean forgotten = known != null && (value == null || value.life() != known.life());
        TableImage begin = begin(value, forgotten ? known : null, nowMs);
        var effects = new ArrayList<Effect>();
        var table = new LockTable(effects::add);
        table.restore(begin);
        // Does what is due, and what other settings than those of the last writer lead to.
        table.apply(new Operation.Configure(begin.rules()), nowMs);
        List<Effect> due = List.copyOf(effects);
        var steps = new ArrayList<Step>(order.operations.size());
        for (Operation operation : order.operations) {
            effects.clear();
            Outcome outcome = table.apply(operation, nowMs, shop.server);
            steps.add(new Step(List.copyOf(effects), outcome));
        }
        TableImage after = table.image();
        shop.numbers.seen(Math.max(after.lastTicket(), after.lastFence()));
        long life = value == null ? shop.lives.getAsLong() : value.life();
        return new Draft(
                new PoolValue(life, shop.writes.get(), after),
                new Result.Done(life, begin, forgotten, due, steps, after));
    }

    private TableImage begin(@Nullable PoolValue value, @Nullable Known again, long nowMs) {
        TableImage there = value == null ? null : value.image();
        List<TableImage.TicketImage> tickets = there == null ? List.of() : there.tickets();
        TableImage remembered = there;
        if (again != null) {
            Known.Merged merged = again.into(there, pool(), nowMs, shop.nanos.getAsLong());
            tickets = merged.tickets();
            remembered = merged.whole() ? again.image() : there;
        }
        long number = shop.numbers.before(tickets.size() + order.operations.size());
        LongUnaryOperator least = last -> Math.max(last, number);
        return new TableImage(
                there == null ? nowMs : there.nowMs(),
                least.applyAsLong(there == null ? 0 : there.lastTicket()),
                least.applyAsLong(there == null ? 0 : there.lastFence()),
                remembered == null ? TableImage.Absence.NEVER : remembered.absence(),
                rules(tickets),
                tickets,
                remembered == null ? List.of() : remembered.ended(),
                remembered == null ? List.of() : remembered.means());
    }

    private PoolRules pool() {
        if (!order.rules.declared().isEmpty()) {
            return order.rules.declared().getFirst();
        }
        PoolRules undeclared = order.rules.undeclared();
        return undeclared == null ? new PoolRules(order.pool, 1, 0, 0, Set.of()) : undeclared;
    }

    /// As many more tickets as surely fit into the value.
    private TableRules rules(List<TableImage.TicketImage> tickets) {
        long leftBytes = MAX_VALUE_BYTES - SPARE_BYTES;
        for (TableImage.TicketImage ticket : tickets) {
            leftBytes -= TICKET_BYTES + bytes(ticket.pool(), ticket.holder(), ticket.reason());
        }
        long largest = TICKET_BYTES;
        for (Operation operation : order.operations) {
            if (operation instanceof Operation.Acquire asked) {
                int names = bytes(asked.pool(), asked.holder(), asked.reason());
                largest = Math.max(largest, TICKET_BYTES + names);
            }
        }
        long most = tickets.size() + Math.max(0, leftBytes) / largest;
        TableRules all = order.rules;
        return new TableRules(
                all.declared(),
                all.undeclared(),
                Math.clamp(most, 1, all.maxTickets()),
                all.rememberMs(),
                Math.min(all.maxRemembered(), MAX_REMEMBERED));
    }

    private static int bytes(String... names) {
        int bytes = 0;
        for (String name : names) {
            bytes += name.getBytes(UTF_8).length;
        }
        return bytes;
    }
}
