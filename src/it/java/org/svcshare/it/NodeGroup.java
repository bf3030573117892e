package org.svcshare.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/// A group of real processes that keep pools, with a network between them that can fail.
final class NodeGroup implements AutoCloseable {
    private static final int PORT = 7440;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final Duration GLANCE = Duration.ofSeconds(1);

    private static final Pattern LEADS =
            Pattern.compile("^svcshare_cluster_leader(\\{.*\\})? 1(\\.0)?$", Pattern.MULTILINE);

    final PeerNet net;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Path folder;
    private final List<String> names;
    private final List<String> peers;
    private final Map<String, Svcshare> running = new TreeMap<>();
    private final Map<String, Integer> ports = new TreeMap<>();
    private final Map<String, Map<String, String>> environments = new HashMap<>();

    /// @param nodes how many of them are in the group from the beginning
    /// @param more how many come perhaps later
    NodeGroup(Path folder, int nodes, int more) throws IOException {
        this.folder = folder;
        names = IntStream.rangeClosed(1, nodes + more).mapToObj(i -> "n" + i).toList();
        peers = names.subList(0, nodes);
        net = new PeerNet(names, List.of(PORT, PORT + 1));
    }

    List<String> names() {
        return peers;
    }

    static String address(String node) {
        return node + "=" + node + ":" + PORT;
    }

    Path folder(String node) {
        return folder.resolve(node);
    }

    /// Where the nodes answer HTTP, whether they run or not.
    List<Integer> ports() {
        return List.copyOf(ports.values());
    }

    int port(String node) {
        return Objects.requireNonNull(ports.get(node), node);
    }

    void environment(String node, Map<String, String> more) {
        environments.put(node, more);
    }

    NodeGroup startAll() throws Exception {
        for (String node : peers) {
            start(node, "peers = [" + quoted(peers.stream().map(NodeGroup::address)) + "]");
        }
        awaitReady();
        return this;
    }

    private static String quoted(Stream<String> words) {
        return words.map(word -> '"' + word + '"').collect(Collectors.joining(", "));
    }

    /// The first start of a node.
    ///
    /// @param way how it comes into the group
    void start(String node, String way) throws IOException {
        Path own = Files.createDirectories(folder(node));
        ports.computeIfAbsent(node, _ -> RealPart.freePort());
        Files.writeString(
                own.resolve("config.conf"),
                """
                bot = false
                state-folder = "%s"
                http.listen = "127.0.0.1:%d"
                pools.engine = cluster
                cluster {
                  name = faults
                  node = %s
                  plain = true
                  %s
                }
                """
                        .formatted(own.resolve("state"), port(node), node, way));
        Files.writeString(
                own.resolve("distributex.yaml"),
                "pools:\n  - name: p0\n    expire: 300\n  - name: p1\n    expire: 300\n");
        start(node);
    }

    void start(String node) throws IOException {
        Path own = folder(node);
        var environment = new HashMap<String, String>();
        environment.put("JDK_JAVA_OPTIONS", "-Djdk.net.hosts.file=" + net.hosts(node, own));
        environment.putAll(environments.getOrDefault(node, Map.of()));
        running.put(
                node,
                Svcshare.start(
                        own,
                        environment,
                        "run",
                        "-c",
                        own.resolve("config.conf").toString(),
                        "--distributex",
                        own.resolve("distributex.yaml").toString()));
    }

    Svcshare node(String name) {
        return Objects.requireNonNull(running.get(name), name);
    }

    List<String> running() {
        return List.copyOf(running.keySet());
    }

    void kill(String node) throws InterruptedException {
        node(node).kill();
        running.remove(node);
    }

    /// SIGTERM, and waits for the end.
    int stop(String node) throws InterruptedException {
        Svcshare stopping = node(node);
        running.remove(node);
        stopping.terminate();
        return stopping.exit(LIMIT);
    }

    void awaitReady() {
        await("all are ready", () -> running.keySet().stream().allMatch(this::ready));
    }

    private boolean ready(String node) {
        return look(node, "/readyz").filter(answer -> answer.statusCode() == 200).isPresent();
    }

    /// What a node says, if it says anything.
    private Optional<HttpResponse<String>> look(String node, String target) {
        var request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port(node) + target))
                        .timeout(GLANCE)
                        .build();
        try {
            return Optional.of(http.send(request, BodyHandlers.ofString()));
        } catch (IOException _) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// Who leads, as one of these nodes says that leads itself.
    String leader(List<String> among) {
        var found = new ArrayList<String>();
        await(
                "one of " + among + " leads",
                () -> {
                    found.clear();
                    among.stream().filter(this::leads).forEach(found::add);
                    return found.size() == 1;
                });
        return found.getFirst();
    }

    String leader() {
        return leader(running());
    }

    List<String> others(String node) {
        return running().stream().filter(Predicate.not(node::equals)).toList();
    }

    private boolean leads(String node) {
        return ready(node)
                && look(node, "/metrics").filter(answer -> LEADS.matcher(answer.body()).find())
                        .isPresent();
    }

    private void await(String what, Callable<Boolean> condition) {
        try {
            Awaitility.await(what)
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(20))
                    .until(condition);
        } catch (RuntimeException e) {
            throw new AssertionError(what + "\n" + this, e);
        }
    }

    @Override
    public void close() throws IOException {
        running.values().forEach(Svcshare::close);
        http.close();
        net.close();
    }

    /// What the nodes have logged last.
    @Override
    public String toString() {
        var said = new StringBuilder();
        for (String node : ports.keySet()) {
            try (Stream<String> lines = Files.lines(folder(node).resolve("stderr"))) {
                List<String> all = lines.toList();
                said.append("--- ").append(node).append('\n');
                all.subList(Math.max(0, all.size() - 40), all.size())
                        .forEach(line -> said.append(line).append('\n'));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return said.toString();
    }
}
