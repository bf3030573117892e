package org.svcshare.proxy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.proxy.Routing.Route;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeCounts;
import org.svcshare.replica.NodeState;
import org.svcshare.replica.NodeView;
import org.svcshare.replica.Replication;

/// What others see of the nodes: where reads may go, how each is doing, and what became of its
/// requests. For the thread that owns the replicas, but where a call may come from any.
final class NodeBoard {
    /// So many looks long it is fresh each time after somebody has looked; then each so many.
    private static final int LOOKED_FOR = 10;

    private final ReplicaSettings settings;
    private final Replication replication;
    private final Map<NodeAddress, NodeTally> tallies = new HashMap<>();
    private final Map<NodeAddress, Route> routes = new HashMap<>();
    private final AtomicBoolean looked = new AtomicBoolean(true);
    private volatile Routing routing = Routing.NOWHERE;
    private volatile List<NodeView> views = List.of();
    private int looks;

    NodeBoard(ReplicaSettings settings, Replication replication) {
        this.settings = settings;
        this.replication = replication;
    }

    /// Any thread.
    Routing routing() {
        return routing;
    }

    /// How the nodes are doing; a second old at most. Any thread.
    List<NodeView> views() {
        looked.set(true);
        return views;
    }

    NodeTally tally(NodeAddress node) {
        return tallies.computeIfAbsent(node, _ -> new NodeTally());
    }

    @Nullable Route route(NodeAddress node) {
        return routes.get(node);
    }

    /// Those that take part.
    Stream<Route> active() {
        return routes.values().stream().filter(Route::active);
    }

    /// Forgets nodes that are no more.
    void keep(Collection<NodeAddress> nodes) {
        tallies.keySet().retainAll(nodes);
        routes.keySet().retainAll(nodes);
    }

    /// Says anew where reads may go.
    void publish() {
        var preferred = new ArrayList<Route>();
        var others = new ArrayList<Route>();
        for (Replication.Standing standing : standings()) {
            Node node = standing.node();
            Route route = routes.get(node.address());
            if (route == null || !route.is(node)) {
                route = new Route(node, tally(node.address()), standing.passed());
                routes.put(node.address(), route);
            }
            route.passed(standing.passed());
            if (readable(standing)) {
                (standing.state() == NodeState.IN_STEP ? preferred : others).add(route);
            }
        }
        Routing before = routing;
        if (!before.preferred().equals(preferred) || !before.others().equals(others)) {
            routing = new Routing(List.copyOf(preferred), List.copyOf(others));
        }
    }

    private boolean readable(Replication.Standing standing) {
        Node node = standing.node();
        boolean trusted =
                standing.state() != NodeState.OUT_OF_STEP || settings.writes().readsOutOfStep();
        return node.active() && !node.maintenance() && standing.up() && trusted;
    }

    private List<Replication.Standing> standings() {
        List<Replication.Standing> standings = replication.standings();
        return settings.byPriority()
                ? standings.stream()
                        .sorted((a, b) -> Node.ORDER.compare(a.node(), b.node()))
                        .toList()
                : standings;
    }

    /// Ten times a second while somebody looks or something goes on, once a second otherwise.
    void look() {
        if (looked.getAndSet(false)) {
            looks = LOOKED_FOR;
        }
        looks--;
        if (looks > 0 || looks % LOOKED_FOR == 0 || replication.restless()) {
            show();
        }
    }

    /// Shows how the nodes are doing now.
    void show() {
        List<NodeView> now = now();
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

    /// The nodes in the order in which they were added.
    List<NodeView> now() {
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

                    @Override
                    public boolean readable(Replication.Standing standing) {
                        return NodeBoard.this.readable(standing);
                    }
                });
    }
}
