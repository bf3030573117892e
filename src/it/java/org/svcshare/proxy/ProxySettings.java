package org.svcshare.proxy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.svcshare.config.Endpoint;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.config.ReplicaSettings.Durability;
import org.svcshare.replica.AnswerRule;
import org.svcshare.replica.Node;

/// Settings of a proxy for tests: it looks after its nodes often and tries again soon. What a test
/// wants otherwise it says.
final class ProxySettings {
    /// How long a node may take to answer; what does not wait for one takes less.
    static final Duration NODE_TIMEOUT = Duration.ofSeconds(5);

    private int port;
    private AnswerRule answer = AnswerRule.MAJORITY;
    private Durability durability = Durability.FSYNC;
    private int inFlight = 1;
    private Duration refusedFor = Duration.ofMinutes(5);

    ProxySettings port(int port) {
        this.port = port;
        return this;
    }

    ProxySettings answer(AnswerRule answer) {
        this.answer = answer;
        return this;
    }

    ProxySettings durability(Durability durability) {
        this.durability = durability;
        return this;
    }

    ProxySettings inFlight(int inFlight) {
        this.inFlight = inFlight;
        return this;
    }

    ProxySettings refusedFor(Duration refusedFor) {
        this.refusedFor = refusedFor;
        return this;
    }

    /// @param folder where writes are kept
    ReplicaSettings with(Path folder, List<Node> nodes) {
        return new ReplicaSettings(
                new Endpoint("127.0.0.1", port),
                Optional.empty(),
                Integer.getInteger("replica.loops", 2),
                nodes,
                new ReplicaSettings.NodeTls(Optional.empty(), false),
                true,
                false,
                false,
                false,
                new ReplicaSettings.Writes(
                        answer,
                        durability,
                        Duration.ofSeconds(30),
                        false,
                        false,
                        true,
                        refusedFor,
                        Duration.ofMillis(50),
                        Duration.ofMillis(500),
                        inFlight,
                        Duration.ofHours(1)),
                new ReplicaSettings.Health(
                        Duration.ofMillis(200),
                        Duration.ofSeconds(1),
                        "/health",
                        Optional.empty(),
                        1,
                        2),
                new ReplicaSettings.Control(
                        false,
                        new Endpoint("127.0.0.1", 0),
                        Optional.empty(),
                        Duration.ofMinutes(1),
                        Optional.empty()),
                new ReplicaSettings.Limits(
                        16 * 1024 * 1024,
                        64 * 1024,
                        1024 * 1024,
                        16 * 1024,
                        1_000_000,
                        1_000,
                        64,
                        10_000,
                        10_000,
                        Duration.ofSeconds(60),
                        NODE_TIMEOUT),
                folder);
    }
}
