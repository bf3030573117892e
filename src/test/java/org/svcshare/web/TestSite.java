package org.svcshare.web;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.HttpSettings;
import org.svcshare.config.HttpSettings.Role;
import org.svcshare.config.HttpSettings.Token;
import org.svcshare.config.PoolSettings;
import org.svcshare.config.Secret;
import org.svcshare.config.ServerSettings;
import org.svcshare.engine.Engines;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.TableRules;
import org.svcshare.replica.Replicas;
import org.svcshare.store.MemberGroup;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A real server on a free port with the engine that keeps nothing, and clients for it.
final class TestSite implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(20);
    static final PoolRules UNDECLARED = new PoolRules("", 1, 60_000, 10_000, Set.of());

    final PoolEngine engine;
    final WebServer server;
    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicInteger ids = new AtomicInteger();

    private TestSite(Building building) throws IOException {
        engine = building.engine == null ? Engines.memory(building.rules()) : building.engine;
        server =
                WebServer.start(
                        building.http(),
                        building.pools(),
                        engine,
                        Optional.ofNullable(building.members),
                        Optional.ofNullable(building.replicas),
                        building.status == null
                                ? StatusSource.poolsAlone("1.2.3")
                                : building.status);
    }

    static Building with() {
        return new Building();
    }

    static TestSite plain() throws IOException {
        return with().start();
    }

    /// What differs from the defaults.
    static final class Building {
        private List<Token> tokens = List.of();
        private List<PoolRules> declared = List.of();
        private @Nullable PoolRules undeclared = UNDECLARED;
        private Duration idle = Duration.ofSeconds(60);
        private Duration claim = Duration.ofSeconds(10);
        private int connections = 10_000;
        private List<String> hosts = List.of();
        private int loops = 2;
        private @Nullable PoolEngine engine;
        private @Nullable MemberGroup members;
        private @Nullable Replicas replicas;
        private @Nullable StatusSource status;

        Building token(String name, Role role, String secret) {
            tokens =
                    java.util.stream.Stream.concat(
                                    tokens.stream(),
                                    java.util.stream.Stream.of(
                                            new Token(name, role, new Secret(secret))))
                            .toList();
            return this;
        }

        Building pools(PoolRules... rules) {
            declared = List.of(rules);
            return this;
        }

        Building declaredOnly() {
            undeclared = null;
            return this;
        }

        Building idle(Duration limit) {
            idle = limit;
            return this;
        }

        Building claim(Duration time) {
            claim = time;
            return this;
        }

        Building connections(int most) {
            connections = most;
            return this;
        }

        Building host(String name) {
            hosts = List.of(name);
            return this;
        }

        Building engine(PoolEngine other) {
            engine = other;
            return this;
        }

        Building members(MemberGroup group) {
            members = group;
            return this;
        }

        Building replicas(Replicas copies) {
            replicas = copies;
            return this;
        }

        Building status(StatusSource other) {
            status = other;
            return this;
        }

        TestSite start() throws IOException {
            return new TestSite(this);
        }

        private TableRules rules() {
            return new TableRules(declared, undeclared, 100_000, 600_000, 10_000);
        }

        private HttpSettings http() {
            return ServerSettings.http(
                    tokens,
                    hosts,
                    loops,
                    ServerSettings.limits(connections, idle, Duration.ofDays(7)));
        }

        private PoolSettings pools() {
            return ServerSettings.pools(rules(), claim);
        }
    }

    int port() {
        return server.listening().port();
    }

    /// A fresh request id.
    String id() {
        return "%032x".formatted(ids.incrementAndGet());
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(LIMIT);
    }

    HttpResponse<String> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    CompletableFuture<HttpResponse<String>> sendLater(HttpRequest.Builder request) {
        return client.sendAsync(request.build(), BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path));
    }

    HttpResponse<String> delete(String path) throws IOException, InterruptedException {
        return send(request(path).DELETE());
    }

    HttpResponse<String> put(String path, String body) throws IOException, InterruptedException {
        return send(request(path).PUT(BodyPublishers.ofString(body)));
    }

    HttpRequest.Builder locking(String pool, String body) {
        return request(locks(pool)).POST(BodyPublishers.ofString(body));
    }

    HttpResponse<String> lock(String pool, String body) throws IOException, InterruptedException {
        return send(locking(pool, body));
    }

    CompletableFuture<HttpResponse<String>> lockLater(String pool, String body) {
        return sendLater(locking(pool, body));
    }

    HttpResponse<String> unlock(String pool, String token)
            throws IOException, InterruptedException {
        return delete(locks(pool) + "/" + token);
    }

    static String locks(String pool) {
        return "/api/v1/pools/" + Percent.encode(pool) + "/locks";
    }

    static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }

    static String code(HttpResponse<String> response) {
        JsonNode problem = json(response);
        if (!response.headers()
                        .firstValue("content-type")
                        .orElse("")
                        .equals("application/problem+json")
                || problem.path("status").asInt() != response.statusCode()) {
            throw new AssertionError(response + " " + response.body());
        }
        return problem.path("code").asString();
    }

    /// How many wait in a pool.
    int waiting(String pool) throws IOException, InterruptedException {
        return json(get("/api/v1/pools/" + Percent.encode(pool))).path("waiting").asInt();
    }

    Socket socket() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), port());
        socket.setSoTimeout((int) LIMIT.toMillis());
        return socket;
    }

    /// Sends bytes as they are; reads until the server closes.
    String raw(String text) throws IOException {
        try (Socket socket = socket()) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        server.close();
        engine.close();
    }
}
