package org.svcshare.replica;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// Copies of a service that nobody sends anything to: their settings change as they are told to, on
/// a thread of their own, and what else is seen of them is what a test says. For tests of what
/// stands on [Replicas].
public final class SampleReplicas implements Replicas, AutoCloseable {
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final Map<String, WriteView> writes = new ConcurrentHashMap<>();

    /// Of each node; the thread's alone.
    private final Map<NodeAddress, List<QueuedWrite>> queues = new HashMap<>();

    private volatile List<NodeView> views = List.of();
    private volatile Optional<String> trouble = Optional.empty();
    private volatile Optional<NodeChange.Result> instead = Optional.empty();

    public static NodeAddress address(String host, int port) {
        return new NodeAddress(host, port);
    }

    /// Makes a node that is in step.
    public SampleReplicas with(Node node) {
        views = sorted(views, view(node));
        return this;
    }

    private static NodeView view(Node node) {
        return new NodeView(
                node,
                node.active() ? NodeState.IN_STEP : NodeState.INACTIVE,
                true,
                node.active() && !node.maintenance(),
                "",
                0,
                0,
                Optional.empty(),
                0,
                0,
                0,
                new NodeCounts(Map.of()),
                Optional.empty());
    }

    private static List<NodeView> sorted(List<NodeView> others, NodeView view) {
        var all = new ArrayList<>(others);
        all.removeIf(other -> other.node().address().equals(view.node().address()));
        all.add(view);
        all.sort((a, b) -> Node.ORDER.compare(a.node(), b.node()));
        return List.copyOf(all);
    }

    /// Has a node look different.
    public void seen(NodeAddress address, UnaryOperator<NodeView> change) {
        views = sorted(views, change.apply(node(address).orElseThrow()));
    }

    public void trouble(String what) {
        trouble = Optional.of(what);
    }

    /// Answers every change with this from now on, and changes nothing.
    public void insteadOfChanges(NodeChange.Result result) {
        instead = Optional.of(result);
    }

    public void write(String id, WriteView write) {
        writes.put(id, write);
    }

    public void queued(NodeAddress address, QueuedWrite write) {
        thread.execute(() -> queues.computeIfAbsent(address, _ -> new ArrayList<>()).add(write));
    }

    @Override
    public List<NodeView> nodes() {
        return views;
    }

    @Override
    public Optional<String> trouble() {
        return trouble;
    }

    @Override
    public void change(NodeChange change, Consumer<NodeChange.Result> then) {
        thread.execute(() -> then.accept(instead.orElseGet(() -> made(change))));
    }

    private NodeChange.Result made(NodeChange change) {
        return switch (change) {
            case NodeChange.Put(NodeAddress node, NodePatch patch) -> put(Map.of(node, patch));
            case NodeChange.PutAll(Map<NodeAddress, NodePatch> patches) -> put(patches);
            case NodeChange.Remove(List<NodeAddress> nodes) -> remove(nodes);
            case NodeChange.CopyFrom(NodeAddress node, NodePatch patch, NodeAddress source) ->
                    copy(node, patch, source);
            case NodeChange.InStep(NodeAddress node) -> inStep(node);
            case NodeChange.Drop(NodeAddress node, long position) ->
                    queue(node, position, _ -> Optional.empty());
            case NodeChange.Park(NodeAddress node, long position) ->
                    queue(node, position, write -> Optional.of(parked(write, true)));
            case NodeChange.Release(NodeAddress node, long position) ->
                    queue(node, position, write -> Optional.of(parked(write, false)));
        };
    }

    private NodeChange.Result put(Map<NodeAddress, NodePatch> patches) {
        var changed = new ArrayList<Node>();
        boolean created = false;
        List<NodeView> now = views;
        for (var one : patches.entrySet()) {
            NodeAddress address = one.getKey();
            NodeAddress target = one.getValue().address().orElse(address);
            Optional<NodeView> before = find(now, address);
            if (!target.equals(address) && find(now, target).isPresent()) {
                return new NodeChange.Result.Refused(target + " is there already");
            }
            Node node = one.getValue().applyTo(before.map(NodeView::node).orElse(Node.at(address)));
            created |= before.isEmpty();
            changed.add(node);
            now =
                    sorted(
                            now.stream()
                                    .filter(view -> !view.node().address().equals(address))
                                    .toList(),
                            view(node));
        }
        views = now;
        return new NodeChange.Result.Done(created, changed);
    }

    private static Optional<NodeView> find(List<NodeView> all, NodeAddress address) {
        return all.stream().filter(view -> view.node().address().equals(address)).findFirst();
    }

    private NodeChange.Result remove(List<NodeAddress> nodes) {
        for (NodeAddress address : nodes) {
            if (node(address).isEmpty()) {
                return new NodeChange.Result.NotFound("no node " + address);
            }
        }
        List<Node> gone =
                views.stream()
                        .map(NodeView::node)
                        .filter(node -> nodes.contains(node.address()))
                        .toList();
        views = views.stream().filter(view -> !nodes.contains(view.node().address())).toList();
        return new NodeChange.Result.Done(false, gone);
    }

    private NodeChange.Result copy(NodeAddress node, NodePatch patch, NodeAddress source) {
        if (node(source).isEmpty()) {
            return new NodeChange.Result.NotFound("no node " + source);
        }
        put(Map.of(node, patch));
        return put(
                Map.of(
                        patch.address().orElse(node),
                        NodePatch.maintenance(true),
                        source,
                        NodePatch.maintenance(true)));
    }

    private NodeChange.Result inStep(NodeAddress address) {
        Optional<NodeView> view = node(address);
        if (view.isEmpty()) {
            return new NodeChange.Result.NotFound("no node " + address);
        }
        with(view.get().node());
        return new NodeChange.Result.Done(false, List.of(view.get().node()));
    }

    private NodeChange.Result queue(
            NodeAddress node,
            long position,
            java.util.function.Function<QueuedWrite, Optional<QueuedWrite>> change) {
        List<QueuedWrite> queue = queues.getOrDefault(node, List.of());
        for (int i = 0; i < queue.size(); i++) {
            if (queue.get(i).position() == position) {
                Optional<QueuedWrite> now = change.apply(queue.remove(i));
                if (now.isPresent()) {
                    queue.add(i, now.get());
                }
                return new NodeChange.Result.Done(false, List.of());
            }
        }
        return new NodeChange.Result.NotFound("no write " + position + " of " + node);
    }

    private static QueuedWrite parked(QueuedWrite write, boolean parked) {
        return new QueuedWrite(
                write.position(),
                write.method(),
                write.target(),
                write.bodyBytes(),
                write.at(),
                parked,
                parked ? "by an operator" : "",
                write.status());
    }

    /// One that waits.
    public static QueuedWrite waiting(long position, String target, Instant at) {
        return new QueuedWrite(position, "POST", target, 3, at, false, "", 0);
    }

    @Override
    public void queue(
            NodeAddress node, long after, int most, Consumer<Optional<List<QueuedWrite>>> then) {
        thread.execute(() ->
                then.accept(
                        node(node)
                                .map(_ ->
                                        queues.getOrDefault(node, List.of()).stream()
                                                .filter(write -> write.position() > after)
                                                .limit(most)
                                                .toList())));
    }

    @Override
    public void write(String id, Consumer<Optional<WriteView>> then) {
        thread.execute(() -> then.accept(Optional.ofNullable(writes.get(id))));
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
