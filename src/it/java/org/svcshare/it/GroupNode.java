package org.svcshare.it;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One node of a group as a process of its own, with its folder, and HTTP to ask it.
public final class GroupNode implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration SOON = Duration.ofSeconds(5);

    /// Shown to all; those that want none do not look at it.
    static final String TOKEN = "token-of-the-tests-1234";

    final String name;

    /// Where it answers HTTP.
    final URI at;

    private final HttpClient client;
    final Path folder;
    private final Path config;
    private @Nullable Svcshare process;

    /// @param settings what it has besides its own name and ports
    GroupNode(HttpClient client, Path parent, String name, String settings) throws IOException {
        this(client, parent, name, URI.create("http://127.0.0.1:" + RealPart.freePort()), settings);
    }

    /// @param at where it shall answer HTTP
    /// @param settings what it has besides that and its own name
    GroupNode(HttpClient client, Path parent, String name, URI at, String settings)
            throws IOException {
        this.client = client;
        this.name = name;
        this.at = at;
        folder = Files.createDirectories(parent.resolve(name));
        config =
                Files.writeString(
                        folder.resolve("config.conf"),
                        """
                        bot = false
                        state-folder = "%s/state"
                        http.listen = "%s"
                        pools.engine = cluster
                        cluster.node = %s
                        %s
                        """
                                .formatted(folder, at.getAuthority(), name, settings));
    }

    /// One more setting, or another than before, from the next start on.
    public GroupNode set(String setting) throws IOException {
        Files.writeString(config, setting + "\n", StandardOpenOption.APPEND);
        return this;
    }

    GroupNode start() throws IOException {
        return start(List.of(), Map.of());
    }

    /// @param within what is put before the command
    GroupNode start(List<String> within, Map<String, String> environment) throws IOException {
        process = Svcshare.start(within, folder, environment, "run", "-c", config.toString());
        return this;
    }

    Svcshare process() {
        return Objects.requireNonNull(process, name + " was not started");
    }

    boolean alive() {
        return process != null && process.alive();
    }

    // Asking it.

    private HttpRequest.Builder to(String target) {
        return HttpRequest.newBuilder(at.resolve(target))
                .header("Authorization", "Bearer " + TOKEN)
                .timeout(LIMIT);
    }

    private HttpResponse<String> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    /// Empty while it does not answer.
    public String get(String target) {
        try {
            return send(to(target).timeout(SOON)).body();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private HttpRequest.Builder asking(String pool, String body) {
        return to("/api/v1/pools/" + pool + "/locks").POST(BodyPublishers.ofString(body));
    }

    HttpResponse<String> lock(String pool, String body) throws IOException, InterruptedException {
        return send(asking(pool, body));
    }

    CompletableFuture<HttpResponse<String>> lockLater(String pool, String body) {
        return client.sendAsync(asking(pool, body).build(), BodyHandlers.ofString());
    }

    HttpResponse<String> renew(String pool, String token) {
        return untilKnown(
                to("/api/v1/pools/" + pool + "/locks/" + token)
                        .PUT(BodyPublishers.ofString("{\"ttl\":\"60s\"}")));
    }

    int release(String pool, String token) {
        return untilKnown(to("/api/v1/pools/" + pool + "/locks/" + token).DELETE()).statusCode();
    }

    /// Repeats what was perhaps done: it was on its way to a leader that died.
    private HttpResponse<String> untilKnown(HttpRequest.Builder request) {
        return await(name + " answers")
                .atMost(LIMIT)
                .until(() -> send(request), answer -> answer.statusCode() != 503);
    }

    JsonNode pool(String pool) {
        String found = get("/api/v1/pools/" + pool);
        return json(found.isEmpty() ? "{}" : found);
    }

    static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    /// Asks it to change the group.
    ///
    /// @param target below `/api/v1/cluster`
    /// @return what it answered, empty when nothing: 204 has nothing more to say
    Optional<HttpResponse<String>> change(String method, String target, String body) {
        try {
            return Optional.of(
                    send(
                            to("/api/v1/cluster" + target)
                                    .method(method, BodyPublishers.ofString(body))));
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    // How it is.

    public boolean ready() {
        return get("/readyz").equals("ok\n");
    }

    boolean leads() {
        return get("/metrics").lines().anyMatch("svcshare_cluster_leader 1.0"::equals);
    }

    void awaitReady() {
        await(name + " is ready; " + process().err()).atMost(LIMIT).until(this::ready);
    }

    @Override
    public void close() {
        if (process != null) {
            process.close();
        }
    }
}
