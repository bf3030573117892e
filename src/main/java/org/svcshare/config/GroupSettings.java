package org.svcshare.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// This machine's node of a group that keeps the pools together; see `cluster` in `reference.conf`.
///
/// @param name which group
/// @param node the name of this node, one of `peers`
/// @param peers all nodes at the group's first start, this one too
/// @param join where to ask to be let in, if the group runs already; empty: it begins with `peers`
/// @param folder where this node keeps the group's log
/// @param electionTimeout how long a silent leader is waited for at least; 50 ms to 10 s
/// @param leaderGrace how long no lease ends after a change of leader; at most 1 h
/// @param priority who should lead: 1 before 14; empty: never this node
/// @param tls empty: connections between nodes are plain
public record GroupSettings(
        String name,
        String node,
        List<Node> peers,
        List<Endpoint> join,
        Path folder,
        Duration electionTimeout,
        Duration leaderGrace,
        OptionalInt priority,
        Optional<Tls> tls) {

    /// One node.
    ///
    /// @param at where the others reach it: on this port the log, on the next one what nodes hand
    ///   to the one that leads
    public record Node(String name, Endpoint at) {
        public Endpoint handover() {
            return new Endpoint(at.host(), at.port() + 1);
        }
    }

    /// @param own what this node shows, whoever connects to the other
    /// @param ca the authorities whose certificates make a node of this group, PEM
    public record Tls(HttpSettings.Tls own, Path ca) {}

    public Node self() {
        return peers.stream().filter(peer -> peer.name().equals(node)).findFirst().orElseThrow();
    }
}
