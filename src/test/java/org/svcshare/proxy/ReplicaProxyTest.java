package org.svcshare.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.config.SettingsReader;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodePatch;
import org.svcshare.replica.NodeState;
import org.svcshare.replica.NodeView;

/// What a client sees of the proxy, byte by byte, before one node that answers with what it got.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(60)
class ReplicaProxyTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int BIG_BYTES = 64 << 20;

    @TempDir private Path folder;
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private HttpServer node;
    private ReplicaProxy proxy;

    @BeforeEach
    void start() throws Exception {
        node = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        node.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        node.createContext(
                "/",
                exchange -> {
                    byte[] body = exchange.getRequestBody().readAllBytes();
                    String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
                    if (!line.equals("GET /")) {
                        Map<String, String> fields = new TreeMap<>();
                        exchange.getRequestHeaders()
                                .forEach((name, values) -> fields.put(name, values.toString()));
                        seen.add(line + " " + new String(body, UTF_8) + " " + fields);
                    }
                    byte[] answer = (line + " " + body.length).getBytes(UTF_8);
                    exchange.getResponseHeaders().add("Keep-Alive", "timeout=1");
                    exchange.sendResponseHeaders(200, answer.length);
                    exchange.getResponseBody().write(answer);
                    exchange.close();
                });
        node.createContext(
                "/big",
                exchange -> {
                    exchange.sendResponseHeaders(200, BIG_BYTES);
                    byte[] part = new byte[1 << 16];
                    for (int sent = 0; sent < BIG_BYTES; sent += part.length) {
                        exchange.getResponseBody().write(part);
                    }
                    exchange.close();
                });
        node.start();
        proxy = proxy("");
        await("the node is there")
                .atMost(LIMIT)
                .until(() ->
                        proxy.replicas().nodes().size() == 1
                                && proxy.replicas().nodes().getFirst().readable());
    }

    @AfterEach
    void stop() {
        proxy.close();
        node.stop(0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void given_a_node_out_of_step_when_seen_then_it_is_readable_where_reads_go_there(
            boolean setting) throws Exception {
        proxy.close();
        proxy = proxy("writes.read-out-of-step = " + setting);
        await("the write is taken")
                .atMost(LIMIT)
                .until(() -> status(raw("PUT /x HTTP/1.0\r\nHost: a\r\n\r\n")).equals("200"));
        var only = new NodeAddress("127.0.0.1", node.getAddress().getPort());
        var late = new NodeAddress("localhost", only.port());
        change(new NodeChange.Put(late, NodePatch.of(new Node(late, 0, true, false, false, 1))));
        change(new NodeChange.Put(only, NodePatch.maintenance(true)));

        await("out of step").atMost(LIMIT).until(() -> view(late).state() == NodeState.OUT_OF_STEP);
        assertFalse(view(only).readable());
        assertEquals(setting, view(late).readable());
        assertEquals(setting ? "200" : "503", status(raw("GET /x HTTP/1.0\r\nHost: a\r\n\r\n")));
    }

    private void change(NodeChange change) throws Exception {
        var result = new CompletableFuture<NodeChange.Result>();
        proxy.replicas().change(change, result::complete);
        assertInstanceOf(NodeChange.Result.Done.class, result.get(20, TimeUnit.SECONDS));
    }

    private NodeView view(NodeAddress node) {
        return proxy.replicas().node(node).orElseThrow();
    }

    private ReplicaProxy proxy(String more) throws Exception {
        Path file = folder.resolve("config.conf");
        Files.writeString(
                file,
                """
                bot = false
                state-folder = "%s"
                replica {
                  listen = "127.0.0.1:0"
                  control.enabled = false
                  nodes = [ { node = "127.0.0.1:%d" } ]
                  limits.idle-timeout = 1s
                  limits.header = 4k
                  limits.body = 100k
                  limits.memory-body = 10k
                  limits.connections = 20
                  %s
                }
                """
                        .formatted(folder, node.getAddress().getPort(), more));
        var settings = new SettingsReader(Map.of(), "anna", folder, "1").read(file).settings();
        return ReplicaProxy.start(settings.replica().orElseThrow());
    }

    private Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), proxy.listening().port());
        socket.setSoTimeout((int) LIMIT.toMillis());
        return socket;
    }

    /// Sends this and reads until the proxy closes.
    private String raw(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    private static String lines(String... lines) {
        return String.join("\r\n", lines);
    }

    private static String status(String answer) {
        return answer.isEmpty() ? "closed" : answer.split(" ", 3)[1];
    }

    @Test
    void given_requests_one_behind_the_other_when_sent_at_once_then_answers_keep_their_order()
            throws IOException {
        String answer =
                raw(
                        "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
                                + "PUT /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxy"
                                + "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n"
                                + "DELETE /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        int first = answer.indexOf("GET /1 0");
        int second = answer.indexOf("PUT /2 2");
        int third = answer.indexOf("GET /3 0");
        int fourth = answer.indexOf("DELETE /4 0");
        assertTrue(0 < first && first < second && second < third && third < fourth, () -> answer);
        assertFalse(answer.contains("Keep-Alive"), answer);
    }

    @Test
    void given_a_chunked_body_when_written_then_the_node_gets_the_bytes_and_no_chunks()
            throws IOException {
        String answer =
                raw(
                        lines(
                                "POST /c HTTP/1.1",
                                "Host: a",
                                "Transfer-Encoding: chunked",
                                "Connection: close, X-Mine",
                                "X-Mine: 1",
                                "",
                                "3",
                                "abc",
                                "4",
                                "defg",
                                "0",
                                "",
                                ""));
        assertEquals("200", status(answer));
        String got = seen.getFirst();
        assertTrue(got.startsWith("POST /c abcdefg "), got);
        assertTrue(got.contains("Content-length=[7]"), got);
        assertFalse(got.contains("X-mine"), got);
        assertTrue(got.contains("Idempotency-key=["), got);
        assertTrue(got.contains("X-forwarded-for=[127.0.0.1]"), got);
    }

    @Test
    void given_a_body_longer_than_memory_takes_when_written_then_it_goes_by_the_disk()
            throws IOException {
        String body = "0123456789".repeat(5_000);
        String answer =
                raw(
                        "PUT /long HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                                + "Connection: close\r\nContent-Length: 50000\r\n\r\n"
                                + body);
        assertTrue(answer.startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "), answer);
        assertTrue(answer.endsWith("PUT /long 50000"), answer);
        assertTrue(seen.getFirst().startsWith("PUT /long " + body), "another body");
        await("its file is gone")
                .atMost(LIMIT)
                .until(() -> {
                    try (var files = Files.list(folder.resolve("replica/bodies"))) {
                        return files.findAny().isEmpty();
                    }
                });
    }

    @Test
    void given_what_cannot_be_passed_on_when_sent_then_it_is_refused_and_nothing_else_happens()
            throws IOException {
        assertEquals("400", status(raw("GET / HTTP/1.1\r\n\r\n")));
        assertEquals(
                "400", status(raw("PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n")));
        assertEquals(
                "501", status(raw("TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")));
        assertEquals(
                "413",
                status(raw("PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n")));
        assertEquals(
                "413",
                status(
                        raw(
                                lines(
                                        "PUT /x HTTP/1.1",
                                        "Host: a",
                                        "Transfer-Encoding: chunked",
                                        "",
                                        "1a000",
                                        "x".repeat(0x1a000),
                                        "0",
                                        "",
                                        ""))));
        assertEquals(
                "431",
                status(raw("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(5_000) + "\r\n\r\n")));
        assertEquals(
                "400",
                status(
                        raw(
                                lines(
                                        "PUT /x HTTP/1.1",
                                        "Host: a",
                                        "Idempotency-Key: a b",
                                        "Connection: close",
                                        "Content-Length: 0",
                                        "",
                                        ""))));
        assertEquals(List.of(), seen);
    }

    @Test
    void given_http_1_0_without_a_host_when_asked_then_it_is_answered_and_closed()
            throws IOException {
        String answer = raw("GET /old HTTP/1.0\r\n\r\n");
        assertEquals("200", status(answer));
        assertTrue(answer.endsWith("GET /old 0"), answer);
        assertTrue(seen.getFirst().contains("Host=[localhost]"), seen.getFirst());
    }

    @Test
    void given_a_client_that_says_nothing_when_time_is_over_then_it_is_closed() throws IOException {
        assertEquals("closed", status(raw("")));
        assertEquals("closed", status(raw("GE")));
        assertEquals("closed", status(raw("GET / HTTP/1.1\r\nHost: ")));
        assertEquals("200", status(raw("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")));
    }

    @Test
    void given_a_slow_reader_when_it_reads_on_then_all_of_the_answer_comes() throws Exception {
        for (int i = 0; i < 3; i++) {
            try (Socket socket = connect()) {
                socket.getOutputStream()
                        .write(
                                "GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                                        .getBytes(ISO_8859_1));
                long length = 0;
                byte[] part = new byte[1 << 20];
                for (int read = 0; read >= 0; read = socket.getInputStream().read(part)) {
                    length += read;
                    // Slower than the node, and never for as long as a second.
                    LockSupport.parkNanos(2_000_000);
                }
                assertTrue(length > BIG_BYTES, "only " + length);
            }
        }
        assertEquals("200", status(raw("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")));
    }

    @Test
    void given_a_client_that_takes_nothing_when_time_is_over_then_it_is_cut_off() throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write("GET /big HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(ISO_8859_1));
            await("it is under way")
                    .atMost(LIMIT)
                    .until(() -> proxy.replicas().nodes().getFirst().underWay() == 1);
            await("the proxy has given it up")
                    .atMost(LIMIT)
                    .until(() -> proxy.replicas().nodes().getFirst().underWay() == 0);
            long length = 0;
            byte[] part = new byte[1 << 20];
            try {
                for (int read = 0; read >= 0; read = socket.getInputStream().read(part)) {
                    length += read;
                }
            } catch (SocketException e) {
                // Cut off is cut off.
            }
            assertTrue(length < BIG_BYTES, "all of it");
        }
    }

    @Test
    void given_as_many_connections_as_there_may_be_when_one_more_comes_then_it_is_closed()
            throws IOException {
        var open = new CopyOnWriteArrayList<Socket>();
        try {
            for (int i = 0; i < 20; i++) {
                Socket socket = connect();
                socket.getOutputStream().write("G".getBytes(ISO_8859_1));
                open.add(socket);
            }
            try (Socket one = connect()) {
                assertEquals(-1, one.getInputStream().read());
            }
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
        await("there is room again")
                .atMost(LIMIT)
                .until(() ->
                        status(raw("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
                                .equals("200"));
    }

    @Test
    void given_a_restart_when_a_write_is_sent_again_then_the_node_does_not_get_it_again()
            throws Exception {
        String write =
                "PUT /k HTTP/1.1\r\nHost: a\r\nIdempotency-Key: once\r\n"
                        + "Content-Length: 1\r\nConnection: close\r\n\r\nx";
        String first = raw(write);
        assertTrue(first.endsWith("PUT /k 1"), first);
        String second = raw(write);
        assertTrue(second.endsWith("PUT /k 1"), second);
        assertTrue(second.contains("idempotency-replayed: true"), second);
        proxy.close();
        proxy = proxy("");
        String third = raw(write);
        assertEquals("200", status(third));
        assertTrue(third.contains("idempotency-replayed: true"), third);
        assertEquals("422", status(raw(write.replace("\r\n\r\nx", "\r\n\r\ny"))));
        assertEquals(1, seen.size(), seen::toString);
    }

    @Test
    void given_a_write_when_asked_what_became_of_it_then_only_who_knows_its_name_is_told()
            throws IOException {
        String answer =
                raw("PUT /w HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        String id = answer.replaceAll("(?s).*svcshare-write: (\\S+).*", "$1");
        String ask =
                "GET /.well-known/svcshare/writes/%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        String told = raw(ask.formatted(id));
        assertEquals("200", status(told));
        assertTrue(told.contains("\"everywhere\":true"), told);
        assertEquals("404", status(raw(ask.formatted(id + "0"))));
        assertEquals("404", status(raw(ask.formatted("1-1"))));
        assertEquals("404", status(raw(ask.formatted("x"))));
    }
}
