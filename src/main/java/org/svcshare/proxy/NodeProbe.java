package org.svcshare.proxy;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;

/// Asks nodes once how they are, as the proxy does while it runs.
public final class NodeProbe {
    private NodeProbe() {}

    /// Blocks until all have answered, or for a moment longer than the check's time limit.
    ///
    /// @param nodes those that are active are asked
    /// @return what is wrong with each that was asked; empty for one that is well
    /// @throws IOException when the certificates of the settings cannot be used; the message is for
    ///   people
    public static Map<NodeAddress, Optional<String>> ask(ReplicaSettings settings, List<Node> nodes)
            throws IOException, InterruptedException {
        List<Node> asked = nodes.stream().filter(Node::active).toList();
        var connector = new NodeConnector(settings);
        var once =
                new ReplicaSettings.Health(
                        settings.health().every(),
                        settings.health().timeout(),
                        settings.health().path(),
                        settings.health().pattern(),
                        1,
                        1);
        var found = new ConcurrentHashMap<NodeAddress, Optional<String>>();
        var all = new CountDownLatch(asked.size());
        var group =
                new MultiThreadIoEventLoopGroup(
                        1, new DefaultThreadFactory("probe", true), Transport.HERE.handlers());
        try {
            var checks =
                    new HealthChecks(
                            once,
                            group.next(),
                            connector,
                            (node, trouble) -> {
                                if (found.putIfAbsent(node, trouble) == null) {
                                    all.countDown();
                                }
                            });
            checks.nodes(asked);
            checks.start();
            Duration limit = settings.health().timeout().plusSeconds(1);
            if (!all.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                asked.forEach(node ->
                        found.putIfAbsent(node.address(), Optional.of("no answer in time")));
            }
            return Map.copyOf(found);
        } finally {
            var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}
