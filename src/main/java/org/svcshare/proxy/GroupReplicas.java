package org.svcshare.proxy;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.journal.SharedLog;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodeView;
import org.svcshare.replica.QueuedWrite;
import org.svcshare.replica.Reply;
import org.svcshare.replica.WriteView;

/// The replicas of a group of machines: the order of writes and how far nodes are go through the
/// group's log. The node that leads sends the writes to the copies; every other one takes requests,
/// brings writes to it, serves reads by what the log says, and goes on when it leads.
///
/// What is not said to be for any thread is for the event loop that owns the replicas.
final class GroupReplicas implements ReplicaState, ReplicaOwner {
    private static final Logger LOG = LoggerFactory.getLogger(GroupReplicas.class);
    private static final long LOOK_MS = 50;
    private static final int HEADERS_BYTES = 1 << 20;

    /// How far a node's copy may be behind what a client was told elsewhere.
    private static final long BEHIND = 10_000;

    /// How long it may take until this node has what a client was told elsewhere.
    private static final Duration ARRIVES = Duration.ofSeconds(2);

    /// Another node goes on.
    static final Refusal MOVED =
            Refusal.later(
                    HttpResponseStatus.SERVICE_UNAVAILABLE,
                    "Another node leads",
                    "the write is brought to it");

    private final ReplicaSettings settings;
    private final EventLoop owner;
    private final NodeConnector connector;
    private final Spool spool;
    private final SharedLog shared;
    private final Map<NodeAddress, Optional<String>> found = new HashMap<>();
    private final AtomicBoolean turning = new AtomicBoolean();
    private Consumer<List<Node>> nodesChanged = _ -> {};
    private ReplicaLoop.Unreachable away = (_, _) -> {};
    private volatile GroupStage stage;
    private volatile @Nullable String unreadable;
    private boolean reading;
    private volatile boolean stopped;
    private volatile boolean closed;

    /// Writes on their way.
    private int errands;

    private GroupReplicas(
            ReplicaSettings settings,
            EventLoop owner,
            NodeConnector connector,
            Spool spool,
            SharedLog shared) {
        this.settings = settings;
        this.owner = owner;
        this.connector = connector;
        this.spool = spool;
        this.shared = shared;
        stage = new GroupStage(settings, owner, connector, spool, shared);
    }

    /// @throws IOException when the folder cannot be used
    static ReplicaState open(
            ReplicaSettings wanted, EventLoop owner, NodeConnector connector, SharedLog shared)
            throws IOException {
        Files.createDirectories(wanted.folder());
        Spool spool = Spool.open(wanted.folder().resolve("bodies"));
        spool.keep(Set.of());
        return new GroupReplicas(
                wanted.withBodiesInMemory(shared.mostRecordBytes() - HEADERS_BYTES),
                owner,
                connector,
                spool,
                shared);
    }

    @Override
    public ReplicaOwner owner() {
        return this;
    }

    @Override
    public Spool spool() {
        return spool;
    }

    @Override
    public ReplicaSettings settings() {
        return settings;
    }

    @Override
    public void begin(HealthChecks checks) {
        owner.submit(
                        () -> {
                            nodesChanged =
                                    nodes -> {
                                        checks.nodes(nodes);
                                        found.keySet()
                                                .retainAll(
                                                        nodes.stream().map(Node::address).toList());
                                        found.forEach(stage.loop()::health);
                                    };
                            away = checks::failed;
                            stage.loop().watch(nodesChanged, away);
                            checks.start();
                            var _ =
                                    owner.scheduleAtFixedRate(
                                            this::turn, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
                        })
                .awaitUninterruptibly(PATIENCE.toMillis());
        shared.answerWith(this::asked);
        shared.listen(this::turnSoon);
        turnSoon();
        awaitCopy();
    }

    /// What this node has of the log is there to be seen when it has begun.
    private void awaitCopy() {
        long endNanos = System.nanoTime() + PATIENCE.toNanos();
        long end = shared.end();
        boolean done = false;
        while (!done && unreadable == null && System.nanoTime() < endNanos) {
            var looked = owner.submit(() -> stage.has(end));
            done = looked.awaitUninterruptibly(PATIENCE.toMillis()) && looked.getNow();
            LockSupport.parkNanos(1_000_000);
        }
    }

    // Who leads.

    private void turnSoon() {
        if (!closed && !turning.getAndSet(true)) {
            onOwner(() -> {
                turning.set(false);
                turn();
            });
        }
    }

    /// What others tell may come when the thread is gone already.
    private boolean onOwner(Runnable task) {
        try {
            owner.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            LOG.debug("too late", e);
            return false;
        }
    }

    private void turn() {
        if (closed) {
            return;
        }
        SharedLog.Standing standing = shared.standing();
        GroupStage at = stage;
        boolean another = at.leads() && (!standing.leads() || standing.term() != at.term());
        if (another || at.over()) {
            if (at.leads()) {
                LOG.info("replicas: this node does not lead any more");
            }
            at = anew(at);
        }
        if (at.leads() || reading) {
            return;
        }
        if (!at.upToDate()) {
            read(at);
        } else if (standing.leads() && unreadable == null && !stopped) {
            lead(at, standing.term());
        }
    }

    private GroupStage anew(GroupStage before) {
        before.leave(MOVED);
        var next = new GroupStage(settings, owner, connector, spool, shared);
        next.loop().watch(nodesChanged, away);
        stage = next;
        return next;
    }

    private void read(GroupStage at) {
        reading = true;
        Thread.ofVirtual()
                .name("replica copy")
                .start(() -> {
                    Runnable next;
                    try {
                        GroupStage.Part part = at.read();
                        next = () -> at.tell(part);
                    } catch (SharedLog.ShortenedException e) {
                        LOG.debug("begun anew: {}", e.getMessage());
                        next = () -> anew(at);
                    } catch (IOException | RuntimeException e) {
                        next = () -> cannotRead(e);
                    }
                    Runnable then = next;
                    owner.execute(() -> readSo(at, then));
                });
    }

    private void readSo(GroupStage at, Runnable then) {
        reading = false;
        if (at.equals(stage) && !closed) {
            try {
                then.run();
            } catch (RuntimeException e) {
                cannotRead(e);
            }
            if (unreadable == null) {
                turnSoon();
            }
        }
    }

    private void cannotRead(Exception e) {
        if (unreadable == null) {
            LOG.error("replicas: {}", e.getMessage(), e);
        }
        unreadable = String.valueOf(e.getMessage());
    }

    private void lead(GroupStage at, long term) {
        LOG.atInfo().addKeyValue("term", term).log("replicas: this node leads");
        at.lead(term);
        if (shared.end() == 0 && !settings.nodes().isEmpty()) {
            at.loop()
                    .change(
                            ReplicaState.all(settings.nodes()),
                            result -> LOG.debug("the nodes of the settings: {}", result));
        }
    }

    // What is brought here.

    /// Any thread.
    private void asked(ByteBuffer question, Consumer<byte @Nullable []> answer) {
        Errand errand;
        try {
            errand = Errand.read(question);
        } catch (IllegalArgumentException e) {
            LOG.warn("a node of the group brought something that is not known: {}", e.getMessage());
            answer.accept(null);
            return;
        }
        if (!onOwner(() -> carryOut(errand, answer))) {
            answer.accept(null);
        }
    }

    private void carryOut(Errand errand, Consumer<byte @Nullable []> answer) {
        ReplicaLoop here = leading();
        if (stopped || here == null) {
            answer.accept(null);
            return;
        }
        switch (errand) {
            case Errand.Write(WriteRequest request) -> here.submit(request, new Bringer(answer));
            case Errand.Change(NodeChange change) ->
                    here.change(
                            change,
                            result ->
                                    answer.accept(
                                            Errand.write(new Errand.Outcome.Changed(result))));
        }
    }

    /// Tells the node that brought a write.
    private record Bringer(Consumer<byte @Nullable []> answer) implements WriteClient {
        @Override
        public void answered(Receipt receipt, Reply reply, @Nullable NodeAnswer nodeAnswer) {
            answer.accept(Errand.write(new Errand.Outcome.Answered(receipt, reply, nodeAnswer)));
        }

        @Override
        public void refused(Refusal refusal) {
            answer.accept(
                    refusal.equals(MOVED)
                            ? null
                            : Errand.write(new Errand.Outcome.Refused(refusal)));
        }
    }

    // What clients want.

    @Override
    public void submit(WriteRequest request, WriteClient client) {
        owner.execute(() -> {
            Refusal refusal = refusal();
            if (refusal != null) {
                client.refused(refusal);
                return;
            }
            errands++;
            new WriteErrand(this, shared, request, client, settings.writes().timeout()).go();
        });
    }

    private @Nullable Refusal refusal() {
        if (stopped) {
            return Refusal.later(
                    HttpResponseStatus.SERVICE_UNAVAILABLE,
                    "No writes are taken",
                    "svcshare stops");
        }
        return errands < settings.limits().underWay() ? null : WriteDesk.tooMuch(errands);
    }

    /// The client of a write was answered.
    void errandEnded() {
        errands--;
    }

    EventLoop loop() {
        return owner;
    }

    /// Who takes writes on this node; null while it does not lead.
    @Nullable ReplicaLoop leading() {
        GroupStage at = stage;
        return at.leads() && !at.over() ? at.loop() : null;
    }

    /// Why nothing is taken; null while something may be.
    @Nullable String trouble(SharedLog.Standing standing) {
        String why = unreadable;
        if (why != null) {
            return why;
        }
        return standing.leads() || standing.leader().isPresent()
                ? null
                : "the group has no leader: a majority of its nodes is needed";
    }

    @Override
    public void change(NodeChange change, Consumer<NodeChange.Result> then) {
        owner.execute(() -> {
            ReplicaLoop here = leading();
            SharedLog.Standing standing = shared.standing();
            String trouble = trouble(standing);
            if (here != null) {
                here.change(change, then);
            } else if (trouble != null) {
                then.accept(new NodeChange.Result.Failed(trouble));
            } else {
                shared.ask(
                        Errand.write(new Errand.Change(change)),
                        PATIENCE,
                        answer -> then.accept(result(answer)));
            }
        });
    }

    private static NodeChange.Result result(Optional<ByteBuffer> answer) {
        if (answer.isPresent()
                && Errand.readOutcome(answer.get())
                        instanceof Errand.Outcome.Changed(NodeChange.Result result)) {
            return result;
        }
        return new NodeChange.Result.Failed(
                "the node that leads did not answer; it may have been done");
    }

    @Override
    public Routing routing() {
        return stage.loop().routing();
    }

    @Override
    public long end() {
        return shared.end() + BEHIND;
    }

    @Override
    public void unreachable(NodeAddress node, String why) {
        stage.loop().unreachable(node, why);
    }

    @Override
    public List<NodeView> nodes() {
        return stage.loop().nodes();
    }

    @Override
    public void queue(
            NodeAddress node, long after, int most, Consumer<Optional<List<QueuedWrite>>> then) {
        stage.loop().queue(node, after, most, then);
    }

    @Override
    public void write(String id, Consumer<Optional<WriteView>> then) {
        write(id, System.nanoTime() + ARRIVES.toNanos(), then);
    }

    private void write(String id, long untilNanos, Consumer<Optional<WriteView>> then) {
        stage.loop()
                .write(
                        id,
                        view -> {
                            if (view.isPresent() || System.nanoTime() > untilNanos) {
                                then.accept(view);
                            } else {
                                // This node may not have yet what another one told of.
                                var _ =
                                        owner.schedule(
                                                () -> write(id, untilNanos, then),
                                                LOOK_MS,
                                                TimeUnit.MILLISECONDS);
                            }
                        });
    }

    @Override
    public Optional<String> trouble() {
        return Optional.ofNullable(trouble(shared.standing()));
    }

    @Override
    public void health(NodeAddress node, Optional<String> trouble) {
        owner.execute(() -> {
            found.put(node, trouble);
            stage.loop().health(node, trouble);
        });
    }

    @Override
    public String toString() {
        return "%s, %s, errands %d, reading %b, unreadable %s"
                .formatted(shared.standing(), stage, errands, reading, unreadable);
    }

    // The end.

    @Override
    public void stop(Duration limit) {
        long endNanos = System.nanoTime() + limit.toNanos();
        stopped = true;
        stage.loop().stop(limit);
        boolean answered = false;
        while (!answered && System.nanoTime() < endNanos) {
            var left = owner.submit(() -> errands);
            answered = left.awaitUninterruptibly(1, TimeUnit.SECONDS) && left.getNow() == 0;
            LockSupport.parkNanos(5_000_000);
        }
    }

    @Override
    public void close() {
        owner.submit(
                        () -> {
                            closed = true;
                            stage.leave(null);
                        })
                .awaitUninterruptibly(PATIENCE.toMillis());
    }
}
