package org.svcshare.it;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One member of a group as a process of its own, without a bot, and HTTP to ask it.
final class MemberProcess implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration SOON = Duration.ofSeconds(5);
    static final String TOKEN = "token-of-the-tests-1234";

    final String name;

    /// Where it answers HTTP.
    private final URI web;

    private final HttpClient http;
    private final Path folder;
    private final Path config;
    private @Nullable Svcshare process;

    /// @param web where it shall answer HTTP
    /// @param listen where it shall listen for members
    /// @param more settings, of HOCON
    MemberProcess(
            HttpClient http,
            Path parent,
            String name,
            URI web,
            String listen,
            List<String> seeds,
            String more)
            throws IOException {
        this.http = http;
        this.name = name;
        this.web = web;
        folder = Files.createDirectories(parent.resolve(name));
        config =
                Files.writeString(
                        folder.resolve("config.conf"),
                        """
                        bot = false
                        state-folder = "%s/state"
                        http.listen = "%s"
                        http.tokens = [{ name = test, role = admin, token = "%s" }]
                        pools.engine = memory
                        gossip { enabled = true, name = "%s", listen = "%s", seeds = %s }
                        %s
                        """
                                .formatted(
                                        folder,
                                        web.getAuthority(),
                                        TOKEN,
                                        name,
                                        listen,
                                        JsonMapper.shared().writeValueAsString(seeds),
                                        more));
    }

    /// On loopback.
    static MemberProcess here(
            HttpClient http, Path parent, String name, int port, List<Integer> seeds, String more)
            throws IOException {
        return new MemberProcess(
                http,
                parent,
                name,
                URI.create("http://127.0.0.1:" + RealPart.freePort()),
                "127.0.0.1:" + port,
                seeds.stream().map(seed -> "127.0.0.1:" + seed).toList(),
                more);
    }

    /// One more setting, or another than before, from the next start on.
    MemberProcess set(String setting) throws IOException {
        Files.writeString(config, setting + "\n", StandardOpenOption.APPEND);
        return this;
    }

    MemberProcess start() throws IOException {
        return start(List.of());
    }

    /// @param within what is put before the command
    MemberProcess start(List<String> within) throws IOException {
        process = Svcshare.start(within, folder, Map.of(), "run", "-c", config.toString());
        return this;
    }

    Svcshare process() {
        return Objects.requireNonNull(process, name + " was not started");
    }

    private HttpRequest.Builder to(String target) {
        return HttpRequest.newBuilder(web.resolve(target))
                .header("Authorization", "Bearer " + TOKEN)
                .timeout(SOON);
    }

    private static String path(String key) {
        return "/api/v1/kv/" + URLEncoder.encode(key, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(name + ": " + e + "\n" + process().printed(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /// Tried until it is done.
    void put(String key, String value) {
        HttpResponse<String> answer = send(to(path(key)).PUT(BodyPublishers.ofString(value)));
        if (answer.statusCode() / 100 != 2) {
            throw new AssertionError(answer.statusCode() + " " + answer.body());
        }
    }

    void remove(String key) {
        HttpResponse<String> answer = send(to(path(key)).DELETE());
        if (answer.statusCode() / 100 != 2) {
            throw new AssertionError(answer.statusCode() + " " + answer.body());
        }
    }

    /// Keys and values; empty while it does not answer.
    Map<String, String> store() {
        var found = new TreeMap<String, String>();
        String after = "";
        boolean more = true;
        while (more) {
            JsonNode page =
                    json(
                            "/api/v1/kv?limit=1000&after="
                                    + URLEncoder.encode(after, StandardCharsets.UTF_8));
            for (JsonNode entry : page.path("entries")) {
                found.put(entry.path("key").asString(""), entry.path("value").asString(""));
            }
            more = page.path("more").asBoolean(false) && !found.isEmpty();
            after = found.isEmpty() ? "" : found.lastEntry().getKey();
        }
        return found;
    }

    /// State by name, as this member sees it; empty while it does not answer.
    Map<String, String> members() {
        var found = new TreeMap<String, String>();
        for (JsonNode member : json("/api/v1/members").path("members")) {
            found.put(member.path("name").asString(""), member.path("state").asString(""));
        }
        return found;
    }

    long alive() {
        return members().values().stream().filter("alive"::equals).count();
    }

    /// A number of `/metrics`; -1 while it does not answer or has none.
    double metric(String line) {
        try {
            return http.send(to("/metrics").build(), BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(found -> found.startsWith(line + " "))
                    .mapToDouble(found -> Double.parseDouble(found.substring(line.length() + 1)))
                    .findFirst()
                    .orElse(-1);
        } catch (IOException e) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private JsonNode json(String target) {
        try {
            HttpResponse<String> answer = http.send(to(target).build(), BodyHandlers.ofString());
            return JsonMapper.shared().readTree(answer.body());
        } catch (IOException e) {
            return JsonMapper.shared().createObjectNode();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /// Waits until each of them sees all of them.
    static void together(List<MemberProcess> members) {
        for (MemberProcess member : members) {
            await(member.name + " sees " + members.size())
                    .atMost(LIMIT)
                    .until(() -> member.alive() == members.size());
        }
    }

    @Override
    public void close() {
        if (process != null) {
            process.close();
        }
    }
}
