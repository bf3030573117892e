package org.svcshare.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.client.ClientCheck;
import org.svcshare.client.ClientException;
import org.svcshare.client.ClientProgram;
import org.svcshare.client.ClientPrograms;
import org.svcshare.client.PausedItems;
import org.svcshare.config.ClientSettings;
import org.svcshare.config.ClientSettings.ExecSettings;
import org.svcshare.config.Secret;
import org.svcshare.config.TlsSettings;
import org.svcshare.turn.QueueSnapshot;
import tools.jackson.databind.json.JsonMapper;

/// What a real client program does when we steer it: it loads files from a slow server in this
/// test, so that its traffic can be counted from outside.
@DisplayNameGeneration(ReplaceUnderscores.class)
abstract class ClientContractIT {
    static final String USER = "boss";
    static final String PASSWORD = "p&ss wörd";
    private static final int FILE_BYTES = 12 * 1024 * 1024;
    private static final int PIECE_BYTES = 256 * 1024;
    private static final int BYTES_PER_TICK = 16 * 1024;
    private static final Duration TICK = Duration.ofMillis(50);

    /// Kept over restarts of ours.
    private static final class Memory implements PausedItems {
        private Set<String> ids = Set.of();

        @Override
        public Set<String> load() {
            return ids;
        }

        @Override
        public void save(Set<String> ids) {
            this.ids = new LinkedHashSet<>(ids);
        }
    }

    @TempDir Path folder = Path.of("");
    private final AtomicLong served = new AtomicLong();
    private final Memory memory = new Memory();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient raw = HttpClient.newHttpClient();
    private @Nullable HttpServer server;
    private @Nullable RealPart part;
    private @Nullable ClientProgram program;
    private int port;

    /// Starts the program with [#USER] and [#PASSWORD].
    abstract RealPart start(Path folder, int port) throws Exception;

    abstract String type();

    abstract String name();

    /// Pauses one item as its user would.
    abstract void pauseByHand(URI url, String id) throws Exception;

    /// What the program can load from here.
    abstract URI link(String name);

    URI served(String path) {
        return URI.create("http://127.0.0.1:" + running(server).getAddress().getPort() + path);
    }

    static <T> T running(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("not started");
        }
        return part;
    }

    ClientProgram program() {
        return running(program);
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    @BeforeEach
    void startAll() throws Exception {
        HttpServer slow =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        slow.setExecutor(threads);
        slow.createContext("/", this::serve);
        slow.start();
        server = slow;
        port = RealPart.freePort();
        part = start(folder, port);
        program = open(PASSWORD);
        await().alias(name() + " answers")
                .atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(() -> !program().probe().name().isEmpty());
    }

    @AfterEach
    void stopAll() {
        if (program != null) {
            program.close();
        }
        if (part != null) {
            part.close();
        }
        raw.shutdownNow();
        threads.shutdownNow();
        running(server).stop(0);
    }

    ClientProgram open(String password) {
        return open(url(), password);
    }

    ClientProgram open(URI url, String password) {
        return ClientPrograms.open(settings(url, password), memory);
    }

    private ClientSettings settings(URI url, String password) {
        return new ClientSettings(
                type(),
                Optional.of(url),
                Optional.of(USER),
                Optional.of(new Secret(password)),
                Optional.empty(),
                Optional.empty(),
                TlsSettings.OFF,
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                ExecSettings.NONE);
    }

    ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(40)).pollInterval(Duration.ofMillis(200));
    }

    void untilQueue(String what, Callable<Boolean> condition) {
        soon().alias(what + "; the program said: " + running(part).printed()).until(condition);
    }

    HttpResponse<String> ask(HttpRequest.Builder request) throws Exception {
        return raw.send(
                request.timeout(Duration.ofSeconds(5)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /// Whether bytes go out of the slow server within some seconds.
    private boolean loads(Duration watched) {
        long before = served.get();
        try {
            await().atMost(watched).until(() -> served.get() > before + BYTES_PER_TICK);
            return true;
        } catch (ConditionTimeoutException e) {
            return false;
        }
    }

    /// Connections may take a moment to end.
    private void untilNothingLoads() {
        var last = new AtomicLong(-1);
        soon().alias("nothing loads")
                .during(Duration.ofSeconds(2))
                .until(() -> last.getAndSet(served.get()) == served.get());
    }

    @Test
    void steers_the_real_program() throws Exception {
        assertEquals(name(), program().probe().name());
        program().pause(); // as at every start of ours
        program().resume();
        assertEquals(0, program().snapshot().totalMb());

        List<String> first = program().enqueue(List.of(link("first").toString()));
        assertEquals(1, first.size());
        untilQueue("loads", () -> program().snapshot().speedBps() > 0);
        untilQueue("knows the size", () -> program().snapshot().totalMb() > 5);
        assertTrue(program().snapshot().totalMb() <= 12);

        program().pause();
        untilQueue("stands still", () -> program().snapshot().speedBps() == 0);
        QueueSnapshot paused = program().snapshot();
        assertTrue(paused.paused(), paused.toString());
        assertTrue(paused.totalMb() > 5, paused.toString());
        untilNothingLoads();
        program().pause();

        program().resume();
        assertTrue(loads(Duration.ofSeconds(20)), "loads again: " + running(part).printed());
        assertFalse(program().snapshot().paused());
        ClientCheck.Outcome outcome = ClientCheck.run(program());
        assertTrue(outcome.ok(), outcome.lines().toString());
    }

    @Test
    void what_the_user_paused_stays_paused_over_turns_and_restarts_of_ours() throws Exception {
        program().resume();
        String mine = program().enqueue(List.of(link("mine").toString())).getFirst();
        untilQueue("mine is known", () -> program().snapshot().totalMb() > 5);
        pauseByHand(url(), mine);
        untilQueue("mine does not count", () -> program().snapshot().totalMb() == 0);
        program().enqueue(List.of(link("other").toString()));
        untilQueue("other is known", () -> program().snapshot().totalMb() > 5);

        for (int turn = 0; turn < 2; turn++) {
            program().pause();
            untilNothingLoads();
            program().close();
            program = open(PASSWORD);
            program().pause();
            program().resume();
            assertTrue(loads(Duration.ofSeconds(20)), "turn " + turn);
            QueueSnapshot queue = program().snapshot();
            assertEquals(0, queue.items(), "only other: " + queue);
            assertTrue(queue.totalMb() <= 12, queue.toString());
        }
    }

    @Test
    void tells_a_wrong_password_and_a_dead_program_apart() throws Exception {
        try (ClientProgram stranger = open("wrong")) {
            var e = assertThrows(ClientException.class, stranger::snapshot);
            assertEquals(ClientException.Kind.UNAUTHORISED, e.kind(), e.getMessage());
        }
        program().limit(500_000);
        program().limit(0);

        running(part).close();
        var e = assertThrows(ClientException.class, program()::snapshot);
        assertEquals(ClientException.Kind.UNREACHABLE, e.kind(), e.getMessage());
    }

    // The slow server.

    /// `/NAME.bin` is a file, `/NAME.torrent` describes it, `/NAME.nzb` names articles of nobody.
    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String name = path.replaceAll("^/|\\.[a-z]+$", "");
            if (path.endsWith(".torrent")) {
                answer(exchange, "application/x-bittorrent", torrent(name));
            } else if (path.endsWith(".nzb")) {
                answer(exchange, "application/x-nzb", nzb(name).getBytes(StandardCharsets.UTF_8));
            } else if (path.endsWith(".bin")) {
                trickle(exchange, content(name));
            } else {
                exchange.sendResponseHeaders(404, -1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void answer(HttpExchange exchange, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
    }

    private void trickle(HttpExchange exchange, byte[] content)
            throws IOException, InterruptedException {
        int from = 0;
        int to = content.length - 1;
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (range != null && range.matches("bytes=\\d+-\\d*")) {
            String[] ends = range.substring("bytes=".length()).split("-", -1);
            from = Integer.parseInt(ends[0]);
            to = ends[1].isEmpty() ? to : Math.min(to, Integer.parseInt(ends[1]));
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + to + "/" + content.length);
        }
        exchange.getResponseHeaders().set("Accept-Ranges", "bytes");
        exchange.sendResponseHeaders(range == null ? 200 : 206, to - from + 1L);
        if (exchange.getRequestMethod().equals("HEAD")) {
            return;
        }
        OutputStream out = exchange.getResponseBody();
        while (from <= to) {
            int bytes = Math.min(BYTES_PER_TICK, to - from + 1);
            out.write(content, from, bytes);
            out.flush();
            served.addAndGet(bytes);
            from += bytes;
            Thread.sleep(TICK);
        }
    }

    private static byte[] content(String name) {
        byte[] content = new byte[FILE_BYTES];
        new Random(name.hashCode()).nextBytes(content);
        return content;
    }

    /// With the slow server as its web seed (BEP 19) and no tracker.
    private byte[] torrent(String name) {
        byte[] content = content(name);
        var pieces = new ByteArrayOutputStream();
        try {
            for (int from = 0; from < content.length; from += PIECE_BYTES) {
                var sha1 = MessageDigest.getInstance("SHA-1");
                sha1.update(content, from, Math.min(PIECE_BYTES, content.length - from));
                pieces.writeBytes(sha1.digest());
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        String file = name + ".bin";
        String seed = served("/" + file).toString();
        var out = new ByteArrayOutputStream();
        out.writeBytes(
                ("d4:infod6:lengthi"
                                + content.length
                                + "e4:name"
                                + file.length()
                                + ":"
                                + file
                                + "12:piece lengthi"
                                + PIECE_BYTES
                                + "e6:pieces"
                                + pieces.size()
                                + ":")
                        .getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(pieces.toByteArray());
        out.writeBytes(
                ("e8:url-list" + seed.length() + ":" + seed + "e")
                        .getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private static String nzb(String name) {
        var xml =
                new StringBuilder(
                        """
                        <?xml version="1.0" encoding="UTF-8"?>
                        <nzb xmlns="http://www.newzbin.com/DTD/2003/nzb">
                        <file poster="a@b.c" date="1700000000" subject="&quot;%s.bin&quot; yEnc (1/24)">
                        <groups><group>lab.test</group></groups><segments>
                        """
                                .formatted(name));
        for (int n = 1; n <= 24; n++) {
            xml.append(
                    "<segment bytes=\"500000\" number=\"%d\">%s-%d@lab.test</segment>%n"
                            .formatted(n, name, n));
        }
        return xml.append("</segments></file></nzb>\n").toString();
    }

    static String json(Map<String, ?> fields) {
        return JsonMapper.shared().writeValueAsString(fields);
    }
}
