package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.svcshare.pool.Group;
import org.svcshare.pool.GroupChange;
import org.svcshare.pool.GroupRefusal;
import org.svcshare.pool.GroupView;
import org.svcshare.pool.TableRules;

/// Nodes of one group in this process, each with a folder and ports of its own.
final class TestGroup implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration CHANGING = Duration.ofSeconds(90);
    private static final int FIRST_PORT = 10_000;
    private static final int LAST_PORT = 30_000;

    private final UUID id;
    private final Path folder;
    private final TableRules rules;
    private final List<ClusterPeer> peers = new ArrayList<>();
    private final Map<String, ClusterEngine> running = new ConcurrentSkipListMap<>();

    long snapshotEvery = 40;

    /// Of nodes that are started from now on, if another than the usual one.
    final Map<String, Integer> priorities = new ConcurrentSkipListMap<>();

    /// How nodes that are started from now on connect.
    PeerSockets sockets = PeerSockets.plain();

    /// Of nodes that are started from now on.
    Duration electionTimeout = Duration.ofMillis(300);

    /// How long nodes that are started from now on keep requests without a leader.
    Duration patience = Duration.ofSeconds(15);

    TestGroup(Path folder, int nodes, TableRules rules) throws IOException {
        this.id = UUID.randomUUID();
        this.folder = folder;
        this.rules = rules;
        for (int i = 0; i < nodes; i++) {
            peers.add(free("n" + i));
        }
    }

    /// One node that calls itself the same group as others do.
    TestGroup(Path folder, String node, TestGroup namesake) throws IOException {
        this.id = namesake.id;
        this.folder = folder;
        this.rules = namesake.rules;
        peers.add(free(node));
    }

    UUID id() {
        return id;
    }

    /// A node at two free ports, from below those that a system gives to outgoing connections: one
    /// of these may take the port of a node that is down.
    static ClusterPeer free(String name) throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
            try (var _ = listen(port);
                    var _ = listen(port + 1)) {
                return ClusterPeer.at(name, "127.0.0.1", port);
            } catch (BindException _) {
                // Somebody has one of them: draw again.
            }
        }
    }

    private static ServerSocket listen(int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
    }

    ClusterEngine start(String node) throws IOException {
        return start(settings(node, peers, List.of()));
    }

    /// Starts a node that asks another to be let in.
    ClusterEngine join(ClusterPeer node, String seed) throws IOException {
        ClusterPeer at = peer(seed);
        return start(
                settings(
                        node.id(),
                        List.of(node),
                        List.of(new InetSocketAddress(at.host(), at.handoverPort()))));
    }

    /// Starts a node that lists the founders and waits to be let in.
    ClusterEngine offer(ClusterPeer node) throws IOException {
        var all = new ArrayList<>(peers);
        all.add(node);
        return start(settings(node.id(), all, List.of()));
    }

    private ClusterEngine start(ClusterSettings settings) throws IOException {
        ClusterEngine engine = ClusterEngine.start(settings, rules);
        running.put(settings.self(), engine);
        return engine;
    }

    ClusterSettings settings(String node, List<ClusterPeer> nodes, List<InetSocketAddress> seeds) {
        return new ClusterSettings(
                id,
                node,
                nodes,
                folder.resolve(node),
                electionTimeout,
                Duration.ofMillis(500),
                patience,
                snapshotEvery,
                sockets,
                seeds,
                priorities.getOrDefault(node, GroupChange.USUAL),
                "test");
    }

    ClusterPeer peer(String node) {
        return peers.stream().filter(peer -> peer.id().equals(node)).findFirst().orElseThrow();
    }

    TestGroup startAll() throws IOException {
        for (ClusterPeer peer : peers) {
            start(peer.id());
        }
        awaitReady();
        return this;
    }

    void awaitReady() {
        awaitReady("");
    }

    private void awaitReady(String but) {
        Awaitility.await("nodes")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .untilAsserted(() -> assertTrue(ready(but), this::toString));
    }

    private boolean ready(String but) {
        return leaders().size() == 1
                && running.entrySet().stream()
                        .filter(node -> !node.getKey().equals(but))
                        .allMatch(node -> node.getValue().status().ready());
    }

    /// Who leads, once all are ready but one.
    String leader(String but) {
        awaitReady(but);
        return leaders().getFirst();
    }

    List<String> leaders() {
        return running.entrySet().stream()
                .filter(node -> node.getValue().leads())
                .map(Map.Entry::getKey)
                .toList();
    }

    String leader() {
        awaitReady();
        return leaders().getFirst();
    }

    String follower() {
        String leader = leader();
        return running.keySet().stream()
                .filter(node -> !node.equals(leader))
                .findFirst()
                .orElseThrow();
    }

    Map<String, ClusterEngine> running() {
        return Map.copyOf(running);
    }

    Set<String> nodes() {
        return running().keySet();
    }

    /// Changes the group, asking this node.
    ///
    /// @return what came of it: `done`, or the code and the sentence
    String change(String asked, GroupChange change) {
        var said = new CompletableFuture<String>();
        engine(asked)
                .group()
                .orElseThrow()
                .change(
                        change,
                        new Group.Answer() {
                            @Override
                            public void done() {
                                said.complete("done");
                            }

                            @Override
                            public void refused(GroupRefusal refusal, String why) {
                                said.complete(refusal + ": " + why);
                            }
                        });
        return said.orTimeout(CHANGING.toSeconds(), TimeUnit.SECONDS).join();
    }

    GroupView view(String asked) {
        var seen = new CompletableFuture<GroupView>();
        engine(asked).group().orElseThrow().look(seen::complete);
        return seen.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    static GroupChange.NewNode named(ClusterPeer peer) {
        return new GroupChange.NewNode(peer.id(), peer.host(), peer.raftPort());
    }

    ClusterEngine engine(String node) {
        return Objects.requireNonNull(running.get(node), node);
    }

    Path folder(String node) {
        return folder.resolve(node);
    }

    void stop(String node) {
        Objects.requireNonNull(running.remove(node), node).close();
    }

    /// All at once: each waits for its log's thread, which looks up once a second.
    @Override
    public void close() {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List.copyOf(running.values()).forEach(engine -> threads.execute(engine::close));
        }
        running.clear();
    }

    @Override
    public String toString() {
        var said = new StringBuilder();
        running.forEach((node, engine) ->
                said.append(node).append(engine.leads() ? " leads " : " ").append(engine.status()));
        return said.toString();
    }
}
