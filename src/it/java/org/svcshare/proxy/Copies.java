package org.svcshare.proxy;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.svcshare.it.RealPart;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Copies of the sample application, each a process of its own with a file of its own. They are
/// called by numbers from 0.
final class Copies implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Path folder;
    private final List<Copy> copies = new ArrayList<>();
    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(SOON)
                    .build();

    /// A write that a copy did.
    ///
    /// @param digest of the body
    /// @param key that it came with; empty for none
    record Applied(String method, String path, String digest, String key) {}

    private static final class Copy {
        final NodeAddress address = new NodeAddress("127.0.0.1", RealPart.freePort());
        @Nullable Process process;
    }

    private Copies(Path folder) {
        this.folder = folder;
    }

    /// Starts so many, all of them empty, and returns when they answer.
    static Copies start(Path folder, int count) throws IOException {
        var copies = new Copies(folder);
        try {
            for (int i = 0; i < count; i++) {
                copies.copies.add(new Copy());
                copies.launch(i);
            }
            for (int i = 0; i < count; i++) {
                copies.awaitStart(i);
            }
            return copies;
        } catch (IOException | RuntimeException e) {
            copies.close();
            throw e;
        }
    }

    NodeAddress address(int copy) {
        return copies.get(copy).address;
    }

    /// All of them, active.
    List<Node> nodes() {
        return copies.stream().map(copy -> node(copy.address)).toList();
    }

    static Node node(NodeAddress address) {
        return new Node(address, 0, true, false, false, 1);
    }

    // Their processes.

    /// Again, with what it had.
    void start(int copy) throws IOException {
        launch(copy);
        awaitStart(copy);
    }

    private void launch(int copy) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        copies.get(copy).process =
                new ProcessBuilder(
                                java.toString(),
                                "-XX:+UseSerialGC",
                                "-Xmx384m",
                                "-XX:TieredStopAtLevel=1",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "org.svcshare.cli.Start",
                                "replica",
                                "sample",
                                "--listen",
                                address(copy).toString(),
                                "--data",
                                folder.resolve("copy-" + copy).toString(),
                                "--until-input-ends")
                        .redirectError(
                                ProcessBuilder.Redirect.appendTo(
                                        folder.resolve("copy-" + copy + ".err").toFile()))
                        .start();
    }

    private void awaitStart(int copy) throws IOException {
        // Its standard output is closed by its end at the latest.
        BufferedReader out = process(copy).inputReader();
        String line = out.readLine();
        if (line == null || !line.contains("listens on")) {
            throw new IOException(
                    "copy "
                            + copy
                            + " does not start: "
                            + Files.readString(folder.resolve("copy-" + copy + ".err")));
        }
    }

    private Process process(int copy) {
        return Objects.requireNonNull(copies.get(copy).process);
    }

    /// SIGKILL, and waits until it is gone.
    void kill(int copy) throws InterruptedException {
        process(copy).destroyForcibly().waitFor();
    }

    /// SIGSTOP: its connections stay, and nothing is said on them.
    void stop(int copy) throws IOException, InterruptedException {
        signal("STOP", copy);
    }

    /// SIGCONT.
    void goOn(int copy) throws IOException, InterruptedException {
        signal("CONT", copy);
    }

    private void signal(String name, int copy) throws IOException, InterruptedException {
        long pid = process(copy).pid();
        int code =
                new ProcessBuilder("/bin/sh", "-c", "kill -s " + name + " " + pid)
                        .inheritIO()
                        .start()
                        .waitFor();
        assertEquals(0, code, "SIG" + name);
    }

    // What they have.

    private HttpResponse<String> ask(int copy, String method, String target, String body) {
        try {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://" + address(copy) + target))
                            .timeout(SOON)
                            .method(method, BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// Something that the proxy does not know of.
    int write(int copy, String method, String target, String body) {
        return ask(copy, method, target, body).statusCode();
    }

    String get(int copy, String target) {
        return ask(copy, "GET", target, "").body();
    }

    /// How many writes it has done.
    int writes(int copy) {
        return JsonMapper.shared().readTree(get(copy, "/health")).path("writes").asInt(-1);
    }

    List<Applied> log(int copy) {
        return JsonMapper.shared()
                .readTree(get(copy, "/log"))
                .valueStream()
                .map(Copies::applied)
                .toList();
    }

    private static Applied applied(JsonNode entry) {
        return new Applied(
                entry.path("method").asString(),
                entry.path("path").asString(),
                entry.path("digest").asString(),
                entry.path("key").asString());
    }

    /// Waits until each of these has done so many writes.
    void awaitWrites(int count, int... which) {
        for (int copy : which) {
            await("copy " + copy + " has " + count + " writes")
                    .atMost(LIMIT)
                    .until(() -> writes(copy) >= count);
        }
    }

    /// Waits until all have the same, for longer than the proxy would be between two writes.
    void awaitEqual() {
        await("all copies have done the same number of writes")
                .atMost(LIMIT)
                .during(Duration.ofMillis(500))
                .until(() ->
                        IntStream.range(0, copies.size()).map(this::writes).distinct().count()
                                == 1);
        assertEqual();
    }

    /// All did the same writes in the same order, and have the same.
    void assertEqual() {
        List<Applied> log = log(0);
        String items = get(0, "/items");
        for (int copy = 1; copy < copies.size(); copy++) {
            List<Applied> other = log(copy);
            for (int i = 0; i < Math.min(log.size(), other.size()); i++) {
                assertEquals(log.get(i), other.get(i), "write " + i + " of copies 0 and " + copy);
            }
            assertEquals(log.size(), other.size(), "writes of copies 0 and " + copy);
            assertEquals(items, get(copy, "/items"), "items of copies 0 and " + copy);
        }
    }

    @Override
    public void close() {
        client.close();
        for (Copy copy : copies) {
            Process process = copy.process;
            if (process != null) {
                process.destroyForcibly();
            }
        }
        for (Copy copy : copies) {
            Process process = copy.process;
            try {
                if (process != null) {
                    process.waitFor();
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
