package org.svcshare.pool;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Effect.Cause;
import org.svcshare.pool.TicketView.State;

/// All pools of a group: who holds which slot, who waits, until when.
///
/// Deterministic: two tables to which the same operations are applied with the same times are
/// equal, whatever machine they are on. Time is a number of milliseconds that comes with each
/// operation and never runs backwards here, whatever the caller's clock does.
///
/// Not thread-safe; the owning engine's thread is the only caller.
public final class LockTable {
    private final Consumer<Effect> effects;
    private Contents at = new Contents();

    /// Who brought what is applied just now.
    private long via;

    /// @param effects is told what happens, in order, while an operation is applied
    public LockTable(Consumer<Effect> effects) {
        this.effects = effects;
    }

    /// The same where one server alone keeps the table.
    public Outcome apply(Operation operation, long atMs) {
        return apply(operation, atMs, 0);
    }

    /// Applies one operation, after everything that is due by then.
    ///
    /// @param atMs when the operation happened; an earlier time than before counts as the same
    /// @param server where it was asked for. Who waited at one server and went on at another is
    ///   there, whatever the first one thinks: its [Operation.Unheard] changes nothing
    public Outcome apply(Operation operation, long atMs, long server) {
        via = server;
        at.nowMs = Math.max(at.nowMs, atMs);
        if (operation instanceof Operation.Restarted restarted) {
            restarted(restarted);
        }
        passTime();
        return switch (operation) {
            case Operation.Acquire acquire -> acquire(acquire);
            case Operation.Renew(RequestId id, String pool, long leaseMs) ->
                    renew(id, pool, leaseMs);
            case Operation.Release(RequestId id, String pool) -> release(id, pool);
            case Operation.Force(long number, String by) -> force(number);
            case Operation.Unheard(RequestId id, long claimMs) -> unheard(id, claimMs);
            case Operation.Claim(RequestId id, String pool) -> claim(id, pool);
            case Operation.Configure(TableRules wanted) -> configure(wanted);
            case Operation.Restarted _, Operation.Tick _ -> new Outcome.Done();
        };
    }

    /// When the next [Operation.Tick] is worth while: once the clock shows more than this.
    ///
    /// @return [Long#MAX_VALUE] when nothing is due
    public long nextDueMs() {
        Ticket next = at.deadlines.peek();
        return next == null ? Long.MAX_VALUE : next.dueMs;
    }

    // Asking.

    private Outcome acquire(Operation.Acquire asked) {
        Ticket known = at.byId.get(asked.id());
        if (known != null) {
            return known.pool.name.equals(asked.pool()) && known.mode == asked.mode()
                    ? claim(known)
                    : new Outcome.Refused(Refusal.ID_REUSED);
        }
        Cause cause = at.ended.cause(asked.id());
        if (cause != null) {
            return new Outcome.Refused(refusal(cause));
        }
        if (!valid(asked)) {
            return new Outcome.Refused(Refusal.INVALID);
        }
        Pool pool = at.pools.get(asked.pool());
        PoolRules poolRules = pool == null ? at.rules.undeclared() : pool.rules;
        Refusal no = refusal(asked, pool, poolRules);
        if (no != null || poolRules == null) {
            return new Outcome.Refused(no == null ? Refusal.UNKNOWN_POOL : no);
        }
        if (pool == null) {
            pool = new Pool(asked.pool(), poolRules, false);
            at.pools.put(pool.name, pool);
        }
        return admit(asked, pool);
    }

    private static boolean valid(Operation.Acquire asked) {
        return Names.name(asked.pool(), Operation.MAX_NAME_BYTES)
                && Names.name(asked.holder(), Operation.MAX_NAME_BYTES)
                && Names.plain(asked.reason(), Operation.MAX_REASON_BYTES)
                && inRange(asked.waitMs(), 0)
                && inRange(asked.leaseMs(), -1)
                && inRange(asked.graceMs(), 0);
    }

    private static boolean inRange(long timeMs, long least) {
        return timeMs >= least && timeMs <= Operation.MAX_TIME_MS;
    }

    private @Nullable Refusal refusal(
            Operation.Acquire asked, @Nullable Pool pool, @Nullable PoolRules poolRules) {
        if (poolRules == null
                || (pool != null && !pool.declared && at.rules.undeclared() == null)) {
            return Refusal.UNKNOWN_POOL;
        }
        if (!poolRules.allow().isEmpty() && !poolRules.allow().contains(asked.holder())) {
            return Refusal.NOT_ALLOWED;
        }
        boolean atOnce = pool == null || (pool.waiters.size() == 0 && pool.free(asked.mode()));
        if (!atOnce && asked.waitMs() == 0) {
            return Refusal.BUSY;
        }
        if (!atOnce && pool != null && pool.waiters.size() >= poolRules.maxWaiters()) {
            return Refusal.TOO_MANY_WAITERS;
        }
        return at.byId.size() >= at.rules.maxTickets() ? Refusal.TOO_MANY_TICKETS : null;
    }

    private Outcome admit(Operation.Acquire asked, Pool pool) {
        long leaseMs = asked.leaseMs() < 0 ? pool.rules.leaseMs() : asked.leaseMs();
        var ticket = new Ticket(asked, pool, ++at.lastTicket, leaseMs);
        at.byId.put(ticket.id, ticket);
        ticket.via = via;
        ticket.sinceMs = at.nowMs;
        if (pool.waiters.size() == 0 && pool.free(ticket.mode)) {
            grant(ticket);
            return standing(ticket);
        }
        int ahead = pool.waiters.size();
        pool.waiters.add(ticket);
        at.deadlines.set(ticket, at.nowMs + asked.waitMs());
        effects.accept(new Effect.Queued(ticket.id, pool.name, ticket.number, ticket.holder));
        return new Outcome.Queued(ticket.number, ahead, ticket.dueMs);
    }

    /// What a ticket's owner is told about it.
    private static Outcome standing(Ticket ticket) {
        return switch (ticket.state) {
            case HELD -> new Outcome.Granted(ticket.number, ticket.fence, ticket.dueMs);
            case WAITING ->
                    new Outcome.Queued(
                            ticket.number, ticket.pool.waiters.ahead(ticket), ticket.dueMs);
            case UNLOCKING -> new Outcome.Refused(Refusal.EXPIRED);
        };
    }

    // Holding.

    private void grant(Ticket ticket) {
        long waitedMs = at.nowMs - ticket.sinceMs;
        ticket.state = State.HELD;
        ticket.fence = ++at.lastFence;
        ticket.sinceMs = at.nowMs;
        ticket.pool.take(ticket);
        at.deadlines.set(
                ticket,
                ticket.heard
                        ? leaseEnd(ticket.leaseMs)
                        : at.absence.claimEnd(at.nowMs, ticket.leaseMs));
        effects.accept(
                new Effect.Granted(
                        ticket.id,
                        ticket.pool.name,
                        ticket.number,
                        ticket.holder,
                        ticket.fence,
                        ticket.dueMs,
                        waitedMs));
    }

    private long leaseEnd(long leaseMs) {
        return leaseMs == 0 ? Long.MAX_VALUE : at.nowMs + leaseMs;
    }

    private Outcome renew(RequestId id, String pool, long leaseMs) {
        Ticket ticket = at.byId.get(id);
        if (ticket == null || !ticket.pool.name.equals(pool)) {
            return new Outcome.Refused(missing(id, pool));
        }
        if (!inRange(leaseMs, -1)) {
            return new Outcome.Refused(Refusal.INVALID);
        }
        return renew(ticket, leaseMs);
    }

    private Outcome renew(Ticket ticket, long leaseMs) {
        ticket.heard = true;
        ticket.via = via;
        if (ticket.state == State.HELD) {
            at.deadlines.set(ticket, leaseEnd(leaseMs < 0 ? ticket.leaseMs : leaseMs));
            effects.accept(
                    new Effect.Renewed(ticket.id, ticket.pool.name, ticket.number, ticket.dueMs));
        }
        return standing(ticket);
    }

    private Outcome unheard(RequestId id, long claimMs) {
        Ticket ticket = at.byId.get(id);
        if (ticket == null) {
            return new Outcome.Refused(Refusal.UNKNOWN_TICKET);
        }
        if (ticket.state == State.HELD && ticket.via == via && inRange(claimMs, 0)) {
            ticket.heard = false;
            at.deadlines.set(ticket, Math.min(ticket.dueMs, at.nowMs + claimMs));
        }
        return standing(ticket);
    }

    private Outcome claim(RequestId id, String pool) {
        Ticket ticket = at.byId.get(id);
        return ticket != null && ticket.pool.name.equals(pool)
                ? claim(ticket)
                : new Outcome.Refused(missing(id, pool));
    }

    private Outcome claim(Ticket ticket) {
        ticket.via = via;
        return ticket.heard ? standing(ticket) : renew(ticket, -1);
    }

    // Ending.

    private Outcome release(RequestId id, String pool) {
        Ticket ticket = at.byId.get(id);
        if (ticket != null && ticket.pool.name.equals(pool)) {
            end(ticket, Cause.RELEASED);
            return new Outcome.Released(true);
        }
        return switch (missing(id, pool)) {
            // Given back, or no longer waited for: as the caller wants it.
            case RELEASED, TIMED_OUT -> new Outcome.Released(false);
            case Refusal why -> new Outcome.Refused(why);
        };
    }

    private Outcome force(long number) {
        Ticket ticket = at.find(number);
        if (ticket == null) {
            return new Outcome.Refused(Refusal.UNKNOWN_TICKET);
        }
        end(ticket, Cause.FORCED);
        return new Outcome.Released(true);
    }

    /// Why there is no ticket of this id in this pool.
    private Refusal missing(RequestId id, String poolName) {
        Cause cause = at.ended.cause(id);
        if (cause != null) {
            return refusal(cause);
        }
        Pool pool = at.pools.get(poolName);
        if (pool == null && at.rules.undeclared() == null) {
            return Refusal.UNKNOWN_POOL;
        }
        return pool == null || pool.idle() ? Refusal.UNKNOWN_TICKET : Refusal.NOT_OWNER;
    }

    private static Refusal refusal(Cause cause) {
        return switch (cause) {
            case RELEASED -> Refusal.RELEASED;
            case EXPIRED -> Refusal.EXPIRED;
            case TIMED_OUT -> Refusal.TIMED_OUT;
            case FORCED -> Refusal.FORCED;
        };
    }

    private void end(Ticket ticket, Cause cause) {
        Pool pool = ticket.pool;
        boolean held = ticket.holds();
        long heldMs = held ? at.nowMs - ticket.sinceMs : 0;
        at.byId.remove(ticket.id);
        at.deadlines.remove(ticket);
        if (held) {
            pool.giveBack(ticket, heldMs);
        } else {
            pool.waiters.remove(ticket);
        }
        if (!ticket.recurring) {
            at.ended.add(ticket.id, cause, at.nowMs);
        }
        effects.accept(
                new Effect.Ended(
                        ticket.id, pool.name, ticket.number, ticket.holder, cause, held, heldMs));
        handOn(pool);
    }

    /// Grants to the first waiters what is free, and drops a pool that nobody needs.
    private void handOn(Pool pool) {
        for (Ticket next = pool.next(); next != null; next = pool.next()) {
            pool.waiters.remove(next);
            grant(next);
        }
        if (!pool.declared && pool.idle()) {
            at.pools.remove(pool.name);
        }
    }

    // Time.

    private void passTime() {
        for (Ticket due = at.deadlines.peek();
                due != null && due.dueMs < at.nowMs;
                due = at.deadlines.peek()) {
            switch (due.state) {
                case WAITING -> end(due, Cause.TIMED_OUT);
                case UNLOCKING -> end(due, Cause.EXPIRED);
                case HELD -> leaseOver(due);
            }
        }
        at.ended.pass(at.nowMs);
    }

    private void leaseOver(Ticket ticket) {
        if (ticket.graceMs == 0 || !ticket.heard) {
            end(ticket, Cause.EXPIRED);
            return;
        }
        ticket.state = State.UNLOCKING;
        at.deadlines.set(ticket, ticket.dueMs + ticket.graceMs);
        effects.accept(
                new Effect.Unlocking(
                        ticket.id, ticket.pool.name, ticket.number, ticket.holder, ticket.dueMs));
    }

    private void restarted(Operation.Restarted restarted) {
        postpone(restarted.graceMs());
        if (restarted.claimMs() != Operation.Restarted.ALL_THERE) {
            at.absence = TableImage.Absence.until(at.nowMs, restarted);
            at.pools.values().forEach(pool -> pool.waiters.forEach(ticket -> ticket.heard = false));
        }
    }

    /// Nobody could renew or come back for a while: leaves all of them time for it.
    private void postpone(long graceMs) {
        var early = new ArrayList<Ticket>();
        long leastMs = at.nowMs + Math.clamp(graceMs, 0, Operation.MAX_TIME_MS);
        at.deadlines.forEach(ticket -> {
            if (ticket.dueMs < leastMs) {
                early.add(ticket);
            }
        });
        early.sort((a, b) -> Long.compare(a.number, b.number));
        for (Ticket ticket : early) {
            at.deadlines.set(ticket, leastMs);
            effects.accept(new Effect.Renewed(ticket.id, ticket.pool.name, ticket.number, leastMs));
        }
    }

    // Rules.

    private Outcome configure(TableRules wanted) {
        at.rules = wanted;
        at.ended.limits(wanted.rememberMs(), wanted.maxRemembered());
        var declared = new HashMap<String, PoolRules>();
        wanted.declared().forEach(pool -> declared.put(pool.name(), pool));
        for (Pool pool : at.pools.values()) {
            PoolRules own = declared.get(pool.name);
            pool.declared = own != null;
            if (own != null) {
                pool.rules = own;
            } else if (wanted.undeclared() != null) {
                pool.rules = wanted.undeclared();
            }
        }
        declared.forEach(
                (name, own) -> at.pools.computeIfAbsent(name, n -> new Pool(n, own, true)));
        at.pools.values().stream()
                .sorted((a, b) -> a.name.compareTo(b.name))
                .toList()
                .forEach(this::handOn);
        return new Outcome.Done();
    }

    // Looking and copying.

    /// A look at the table as it is; for the owning thread.
    public TableView view() {
        return view(0);
    }

    /// The same as one of several servers sees it; see [#apply(Operation, long, long)].
    public TableView view(long server) {
        return new LiveView(at, server);
    }

    /// The whole table as values.
    public TableImage image() {
        return at.image();
    }

    /// Replaces everything by what an image has.
    ///
    /// @throws IllegalArgumentException when the image is not one of a table; nothing is changed
    ///   then
    public void restore(TableImage image) {
        at = Contents.of(image);
    }
}
