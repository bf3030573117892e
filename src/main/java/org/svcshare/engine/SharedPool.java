package org.svcshare.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Operation;
import org.svcshare.pool.PoolEngine.Answer;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableImage.TicketImage;
import org.svcshare.pool.TicketView.State;

/// What one server has to do with one pool of a [MemcachedEngine]. For the owning thread.
final class SharedPool {
    static final long NEVER = Long.MAX_VALUE;

    /// Where nobody waits here, who holds is looked at more seldom.
    private static final int SELDOM = 50;

    /// When memcached does not answer, all the pools do not ask at their usual pace.
    private static final int PATIENT = 5;

    /// Something that wants a round.
    sealed interface Want {
        record Do(Operation operation, Answer answer) implements Want {}

        record See(Gathering gathering) implements Want {}
    }

    final String name;
    final String key;

    /// What the next round does.
    private final ArrayDeque<Want> waiting = new ArrayDeque<>();

    /// What the present round does; empty for a mere look.
    private List<Want> flying = List.of();

    private boolean busy;
    @Nullable Known known;

    /// When to look at it, by the steady clock in milliseconds.
    long lookMs = NEVER;

    SharedPool(String name, String key) {
        this.name = name;
        this.key = key;
    }

    void add(Want want) {
        waiting.add(want);
    }

    boolean busy() {
        return busy;
    }

    boolean wanted() {
        return !waiting.isEmpty();
    }

    /// Nobody here has anything to do with it.
    boolean idle() {
        return !busy && waiting.isEmpty() && size() == 0;
    }

    int size() {
        return known == null ? 0 : known.image().tickets().size();
    }

    /// @return the operations of a new round
    List<Operation> begin(int most) {
        var operations = new ArrayList<Operation>();
        flying = new ArrayList<>();
        while (!waiting.isEmpty() && flying.size() < most) {
            Want want = waiting.remove();
            flying.add(want);
            if (want instanceof Want.Do(Operation operation, Answer _)) {
                operations.add(operation);
            }
        }
        busy = true;
        lookMs = NEVER;
        return operations;
    }

    /// @return what the round that is over was for
    List<Want> end() {
        busy = false;
        List<Want> over = flying;
        flying = List.of();
        return over;
    }

    /// Takes over what the table is like after a round.
    ///
    /// @param asked whose requests the round carried out
    void learn(PoolRound.Result.Done done, Set<RequestId> asked, long nowNanos) {
        var ours = new HashSet<RequestId>();
        for (TicketImage ticket : done.after().tickets()) {
            if (asked.contains(ticket.id())
                    || (known != null && known.ours().contains(ticket.id()))) {
                ours.add(ticket.id());
            }
        }
        known = new Known(done.life(), done.after(), ours, nowNanos);
    }

    /// Sets when to look again: often while somebody waits here, else when a lease of ours ends.
    ///
    /// @param tableMs what the servers' clock shows
    void plan(long nowMs, long tableMs, Duration poll) {
        lookMs = NEVER;
        Known at = known;
        if (at == null || at.ours().isEmpty()) {
            return;
        }
        long dueMs = Long.MAX_VALUE;
        boolean waits = false;
        for (TicketImage ticket : at.image().tickets()) {
            boolean own = at.ours().contains(ticket.id());
            waits |= own && ticket.state() == State.WAITING;
            dueMs = Math.min(dueMs, ticket.dueMs());
        }
        long pollMs = poll.toMillis() * (waits ? 1 : SELDOM);
        long untilDueMs = dueMs == Long.MAX_VALUE ? pollMs : Math.max(1, dueMs + 1 - tableMs);
        lookMs = nowMs + Math.min(pollMs, untilDueMs);
    }

    /// The same after a round that failed.
    void planAgain(long nowMs, Duration poll) {
        lookMs =
                known == null || known.ours().isEmpty() ? NEVER : nowMs + PATIENT * poll.toMillis();
    }
}
