package org.svcshare.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/// A group of real processes that keep pools, each in its place.
public final class NodeGroup implements AutoCloseable {
    private static final int PORT = 7440;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int LAST_LINES = 40;

    private final NodePlaces places;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Path folder;
    private final Map<String, GroupNode> nodes = new TreeMap<>();
    private final Map<String, Map<String, String>> environments = new HashMap<>();

    /// Behind relays.
    public NodeGroup(Path folder, int size) throws IOException {
        this(folder, new PeerNet(names(size), List.of(PORT, PORT + 1)), size);
    }

    /// @param places are given up together with the group
    NodeGroup(Path folder, NodePlaces places, int size) throws IOException {
        this.folder = folder;
        this.places = places;
        for (String name : names(size)) {
            node(name, names(size));
        }
    }

    private static List<String> names(int size) {
        return IntStream.rangeClosed(1, size).mapToObj(i -> "n" + i).toList();
    }

    private GroupNode node(String name, List<String> peers) throws IOException {
        return node(name, places.http(name), peers);
    }

    private GroupNode node(String name, URI at, List<String> peers) throws IOException {
        String settings =
                peers.stream()
                        .map(peer -> "\"" + peer + "=" + places.address(peer) + "\"")
                        .collect(
                                Collectors.joining(
                                        ", ",
                                        "cluster { name = faults, peers = [",
                                        "] }\n" + places.settings(name)));
        var node = new GroupNode(http, folder, name, at, settings);
        nodes.put(name, node);
        return node;
    }

    /// A new node that knows the others, and comes when somebody lets it in; users find it where
    /// they found the one that it stands in for.
    GroupNode inPlaceOf(String old, String name) throws IOException {
        URI at = node(old).at;
        nodes.remove(old);
        return node(name, at, Stream.concat(nodes.keySet().stream(), Stream.of(name)).toList());
    }

    /// One more that asks one of the others to let it in.
    GroupNode joining(String name, String seed) throws IOException {
        return node(name, List.of(name)).set("cluster.join = [\"" + places.address(seed) + "\"]");
    }

    /// It ends, and nobody speaks of it any more.
    void forget(String name) {
        node(name).close();
        nodes.remove(name);
    }

    String address(String name) {
        return places.address(name);
    }

    /// The network where there are relays.
    public PeerNet net() {
        return (PeerNet) places;
    }

    /// With what a node runs from its next start on.
    void environment(String name, Map<String, String> variables) {
        environments.put(name, Map.copyOf(variables));
    }

    public List<String> names() {
        return List.copyOf(nodes.keySet());
    }

    public NodeGroup startAll() throws IOException {
        for (String name : nodes.keySet()) {
            start(name);
        }
        awaitReady();
        return this;
    }

    public void start(String name) throws IOException {
        GroupNode node = node(name);
        var environment = new HashMap<>(places.environment(name, node.folder));
        environment.putAll(environments.getOrDefault(name, Map.of()));
        node.start(places.within(name), environment);
    }

    public GroupNode node(String name) {
        return Objects.requireNonNull(nodes.get(name), name);
    }

    Svcshare process(String name) {
        return node(name).process();
    }

    /// Where the nodes answer HTTP, whether they run or not.
    List<URI> addresses() {
        return nodes.values().stream().map(node -> node.at).toList();
    }

    List<String> running() {
        return nodes.values().stream().filter(GroupNode::alive).map(node -> node.name).toList();
    }

    public List<String> others(String name) {
        return running().stream().filter(Predicate.not(name::equals)).toList();
    }

    public void kill(String name) throws InterruptedException {
        process(name).kill();
    }

    /// SIGTERM, and waits for the end.
    public int stop(String name) throws InterruptedException {
        process(name).terminate();
        return process(name).exit(LIMIT);
    }

    public void awaitReady() {
        await("all are ready", () -> running().stream().allMatch(name -> node(name).ready()));
    }

    /// Who leads, and is ready to.
    public String leader() {
        await("one leads", () -> leaders().size() == 1);
        return leaders().getFirst();
    }

    private List<String> leaders() {
        return running().stream().filter(name -> node(name).ready() && node(name).leads()).toList();
    }

    /// Lets another lead.
    void lead(String name) {
        await(name + " leads", () -> node(name).leads() || mayLead(name));
    }

    private boolean mayLead(String name) {
        node(name).change("POST", "/leader", "{\"node\":\"" + name + "\"}");
        return node(name).leads();
    }

    void await(String what, Callable<Boolean> condition) {
        try {
            Awaitility.await(what)
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(20))
                    .until(condition);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(what + "\n" + this, e);
        }
    }

    @Override
    public void close() throws IOException {
        nodes.values().forEach(GroupNode::close);
        http.close();
        places.close();
    }

    /// What the nodes have logged last.
    @Override
    public String toString() {
        var said = new StringBuilder();
        for (String name : nodes.keySet()) {
            try (Stream<String> lines = Files.lines(folder.resolve(name).resolve("stderr"))) {
                List<String> all = lines.toList();
                said.append("--- ").append(name).append('\n');
                all.subList(Math.max(0, all.size() - LAST_LINES), all.size())
                        .forEach(line -> said.append(line).append('\n'));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return said.toString();
    }
}
