package org.svcshare.daemon;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.time.Duration;
import org.svcshare.cluster.ClusterEngine;
import org.svcshare.cluster.ClusterPeer;
import org.svcshare.cluster.ClusterSettings;
import org.svcshare.cluster.PeerSockets;
import org.svcshare.cluster.PeerTls;
import org.svcshare.config.Endpoint;
import org.svcshare.config.GroupSettings;
import org.svcshare.config.Loopback;
import org.svcshare.pool.GroupChange;
import org.svcshare.pool.TableRules;

/// Makes of the settings what the room `cluster` wants to know.
final class GroupStart {
    /// What does not say how long it waits is kept for so long while the group has no leader.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final long SNAPSHOT_EVERY = 100_000;

    private GroupStart() {}

    /// @throws IOException when this machine cannot be this node; the message is for people
    static ClusterEngine start(GroupSettings group, TableRules rules) throws IOException {
        reachable(group);
        Files.createDirectories(group.folder());
        return ClusterEngine.start(settings(group), rules);
    }

    static ClusterSettings settings(GroupSettings group) throws IOException {
        return new ClusterSettings(
                ClusterSettings.group(group.name()),
                group.node(),
                group.peers().stream().map(GroupStart::peer).toList(),
                group.folder(),
                group.electionTimeout(),
                group.leaderGrace(),
                PATIENCE,
                SNAPSHOT_EVERY,
                sockets(group),
                group.join().stream().map(GroupStart::handover).toList(),
                group.priority().orElse(GroupChange.OFF),
                group.name());
    }

    /// Where a node is asked that is named by its port for the log.
    private static InetSocketAddress handover(Endpoint seed) {
        return InetSocketAddress.createUnresolved(seed.host(), seed.port() + 1);
    }

    private static ClusterPeer peer(GroupSettings.Node node) {
        return new ClusterPeer(
                node.name(), node.at().host(), node.at().port(), node.handover().port());
    }

    static PeerSockets sockets(GroupSettings group) throws IOException {
        return group.tls().isPresent()
                ? PeerTls.of(group.tls().get(), group.self().at().host())
                : PeerSockets.plain();
    }

    /// Many systems know their own name as a loopback address, and would listen there alone.
    static void reachable(GroupSettings group) throws IOException {
        Endpoint self = group.self().at();
        try {
            boolean hidden =
                    InetAddress.getByName(self.host()).isLoopbackAddress()
                            && !Loopback.is(self.host());
            if (hidden && group.peers().stream().anyMatch(GroupStart::elsewhere)) {
                throw new IOException(
                        "cluster.peers: "
                                + self.host()
                                + " is a loopback address on this machine (/etc/hosts), where the"
                                + " other nodes cannot reach it: expected its address");
            }
        } catch (UnknownHostException e) {
            throw new IOException("cluster.peers: " + self + ": there is no host of that name", e);
        }
    }

    private static boolean elsewhere(GroupSettings.Node peer) {
        try {
            return !InetAddress.getByName(peer.at().host()).isLoopbackAddress();
        } catch (UnknownHostException _) {
            return true;
        }
    }
}
