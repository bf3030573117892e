package org.svcshare.cluster;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.pool.Operation;
import org.svcshare.pool.TableRules;

/// What this node does of itself while it leads: its opening before anything else, and stamps of
/// the time when something is due. For one thread, the proposer's.
final class Reign {
    private static final Logger LOG = LoggerFactory.getLogger(Reign.class);
    private static final long NANOS_PER_MS = 1_000_000;
    private static final long LAG_TICK_NANOS = 1_000 * NANOS_PER_MS;

    /// How far the group's time falls behind at most when all of its nodes end at once.
    private static final long IDLE_TICK_NANOS = 10_000 * NANOS_PER_MS;

    /// Puts a batch of the engine's own into the log.
    interface Way {
        Flight send(
                List<Operation> operations,
                long term,
                Function<byte[], CompletableFuture<ByteBuffer>> write);
    }

    private final ClusterSettings settings;
    private final TableRules rules;
    private final GroupClock clock;
    private final RaftNode node;
    private final TableMachine machine;
    private final Succession succession;

    private @Nullable Flight opening;

    /// The term in which this node said that it leads.
    private long announcedTerm = -1;

    private @Nullable Flight tick;
    private long lastTickNanos = System.nanoTime();

    /// @param rules are put in force when this node begins to lead
    Reign(
            ClusterSettings settings,
            TableRules rules,
            GroupClock clock,
            RaftNode node,
            TableMachine machine,
            Succession succession) {
        this.settings = settings;
        this.rules = rules;
        this.clock = clock;
        this.node = node;
        this.machine = machine;
        this.succession = succession;
    }

    /// Does what is to be done now. Costs next to nothing when there is nothing.
    void tend(Way way) {
        if (node.leads()) {
            lead(way);
        }
        succession.beginAnew();
    }

    private void lead(Way way) {
        boolean leaves = succession.leavesItToAnother();
        if (!node.open()) {
            if (opening == null && !leaves) {
                open(way);
            }
            return;
        }
        long now = System.nanoTime();
        long dueMs = machine.nextDueMs();
        boolean due = dueMs < clock.nowMs();
        boolean idle = dueMs != Long.MAX_VALUE && now - lastTickNanos > IDLE_TICK_NANOS;
        if (tick == null && (due || idle || lagging(now))) {
            lastTickNanos = now;
            tick = way.send(List.of(new Operation.Tick()), node.term(), node::write);
        }
    }

    /// A follower that comes back to an idle group finds its place only with a new entry
    /// (RATIS-2523).
    private boolean lagging(long now) {
        return now - lastTickNanos > LAG_TICK_NANOS && node.somebodyLags();
    }

    /// The first thing that a new leader does: while there was none, nobody could renew.
    private void open(Way way) {
        if (machine.nextDueMs() == Long.MAX_VALUE) {
            // Nothing of this term is in the log, and all before is in the table.
            clock.follow();
        }
        long term = node.term();
        if (term != announcedTerm) {
            announcedTerm = term;
            LOG.atInfo().addKeyValue("node", settings.self()).log("this node leads the pools");
        }
        opening =
                way.send(
                        List.of(
                                new Operation.Restarted(
                                        settings.leaderGrace().toMillis(),
                                        Operation.Restarted.ALL_THERE),
                                new Operation.Configure(rules)),
                        term,
                        batch -> node.writeOpening(batch, term));
    }

    /// Whether a stamp is on its way.
    boolean ticks() {
        return tick != null;
    }

    /// What became of this batch is known, or it is not known how long that will take.
    void settled(Flight flight) {
        if (flight == opening) {
            opening = null;
        }
        if (flight == tick) {
            tick = null;
        }
    }
}
