package org.svcshare.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.config.SettingsReader;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodePatch;

/// Three proxies of one group before two nodes, while the leader changes.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(120)
class GroupReplicasTest {
    private static final int SIZE = 3;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir private Path folder;
    private final MemoryGroup group = new MemoryGroup(SIZE);
    private final List<Copy> copies = new ArrayList<>();
    private final List<ReplicaProxy> proxies = new ArrayList<>();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /// A copy of the service: what it did, in its order, each under its key once.
    private static final class Copy {
        final HttpServer server;
        final List<String> done = new CopyOnWriteArrayList<>();

        Copy() throws IOException {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext(
                    "/",
                    exchange -> {
                        byte[] body = exchange.getRequestBody().readAllBytes();
                        String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
                        byte[] answer = ("done " + exchange.getRequestURI()).getBytes(UTF_8);
                        synchronized (done) {
                            String write = new String(body, UTF_8) + " " + key;
                            if (key != null && !done.contains(write)) {
                                done.add(write);
                            }
                        }
                        exchange.sendResponseHeaders(200, answer.length);
                        exchange.getResponseBody().write(answer);
                        exchange.close();
                    });
            server.start();
        }

        NodeAddress address() {
            return new NodeAddress("127.0.0.1", server.getAddress().getPort());
        }

        List<String> bodies() {
            return done.stream().map(write -> write.split(" ", 2)[0]).toList();
        }
    }

    @BeforeEach
    void start() throws Exception {
        copies.add(new Copy());
        copies.add(new Copy());
        for (int i = 0; i < SIZE; i++) {
            proxies.add(proxy(i));
        }
        group.lead(0);
        soon("all know the nodes")
                .until(() ->
                        proxies.stream()
                                .allMatch(
                                        proxy -> proxy.replicas().nodes().size() == copies.size()));
    }

    @AfterEach
    void stop() {
        proxies.forEach(ReplicaProxy::close);
        copies.forEach(copy -> copy.server.stop(0));
        group.close();
    }

    private static ConditionFactory soon(String what) {
        return await(what).atMost(LIMIT);
    }

    private ReplicaProxy proxy(int i) throws Exception {
        Path own = Files.createDirectories(folder.resolve("n" + i));
        Path file = own.resolve("config.conf");
        Files.writeString(
                file,
                """
                bot = false
                state-folder = "%s"
                replica {
                  listen = "127.0.0.1:0"
                  control.enabled = false
                  nodes = [ { node = "%s" }, { node = "%s" } ]
                  writes.timeout = 5s
                }
                """
                        .formatted(own, copies.get(0).address(), copies.get(1).address()));
        var settings = new SettingsReader(Map.of(), "anna", own, "1").read(file).settings();
        return ReplicaProxy.start(settings.replica().orElseThrow(), group.node(i));
    }

    private HttpRequest.Builder request(int by, String target) {
        return HttpRequest.newBuilder(URI.create("http://" + proxies.get(by).listening() + target))
                .timeout(LIMIT);
    }

    private HttpResponse<String> put(int by, String target, String body) throws Exception {
        return client.send(
                request(by, target).PUT(BodyPublishers.ofString(body)).build(),
                BodyHandlers.ofString());
    }

    @Test
    void given_any_node_when_written_to_then_all_copies_get_it_and_the_answer_comes_back()
            throws Exception {
        for (int by = 0; by < SIZE; by++) {
            HttpResponse<String> answer = put(by, "/x", "w" + by);

            assertEquals("200 done /x", answer.statusCode() + " " + answer.body());
        }

        soon("all is there")
                .until(() ->
                        copies.stream()
                                .allMatch(copy -> copy.bodies().equals(List.of("w0", "w1", "w2"))));
    }

    @Test
    void given_a_write_when_asked_for_at_another_node_then_it_is_known_there() throws Exception {
        HttpResponse<String> answer = put(1, "/x", "w");
        String id = answer.headers().firstValue("svcshare-write").orElseThrow();

        HttpResponse<String> known =
                client.send(request(2, ClientLoop.WRITES + id).build(), BodyHandlers.ofString());

        assertEquals(200, known.statusCode(), known::body);
        assertTrue(known.body().contains("\"target\":\"/x\""), known::body);
    }

    @Test
    void given_a_session_when_read_at_another_node_then_it_waits_for_a_copy_that_has_the_write()
            throws Exception {
        HttpResponse<String> answer = put(0, "/x", "w");
        String position = answer.headers().firstValue("svcshare-position").orElseThrow();

        HttpResponse<String> read =
                client.send(
                        request(2, "/x").header("svcshare-position", position).build(),
                        BodyHandlers.ofString());

        assertEquals(200, read.statusCode(), read::body);
    }

    @Test
    void given_a_node_that_does_not_lead_when_nodes_are_changed_there_then_all_know() {
        NodeAddress address = copies.get(1).address();
        var result = new CompletableFuture<NodeChange.Result>();

        proxies.get(2)
                .replicas()
                .change(new NodeChange.Put(address, NodePatch.maintenance(true)), result::complete);

        assertInstanceOf(
                NodeChange.Result.Done.class, result.orTimeout(20, TimeUnit.SECONDS).join());
        soon("all know")
                .until(() ->
                        proxies.stream()
                                .allMatch(proxy ->
                                        proxy.replicas()
                                                .node(address)
                                                .orElseThrow()
                                                .node()
                                                .maintenance()));
    }

    @Test
    void given_writers_everywhere_when_the_leader_changes_then_nothing_is_lost_or_done_twice()
            throws Exception {
        int writers = 6;
        int each = 40;
        var acknowledged = new CopyOnWriteArrayList<String>();
        var others = new CopyOnWriteArrayList<String>();
        var running = new AtomicInteger(writers);
        var working = new ArrayList<Future<?>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int writer = 0; writer < writers; writer++) {
                int w = writer;
                working.add(
                        threads.submit(() -> {
                            for (int i = 0; i < each; i++) {
                                String body = "w" + w + "-" + i;
                                int status = put(w % SIZE, "/x", body).statusCode();
                                (status == 200 || status == 202 ? acknowledged : others)
                                        .add(
                                                status == 200 || status == 202
                                                        ? body
                                                        : status + " " + body);
                            }
                            return running.decrementAndGet();
                        }));
            }
            for (int turn = 1; running.get() > 0; turn++) {
                int next = turn % (SIZE + 1) - 1;
                int before = acknowledged.size();
                group.lead(next);
                if (next >= 0) {
                    soon("something is acknowledged")
                            .until(() -> acknowledged.size() > before || running.get() == 0);
                }
            }
        }
        group.lead(1);
        for (Future<?> writer : working) {
            writer.get();
        }

        assertEquals(List.of(), others, "refused");
        assertEquals(writers * each, acknowledged.size());
        soon("both copies are equal and have all")
                .until(() ->
                        new LinkedHashSet<>(copies.getFirst().bodies()).containsAll(acknowledged)
                                && copies.get(0).done.equals(copies.get(1).done));
        assertEquals(acknowledged.size(), copies.getFirst().bodies().size(), "done twice");
    }

    @Test
    void given_an_append_of_which_nobody_hears_when_sent_again_then_it_is_done_once()
            throws Exception {
        group.doubt(1);

        HttpResponse<String> answer = put(1, "/x", "w");

        assertTrue(List.of(200, 202).contains(answer.statusCode()), answer::toString);
        soon("both have it")
                .until(() -> copies.stream().allMatch(copy -> copy.bodies().equals(List.of("w"))));
    }

    @Test
    void given_no_leader_when_written_then_it_is_said_and_reads_go_on() throws Exception {
        group.lead(-1);

        HttpResponse<String> read = client.send(request(1, "/x").build(), BodyHandlers.ofString());
        HttpResponse<String> answer = put(1, "/x", "w");

        assertEquals("200 done /x", read.statusCode() + " " + read.body());
        assertEquals(503, answer.statusCode());
        assertTrue(answer.body().contains("no leader"), answer::body);
        assertEquals(
                SIZE,
                IntStream.range(0, SIZE)
                        .filter(i -> proxies.get(i).replicas().trouble().isPresent())
                        .count());
    }
}
