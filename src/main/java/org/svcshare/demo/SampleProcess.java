package org.svcshare.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.svcshare.replica.NodeAddress;

/// One copy of the sample application: this program once more, as a process of its own, so that it
/// can be killed as a machine dies. It ends with us, however we end. One thread starts and ends it.
final class SampleProcess {
    private static final Duration GLANCE = Duration.ofSeconds(5);

    final String name;
    final NodeAddress address;
    private final Path data;
    private final Path log;
    private final HttpClient client;
    private @Nullable Process process;

    /// @param folder where it keeps what it has
    SampleProcess(Path folder, String name, int port, HttpClient client) {
        this.name = name;
        this.client = client;
        address = new NodeAddress("127.0.0.1", port);
        data = folder.resolve(name + ".items");
        log = folder.resolve(name + ".log");
    }

    void start() throws IOException {
        process =
                new ProcessBuilder(
                                OwnProgram.command(
                                        "replica",
                                        "sample",
                                        "--listen",
                                        address.toString(),
                                        "--data",
                                        data.toString(),
                                        "--until-input-ends"))
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
    }

    /// SIGKILL.
    void kill() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.destroyForcibly().waitFor();
            process = null;
        }
    }

    /// SIGTERM, and SIGKILL when that does not help.
    void stop(Duration patience) {
        Process running = process;
        if (running == null) {
            return;
        }
        running.destroy();
        try {
            if (!running.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                running.destroyForcibly();
            }
        } catch (InterruptedException _) {
            running.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /// Whether its process has ended by itself.
    boolean died() {
        return process != null && !process.isAlive();
    }

    /// What it answers to a `GET`; empty when it does not answer.
    Optional<String> get(String target) throws InterruptedException {
        try {
            var answer =
                    client.send(
                            HttpRequest.newBuilder(URI.create("http://" + address + target))
                                    .timeout(GLANCE)
                                    .build(),
                            BodyHandlers.ofString());
            return answer.statusCode() == 200 ? Optional.of(answer.body()) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /// What it logged last.
    String lastWords() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
        } catch (IOException _) {
            return "";
        }
    }
}
