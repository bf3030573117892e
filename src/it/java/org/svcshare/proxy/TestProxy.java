package org.svcshare.proxy;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.svcshare.config.Endpoint;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodePatch;
import org.svcshare.replica.NodeState;
import org.svcshare.replica.NodeView;
import org.svcshare.replica.QueuedWrite;

/// A proxy in this process, its operator, and a client that reads.
final class TestProxy implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final ReplicaProxy proxy;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    TestProxy(ReplicaSettings settings) throws IOException {
        proxy = ReplicaProxy.start(settings);
    }

    Endpoint at() {
        return proxy.listening();
    }

    NodeView node(NodeAddress address) {
        return proxy.replicas().node(address).orElseThrow();
    }

    /// Whether it has every write and is to be read from.
    boolean inStep(NodeAddress address) {
        NodeView view = node(address);
        return view.state() == NodeState.IN_STEP && view.queueWrites() == 0 && view.readable();
    }

    /// What is in its queue, and what it parked.
    List<QueuedWrite> queue(NodeAddress address) {
        var queue = new CompletableFuture<Optional<List<QueuedWrite>>>();
        proxy.replicas().queue(address, 0, 1_000, queue::complete);
        return get(queue).orElseThrow();
    }

    void maintenance(NodeAddress address, boolean on) {
        change(new NodeChange.Put(address, NodePatch.maintenance(on)));
    }

    void change(NodeChange change) {
        var result = new CompletableFuture<NodeChange.Result>();
        proxy.replicas().change(change, result::complete);
        assertInstanceOf(NodeChange.Result.Done.class, get(result), change::toString);
    }

    /// Reads through the proxy.
    HttpResponse<String> read(String target) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://" + at() + target)).timeout(LIMIT);
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        try {
            proxy.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
