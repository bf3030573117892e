package org.svcshare.spawn;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
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
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Endpoint;
import org.svcshare.config.HttpSettings.Token;
import org.svcshare.config.ReplicaSettings.Control;
import org.svcshare.config.ReplicaSettings.Ldap;
import org.svcshare.replica.SampleReplicas;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A real server on a free port of loopback, the replicas behind it, and a client for it.
final class SpawnSite implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(20);

    /// For tests in which the settings alone count.
    static final Ldap SOME_LDAP =
            new Ldap(
                    new Endpoint("localhost", 1),
                    "dc=example",
                    true,
                    Optional.empty(),
                    "(uid=%s)",
                    "",
                    List.of(),
                    Optional.empty(),
                    Duration.ofSeconds(1));

    final SampleReplicas replicas = new SampleReplicas();
    final SpawnServer server;
    private final HttpClient client = HttpClient.newHttpClient();

    private SpawnSite(Control control, People people, Limits limits) throws IOException {
        server = SpawnServer.start(control, replicas, "1.2.3", people, limits);
    }

    private SpawnSite(Control control) throws IOException {
        server = SpawnServer.start(control, replicas, "1.2.3");
    }

    private SpawnSite(Control control, List<Token> tokens) throws IOException {
        server = SpawnServer.start(control, replicas, tokens, "1.2.3");
    }

    /// With tokens that the settings name, and a directory that nobody asks.
    static SpawnSite guarded(List<Token> tokens) throws IOException {
        return new SpawnSite(control(SOME_LDAP), tokens);
    }

    /// As the settings say.
    static SpawnSite of(Control control) throws IOException {
        return new SpawnSite(control);
    }

    static Control control(@Nullable Ldap ldap) {
        return new Control(
                true,
                new Endpoint("127.0.0.1", 0),
                Optional.empty(),
                Duration.ofMinutes(30),
                Optional.ofNullable(ldap));
    }

    /// On loopback, without a directory.
    static SpawnSite open() throws IOException {
        return new SpawnSite(control(null), People.GUESTS, Limits.USUAL);
    }

    static SpawnSite open(Limits limits) throws IOException {
        return new SpawnSite(control(null), People.GUESTS, limits);
    }

    /// As with a directory, which is somebody else.
    static SpawnSite guarded(People people) throws IOException {
        return new SpawnSite(control(SOME_LDAP), people, Limits.USUAL);
    }

    int port() {
        return server.listening().port();
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(LIMIT);
    }

    HttpResponse<String> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    HttpResponse<byte[]> sendForBytes(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path));
    }

    HttpResponse<String> put(String path, String body) throws IOException, InterruptedException {
        return send(request(path).PUT(BodyPublishers.ofString(body)));
    }

    HttpResponse<String> delete(String path) throws IOException, InterruptedException {
        return send(request(path).DELETE());
    }

    HttpResponse<String> login(String type, String body) throws IOException, InterruptedException {
        return send(
                request("/login").header("Content-Type", type).POST(BodyPublishers.ofString(body)));
    }

    /// @return the token
    String login(String name) throws IOException, InterruptedException {
        var answer =
                login(
                        "application/json",
                        "{\"username\":\"%s\",\"password\":\"pw\"}".formatted(name));
        return json(answer).path("token").asString();
    }

    static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }

    /// Of an answer that tells how long it took.
    static JsonNode data(HttpResponse<String> response) {
        JsonNode whole = json(response);
        if (whole.path("duration").asLong() <= 0 || whole.path("took").asString().isEmpty()) {
            throw new AssertionError(response.body());
        }
        return whole.path("data");
    }

    /// Sends bytes as they are; reads until the server closes, be it with a reset as it has not
    /// read all of them.
    String raw(String text) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            socket.setSoTimeout((int) LIMIT.toMillis());
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            var read = new ByteArrayOutputStream();
            try {
                socket.getInputStream().transferTo(read);
            } catch (SocketException e) {
                // What came before it counts.
            }
            return read.toString(StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        server.close();
        replicas.close();
    }
}
