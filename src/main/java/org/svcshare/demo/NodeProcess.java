package org.svcshare.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.svcshare.lock.Access;
import org.svcshare.lock.LockClient;
import org.svcshare.lock.ServerAddress;
import org.svcshare.lock.Stop;

/// One node of a group: this program once more, as a process of its own, so that it can be killed
/// as a machine dies. One thread starts and ends it.
final class NodeProcess {
    private static final Duration GLANCE = Duration.ofSeconds(1);
    private static final Pattern LEADER = Pattern.compile("\"leader\"\\s*:\\s*\"([^\"]*)\"");
    private static final Pattern READY = Pattern.compile("\"ready\"\\s*:\\s*true");

    final String name;
    final ServerAddress address;
    private final Path folder;
    private final LockClient client;
    private @Nullable Process process;

    /// @param httpPort where it answers
    /// @param peers all nodes, in the form of the settings
    NodeProcess(Path folder, String name, int httpPort, List<String> peers) throws IOException {
        this.folder = Files.createDirectories(folder.resolve(name));
        this.name = name;
        address = ServerAddress.parse("127.0.0.1:" + httpPort);
        client =
                new LockClient(
                        new Access(List.of(address), Optional.empty(), Optional.empty(), GLANCE));
        Files.writeString(
                config(),
                """
                bot = false
                state-folder = "%s"
                http.listen = "127.0.0.1:%d"
                pools.engine = cluster
                cluster {
                  name = demo
                  node = %s
                  peers = ["%s"]
                }
                """
                        .formatted(
                                this.folder.resolve("state"),
                                httpPort,
                                name,
                                String.join("\", \"", peers)));
    }

    private Path config() {
        return folder.resolve("config.conf");
    }

    void start() throws IOException {
        process =
                new ProcessBuilder(OwnProgram.command("run", "-c", config().toString()))
                        .redirectInput(ProcessBuilder.Redirect.from(config().toFile()))
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(
                                ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
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

    boolean runs() {
        return process != null;
    }

    /// Whether its process has ended by itself.
    boolean died() {
        return process != null && !process.isAlive();
    }

    /// Who leads, as far as this node knows and is ready; empty otherwise.
    String leader() {
        if (process == null
                || !(client.look("/api/v1/cluster", GLANCE, new Stop())
                        instanceof LockClient.Look.Seen(String json))
                || !READY.matcher(json).find()) {
            return "";
        }
        var leader = LEADER.matcher(json);
        return leader.find() ? leader.group(1) : "";
    }

    /// What it logged last.
    String lastWords() {
        try {
            List<String> lines = Files.readAllLines(folder.resolve("log"));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
        } catch (IOException _) {
            return "";
        }
    }
}
