package org.svcshare.proxy;

import io.netty.channel.EventLoop;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.replica.NodeAddress;

/// The connections that writes go over, one a node. For the thread that owns the replicas.
final class NodeLinks {
    private final ReplicaSettings settings;
    private final EventLoop loop;
    private final NodeConnector connector;
    private final Spool spool;
    private final Map<NodeAddress, NodeLink> links = new HashMap<>();
    private @Nullable ReplicaLoop owner;

    NodeLinks(ReplicaSettings settings, EventLoop loop, NodeConnector connector, Spool spool) {
        this.settings = settings;
        this.loop = loop;
        this.connector = connector;
        this.spool = spool;
    }

    void of(ReplicaLoop loopOwner) {
        owner = loopOwner;
    }

    NodeLink to(NodeAddress node, boolean tls) {
        NodeLink link = links.get(node);
        if (link == null || link.tls() != tls) {
            recall(node);
            ReplicaLoop tell = owner;
            if (tell == null) {
                throw new IllegalStateException("nobody owns the links");
            }
            link = new NodeLink(node, tls, settings, loop, connector, spool, tell);
            links.put(node, link);
        }
        return link;
    }

    /// Closes a node's connection; what was sent over it and not answered is not reported.
    void recall(NodeAddress node) {
        NodeLink link = links.remove(node);
        if (link != null) {
            link.close();
        }
    }

    /// Looks for nodes that are too slow to answer.
    void sweep() {
        for (NodeLink link : List.copyOf(links.values())) {
            link.sweep();
        }
    }

    void close() {
        List.copyOf(links.keySet()).forEach(this::recall);
    }
}
