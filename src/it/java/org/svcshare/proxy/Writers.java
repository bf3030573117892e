package org.svcshare.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.svcshare.config.Endpoint;
import org.svcshare.proxy.Copies.Applied;

/// Clients that write through one address at the same time, each one write after the other, and
/// what they were answered. No two bodies are alike.
///
/// A client whose writes have keys repeats one until it knows what became of it; one whose writes
/// have none goes on to the next.
final class Writers implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final URI at;
    private final int clients;
    private final What what;
    private final boolean keyed;
    private final String name = Long.toHexString(System.nanoTime());
    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(LIMIT)
                    .build();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> working = new ArrayList<>();
    private final int[] numbers;
    private final AtomicInteger left = new AtomicInteger();
    private final Queue<Write> sent = new ConcurrentLinkedQueue<>();
    private final Queue<Answered> answered = new ConcurrentLinkedQueue<>();
    private final Map<String, AtomicInteger> troubles = new ConcurrentHashMap<>();

    /// What a client asks for.
    interface What {
        /// @param body begins what is sent and is like no other
        Request request(int client, int number, String body);
    }

    record Request(String method, String target, String body) {}

    /// One write, once or repeated.
    ///
    /// @param key empty for none
    record Write(int client, int number, Request request, String key) {}

    /// @param status below 500
    /// @param took from when it was first sent
    record Answered(Write write, int status, Duration took) {
        /// Whether the client may rely on it.
        boolean acknowledged() {
            return status < 300;
        }
    }

    private Writers(Endpoint at, int clients, What what, boolean keyed) {
        this.at = URI.create("http://" + at);
        this.clients = clients;
        this.what = what;
        this.keyed = keyed;
        numbers = new int[clients];
    }

    static Writers with(Endpoint at, int clients, What what) {
        return new Writers(at, clients, what, false);
    }

    /// Each write has its own `Idempotency-Key`.
    static Writers withKeys(Endpoint at, int clients, What what) {
        return new Writers(at, clients, what, true);
    }

    // What they may ask for.

    /// All at the end of one item.
    static What appending(String item) {
        return (client, number, body) -> new Request("PATCH", "/items/" + item, body);
    }

    /// Items of their own.
    static What putting() {
        return (client, number, body) ->
                new Request("PUT", "/items/" + client + "-" + number, body);
    }

    /// Items whose names the application makes.
    static What posting() {
        return (client, number, body) -> new Request("POST", "/items", body);
    }

    /// The same, of so many bytes.
    static What posting(int bytes) {
        return (client, number, body) ->
                new Request("POST", "/items", body + "x".repeat(bytes - body.length()));
    }

    /// Each in turn, and now and then an item goes.
    static What mixed() {
        return (client, number, body) ->
                switch (number % 5) {
                    case 0 -> new Request("PUT", "/items/" + client, body);
                    case 1, 2 -> new Request("PATCH", "/items/" + client, body);
                    case 3 -> new Request("POST", "/items?of=" + client, body);
                    default -> new Request("DELETE", "/items/" + client, body);
                };
    }

    // Their work.

    /// Writes so many in all, and returns when each is settled.
    void run(int count) throws InterruptedException {
        start(count);
        finish();
    }

    /// Begins to write; until [#stop].
    void start() {
        start(Integer.MAX_VALUE);
    }

    private void start(int count) {
        left.set(count);
        for (int i = 0; i < clients; i++) {
            int number = i;
            working.add(threads.submit(() -> work(number)));
        }
    }

    /// Ends what [#start()] began, and returns when each write is settled.
    void stop() throws InterruptedException {
        left.set(0);
        finish();
    }

    private void finish() throws InterruptedException {
        try {
            for (Future<?> future : working) {
                future.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } finally {
            working.clear();
        }
    }

    private Void work(int client) throws InterruptedException {
        while (left.getAndUpdate(count -> Math.max(0, count - 1)) > 0) {
            int number = numbers[client]++;
            String id = name + "-" + client + "-" + number;
            var write =
                    new Write(
                            client,
                            number,
                            what.request(client, number, id + ";"),
                            keyed ? id : "");
            sent.add(write);
            settle(write);
        }
        return null;
    }

    private void settle(Write write) throws InterruptedException {
        long began = System.nanoTime();
        while (true) {
            String trouble;
            try {
                int status = send(write);
                // 202 says that it is kept, and not what becomes of it.
                if (status < 500 && (status != 202 || write.key().isEmpty())) {
                    var took = Duration.ofNanos(System.nanoTime() - began);
                    answered.add(new Answered(write, status, took));
                    return;
                }
                trouble = "status " + status;
            } catch (IOException e) {
                trouble = e.getClass().getSimpleName();
            }
            troubles.computeIfAbsent(trouble, _ -> new AtomicInteger()).incrementAndGet();
            if (write.key().isEmpty()) {
                return;
            }
            if (System.nanoTime() - began > LIMIT.toNanos()) {
                throw new AssertionError(write + " is not settled; " + this);
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        }
    }

    /// Once more, or for the first time.
    int send(Write write) throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(at.resolve(write.request().target()))
                        .timeout(LIMIT)
                        .method(
                                write.request().method(),
                                BodyPublishers.ofString(write.request().body()));
        if (!write.key().isEmpty()) {
            request.header("Idempotency-Key", write.key());
        }
        return client.send(request.build(), BodyHandlers.discarding()).statusCode();
    }

    // What they know.

    Collection<Answered> answered() {
        return List.copyOf(answered);
    }

    /// Those that may be relied on.
    List<Write> acknowledged() {
        return answered.stream().filter(Answered::acknowledged).map(Answered::write).toList();
    }

    /// How many were answered so far.
    int count() {
        return answered.size();
    }

    /// Waits until so many are answered.
    void awaitMore(int count) {
        await("writes are answered; " + this).atMost(LIMIT).until(() -> count() >= count);
    }

    /// The digests of all that was sent, whatever became of it.
    Set<String> sent() {
        return sent.stream()
                .map(write -> digest(write.request().body()))
                .collect(Collectors.toSet());
    }

    Duration slowest() {
        return answered.stream().map(Answered::took).max(Duration::compareTo).orElse(Duration.ZERO);
    }

    /// How many answers there were of each status.
    Map<Integer, Long> statuses() {
        return answered.stream()
                .collect(Collectors.groupingBy(Answered::status, Collectors.counting()));
    }

    /// Every acknowledged write is in the log, once, and those of one client in the order in which
    /// it made them; what was refused is not there, and nothing twice.
    ///
    /// @param where for messages
    void assertKept(List<Applied> log, String where) {
        var places = new HashMap<String, Integer>();
        for (int i = 0; i < log.size(); i++) {
            Integer before = places.putIfAbsent(log.get(i).digest(), i);
            if (before != null) {
                fail(where + ": " + log.get(i) + " at " + before + " and again at " + i);
            }
        }
        int[] last = new int[clients];
        Arrays.fill(last, -1);
        for (Answered each : answered) {
            Write write = each.write();
            Integer place = places.get(digest(write.request().body()));
            if (!each.acknowledged()) {
                assertEquals(null, place, where + ": refused, but done: " + each);
                continue;
            }
            if (place == null) {
                throw new AssertionError(
                        where + ": lost " + each + "; has " + log.size() + "; " + this);
            }
            assertTrue(
                    place > last[write.client()],
                    where + ": " + each + " is at " + place + ", after a later one");
            last[write.client()] = place;
        }
    }

    static String digest(String body) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(body.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public String toString() {
        return "%d clients sent %d writes; answers %s, troubles %s, slowest %s"
                .formatted(clients, sent.size(), statuses(), troubles, slowest());
    }

    @Override
    public void close() {
        left.set(0);
        threads.shutdownNow();
        client.shutdownNow();
    }
}
