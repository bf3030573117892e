package org.svcshare.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Mode;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableImage;
import org.svcshare.pool.TableImage.EndedImage;
import org.svcshare.pool.TableImage.TicketImage;
import org.svcshare.pool.TicketView.State;

/// What one server knows of one pool since it last looked.
///
/// @param life see [PoolValue#life]
/// @param ours tickets that were asked for, or renewed, through this server
/// @param atNanos when it was seen, by the steady clock
record Known(long life, TableImage image, Set<RequestId> ours, long atNanos) {
    /// Other servers' tickets are taken over from a look that is this young. They may have ended
    /// since; one that is gone blocks its pool until its lease ends, one that is left out is
    /// granted twice.
    private static final Duration YOUNG = Duration.ofSeconds(2);

    Known {
        ours = Set.copyOf(ours);
    }

    /// Brings what this server knows into a table that the store has forgotten, or that another
    /// server has begun anew.
    ///
    /// @param base what is there now; null: nothing
    Merged into(@Nullable TableImage base, PoolRules rules, long nowMs, long nowNanos) {
        boolean young = nowNanos - atNanos < YOUNG.toNanos();
        var there = new HashSet<RequestId>();
        var holders = new ArrayList<TicketImage>();
        var waiters = new ArrayList<TicketImage>();
        for (TicketImage ticket : base == null ? List.<TicketImage>of() : base.tickets()) {
            there.add(ticket.id());
            (ticket.state() == State.WAITING ? waiters : holders).add(ticket);
        }
        // Put back and ended by another server meanwhile.
        for (EndedImage end : base == null ? List.<EndedImage>of() : base.ended()) {
            there.add(end.id());
        }
        Predicate<TicketImage> wanted =
                ticket ->
                        (young || ours.contains(ticket.id()))
                                && !there.contains(ticket.id())
                                && ticket.dueMs() >= nowMs;
        for (TicketImage ticket : image.tickets()) {
            if (!wanted.test(ticket)) {
                continue;
            }
            if (ticket.state() == State.WAITING) {
                waiters.add(ticket);
            } else if (fits(ticket, holders, rules.slots())) {
                holders.add(ticket);
            }
        }
        holders.addAll(waiters);
        return new Merged(holders, base == null && young);
    }

    /// @param whole whether what is remembered of ended requests can be taken over as well
    record Merged(List<TicketImage> tickets, boolean whole) {}

    private static boolean fits(TicketImage ticket, List<TicketImage> holders, int slots) {
        long exclusive = holders.stream().filter(other -> other.mode() == Mode.EXCLUSIVE).count();
        boolean shared = exclusive < holders.size();
        return (ticket.mode() == Mode.SHARED && shared) || exclusive + (shared ? 1 : 0) < slots;
    }
}
