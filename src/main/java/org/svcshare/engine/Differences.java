package org.svcshare.engine;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.svcshare.pool.Effect;
import org.svcshare.pool.Effect.Cause;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableImage;
import org.svcshare.pool.TableImage.TicketImage;
import org.svcshare.pool.TicketView.State;

/// What happened to tickets while others worked on their table, told from what it looked like
/// before and after. What came and went in between stays unseen.
public final class Differences {
    private final TableImage after;
    private final boolean forgotten;
    private final Consumer<Effect> effects;
    private final Map<RequestId, Cause> ended = new HashMap<>();

    private Differences(TableImage after, boolean forgotten, Consumer<Effect> effects) {
        this.after = after;
        this.forgotten = forgotten;
        this.effects = effects;
        after.ended().forEach(end -> ended.put(end.id(), end.cause()));
    }

    /// Ends come before grants, as in a table.
    ///
    /// @param ours whose tickets are told of
    /// @param forgotten whether the store had forgotten the pool in between
    public static void tell(
            TableImage before,
            TableImage after,
            Set<RequestId> ours,
            boolean forgotten,
            Consumer<Effect> effects) {
        if (ours.isEmpty()) {
            return;
        }
        var now = new HashMap<RequestId, TicketImage>();
        after.tickets().forEach(ticket -> now.put(ticket.id(), ticket));
        var differences = new Differences(after, forgotten, effects);
        for (TicketImage ticket : before.tickets()) {
            if (ours.contains(ticket.id()) && !now.containsKey(ticket.id())) {
                differences.gone(ticket);
            }
        }
        for (TicketImage ticket : before.tickets()) {
            TicketImage other = now.get(ticket.id());
            if (ours.contains(ticket.id()) && other != null) {
                differences.changed(ticket, other);
            }
        }
    }

    private void gone(TicketImage was) {
        Cause cause = ended.getOrDefault(was.id(), likelyCause(was));
        boolean held = was.state() != State.WAITING || cause == Cause.EXPIRED;
        long heldMs = was.state() == State.WAITING ? 0 : after.nowMs() - was.sinceMs();
        effects.accept(
                new Effect.Ended(
                        was.id(), was.pool(), was.number(), was.holder(), cause, held, heldMs));
    }

    /// Ends of recurring requests are not written down.
    private Cause likelyCause(TicketImage was) {
        if (forgotten || was.dueMs() < after.nowMs()) {
            return was.state() == State.WAITING ? Cause.TIMED_OUT : Cause.EXPIRED;
        }
        return Cause.RELEASED;
    }

    private void changed(TicketImage was, TicketImage is) {
        boolean granted = was.state() == State.WAITING && is.state() != State.WAITING;
        if (granted) {
            effects.accept(
                    new Effect.Granted(
                            is.id(),
                            is.pool(),
                            is.number(),
                            is.holder(),
                            is.fence(),
                            is.dueMs(),
                            is.sinceMs() - was.sinceMs()));
        }
        if (is.state() == State.UNLOCKING && was.state() != State.UNLOCKING) {
            effects.accept(
                    new Effect.Unlocking(is.id(), is.pool(), is.number(), is.holder(), is.dueMs()));
        } else if (!granted && is.state() == State.HELD && is.dueMs() != was.dueMs()) {
            effects.accept(new Effect.Renewed(is.id(), is.pool(), is.number(), is.dueMs()));
        }
    }
}
