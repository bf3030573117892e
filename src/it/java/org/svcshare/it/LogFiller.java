package org.svcshare.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;

/// Asks for locks with as many words as fit into the log of a group, so that it gets long soon. The
/// table then finds them too long.
final class LogFiller implements AutoCloseable {
    private static final int WRITERS = 12;
    private static final byte[] BODY =
            "{\"holder\":\"%s\",\"reason\":\"%s\"}"
                    .formatted("€".repeat(1000), "€".repeat(1000))
                    .getBytes(UTF_8);
    private static final Duration LIMIT = Duration.ofSeconds(3);
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicLong writtenBytes = new AtomicLong();
    private volatile boolean over;

    LogFiller(List<URI> nodes) {
        for (int i = 0; i < WRITERS; i++) {
            URI node = nodes.get(i % nodes.size());
            threads.execute(() -> write(node));
        }
    }

    private void write(URI node) {
        var request =
                HttpRequest.newBuilder(node.resolve("/api/v1/pools/filled/locks"))
                        .timeout(LIMIT)
                        .POST(BodyPublishers.ofByteArray(BODY))
                        .build();
        while (!over) {
            try {
                http.send(request, BodyHandlers.discarding());
                writtenBytes.addAndGet(BODY.length);
            } catch (IOException _) {
                // The node is not there just now, or says nothing.
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /// Waits until as much was written, perhaps more than once.
    void await(long bytes) {
        Awaitility.await("much is written")
                .atMost(LONGEST)
                .until(() -> writtenBytes.get() >= bytes);
    }

    @Override
    public void close() {
        over = true;
        threads.close();
        http.close();
    }
}
