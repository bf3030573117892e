package org.svcshare.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.svcshare.config.Endpoint;
import org.svcshare.lock.Stop;

/// Clients that write through the proxy, each one write after the other. A write has a key of its
/// own, and is repeated with it until it is known what became of it. Thread-safe.
final class SampleWriters {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long PACE_MS = 10;
    private static final long PAUSE_MS = 100;

    private final URI proxy;
    private final HttpClient client;
    private final Stop stop = new Stop();
    private final List<String> acknowledged = new ArrayList<>();
    private long repeats;
    private long slowestNanos;

    SampleWriters(Endpoint proxy, HttpClient client) {
        this.proxy = URI.create("http://" + proxy);
        this.client = client;
    }

    void start(int clients, Executor threads) {
        for (int i = 1; i <= clients; i++) {
            String name = "client-" + i;
            threads.execute(() -> work(name));
        }
    }

    /// What is under way is still answered.
    void stop() {
        stop.pull();
    }

    private void work(String name) {
        for (int number = 0; !stop.pulled(); number++) {
            String key = name + "-" + number;
            String item = "/items/" + name;
            switch (number % 5) {
                case 0 -> settle(key, "PUT", item, key);
                case 1, 2 -> settle(key, "PATCH", item, ", " + key);
                case 3 -> settle(key, "POST", "/items", key);
                default -> settle(key, "DELETE", item, "");
            }
            stop.rest(PACE_MS);
        }
    }

    private void settle(String key, String method, String target, String body) {
        long began = System.nanoTime();
        var request =
                HttpRequest.newBuilder(proxy.resolve(target))
                        .timeout(PATIENCE)
                        .header("Idempotency-Key", key)
                        .method(method, BodyPublishers.ofString(body))
                        .build();
        try {
            do {
                int status = send(request);
                if (status < 500) {
                    answered(key, status, System.nanoTime() - began);
                    return;
                }
                repeated();
            } while (stop.rest(PAUSE_MS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return the status; 503 when there is no answer
    private int send(HttpRequest request) throws InterruptedException {
        try {
            return client.send(request, BodyHandlers.discarding()).statusCode();
        } catch (IOException _) {
            return 503;
        }
    }

    private synchronized void answered(String key, int status, long tookNanos) {
        if (status < 300) {
            acknowledged.add(key);
        }
        slowestNanos = Math.max(slowestNanos, tookNanos);
    }

    private synchronized void repeated() {
        repeats++;
    }

    /// The keys of all writes that the clients may rely on.
    synchronized List<String> acknowledged() {
        return List.copyOf(acknowledged);
    }

    synchronized int count() {
        return acknowledged.size();
    }

    /// How often a write had to be repeated.
    synchronized long repeats() {
        return repeats;
    }

    /// The longest that an answer took since the last time this was asked.
    synchronized Duration slowest() {
        var slowest = Duration.ofNanos(slowestNanos);
        slowestNanos = 0;
        return slowest;
    }
}
