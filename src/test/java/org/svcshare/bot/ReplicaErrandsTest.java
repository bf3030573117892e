package org.svcshare.bot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodeCounts;
import org.svcshare.replica.NodeState;
import org.svcshare.replica.NodeView;
import org.svcshare.replica.QueuedWrite;
import org.svcshare.replica.Replicas;
import org.svcshare.replica.WriteView;
import org.svcshare.turn.Asker;
import org.svcshare.turn.ReplicaNews;
import org.svcshare.turn.ReplicaWish;
import org.svcshare.turn.TurnEvent;

/// What people in the channel do with the copies of the service, on some in memory.
@DisplayNameGeneration(ReplaceUnderscores.class)
class ReplicaErrandsTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final Asker ZOE = new Asker("zoe", false);

    private final Copies copies = new Copies();
    private final BlockingQueue<TurnEvent> events = new LinkedBlockingQueue<>();

    @Test
    void given_no_replicas_when_asked_then_that_is_said() {
        new ReplicaErrands(Optional::empty, events::add).run(ZOE, new ReplicaWish.Nodes());

        assertEquals(
                List.of(new TurnEvent.ReplicasAnswered(ZOE, new ReplicaNews.NoReplicas())),
                List.copyOf(events));
    }

    @Test
    void given_nodes_when_asked_for_then_each_is_as_it_is_and_so_is_the_trouble() {
        copies.add("a", 8080, NodeState.IN_STEP, 0);
        copies.add("fd00::2", 8080, NodeState.CATCHING_UP, 7);
        copies.trouble = Optional.of("the disk is full");

        assertEquals(
                new ReplicaNews.Nodes(
                        List.of(
                                new ReplicaNews.Row(
                                        "a:8080",
                                        ReplicaNews.State.IN_STEP,
                                        false,
                                        true,
                                        0,
                                        Optional.empty(),
                                        0,
                                        ""),
                                new ReplicaNews.Row(
                                        "[fd00::2]:8080",
                                        ReplicaNews.State.CATCHING_UP,
                                        false,
                                        true,
                                        7,
                                        Optional.of(NOON),
                                        2,
                                        "")),
                        "the disk is full"),
                ask(new ReplicaWish.Nodes()));
    }

    @Test
    void given_a_node_when_it_is_left_alone_then_it_is_and_is_found_by_its_host_alone() {
        copies.add("a.example.net", 8080, NodeState.IN_STEP, 0);

        assertEquals(
                new ReplicaNews.Maintained("a.example.net:8080", true),
                ask(new ReplicaWish.Maintenance("A.example.net:8080", true)));
        assertEquals(
                new ReplicaNews.Maintained("a.example.net:8080", false),
                ask(new ReplicaWish.Maintenance("a.example.net", false)));
        assertEquals(List.of(true, false), copies.maintenance);
    }

    @Test
    void given_a_name_of_no_node_or_of_two_when_changed_then_nothing_is_done() {
        copies.add("a", 1, NodeState.IN_STEP, 0);
        copies.add("a", 2, NodeState.IN_STEP, 0);

        for (String name : List.of("b:1", "a", "a:3")) {
            assertEquals(
                    new ReplicaNews.NoSuchNode(name), ask(new ReplicaWish.Maintenance(name, true)));
        }
        assertEquals(List.of(), copies.maintenance);
    }

    @Test
    void given_a_no_when_changed_then_the_reason_is_told() {
        copies.add("a", 1, NodeState.IN_STEP, 0);
        var wish = new ReplicaWish.Maintenance("a:1", true);

        copies.result = new NodeChange.Result.Refused("it is the last one");
        assertEquals(new ReplicaNews.NotDone("a:1", "it is the last one"), ask(wish));
        copies.result = new NodeChange.Result.Failed("the disk is full");
        assertEquals(new ReplicaNews.NotDone("a:1", "the disk is full"), ask(wish));
        copies.result = new NodeChange.Result.NotFound("a:1");
        assertEquals(new ReplicaNews.NoSuchNode("a:1"), ask(wish));
    }

    private ReplicaNews ask(ReplicaWish wish) {
        new ReplicaErrands(() -> Optional.of(copies), events::add).run(ZOE, wish);
        try {
            TurnEvent answer = events.poll(10, TimeUnit.SECONDS);
            assertEquals(List.of(), List.copyOf(events));
            return ((TurnEvent.ReplicasAnswered) Objects.requireNonNull(answer)).news();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// Some in memory, which answer on a thread of their own.
    private static final class Copies implements Replicas {
        final List<NodeView> views = new ArrayList<>();
        final List<Boolean> maintenance = new ArrayList<>();
        NodeChange.Result result = new NodeChange.Result.Done(false, List.of());
        Optional<String> trouble = Optional.empty();

        void add(String host, int port, NodeState state, long writes) {
            views.add(
                    new NodeView(
                            Node.at(new NodeAddress(host, port)),
                            state,
                            true,
                            true,
                            "",
                            writes,
                            10 * writes,
                            writes == 0 ? Optional.empty() : Optional.of(NOON),
                            writes == 0 ? 0 : 2,
                            100,
                            0,
                            new NodeCounts(Map.of()),
                            Optional.empty()));
        }

        @Override
        public List<NodeView> nodes() {
            return List.copyOf(views);
        }

        @Override
        public void change(NodeChange change, Consumer<NodeChange.Result> then) {
            var put = (NodeChange.Put) change;
            maintenance.add(put.patch().maintenance().orElseThrow());
            Thread.ofVirtual().start(() -> then.accept(result));
        }

        @Override
        public void queue(
                NodeAddress node,
                long after,
                int most,
                Consumer<Optional<List<QueuedWrite>>> then) {
            then.accept(Optional.empty());
        }

        @Override
        public void write(String id, Consumer<Optional<WriteView>> then) {
            then.accept(Optional.empty());
        }

        @Override
        public Optional<String> trouble() {
            return trouble;
        }
    }
}
