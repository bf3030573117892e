package org.svcshare.cluster;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.engine.OperationCodec;
import org.svcshare.journal.SharedLog;
import org.svcshare.pool.Effect;
import org.svcshare.pool.Group;
import org.svcshare.pool.GroupChange;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableRules;
import org.svcshare.pool.TableView;
import org.svcshare.pool.TicketView;

/// The lock table on a group of machines. Whatever node is asked, the leader orders it, a majority
/// has it, and the asked node answers from its own table.
public final class ClusterEngine implements PoolEngine {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterEngine.class);
    private static final Duration FAREWELL = Duration.ofSeconds(2);
    private static final Duration LOG_FAREWELL = Duration.ofMillis(500);
    private static final int MOST_GLANCES = 1_000;

    private final GroupClock clock;
    private final RaftNode node;
    private final TableMachine machine;
    private final HandoverDoor door;
    private final HandoverLink link;
    private final Teller teller;
    private final Proposer proposer;
    private final Entrance entrance;
    private final Members members;
    private final Departure departure;
    private final FileWatch files;
    private final RecordStore records;
    private final GroupLog log;

    private final Semaphore glances = new Semaphore(MOST_GLANCES);

    /// Why it does not work any more; empty while it does.
    private volatile String trouble = "";

    private volatile boolean closing;
    private final List<Runnable> lost = new CopyOnWriteArrayList<>();

    /// Begins to be a node of its group, and goes on from what its folder has. Does not wait for
    /// the others; see [PoolEngine#status].
    ///
    /// @param rules are put in force when this node leads
    /// @throws IOException when the folder or a port cannot be used, or what is in the folder is
    ///   damaged; the message says what to do
    public static ClusterEngine start(ClusterSettings settings, TableRules rules)
            throws IOException {
        return new ClusterEngine(settings, rules);
    }

    private ClusterEngine(ClusterSettings settings, TableRules rules) throws IOException {
        long origin = new SecureRandom().nextLong();
        clock = new GroupClock(InstantSource.system(), System::nanoTime);
        teller = new Teller(origin, landings(), this::ticket);
        records = new RecordStore(NodeFolder.shared(settings.folder()), this::grown);
        machine =
                new TableMachine(
                        origin,
                        clock,
                        new SharedRecords(records),
                        this::news,
                        this::broken,
                        this::giveUp,
                        this::turned);
        node = new RaftNode(settings, machine);
        log = new GroupLog(settings, node, machine, records, this::peer);
        link = new HandoverLink(settings, this::peer, this::turned);
        var sight = new GroupSight(settings, node, this::status, this::waiting);
        members = new Members(settings, node, sight);
        files = new FileWatch(settings.sockets());
        departure = new Departure(settings, node, sight);
        entrance = new Entrance(settings, node, this::turned, this::broken);
        proposer =
                new Proposer(
                        settings,
                        origin,
                        clock,
                        node,
                        machine,
                        link,
                        teller,
                        new Reign(
                                settings,
                                rules,
                                clock,
                                node,
                                machine,
                                new Succession(settings, node, sight)),
                        new Vacancy(settings, node),
                        this::giveUp);
        door = new HandoverDoor(settings, node, this::asked, log::answerer);
        try {
            entrance.open();
        } catch (IOException | RuntimeException e) {
            door.close();
            records.close();
            throw e;
        }
        started = true;
        files.start();
        teller.start();
        proposer.start();
    }

    /// Until then nobody listens to what Ratis' threads tell.
    private volatile boolean started;

    private Optional<ClusterPeer> peer(String id) {
        return node.configuration().member(id).map(Member::peer);
    }

    private int waiting() {
        return proposer.kept();
    }

    /// Another node asks about the group.
    private void asked(Question question, Consumer<Question.Reply> reply) {
        Thread.ofVirtual()
                .name("group")
                .start(() -> {
                    try {
                        reply.accept(answer(question));
                    } catch (InterruptedException _) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    private Question.Reply answer(Question question) throws InterruptedException {
        return switch (question) {
            case Question.Who() -> entrance.me();
            case Question.HowFar() -> node.howFar();
            case Question.Look() -> new Question.Reply.Seen(members.view());
            case Question.Change(GroupChange change, boolean handOn) ->
                    handOn ? members.bring(change) : members.changeHere(change);
            case Question.Welcome(String name) -> entrance.welcome(name);
            case Question.Farewell(long index) -> {
                entrance.farewell(index);
                yield new Question.Reply.Done();
            }
        };
    }

    private void news(Told news) {
        teller.told(news);
        if (started) {
            proposer.dueChanged(machine.nextDueMs());
        }
    }

    private Optional<TicketView> ticket(RequestId id) {
        return machine.look(view -> view.ticket(id));
    }

    private Teller.Landings landings() {
        return new Teller.Landings() {
            @Override
            public void decided(Flight flight) {
                node.heardSince(flight.sinceNanos);
            }

            @Override
            public void landed(Flight flight) {
                proposer.landed(flight);
            }

            @Override
            public void returned(Flight flight) {
                proposer.returned(flight);
            }
        };
    }

    private void turned() {
        if (started) {
            proposer.wake();
            log.turned();
        }
    }

    private void grown() {
        if (started) {
            log.grown();
        }
    }

    private void broken(String why) {
        lose(why, this::turned);
    }

    /// Ratis by itself would let this node lead on.
    private void giveUp(String why) {
        lose(why, node::close);
    }

    private void lose(String why, Runnable then) {
        if (!closing && trouble.isEmpty()) {
            LOG.error("the pools stop working: {}", why);
            trouble = why;
            Thread.ofPlatform()
                    .name("pools-end")
                    .start(() -> {
                        then.run();
                        sendAway();
                    });
        }
    }

    /// Nobody may wait here for what this node does not hear of any more.
    private void sendAway() {
        try {
            proposer.finish(Duration.ZERO);
            teller.finish();
            lost.forEach(Runnable::run);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    // From any thread.

    /// What the nodes of this group keep together besides the pools.
    public SharedLog sharedLog() {
        return log;
    }

    @Override
    public void propose(Operation operation, Answer answer) {
        if (!OperationCodec.fits(operation)) {
            answer.outcome(new Outcome.Refused(Refusal.INVALID));
        } else if (!works() || !proposer.propose(operation, answer)) {
            answer.failed(new Failure(false, no()));
        }
    }

    @Override
    public <T> void read(Function<TableView, T> question, Consumer<@Nullable T> then) {
        if (!works() || !proposer.look(question, then)) {
            then.accept(null);
        }
    }

    @Override
    public <T> void glance(Function<TableView, T> question, Consumer<@Nullable Glance<T>> then) {
        Optional<Stale> stale = closing ? Optional.empty() : node.stale();
        if (stale.isEmpty() || !glances.tryAcquire()) {
            then.accept(null);
            return;
        }
        // Neither the leader nor any other question is waited for, and nobody is held up by it.
        Thread.ofVirtual()
                .name("glance")
                .start(() -> {
                    try {
                        then.accept(new Glance<>(machine.look(question), stale));
                    } finally {
                        glances.release();
                    }
                });
    }

    private boolean works() {
        return trouble.isEmpty() && !closing;
    }

    private String no() {
        if (!trouble.isEmpty()) {
            return trouble;
        }
        return closing ? "it stops" : "too much at once; try again";
    }

    @Override
    public void listen(Consumer<Effect> listener) {
        teller.listen(listener);
    }

    @Override
    public void whenLost(Runnable told) {
        lost.add(told);
    }

    @Override
    public Status status() {
        String why = entrance.outside();
        if (why.isEmpty()) {
            why = works() ? obstacle() : no();
        }
        return new Status("raft", why.isEmpty(), why);
    }

    /// What is asked here goes to the leader by then, but is answered from this node's own table.
    private String obstacle() {
        String why = proposer.obstacle();
        long missing = why.isEmpty() ? node.toComeBack() : 0;
        if (missing == 0) {
            return why;
        }
        return "this node catches up with the others"
                + (missing > 0 ? "; " + missing + " entries to go" : "");
    }

    @Override
    public Optional<Group> group() {
        return Optional.of(members);
    }

    @Override
    public List<Figure> figures() {
        return node.figures();
    }

    /// Whether this node leads the group.
    boolean leads() {
        return node.open();
    }

    @Override
    public long nowMs() {
        return clock.nowMs();
    }

    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        entrance.close();
        files.close();
        try {
            departure.handOver();
            proposer.finish(FAREWELL);
            log.finish(LOG_FAREWELL);
            door.close();
            link.close();
            machine.stopping();
            node.close();
            teller.finish();
            records.close();
        } catch (IOException e) {
            LOG.warn("while leaving the group: {}", e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
