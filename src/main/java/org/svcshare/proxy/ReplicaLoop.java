package org.svcshare.proxy;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.proxy.Routing.Route;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodeCounts;
import org.svcshare.replica.NodeState;
import org.svcshare.replica.NodeView;
import org.svcshare.replica.QueuedWrite;
import org.svcshare.replica.ReplicaEffect;
import org.svcshare.replica.ReplicaEvent;
import org.svcshare.replica.ReplicaNote;
import org.svcshare.replica.Replicas;
import org.svcshare.replica.Replication;
import org.svcshare.replica.Reply;
import org.svcshare.replica.RequestKind;
import org.svcshare.replica.WriteView;

/// Owns the order of writes, on one event loop: feeds it what happens, and carries out what
/// follows. What is not said to be for any thread is for that loop's.
final class ReplicaLoop implements Replicas {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaLoop.class);
    private static final long TICK_MS = 20;
    private static final long NOTES_MS = 50;
    private static final long VIEWS_MS = 100;
    private static final long WINDOW_BYTES = 1 << 20;

    private final ReplicaSettings settings;
    private final EventLoop loop;
    private final WriteLog log;
    private final Progress progress;
    private final Recent recent;
    private final KeyTable keys;
    private final Replication replication;
    private final NodeLinks links;
    private final Spool spool;

    /// Bodies in files, by the position of their write.
    private final NavigableMap<Long, String> spooled;

    private final Map<NodeAddress, NodeTally> tallies = new HashMap<>();
    private final Map<NodeAddress, Route> routes = new HashMap<>();

    /// Clients that wait, by the position of their write.
    private final Map<Long, Waiting> waiting = new HashMap<>();

    /// What is yet to be written down, and would be of no use soon.
    private final List<ReplicaNote.Agreed> notes = new ArrayList<>();

    private volatile Routing routing = Routing.NOWHERE;
    private volatile List<NodeView> views = List.of();
    private final AtomicBoolean looked = new AtomicBoolean(true);
    private int underWay;

    /// The last position in the log that the replicas have heard of.
    private long heard;

    private boolean wasRestless = true;
    private boolean routesStale = true;
    private boolean stopped;
    private Consumer<List<Node>> nodesChanged = _ -> {};
    private Unreachable unreachable = (_, _) -> {};

    /// Is told of nodes that cannot be connected to.
    interface Unreachable {
        void found(NodeAddress node, String why);
    }

    /// Those who wait for one write.
    private static final class Waiting {
        final WriteRequest request;
        final List<WriteClient> clients = new ArrayList<>();
        final Map<NodeAddress, NodeAnswer> answers = new HashMap<>();

        Waiting(WriteRequest request, WriteClient first) {
            this.request = request;
            clients.add(first);
        }
    }

    ReplicaLoop(
            ReplicaSettings settings,
            EventLoop loop,
            WriteLog log,
            Progress progress,
            KeyTable keys,
            Replication replication,
            NodeLinks links,
            Spool spool,
            NavigableMap<Long, String> spooled) {
        this.settings = settings;
        this.loop = loop;
        this.log = log;
        this.progress = progress;
        this.keys = keys;
        this.replication = replication;
        this.links = links;
        this.spool = spool;
        this.spooled = spooled;
        this.recent = new Recent(32L << 20);
    }

    /// A record that is followed by something here.
    private abstract class Heard extends WriteLog.Entry {
        Heard(byte[] record) {
            super(record);
        }

        @Override
        final void over() {
            if (failure() == null) {
                heard = position();
            }
            then();
        }

        abstract void then();
    }

    /// Where marks of how far nodes are go.
    interface Progress {
        void keep(Map<NodeAddress, Long> nodes);

        void mark(NodeAddress node, long position);
    }

    /// @param changed is told the nodes, now and whenever they change
    /// @param away is told of nodes that cannot be connected to
    void begin(Consumer<List<Node>> changed, Unreachable away) {
        nodesChanged = changed;
        unreachable = away;
        progress.keep(replication.marks());
        heard = log.end();
        publish();
        replication.begin(System.currentTimeMillis());
        changedNodes();
        var _ = loop.scheduleAtFixedRate(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
        var _ =
                loop.scheduleAtFixedRate(
                        this::flushNotes, NOTES_MS, NOTES_MS, TimeUnit.MILLISECONDS);
        var _ = loop.scheduleAtFixedRate(this::look, VIEWS_MS, VIEWS_MS, TimeUnit.MILLISECONDS);
    }

    // What comes in.

    /// A write whose body is here. Any thread.
    void submit(WriteRequest request, WriteClient client) {
        if (loop.inEventLoop()) {
            take(request, client);
        } else {
            loop.execute(() -> take(request, client));
        }
    }

    private void unspool(WriteRequest request) {
        request.file()
                .ifPresent(file ->
                        Thread.ofVirtual().name("replica spool").start(() -> spool.remove(file)));
    }

    private void take(WriteRequest request, WriteClient client) {
        Refusal refusal = refusal();
        if (refusal != null) {
            unspool(request);
            client.refused(refusal);
            return;
        }
        if (request.ofClient()) {
            Optional<KeyTable.Known> known = keys.find(request.key());
            if (known.isPresent()) {
                unspool(request);
                again(request, known.get(), client);
                return;
            }
            keys.add(
                    request.key(),
                    new KeyTable.Known(request.fingerprint(), request.tag(), request.atMs()));
        }
        underWay++;
        var waits = new Waiting(request, client);
        boolean room =
                log.append(
                        new Heard(RecordCodec.write(request)) {
                            @Override
                            void then() {
                                written(this, waits);
                            }
                        });
        if (!room) {
            underWay--;
            forgetKey(request);
            unspool(request);
            client.refused(tooMuch());
        }
    }

    private @Nullable Refusal refusal() {
        String trouble = log.trouble();
        if (trouble != null) {
            return Refusal.of(
                    HttpResponseStatus.SERVICE_UNAVAILABLE, "No writes are taken", trouble);
        }
        if (stopped) {
            return Refusal.later(
                    HttpResponseStatus.SERVICE_UNAVAILABLE,
                    "No writes are taken",
                    "svcshare stops");
        }
        if (underWay >= settings.limits().underWay()) {
            return tooMuch();
        }
        boolean anybody = routes.keySet().stream().anyMatch(this::active);
        return anybody
                ? null
                : Refusal.later(
                        HttpResponseStatus.SERVICE_UNAVAILABLE,
                        "No node",
                        "there is no active node to write to");
    }

    private boolean active(NodeAddress address) {
        Route route = routes.get(address);
        return route != null && route.active();
    }

    private Refusal tooMuch() {
        return Refusal.later(
                HttpResponseStatus.SERVICE_UNAVAILABLE,
                "Too many writes at once",
                "%,d writes wait for their answers".formatted(underWay));
    }

    /// A key that is known.
    private void again(WriteRequest request, KeyTable.Known known, WriteClient client) {
        if (known.fingerprint != request.fingerprint()) {
            client.refused(
                    Refusal.of(
                            HttpResponseStatus.UNPROCESSABLE_ENTITY,
                            "Another write has this key",
                            "the idempotency key was used for another method, target or body"));
            return;
        }
        Waiting waits = waiting.get(known.position);
        if (known.position == 0) {
            client.refused(
                    Refusal.later(
                            HttpResponseStatus.CONFLICT,
                            "The write is under way",
                            "a write with this idempotency key is just being written down"));
        } else if (waits != null) {
            waits.clients.add(client);
        } else {
            var receipt = new WriteClient.Receipt(known.position, known.id(), true);
            int status = outcome(known);
            Reply reply =
                    status == 0
                            ? new Reply.Later(replication.statuses(known.position), routes.size())
                            : new Reply.Chosen(NOBODY, status, 0, 0);
            client.answered(receipt, reply, known.answer);
        }
    }

    private static final NodeAddress NOBODY = new NodeAddress("none", 1);

    private int outcome(KeyTable.Known known) {
        return known.status != 0 ? known.status : replication.outcome(known.position).orElse(0);
    }

    private void forgetKey(WriteRequest request) {
        if (request.ofClient()) {
            keys.remove(request.key());
        }
    }

    private void written(WriteLog.Entry entry, Waiting waits) {
        WriteRequest request = waits.request;
        String failure = entry.failure();
        if (failure != null) {
            underWay--;
            forgetKey(request);
            unspool(request);
            waits.clients.forEach(client ->
                    client.refused(
                            Refusal.later(
                                    HttpResponseStatus.SERVICE_UNAVAILABLE,
                                    "The write was not taken",
                                    failure)));
            return;
        }
        long position = entry.position();
        recent.add(position, request);
        waiting.put(position, waits);
        request.file().ifPresent(file -> spooled.put(position, file));
        if (request.ofClient()) {
            keys.find(request.key()).ifPresent(known -> known.position = position);
        }
        RequestKind kind = RequestKind.of(request.method());
        routes.values().stream().filter(Route::active).forEach(route -> route.tally().given(kind));
        on(new ReplicaEvent.Written(position, request.sizeBytes(), true));
    }

    /// A node's answer to a write, from its link.
    void answered(
            NodeAddress node, long position, WriteRequest request, NodeAnswer answer, long digest) {
        RequestKind kind = RequestKind.of(request.method());
        NodeTally tally = tally(node);
        boolean good = answer.status() < 500;
        tally.ended(kind, good);
        if (good) {
            tally.taken(kind);
        }
        Waiting waits = waiting.get(position);
        if (waits != null) {
            waits.answers.put(node, answer);
        }
        boolean gone =
                kind == RequestKind.DELETE && (answer.status() == 404 || answer.status() == 410);
        on(new ReplicaEvent.Answered(node, position, answer.status(), digest, gone));
    }

    /// The link to a node is gone, with what was sent over it.
    void lost(NodeAddress node, String why, int flying, RequestKind kind) {
        NodeTally tally = tally(node);
        for (int i = 0; i < flying; i++) {
            tally.ended(kind, false);
        }
        routesStale = true;
        on(new ReplicaEvent.Lost(node, why));
    }

    /// What a check found, or traffic. Any thread.
    void health(NodeAddress node, Optional<String> trouble) {
        loop.execute(() -> {
            routesStale = true;
            on(
                    trouble.isEmpty()
                            ? new ReplicaEvent.Up(node)
                            : new ReplicaEvent.Down(node, trouble.get()));
        });
    }

    /// A node cannot be connected to. Any thread.
    void unreachable(NodeAddress node, String why) {
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
        return waiting.containsKey(position);
    }

    private void on(ReplicaEvent event) {
        replication.on(event, System.currentTimeMillis());
        if (routesStale) {
            publish();
        }
    }

    private void tick() {
        boolean restless = replication.restless();
        if (restless) {
            replication.on(new ReplicaEvent.Tick(), System.currentTimeMillis());
            links.sweep();
        }
        if (!restless && !wasRestless && !routesStale) {
            return;
        }
        wasRestless = restless;
        publish();
        long done = replication.doneUpTo(heard);
        recent.doneUpTo(done);
        unspool(done);
        if (log.wantsImage()) {
            log.image(done, Images.write(replication.image(heard), keys));
        }
    }

    private void unspool(long done) {
        var over = spooled.headMap(done, true);
        if (!over.isEmpty()) {
            List<String> files = List.copyOf(over.values());
            over.clear();
            Thread.ofVirtual().name("replica spool").start(() -> files.forEach(spool::remove));
        }
    }

    // What follows.

    void carryOut(ReplicaEffect effect) {
        switch (effect) {
            case ReplicaEffect.Send(NodeAddress node, long position, boolean _) ->
                    links.to(node, tls(node)).send(position);
            case ReplicaEffect.Recall(NodeAddress node) -> links.recall(node);
            case ReplicaEffect.Tell(long position, Reply reply) -> tell(position, reply);
            case ReplicaEffect.Passed(NodeAddress node, long position) -> passed(node, position);
            case ReplicaEffect.Keep(ReplicaNote.Agreed note) -> notes.add(note);
            case ReplicaEffect.Keep(ReplicaNote note) -> keep(note);
            case ReplicaEffect.Report(NodeAddress node, String what) -> {
                routesStale = true;
                LOG.atWarn().addKeyValue("node", node).log("replica: {}", what);
            }
        }
    }

    private boolean tls(NodeAddress node) {
        Route route = routes.get(node);
        return route != null && route.tls();
    }

    private void passed(NodeAddress node, long position) {
        progress.mark(node, position);
        Route route = routes.get(node);
        if (route != null) {
            route.passed(position);
        }
    }

    private void tell(long position, Reply reply) {
        Waiting waits = waiting.remove(position);
        if (waits == null) {
            return;
        }
        underWay--;
        WriteRequest request = waits.request;
        NodeAnswer answer =
                reply instanceof Reply.Chosen chosen ? waits.answers.get(chosen.from()) : null;
        if (request.ofClient() && reply instanceof Reply.Chosen chosen) {
            keys.answered(request.key(), chosen.status(), answer);
        }
        boolean repeated = false;
        for (WriteClient client : waits.clients) {
            var receipt = new WriteClient.Receipt(position, request.id(position), repeated);
            client.answered(receipt, reply, answer);
            repeated = true;
        }
    }

    private void keep(ReplicaNote note) {
        boolean room =
                log.append(
                        new Heard(RecordCodec.note(note)) {
                            @Override
                            void then() {
                                if (failure() != null) {
                                    LOG.warn("not written down: {}", note);
                                }
                            }
                        });
        if (!room) {
            var _ = loop.schedule(() -> keep(note), NOTES_MS, TimeUnit.MILLISECONDS);
        }
    }

    /// Most outcomes are of no use any more by then, as every node has the write.
    private void flushNotes() {
        if (notes.isEmpty()) {
            return;
        }
        long done = replication.doneUpTo(heard);
        for (ReplicaNote.Agreed note : notes) {
            if (note.position() > done) {
                keep(note);
            }
        }
        notes.clear();
    }

    // What is seen of it.

    /// Any thread.
    Routing routing() {
        return routing;
    }

    NodeTally tally(NodeAddress node) {
        return tallies.computeIfAbsent(node, _ -> new NodeTally());
    }

    /// After a change of nodes.
    private void changedNodes() {
        var nodes = new LinkedHashMap<NodeAddress, Node>();
        for (NodeView view : viewsNow()) {
            nodes.put(view.node().address(), view.node());
        }
        tallies.keySet().retainAll(nodes.keySet());
        routes.keySet().retainAll(nodes.keySet());
        progress.keep(replication.marks());
        for (NodeView view : viewsNow()) {
            progress.mark(view.node().address(), view.position());
        }
        routesStale = true;
        publish();
        look();
        nodesChanged.accept(List.copyOf(nodes.values()));
    }

    private List<NodeView> viewsNow() {
        return replication.views(
                new Replication.LaneExtras() {
                    @Override
                    public NodeCounts counts(NodeAddress node) {
                        return tally(node).counts();
                    }

                    @Override
                    public int underWay(NodeAddress node) {
                        return tally(node).underWay();
                    }
                });
    }

    private void publish() {
        routesStale = false;
        var preferred = new ArrayList<Route>();
        var others = new ArrayList<Route>();
        List<Replication.Standing> standings = replication.standings();
        if (settings.byPriority()) {
            standings =
                    standings.stream()
                            .sorted((a, b) -> Node.ORDER.compare(a.node(), b.node()))
                            .toList();
        }
        for (Replication.Standing standing : standings) {
            Node node = standing.node();
            Route route = routes.get(node.address());
            if (route == null || !route.is(node)) {
                route = new Route(node, tally(node.address()), standing.passed());
                routes.put(node.address(), route);
            }
            boolean usable = node.active() && !node.maintenance() && standing.up();
            if (usable && standing.state() == NodeState.IN_STEP) {
                preferred.add(route);
            } else if (usable
                    && (standing.state() != NodeState.OUT_OF_STEP
                            || settings.writes().readsOutOfStep())) {
                others.add(route);
            }
        }
        Routing before = routing;
        if (!before.preferred().equals(preferred) || !before.others().equals(others)) {
            routing = new Routing(List.copyOf(preferred), List.copyOf(others));
        }
    }

    private void look() {
        if (looked.compareAndSet(true, false)) {
            List<NodeView> now = viewsNow();
            for (NodeView view : now) {
                if (view.queueWrites() == 0) {
                    tally(view.node().address()).nothingQueued();
                }
            }
            views =
                    settings.byPriority()
                            ? now.stream()
                                    .sorted((a, b) -> Node.ORDER.compare(a.node(), b.node()))
                                    .toList()
                            : now;
        }
    }

    @Override
    public List<NodeView> nodes() {
        looked.set(true);
        return views;
    }

    @Override
    public void change(NodeChange change, Consumer<NodeChange.Result> then) {
        boolean room =
                !stopped
                        && log.append(
                                new Heard(RecordCodec.change(change)) {
                                    @Override
                                    void then() {
                                        changed(change, this, then);
                                    }
                                });
        if (!room) {
            String trouble = log.trouble();
            loop.execute(() ->
                    then.accept(
                            new NodeChange.Result.Failed(
                                    trouble == null ? "too much at once" : trouble)));
        }
    }

    private void changed(
            NodeChange change, WriteLog.Entry entry, Consumer<NodeChange.Result> then) {
        String failure = entry.failure();
        if (failure != null) {
            then.accept(new NodeChange.Result.Failed(failure));
            return;
        }
        NodeChange.Result result =
                replication
                        .on(
                                new ReplicaEvent.Changed(change, entry.position()),
                                System.currentTimeMillis())
                        .orElseThrow();
        if (result instanceof NodeChange.Result.Done) {
            looked.set(true);
            changedNodes();
        }
        then.accept(result);
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
        int dash = id.indexOf('-');
        long position;
        try {
            position = dash < 1 || dash > 18 ? 0 : Long.parseLong(id.substring(0, dash));
        } catch (NumberFormatException _) {
            position = 0;
        }
        if (position < 1 || position > log.end()) {
            loop.execute(() -> then.accept(Optional.empty()));
            return;
        }
        long at = position;
        // The tag is in the log alone: whoever guesses a position learns nothing.
        log.window(at, 1, window -> loop.execute(() -> then.accept(view(id, at, window))));
    }

    private Optional<WriteView> view(String id, long position, WriteLog.@Nullable Window window) {
        if (window == null || window.found().isEmpty()) {
            return Optional.empty();
        }
        WriteLog.Window.Found found = window.found().getFirst();
        WriteRequest request = found.request();
        if (found.position() != position || !request.id(position).equals(id)) {
            return Optional.empty();
        }
        int outcome =
                replication
                        .outcome(position)
                        .or(() ->
                                keys.find(request.key())
                                        .filter(known -> known.position == position)
                                        .map(known -> known.status))
                        .orElse(200);
        return Optional.of(
                new WriteView(
                        position,
                        request.method(),
                        request.target(),
                        java.time.Instant.ofEpochMilli(request.atMs()),
                        outcome,
                        replication.statuses(position)));
    }

    @Override
    public Optional<String> trouble() {
        return Optional.ofNullable(log.trouble());
    }

    /// How many writes wait for their answers.
    int underWay() {
        return underWay;
    }

    /// Takes no more writes; what was written down stays. Any thread.
    void stop(Duration limit) {
        long endNanos = System.nanoTime() + limit.toNanos();
        loop.execute(() -> stopped = true);
        while (System.nanoTime() < endNanos) {
            var left = loop.submit(() -> underWay);
            if (left.awaitUninterruptibly(1, TimeUnit.SECONDS) && left.getNow() == 0) {
                break;
            }
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
        loop.submit(this::flushNotes).awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
}
