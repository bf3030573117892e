package org.svcshare.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import org.svcshare.pool.GroupChange;

/// What one node of a group has to know at its start.
///
/// @param group which group; nodes of another one are not spoken to
/// @param self the id of this node, one of `peers`
/// @param peers this node, and where it is one of the founders all of them. What a group has come
///   to since it began is in its log
/// @param folder a folder of its own on this node's disk
/// @param electionTimeout how long followers wait at least for a leader that is silent; 50 ms to 10
///   s. Twice as long at most
/// @param leaderGrace how long after a change of leader no lease ends, since nobody could renew
/// @param patience how long an operation waits for the group to have a leader; one that waits for a
///   lock waits as long as it would for that
/// @param snapshotEvery after how many entries of the log the table is written down
/// @param sockets how the connections between nodes are made
/// @param join which nodes are asked to let this one into their group, when its folder is empty:
///   where they take what is handed over. None: it begins together with `peers`
/// @param priority that it comes with: 1 to 14, the smaller the rather it leads, or
///   [GroupChange#OFF]
/// @param name what people call the group
public record ClusterSettings(
        UUID group,
        String self,
        List<ClusterPeer> peers,
        Path folder,
        Duration electionTimeout,
        Duration leaderGrace,
        Duration patience,
        long snapshotEvery,
        PeerSockets sockets,
        List<InetSocketAddress> join,
        int priority,
        String name) {
    private static final Duration SHORTEST = Duration.ofMillis(50);
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final int MOST_PEERS = 15;

    public ClusterSettings {
        peers = List.copyOf(peers);
        join = List.copyOf(join);
        var ids = new HashSet<String>();
        peers.forEach(peer -> ids.add(peer.id()));
        if (ids.size() != peers.size() || peers.size() > MOST_PEERS || !ids.contains(self)) {
            throw new IllegalArgumentException(
                    "a group has 1 to "
                            + MOST_PEERS
                            + " nodes of different names, and this one is one of them: "
                            + self
                            + " of "
                            + ids);
        }
        if (electionTimeout.compareTo(SHORTEST) < 0 || electionTimeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("an election timeout of " + electionTimeout);
        }
        if (leaderGrace.isNegative() || patience.isNegative() || snapshotEvery < 1) {
            throw new IllegalArgumentException("times and counts of a group are not below nothing");
        }
        if (priority < 1 || priority > GroupChange.OFF) {
            throw new IllegalArgumentException("a priority of " + priority);
        }
    }

    /// Which group a name means: the same on all its nodes.
    public static UUID group(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(UTF_8));
    }

    /// What suits small machines on one network.
    public static ClusterSettings usual(
            UUID group, String self, List<ClusterPeer> peers, Path folder) {
        return new ClusterSettings(
                group,
                self,
                peers,
                folder,
                Duration.ofMillis(300),
                Duration.ofSeconds(2),
                Duration.ofSeconds(10),
                100_000,
                PeerSockets.plain(),
                List.of(),
                GroupChange.USUAL,
                "svcshare");
    }

    /// The same for a group of this node alone.
    ClusterSettings alone(Path otherFolder) {
        return new ClusterSettings(
                group,
                self,
                List.of(me()),
                otherFolder,
                electionTimeout,
                leaderGrace,
                patience,
                snapshotEvery,
                sockets,
                List.of(),
                priority,
                name);
    }

    ClusterPeer peer(String id) {
        return peers.stream().filter(peer -> peer.id().equals(id)).findFirst().orElseThrow();
    }

    ClusterPeer me() {
        return peer(self);
    }

    List<ClusterPeer> others() {
        return peers.stream().filter(peer -> !peer.id().equals(self)).toList();
    }

    /// Where the others reach this node, for people.
    String address() {
        return new GroupChange.NewNode(self, me().host(), me().raftPort()).address();
    }
}
