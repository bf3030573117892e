package org.svcshare.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.TableRules;

/// Nodes of one group in this process, each with a folder and ports of its own.
final class TestGroup implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final UUID id = UUID.randomUUID();
    private final Path folder;
    private final TableRules rules;
    private final List<ClusterPeer> peers = new ArrayList<>();
    private final Map<String, ClusterEngine> running = new ConcurrentSkipListMap<>();

    long snapshotEvery = 40;

    /// How nodes that are started from now on connect.
    PeerSockets sockets = PeerSockets.plain();

    /// How long nodes that are started from now on keep requests without a leader.
    Duration patience = Duration.ofSeconds(15);

    TestGroup(Path folder, int nodes, TableRules rules) throws IOException {
        this.folder = folder;
        this.rules = rules;
        List<Integer> ports = freePorts(2 * nodes);
        for (int i = 0; i < nodes; i++) {
            peers.add(
                    new ClusterPeer("n" + i, "127.0.0.1", ports.get(2 * i), ports.get(2 * i + 1)));
        }
    }

    private static List<Integer> freePorts(int count) throws IOException {
        var open = new ArrayList<ServerSocket>();
        var ports = new ArrayList<Integer>();
        for (int i = 0; i < count; i++) {
            var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            open.add(socket);
            ports.add(socket.getLocalPort());
        }
        for (ServerSocket socket : open) {
            socket.close();
        }
        return ports;
    }

    ClusterEngine start(String node) throws IOException {
        var settings =
                new ClusterSettings(
                        id,
                        node,
                        peers,
                        folder.resolve(node),
                        Duration.ofMillis(300),
                        Duration.ofMillis(500),
                        patience,
                        snapshotEvery,
                        sockets);
        var engine = (ClusterEngine) ClusterEngine.start(settings, rules);
        running.put(node, engine);
        return engine;
    }

    TestGroup startAll() throws IOException {
        for (ClusterPeer peer : peers) {
            start(peer.id());
        }
        awaitReady();
        return this;
    }

    void awaitReady() {
        Awaitility.await("nodes of " + this)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() ->
                        leaders().size() == 1
                                && running.values().stream()
                                        .allMatch(engine -> engine.status().ready()));
    }

    private List<String> leaders() {
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

    PoolEngine engine(String node) {
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
