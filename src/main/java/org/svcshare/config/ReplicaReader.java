package org.svcshare.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.svcshare.config.ReplicaSettings.Control;
import org.svcshare.config.ReplicaSettings.Durability;
import org.svcshare.config.ReplicaSettings.Health;
import org.svcshare.config.ReplicaSettings.Limits;
import org.svcshare.config.ReplicaSettings.NodeTls;
import org.svcshare.config.ReplicaSettings.Writes;
import org.svcshare.replica.AnswerRule;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;

/// Reads the `replica` block.
final class ReplicaReader {
    static final int PORT = 7117;
    static final int CONTROL_PORT = 7118;

    private static final int MOST_NODES = 100;
    private static final int HIGHEST_PRIORITY = 1_000_000;
    private static final Pattern PATH = Pattern.compile("/[!-~]{0,1999}");
    private static final Duration TENTH = Duration.ofMillis(100);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);

    /// What nobody sets who does not want to have any.
    private static final List<String> TELLING =
            List.of("listen", "round-robin", "by-priority", "consistency", "folder");

    private final Section replica;
    private final Path stateFolder;

    ReplicaReader(Section replica, Path stateFolder) {
        this.replica = replica;
        this.stateFolder = stateFolder;
    }

    Optional<ReplicaSettings> read() {
        Optional<Boolean> asked =
                replica.choice(
                        "enabled",
                        Map.of(
                                "auto",
                                Optional.empty(),
                                "true",
                                Optional.of(true),
                                "yes",
                                Optional.of(true),
                                "on",
                                Optional.of(true),
                                "false",
                                Optional.of(false),
                                "no",
                                Optional.of(false),
                                "off",
                                Optional.of(false)),
                        Optional.empty());
        List<Section> blocks = replica.sections("nodes");
        boolean wanted = asked.orElse(!blocks.isEmpty());
        List<Node> nodes = nodes(blocks);
        var settings =
                new ReplicaSettings(
                        at(replica, "listen", PORT),
                        HttpReader.tls(replica.section("tls"), "password"),
                        replica.number("event-loops", 1, 64),
                        nodes,
                        nodeTls(replica.section("node-tls")),
                        replica.flag("round-robin"),
                        replica.flag("by-priority"),
                        replica.choice("consistency", Map.of("any", false, "session", true), false),
                        replica.flag("shared"),
                        writes(replica.section("writes")),
                        health(replica.section("health")),
                        control(replica.section("control")),
                        limits(replica.section("limits")),
                        folder());
        replica.done();
        if (!wanted) {
            if (asked.isEmpty() && TELLING.stream().anyMatch(key -> !replica.isDefault(key))) {
                replica.warn(
                        "enabled",
                        "auto, and without replica.nodes that is off; true begins without nodes");
            }
            return Optional.empty();
        }
        return Optional.of(settings);
    }

    private static Endpoint at(Section section, String key, int port) {
        return section.endpoint(key, 0, port).orElse(new Endpoint("127.0.0.1", port));
    }

    private Path folder() {
        return replica.text("folder").isPresent()
                ? replica.resolve("folder", replica.text("folder").get())
                : replica.derived("folder", stateFolder.resolve("replica"));
    }

    // Nodes.

    private List<Node> nodes(List<Section> blocks) {
        var nodes = new LinkedHashMap<NodeAddress, Node>();
        for (Section block : blocks) {
            Optional<NodeAddress> address = address(block);
            int priority =
                    block.has("priority")
                            ? block.number("priority", -HIGHEST_PRIORITY, HIGHEST_PRIORITY)
                            : 0;
            boolean active = !block.has("active") || block.flag("active");
            boolean maintenance = block.has("maintenance") && block.flag("maintenance");
            boolean tls = block.has("tls") && block.flag("tls");
            int weight = block.has("weight") ? block.number("weight", 1, Node.MOST_WEIGHT) : 1;
            block.know(
                    List.of(
                            "node",
                            "host",
                            "port",
                            "priority",
                            "active",
                            "maintenance",
                            "tls",
                            "weight"));
            block.done();
            if (address.isEmpty()) {
                continue;
            }
            var node = new Node(address.get(), priority, active, maintenance, tls, weight);
            if (nodes.putIfAbsent(address.get(), node) != null) {
                block.problem(
                        block.has("node") ? "node" : "host",
                        "there is another node " + address.get());
            }
        }
        if (nodes.size() > MOST_NODES) {
            replica.problem("nodes", "expected at most " + MOST_NODES + ", found " + nodes.size());
        }
        return List.copyOf(nodes.values());
    }

    /// `node = "host:port"`, or `host` and `port`.
    private static Optional<NodeAddress> address(Section block) {
        boolean whole = block.has("node");
        if (whole && (block.has("host") || block.has("port"))) {
            block.problem("node", "expected either node, or host and port");
            return Optional.empty();
        }
        if (whole) {
            Optional<Endpoint> at = block.endpoint("node", 1, 0);
            return at.flatMap(a -> address(block, "node", a.host(), a.port()));
        }
        Optional<String> host = block.text("host");
        if (host.isEmpty()) {
            block.problem("host", "expected node = \"host:port\", or host and port, found neither");
            return Optional.empty();
        }
        int port = block.number("port", 1, 65_535);
        return address(block, "host", host.get(), port);
    }

    private static Optional<NodeAddress> address(Section block, String key, String host, int port) {
        if (!NodeAddress.isHost(host)) {
            block.problem(
                    key,
                    "expected a host of letters, digits and ._- or an address, found "
                            + Section.quoted(host));
            return Optional.empty();
        }
        return Optional.of(new NodeAddress(host, port));
    }

    private static NodeTls nodeTls(Section tls) {
        var read = new NodeTls(tls.file("ca"), tls.flag("insecure"));
        tls.done();
        if (read.insecure() && tls.text("ca").isPresent()) {
            tls.problem("insecure", "expected either ca, or insecure = true");
        } else if (read.insecure()) {
            tls.warn("insecure", "true trusts anybody who answers there; node-tls.ca is safer");
        }
        return read;
    }

    // Writes.

    private static Writes writes(Section writes) {
        var read =
                new Writes(
                        writes.choice(
                                "answer",
                                Map.of(
                                        "first",
                                        AnswerRule.FIRST,
                                        "majority",
                                        AnswerRule.MAJORITY,
                                        "all",
                                        AnswerRule.ALL),
                                AnswerRule.MAJORITY),
                        writes.choice(
                                "durability",
                                Map.of(
                                        "fsync",
                                        Durability.FSYNC,
                                        "os",
                                        Durability.OS,
                                        "memory",
                                        Durability.MEMORY),
                                Durability.FSYNC),
                        time(writes, "timeout", TENTH, Duration.ofMinutes(10)),
                        writes.flag("compare-bodies"),
                        writes.flag("read-out-of-step"),
                        writes.flag("park-refused"),
                        time(writes, "refused-for", Duration.ZERO, Duration.ofDays(30)),
                        time(writes, "first-pause", Duration.ofMillis(1), MINUTE),
                        time(writes, "longest-pause", Duration.ofMillis(1), HOUR),
                        writes.number("in-flight", 1, 1000),
                        time(writes, "keys-live", SECOND, Duration.ofDays(30)));
        writes.done();
        if (read.longestPause().compareTo(read.firstPause()) < 0) {
            writes.problem("longest-pause", "expected at least first-pause");
        }
        return read;
    }

    // Health.

    private static Health health(Section health) {
        var read =
                new Health(
                        time(health, "every", Duration.ofMillis(50), HOUR),
                        time(health, "timeout", Duration.ofMillis(10), MINUTE),
                        health.text("path", PATH, "a path with a slash first, without blanks")
                                .orElse("/"),
                        pattern(health),
                        health.number("rise", 1, 100),
                        health.number("fall", 1, 100));
        health.done();
        return read;
    }

    /// One that cannot be used would otherwise show at the first check.
    private static Optional<Pattern> pattern(Section health) {
        Optional<String> text = health.text("pattern");
        try {
            return text.map(Pattern::compile);
        } catch (PatternSyntaxException e) {
            health.problem(
                    "pattern",
                    "expected a regular expression, found "
                            + Section.quoted(text.orElse(""))
                            + ": "
                            + e.getDescription()
                            + (e.getIndex() < 0 ? "" : " at character " + (e.getIndex() + 1)));
            return Optional.empty();
        }
    }

    // The control API.

    private static Control control(Section control) {
        var read =
                new Control(
                        control.flag("enabled"),
                        at(control, "listen", CONTROL_PORT),
                        HttpReader.tls(control.section("tls"), "password"),
                        time(control, "token-life", SECOND, Duration.ofDays(365)),
                        LdapReader.read(control.section("ldap")));
        control.done();
        return read;
    }

    /// Whoever may change the nodes decides where the writes go.
    ///
    /// @param settings the whole, as the tokens of `http` count here as well
    static void beyondLoopback(ReplicaSettings settings, HttpSettings http, Section replica) {
        Control control = settings.control();
        String host = control.listen().host();
        if (!control.enabled() || Loopback.is(host)) {
            return;
        }
        Section block = replica.section("control");
        if (control.ldap().isEmpty() && http.tokens().isEmpty()) {
            block.problem(
                    "listen",
                    host
                            + " is not loopback, so everybody could change the nodes: expected"
                            + " http.tokens or replica.control.ldap as well");
        }
        if (control.tls().isEmpty()) {
            block.warn(
                    "listen",
                    "not loopback and no replica.control.tls: tokens and passwords can be read on"
                            + " the way");
        }
    }

    // The rest.

    private static Limits limits(Section limits) {
        var read =
                new Limits(
                        bytes(limits, "body", 1 << 10, 1L << 40, "1k to 1T"),
                        (int) bytes(limits, "memory-body", 0, 64 << 20, "0 to 64M"),
                        (int) bytes(limits, "answer", 1 << 10, 1 << 30, "1k to 1G"),
                        (int) bytes(limits, "header", 1 << 10, 1 << 20, "1k to 1M"),
                        limits.number("queue-writes", 1, 100_000_000),
                        limits.number("connections", 1, 1_000_000),
                        limits.number("node-connections", 1, 65_535),
                        limits.number("under-way", 1, 1_000_000),
                        limits.number("parked", 0, 1_000_000),
                        time(limits, "idle-timeout", TENTH, DAY),
                        time(limits, "node-timeout", TENTH, HOUR));
        limits.done();
        return read;
    }

    private static long bytes(Section limits, String key, long min, long max, String range) {
        long bytes = limits.bytes(key);
        if (bytes < min || bytes > max) {
            limits.problem(key, "expected a size from " + range);
            return min;
        }
        return bytes;
    }

    static Duration time(Section section, String key, Duration least, Duration most) {
        Duration time = section.duration(key, least);
        if (time.compareTo(most) > 0) {
            section.problem(key, "expected at most " + most.toSeconds() + "s");
            return most;
        }
        return time;
    }
}
