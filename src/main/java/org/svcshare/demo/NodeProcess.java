package org.svcshare.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.svcshare.lock.Access;
import org.svcshare.lock.LockClient;
import org.svcshare.lock.ServerAddress;
import org.svcshare.lock.Stop;

/// One node of a group.
final class NodeProcess {
    private static final Duration GLANCE = Duration.ofSeconds(1);
    private static final Pattern LEADER = Pattern.compile("\"leader\"\\s*:\\s*\"([^\"]*)\"");
    private static final Pattern READY = Pattern.compile("\"ready\"\\s*:\\s*true");

    final String name;
    final OwnProgram program;
    final ServerAddress address;
    private final LockClient client;

    /// @param httpPort where it answers
    /// @param peers all nodes, in the form of the settings
    NodeProcess(Path folder, String name, int httpPort, List<String> peers) throws IOException {
        Path own = Files.createDirectories(folder.resolve(name));
        Path config = own.resolve("config.conf");
        this.name = name;
        program = new OwnProgram(name, own.resolve("log"), "run", "-c", config.toString());
        address = ServerAddress.parse("127.0.0.1:" + httpPort);
        client =
                new LockClient(
                        new Access(List.of(address), Optional.empty(), Optional.empty(), GLANCE));
        Files.writeString(
                config,
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
                                own.resolve("state"),
                                httpPort,
                                name,
                                String.join("\", \"", peers)));
    }

    /// Who leads, as far as this node knows and is ready; empty otherwise.
    String leader() {
        if (!program.runs()
                || !(client.look("/api/v1/cluster", GLANCE, new Stop())
                        instanceof LockClient.Look.Seen(String json))
                || !READY.matcher(json).find()) {
            return "";
        }
        var leader = LEADER.matcher(json);
        return leader.find() ? leader.group(1) : "";
    }
}
