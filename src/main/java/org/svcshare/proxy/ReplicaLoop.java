package org.svcshare.proxy;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.proxy.Routing.Route;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodeView;
import org.svcshare.replica.OpenRefusal;
import org.svcshare.replica.QueuedWrite;
import org.svcshare.replica.ReplicaEffect;
import org.svcshare.replica.ReplicaEvent;
import org.svcshare.replica.ReplicaNote;
import org.svcshare.replica.ReplicaRules;
import org.svcshare.replica.Replication;
import org.svcshare.replica.Replication.Standing;
import org.svcshare.replica.Reply;
import org.svcshare.replica.RequestKind;
import org.svcshare.replica.WriteView;

/// Owns the order of writes, on one event loop: feeds it what happens, and carries out what
/// follows. What is not said to be for any thread is for that loop's.
///
/// First it only looks on, while what is in the log is told ([#told]); once it has begun it goes on
/// with it.
final class ReplicaLoop implements ReplicaOwner {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaLoop.class);
    private static final long TICK_MS = 20;
    private static final long NOTES_MS = 50;
    private static final long VIEWS_MS = 100;
    private static final long WINDOW_BYTES = 1 << 20;
    private static final long RECENT_BYTES = 8L << 20;

    private final EventLoop loop;
    private final WriteLog log;
    private final HeardLog heard;
    private final Progress progress;
    private final Recent recent = new Recent(RECENT_BYTES);
    private final WriteDesk desk;
    private final NodeBoard board;
    private final Replication replication;
    private final NodeLinks links;
    private final NoteKeeping notes;
    private final WriteLookup lookup;
    private final WriteIntake intake;
    private final NodeChanges changes;
    private final Restoring restoring;

    /// What is to be sent once it may be.
    private final ArrayDeque<ReplicaEffect.Send> held = new ArrayDeque<>();

    private final List<ScheduledFuture<?>> tasks = new ArrayList<>();
    private boolean begun;

    /// The nodes as they were told last.
    private List<Node> shown = List.of();

    /// Whether something was told that is not to be seen yet.
    private boolean restored;

    private boolean wasRestless = true;
    private boolean routesStale = true;
    private boolean closed;
    private Unreachable unreachable = (_, _) -> {};

    /// Is told of nodes that cannot be connected to.
    interface Unreachable {
        void found(NodeAddress node, String why);
    }

    /// Where marks of how far nodes are go.
    interface Progress {
        void keep(Map<NodeAddress, Long> nodes);

        void mark(NodeAddress node, long position);

        /// A node has refused a write: to be known as long as a mark behind it is.
        void refused(ReplicaEffect.Refused refusal);

        /// That is to be known no longer.
        void settled(NodeAddress node, long position);

        /// No refusals are to be known; what is still of use is told anew.
        default void forgetRefusals() {}

        /// Where nothing outlives the process.
        Progress NONE =
                new Progress() {
                    @Override
                    public void keep(Map<NodeAddress, Long> nodes) {}

                    @Override
                    public void mark(NodeAddress node, long position) {}

                    @Override
                    public void refused(ReplicaEffect.Refused refusal) {}

                    @Override
                    public void settled(NodeAddress node, long position) {}
                };

        /// Now and then, for those that go into the log.
        ///
        /// @param keep returns false when there is no room for one now
        default void flush(Predicate<ReplicaNote> keep) {}
    }

    /// What the replicas do, before there is who carries it out.
    private static final class Effects {
        @Nullable ReplicaLoop loop;

        void accept(ReplicaEffect effect) {
            ReplicaLoop carriesOut = loop;
            if (carriesOut == null) {
                throw new IllegalStateException("too early for " + effect);
            }
            carriesOut.carryOut(effect);
        }
    }

    private ReplicaLoop(
            ReplicaSettings settings,
            EventLoop loop,
            WriteLog log,
            Progress progress,
            Replication replication,
            KeyTable keys,
            NodeConnector connector,
            Spool spool) {
        this.loop = loop;
        this.log = log;
        this.progress = progress;
        this.replication = replication;
        heard = new HeardLog(log);
        desk = new WriteDesk(settings.limits().underWay(), keys);
        board = new NodeBoard(settings, replication);
        links = new NodeLinks(settings, loop, connector, spool);
        links.of(this);
        notes = new NoteKeeping(heard, desk, replication, this::on);
        lookup = new WriteLookup(loop, log, recent, desk, replication);
        intake = new WriteIntake(heard, desk, lookup, board, recent, spool, this::on);
        changes = new NodeChanges(loop, heard, replication, progress, board);
        restoring = new Restoring(replication, desk, intake.spooled());
    }

    /// @param loop the thread that is to own all of it
    /// @param handedOn whether a write may be brought to it more than once, as others could lead
    static ReplicaLoop of(
            ReplicaSettings settings,
            EventLoop loop,
            WriteLog log,
            Progress progress,
            boolean handedOn,
            NodeConnector connector,
            Spool spool) {
        var effects = new Effects();
        var replication = new Replication(rules(settings), effects::accept);
        var made =
                new ReplicaLoop(
                        settings,
                        loop,
                        log,
                        progress,
                        replication,
                        new KeyTable(settings.writes().keysLive().toMillis(), handedOn),
                        connector,
                        spool);
        effects.loop = made;
        return made;
    }

    private static ReplicaRules rules(ReplicaSettings settings) {
        ReplicaSettings.Writes writes = settings.writes();
        return new ReplicaRules(
                writes.answer(),
                writes.timeout(),
                writes.timeout().dividedBy(4),
                writes.parkRefused(),
                writes.refusedFor(),
                writes.firstPause(),
                writes.longestPause(),
                writes.inFlight(),
                settings.limits().queueWrites(),
                settings.limits().parked());
    }

    /// Looks on from now on.
    ///
    /// @param changed is told the nodes, now and whenever they change
    /// @param away is told of nodes that cannot be connected to
    void watch(Consumer<List<Node>> changed, Unreachable away) {
        changes.tell(changed);
        unreachable = away;
        every(TICK_MS, this::tick);
        every(NOTES_MS, notes::flush);
        every(VIEWS_MS, board::look);
    }

    /// What is in the log, before the beginning: the image first, if there is one.
    void told(ByteBuffer image) {
        restoring.image(image);
        restoredUpTo(restoring.imageAt());
    }

    /// What is in the log, before the beginning, in its order.
    void told(long position, RecordCodec.Entry entry) {
        restoring.entry(position, entry);
        restoredUpTo(position);
    }

    private void restoredUpTo(long position) {
        heard.heardUpTo(position);
        restored = true;
    }

    /// How far nodes had come, where that is kept apart from the log.
    ///
    /// @param position of a node, by where it was made; 0 where it is not known
    void passed(LongUnaryOperator position) {
        replication
                .marks()
                .forEach((node, since) ->
                        replication.restorePassed(node, since, position.applyAsLong(since)));
    }

    /// What nodes refused, where that is kept apart from the log.
    void refusals(List<OpenRefusal> remembered) {
        replication.restoreRefusals(remembered);
    }

    Replication replication() {
        return replication;
    }

    /// Bodies in files of writes that are in the log.
    Set<String> spooled() {
        return Set.copyOf(intake.spooled().values());
    }

    /// Shows what was told.
    private void look() {
        if (restored) {
            restored = false;
            replication.look(System.currentTimeMillis());
            List<Node> now = replication.standings().stream().map(Standing::node).toList();
            if (now.equals(shown)) {
                publish();
            } else {
                shown = now;
                changes.made();
            }
        }
    }

    /// Goes on with what is in the log, all of which was told.
    void begin() {
        begun = true;
        heard.heardUpTo(log.end());
        progress.keep(replication.marks());
        board.publish();
        progress.forgetRefusals();
        replication.begin(System.currentTimeMillis());
        desk.restored(replication::done);
        changes.made();
    }

    /// What fails is said, and done again the next time.
    private void every(long ms, Runnable task) {
        Runnable safe =
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException e) {
                        LOG.error("a mistake of the program", e);
                    }
                };
        tasks.add(loop.scheduleAtFixedRate(safe, ms, ms, TimeUnit.MILLISECONDS));
    }

    // What comes in.

    @Override
    public void submit(WriteRequest request, WriteClient client) {
        if (loop.inEventLoop()) {
            intake.take(request, client);
        } else {
            loop.execute(() -> intake.take(request, client));
        }
    }

    /// A node's answer to a write, from its link.
    void answered(
            NodeAddress node, long position, WriteRequest request, NodeAnswer answer, long digest) {
        RequestKind kind = RequestKind.of(request.method());
        NodeTally tally = board.tally(node);
        boolean good = answer.status() < 500;
        tally.ended(kind, good);
        if (good) {
            tally.taken(kind);
        }
        desk.answered(position, node, answer);
        boolean gone =
                kind == RequestKind.DELETE && (answer.status() == 404 || answer.status() == 410);
        on(new ReplicaEvent.Answered(node, position, answer.status(), digest, gone));
    }

    /// The link to a node is gone, with what was sent over it.
    ///
    /// @param flying how many writes were sent and not answered
    void lost(NodeAddress node, String why, int flying, RequestKind kind) {
        NodeTally tally = board.tally(node);
        for (int i = 0; i < flying; i++) {
            tally.ended(kind, false);
        }
        routesStale = true;
        on(new ReplicaEvent.Lost(node, why));
    }

    /// What a check found. Any thread.
    void health(NodeAddress node, Optional<String> trouble) {
        loop.execute(() -> {
            routesStale = true;
            on(
                    trouble.isEmpty()
                            ? new ReplicaEvent.Up(node)
                            : new ReplicaEvent.Down(node, trouble.get()));
        });
    }

    @Override
    public void unreachable(NodeAddress node, String why) {
        loop.execute(() -> unreachable.found(node, why));
    }

    /// Writes that are not in memory.
    void fetch(long from, Consumer<WriteLog.@Nullable Window> then) {
        log.window(from, WINDOW_BYTES, then);
    }

    @Nullable WriteRequest recent(long position) {
        return recent.get(position);
    }

    /// Whether somebody waits for what a node says to a write.
    boolean awaited(long position) {
        return desk.awaited(position);
    }

    private void on(ReplicaEvent event) {
        if (closed) {
            return;
        }
        replication.on(event, System.currentTimeMillis());
        log.waiting(replication.waiting());
        if (routesStale) {
            publish();
        }
    }

    private void publish() {
        routesStale = false;
        board.publish();
    }

    private void tick() {
        if (closed) {
            return;
        }
        if (!begun) {
            look();
            return;
        }
        notes.again();
        progress.flush(notes::mark);
        sendHeld();
        boolean restless = replication.restless();
        if (restless) {
            replication.on(new ReplicaEvent.Tick(), System.currentTimeMillis());
            links.sweep();
        }
        boolean tidy = intake.spooled().isEmpty() && !log.wantsImage();
        if (!restless && !wasRestless && !routesStale && tidy) {
            return;
        }
        wasRestless = restless;
        publish();
        long done = replication.doneUpTo(heard.heard());
        intake.doneUpTo(done);
        if (log.wantsImage()) {
            log.image(done, Images.write(replication.image(heard.heard()), desk.keys()));
        }
    }

    // What follows.

    void carryOut(ReplicaEffect effect) {
        if (closed || !begun) {
            return;
        }
        switch (effect) {
            case ReplicaEffect.Send send -> {
                if (held.isEmpty() && log.holds()) {
                    send(send);
                } else {
                    held.add(send);
                }
            }
            case ReplicaEffect.Recall(NodeAddress node) -> {
                held.removeIf(send -> send.node().equals(node));
                links.recall(node);
            }
            case ReplicaEffect.Tell(long position, Reply reply) -> desk.tell(position, reply);
            case ReplicaEffect.Passed(NodeAddress node, long position) -> {
                progress.mark(node, position);
                Route route = board.route(node);
                if (route != null) {
                    route.passed(position);
                }
            }
            case ReplicaEffect.Refused refusal -> progress.refused(refusal);
            case ReplicaEffect.Settled(NodeAddress node, long position) ->
                    progress.settled(node, position);
            case ReplicaEffect.Keep(ReplicaNote note) -> notes.keep(note);
            case ReplicaEffect.Report(NodeAddress node, String what) -> {
                routesStale = true;
                LOG.atWarn().addKeyValue("node", node).log("replica: {}", what);
            }
        }
    }

    private void send(ReplicaEffect.Send send) {
        Route route = board.route(send.node());
        links.to(send.node(), route != null && route.tls()).send(send.position());
    }

    private void sendHeld() {
        while (!held.isEmpty() && log.holds()) {
            send(held.remove());
        }
    }

    /// Whether a node may be sent something just now.
    boolean holds() {
        return log.holds();
    }

    // What others see and change.

    @Override
    public Routing routing() {
        return board.routing();
    }

    @Override
    public long end() {
        return log.end();
    }

    @Override
    public List<NodeView> nodes() {
        return board.views();
    }

    @Override
    public Optional<String> trouble() {
        return Optional.ofNullable(log.trouble());
    }

    @Override
    public void change(NodeChange change, Consumer<NodeChange.Result> then) {
        changes.change(change, then);
    }

    @Override
    public void queue(
            NodeAddress node, long after, int most, Consumer<Optional<List<QueuedWrite>>> then) {
        loop.execute(() -> {
            Optional<List<QueuedWrite>> found = replication.queue(node, after, most);
            if (found.isEmpty() || found.get().isEmpty()) {
                then.accept(found);
            } else {
                new QueueReading(this, found.get(), then).next();
            }
        });
    }

    @Override
    public void write(String id, Consumer<Optional<WriteView>> then) {
        long position = WriteLookup.position(id);
        loop.execute(() -> {
            if (position < 1 || position > heard.heard()) {
                then.accept(Optional.empty());
            } else {
                lookup.look(id, position, then);
            }
        });
    }

    /// Nothing more is sent to anybody.
    void close() {
        intake.stop();
        closed = true;
        links.close();
        tasks.forEach(task -> task.cancel(false));
    }

    /// The same where another goes on: those who wait are told so.
    void leave(Refusal why) {
        close();
        intake.leave(why);
    }

    /// Takes no more writes; what was written down stays. Any thread.
    void stop(Duration limit) {
        long endNanos = System.nanoTime() + limit.toNanos();
        loop.execute(intake::stop);
        boolean answered = false;
        while (!answered && System.nanoTime() < endNanos) {
            var left = loop.submit(desk::underWay);
            answered = left.awaitUninterruptibly(1, TimeUnit.SECONDS) && left.getNow() == 0;
            LockSupport.parkNanos(5_000_000);
        }
        loop.submit(notes::flush).awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
}
