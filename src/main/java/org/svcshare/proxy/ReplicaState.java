package org.svcshare.proxy;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodePatch;
import org.svcshare.replica.Replicas;

/// What outlives a process, and who works with it. For the thread that starts and stops the proxy.
interface ReplicaState extends AutoCloseable {
    Duration PATIENCE = Duration.ofSeconds(30);

    ReplicaOwner owner();

    Spool spool();

    /// What applies to the connections of clients.
    ReplicaSettings settings();

    /// What a check found. Any thread.
    void health(NodeAddress node, Optional<String> trouble);

    /// Goes on; of a log that is new the nodes of the settings are taken.
    void begin(HealthChecks checks);

    /// Takes no more writes, and waits for those that are under way; what was written down stays.
    void stop(Duration limit);

    @Override
    void close();

    /// Makes nodes, and waits until they are there.
    static void takeNodes(List<Node> nodes, Replicas replicas) {
        if (nodes.isEmpty()) {
            return;
        }
        var done = new CountDownLatch(1);
        replicas.change(
                all(nodes),
                result -> {
                    if (!(result instanceof NodeChange.Result.Done)) {
                        LoggerFactory.getLogger(ReplicaState.class)
                                .error("the nodes of the settings were not taken: {}", result);
                    }
                    done.countDown();
                });
        try {
            if (!done.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                LoggerFactory.getLogger(ReplicaState.class)
                        .error("the nodes of the settings were not taken within {}", PATIENCE);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    static NodeChange all(List<Node> nodes) {
        var patches = new LinkedHashMap<NodeAddress, NodePatch>();
        for (Node node : nodes) {
            patches.put(node.address(), NodePatch.of(node));
        }
        return new NodeChange.PutAll(patches);
    }
}
