package org.svcshare.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.svcshare.config.GroupSettings.Node;
import org.svcshare.config.GroupSettings.Tls;

/// Reads the `cluster` block.
final class GroupReader {
    private static final Pattern GROUP = Pattern.compile("[!-~]{1,100}");
    private static final Pattern NODE = Pattern.compile("[A-Za-z0-9-]{1,60}");
    private static final String NODE_EXPECTED = "1 to 60 letters, digits and dashes";
    private static final Pattern PRIORITY = Pattern.compile("off|[1-9]|1[0-4]");
    private static final Duration SHORTEST_ELECTION = Duration.ofMillis(50);
    private static final Duration LONGEST_ELECTION = Duration.ofSeconds(10);
    private static final Duration LONGEST_GRACE = Duration.ofHours(1);
    private static final int MOST_NODES = 15;
    private static final int LAST_PORT = 65_534;

    private final Section cluster;
    private final Path stateFolder;
    private final Map<String, String> environment;

    GroupReader(Section cluster, Path stateFolder, Map<String, String> environment) {
        this.cluster = cluster;
        this.stateFolder = stateFolder;
        this.environment = environment;
    }

    /// @param wanted whether the pools are kept by a group at all
    Optional<GroupSettings> read(boolean wanted) {
        List<Node> peers = peers();
        var join = new ArrayList<Endpoint>();
        for (String text : cluster.texts("join")) {
            cluster.endpoint("join", text, 1, 0).ifPresent(join::add);
        }
        Optional<String> node = cluster.text("node", NODE, NODE_EXPECTED);
        boolean misnamed = cluster.text("node").isPresent() && node.isEmpty();
        boolean plain = cluster.flag("plain");
        Section tls = cluster.section("tls");
        Optional<Tls> certificates = certificates(tls, "this node's");
        var settings =
                new GroupSettings(
                        cluster.text("name", GROUP, "1 to 100 visible ASCII characters")
                                .orElse("svcshare"),
                        node.orElseGet(() -> wanted ? derivedNode() : ""),
                        peers,
                        join,
                        folder(),
                        time("election-timeout", SHORTEST_ELECTION, LONGEST_ELECTION),
                        time("leader-grace", Duration.ZERO, LONGEST_GRACE),
                        priority(),
                        certificates);
        cluster.done();
        if (!wanted) {
            if (!cluster.isDefault("peers")) {
                cluster.warn("peers", "not used, as pools.engine is not cluster");
            }
            return Optional.empty();
        }
        // What is missing because it could not be read was told already.
        if (peers.size() == cluster.texts("peers").size() && !misnamed) {
            members(settings);
        }
        trust(settings, plain, !tls.isDefault("certificate") || !tls.isDefault("ca"));
        return Optional.of(settings);
    }

    // Who belongs to it.

    private List<Node> peers() {
        var peers = new ArrayList<Node>();
        var names = new HashMap<String, Endpoint>();
        var taken = new HashMap<Endpoint, String>();
        for (String text : cluster.texts("peers")) {
            int equals = text.indexOf('=');
            String name = text.substring(0, Math.max(equals, 0)).strip();
            if (!NODE.matcher(name).matches()) {
                cluster.problem(
                        "peers",
                        "expected NAME=HOST:PORT with a name of "
                                + NODE_EXPECTED
                                + ", found "
                                + Section.quoted(text));
                continue;
            }
            Optional<Endpoint> at =
                    cluster.endpoint("peers", text.substring(equals + 1).strip(), 1, 0);
            if (at.isEmpty()) {
                continue;
            }
            if (at.get().port() > LAST_PORT) {
                cluster.problem(
                        "peers",
                        "expected a port up to " + LAST_PORT + ", as the next one is used as well");
            } else if (names.put(name, at.get()) != null) {
                cluster.problem("peers", "expected each name once, found twice " + name);
            } else {
                var node = new Node(name, at.get());
                for (Endpoint port : List.of(node.at(), node.handover())) {
                    String other = taken.putIfAbsent(port, name);
                    if (other != null) {
                        cluster.problem(
                                "peers",
                                port
                                        + " is taken by "
                                        + other
                                        + " already: expected two ports for each node, PORT and"
                                        + " PORT + 1");
                    }
                }
                peers.add(node);
            }
        }
        return peers;
    }

    private void members(GroupSettings settings) {
        int count = settings.peers().size();
        String names = settings.peers().stream().map(Node::name).collect(Collectors.joining(", "));
        if (count == 0) {
            cluster.problem(
                    "peers",
                    "expected the nodes of the group, for instance [\"n1=10.0.0.1:7440\","
                            + " \"n2=10.0.0.2:7440\", \"n3=10.0.0.3:7440\"], found none");
        } else if (count > MOST_NODES) {
            cluster.problem("peers", "expected at most " + MOST_NODES + " nodes, found " + count);
        } else if (settings.peers().stream().noneMatch(n -> n.name().equals(settings.node()))) {
            cluster.problem(
                    "node",
                    "expected a name of cluster.peers ("
                            + names
                            + "), found "
                            + Section.quoted(settings.node())
                            + (cluster.text("node").isEmpty() ? ", the name of this machine" : ""));
        } else if (count % 2 == 0 && settings.join().isEmpty()) {
            cluster.warn(
                    "peers",
                    count
                            + " nodes bear the loss of no more than "
                            + (count - 1)
                            + " do: an odd number is better");
        }
    }

    /// The first part of the machine's name, as names of nodes have no dots.
    private String derivedNode() {
        String host = environment.getOrDefault("HOSTNAME", "");
        if (host.isEmpty()) {
            try {
                host = InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException e) {
                // It has a name all the same, which stands before the reason.
                host = String.valueOf(e.getMessage()).split(":", 2)[0];
            }
        }
        return cluster.derived("node", host.split("\\.", 2)[0]);
    }

    // Whom it believes.

    /// Reads the block to its end.
    ///
    /// @param whose for messages
    static Optional<Tls> certificates(Section tls, String whose) {
        Optional<Path> ca = tls.file("ca");
        Optional<HttpSettings.Tls> own = HttpReader.tls(tls, "certificate-password");
        boolean caSaid = tls.text("ca").isPresent();
        if (own.isPresent() && !caSaid) {
            tls.problem("ca", "expected a PEM file of the group's authority, found nothing");
        } else if (caSaid && tls.text("certificate").isEmpty()) {
            tls.problem("certificate", "expected " + whose + " certificate as well, found nothing");
        }
        return own.isPresent() && ca.isPresent()
                ? Optional.of(new Tls(own.get(), ca.get()))
                : Optional.empty();
    }

    /// @param begun whether there is a certificate in the settings, be it one that cannot be used
    private void trust(GroupSettings settings, boolean plain, boolean begun) {
        Optional<String> beyond =
                settings.peers().stream()
                        .map(peer -> peer.at().host())
                        .filter(host -> !Loopback.is(host))
                        .findFirst();
        if (plain && begun) {
            cluster.warn("plain", "has no effect, as cluster.tls is set");
        } else if (plain && beyond.isPresent()) {
            cluster.warn(
                    "plain", "whoever reaches the ports of the nodes may take and end all locks");
        } else if (beyond.isPresent() && !begun) {
            cluster.problem(
                    "peers",
                    beyond.get()
                            + " is not loopback, so anybody could pass for a node: expected"
                            + " cluster.tls.certificate and cluster.tls.ca as well, or plain ="
                            + " true on a network where you trust everybody");
        }
    }

    // The rest.

    private Path folder() {
        return cluster.text("folder").isPresent()
                ? cluster.resolve("folder", cluster.text("folder").get())
                : cluster.derived("folder", stateFolder.resolve("cluster"));
    }

    private OptionalInt priority() {
        String priority =
                cluster.text("priority", PRIORITY, "a number from 1 to 14, or off").orElse("14");
        return priority.equals("off")
                ? OptionalInt.empty()
                : OptionalInt.of(Integer.parseInt(priority));
    }

    private Duration time(String key, Duration least, Duration most) {
        Duration time = cluster.duration(key, least);
        if (time.compareTo(most) > 0) {
            cluster.problem(key, "expected at most " + most.toSeconds() + "s");
            return most;
        }
        return time;
    }
}
