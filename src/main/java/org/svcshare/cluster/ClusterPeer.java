package org.svcshare.cluster;

import java.io.IOException;

/// One node of a group, as every node of it knows it.
///
/// @param id its name in the group; at most 60 letters, digits and dashes
/// @param host where the others reach it
/// @param raftPort where the log's entries come in, over gRPC
/// @param handoverPort where a node that does not lead hands operations to the one that does
public record ClusterPeer(String id, String host, int raftPort, int handoverPort) {
    private static final int MAX_PORT = 65_535;

    public ClusterPeer {
        if (!id.matches("[A-Za-z0-9-]{1,60}")) {
            throw new IllegalArgumentException("no name of a node: " + id);
        }
        if (host.isBlank()) {
            throw new IllegalArgumentException("node " + id + " has no host");
        }
        if (wrong(raftPort) || wrong(handoverPort) || raftPort == handoverPort) {
            throw new IllegalArgumentException(
                    "node " + id + " needs two ports of its own from 1 to " + MAX_PORT);
        }
    }

    /// A node as people name it: what is handed over comes in one port above.
    public static ClusterPeer at(String id, String host, int port) {
        return new ClusterPeer(id, host, port, port + 1);
    }

    IOException cannotListen(int port, IOException why) {
        return new IOException(
                "port " + port + " of " + host + " cannot be listened on: " + why.getMessage(),
                why);
    }

    private static boolean wrong(int port) {
        return port < 1 || port > MAX_PORT;
    }
}
