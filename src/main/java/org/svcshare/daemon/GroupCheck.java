package org.svcshare.daemon;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.svcshare.cluster.NodeFolder;
import org.svcshare.cluster.PeerSockets;
import org.svcshare.config.Endpoint;
import org.svcshare.config.GroupSettings;
import org.svcshare.config.GroupSettings.Node;

/// Could this machine be the node of the group that the settings say, and are the others there?
final class GroupCheck {
    private static final String SUBJECT = "cluster";
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final GroupSettings group;

    GroupCheck(GroupSettings group) {
        this.group = group;
    }

    List<Finding> look() {
        var findings = new ArrayList<Finding>();
        if (NodeFolder.inUse(group.folder())) {
            findings.add(
                    Finding.doubtful(
                            SUBJECT,
                            group.folder()
                                    + " is in use by a svcshare that runs; another node needs a"
                                    + " cluster.folder of its own"));
        } else {
            findings.add(folder());
            findings.add(ports());
        }
        findings.addAll(certificate());
        findings.addAll(others());
        return findings;
    }

    private Finding folder() {
        try {
            String what = "node " + group.node() + " of the group " + group.name();
            return PoolsCheck.writable(SUBJECT, "cluster.folder", group.folder(), what);
        } catch (IOException e) {
            return Finding.broken(SUBJECT, group.folder() + ": " + e.getMessage());
        }
    }

    private Finding ports() {
        Endpoint own = group.self().at();
        try {
            GroupStart.reachable(group);
            for (Endpoint port : List.of(own, group.self().handover())) {
                try (var socket = new ServerSocket()) {
                    socket.setReuseAddress(true);
                    socket.bind(
                            new InetSocketAddress(InetAddress.getByName(port.host()), port.port()));
                } catch (BindException e) {
                    return Finding.broken(
                            SUBJECT,
                            port
                                    + " cannot be listened on ("
                                    + e.getMessage()
                                    + "); end what has it, or set cluster.peers to another, on all"
                                    + " nodes");
                }
            }
            return Finding.well(SUBJECT, own + " and the port after it are free");
        } catch (IOException e) {
            return Finding.broken(SUBJECT, String.valueOf(e.getMessage()));
        }
    }

    private List<Finding> certificate() {
        return group.tls().stream()
                .map(tls ->
                        CertificateCheck.look(
                                tls.own(), "cluster.tls.certificate-password", Instant.now()))
                .toList();
    }

    private List<Finding> others() {
        try {
            PeerSockets sockets = GroupStart.sockets(group);
            return group.peers().stream()
                    .filter(peer -> !peer.name().equals(group.node()))
                    .map(peer -> call(sockets, peer))
                    .toList();
        } catch (IOException e) {
            return List.of(Finding.broken(SUBJECT, String.valueOf(e.getMessage())));
        }
    }

    private static Finding call(PeerSockets sockets, Node peer) {
        String who = peer.name() + " at " + peer.at();
        Endpoint at = peer.handover();
        try {
            InetAddress.getByName(at.host());
            try (Socket _ =
                    sockets.connect(
                            new InetSocketAddress(at.host(), at.port()),
                            (int) PATIENCE.toMillis())) {
                return Finding.well(SUBJECT, who + " answers");
            }
        } catch (UnknownHostException e) {
            return Finding.broken(SUBJECT, who + ": there is no host of that name");
        } catch (SSLException e) {
            return Finding.broken(
                    SUBJECT, who + " and this node do not believe each other: " + e.getMessage());
        } catch (IOException e) {
            return Finding.doubtful(
                    SUBJECT, who + " does not answer (does it run yet?): " + e.getMessage());
        }
    }
}
