package org.svcshare.pool;

import org.jspecify.annotations.Nullable;
import org.svcshare.pool.TicketView.State;

/// One place in one pool. Kept small: there may be a hundred thousand of them.
final class Ticket {
    final RequestId id;
    final Pool pool;
    final String holder;
    final String reason;
    final Mode mode;
    final long number;
    final long leaseMs;
    final long graceMs;
    final boolean recurring;

    State state = State.WAITING;

    /// Whether its owner is known to be there.
    boolean heard = true;

    /// Through which server its owner was heard of last; see [LockTable#apply(Operation, long,
    /// long)].
    long via;

    long fence;
    long sinceMs;

    /// When the table has to look at it next; [Long#MAX_VALUE]: never.
    long dueMs = Long.MAX_VALUE;

    /// Where it is in [Deadlines]; -1: nowhere.
    int deadline = -1;

    /// Where it is in its [WaitQueue]; null: nowhere.
    WaitQueue.@Nullable Chunk chunk;

    Ticket(Operation.Acquire asked, Pool pool, long number, long leaseMs) {
        this.id = asked.id();
        this.pool = pool;
        this.holder = asked.holder();
        this.reason = asked.reason();
        this.mode = asked.mode();
        this.number = number;
        this.leaseMs = leaseMs;
        this.graceMs = asked.graceMs();
        this.recurring = asked.recurring();
    }

    Ticket(TableImage.TicketImage image, Pool pool) {
        this.id = image.id();
        this.pool = pool;
        this.holder = image.holder();
        this.reason = image.reason();
        this.mode = image.mode();
        this.number = image.number();
        this.leaseMs = image.leaseMs();
        this.graceMs = image.graceMs();
        this.recurring = image.recurring();
        this.state = image.state();
        this.heard = image.heard();
        this.via = image.via();
        this.fence = image.fence();
        this.sinceMs = image.sinceMs();
    }

    boolean holds() {
        return state != State.WAITING;
    }

    /// @param looker which server looks
    TicketView view(int ahead, long looker) {
        return new TicketView(
                number,
                pool.name,
                holder,
                reason,
                mode,
                state,
                sinceMs,
                dueMs,
                ahead,
                fence,
                heard && via == looker);
    }

    TableImage.TicketImage image() {
        return new TableImage.TicketImage(
                id, pool.name, holder, reason, mode, state, number, fence, sinceMs, dueMs, leaseMs,
                graceMs, recurring, heard, via);
    }
}
