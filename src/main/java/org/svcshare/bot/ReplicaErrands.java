package org.svcshare.bot;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodePatch;
import org.svcshare.replica.NodeState;
import org.svcshare.replica.NodeView;
import org.svcshare.replica.Replicas;
import org.svcshare.turn.Asker;
import org.svcshare.turn.ReplicaNews;
import org.svcshare.turn.ReplicaWish;
import org.svcshare.turn.TurnEvent;

/// Does what people in the channel want of the copies of the service, and tells them what becomes
/// of it.
///
/// Owned by the bot's loop. The replicas' answers come on a thread of their own, and go to the loop
/// as events.
final class ReplicaErrands {
    private final Supplier<Optional<Replicas>> places;
    private final Consumer<TurnEvent> events;

    /// @param places the replicas, or empty while there are none
    /// @param events may be told from any thread
    ReplicaErrands(Supplier<Optional<Replicas>> places, Consumer<TurnEvent> events) {
        this.places = places;
        this.events = events;
    }

    void run(Asker asker, ReplicaWish wish) {
        Optional<Replicas> found = places.get();
        if (found.isEmpty()) {
            say(asker, new ReplicaNews.NoReplicas());
            return;
        }
        Replicas replicas = found.get();
        switch (wish) {
            case ReplicaWish.Nodes() -> say(asker, nodes(replicas));
            case ReplicaWish.Maintenance(String node, boolean on) ->
                    named(replicas.nodes(), node)
                            .ifPresentOrElse(
                                    address -> maintenance(replicas, asker, address, on),
                                    () -> say(asker, new ReplicaNews.NoSuchNode(node)));
        }
    }

    private static ReplicaNews nodes(Replicas replicas) {
        return new ReplicaNews.Nodes(
                replicas.nodes().stream().map(ReplicaErrands::row).toList(),
                replicas.trouble().orElse(""));
    }

    private static ReplicaNews.Row row(NodeView view) {
        return new ReplicaNews.Row(
                view.node().address().toString(),
                state(view.state()),
                view.node().maintenance(),
                view.up(),
                view.queueWrites(),
                view.oldest(),
                view.parked(),
                view.why());
    }

    private static ReplicaNews.State state(NodeState state) {
        return switch (state) {
            case IN_STEP -> ReplicaNews.State.IN_STEP;
            case CATCHING_UP -> ReplicaNews.State.CATCHING_UP;
            case BEHIND -> ReplicaNews.State.BEHIND;
            case OUT_OF_STEP -> ReplicaNews.State.OUT_OF_STEP;
            case INACTIVE -> ReplicaNews.State.INACTIVE;
        };
    }

    /// The node of this name, or the only one of this host.
    private static Optional<NodeAddress> named(List<NodeView> nodes, String said) {
        List<NodeAddress> all = nodes.stream().map(view -> view.node().address()).toList();
        Optional<NodeAddress> whole =
                all.stream()
                        .filter(address -> address.toString().equalsIgnoreCase(said))
                        .findFirst();
        if (whole.isPresent()) {
            return whole;
        }
        List<NodeAddress> ofHost =
                all.stream().filter(address -> address.host().equalsIgnoreCase(said)).toList();
        return ofHost.size() == 1 ? Optional.of(ofHost.getFirst()) : Optional.empty();
    }

    private void maintenance(Replicas replicas, Asker asker, NodeAddress node, boolean on) {
        String name = node.toString();
        replicas.change(
                new NodeChange.Put(node, NodePatch.maintenance(on)),
                result ->
                        say(
                                asker,
                                switch (result) {
                                    case NodeChange.Result.Done _ ->
                                            new ReplicaNews.Maintained(name, on);
                                    case NodeChange.Result.NotFound _ ->
                                            new ReplicaNews.NoSuchNode(name);
                                    case NodeChange.Result.Refused(String why) ->
                                            new ReplicaNews.NotDone(name, why);
                                    case NodeChange.Result.Failed(String why) ->
                                            new ReplicaNews.NotDone(name, why);
                                }));
    }

    private void say(Asker asker, ReplicaNews news) {
        events.accept(new TurnEvent.ReplicasAnswered(asker, news));
    }
}
