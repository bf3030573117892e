package org.svcshare.it;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.svcshare.history.LockEvent;
import org.svcshare.history.LockEvent.Kind;
import org.svcshare.pool.RequestId;
import tools.jackson.databind.json.JsonMapper;

/// A client of the lock pools that never gives up: it repeats a request under the same id until it
/// has an answer, whatever happens to the server, and notes what it saw.
final class LockUser {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final int RETRY_MS = 20;

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<URI> servers;
    private final Duration patience;
    private final String pool;
    private final List<LockEvent> history;
    private int at;
    private int lost;

    LockUser(int port, String pool, List<LockEvent> history) {
        this(List.of(URI.create("http://127.0.0.1:" + port)), LIMIT, pool, history);
    }

    /// @param servers that answer for the same pools: when one fails the next is asked
    /// @param patience how long one of them may take to answer
    LockUser(List<URI> servers, Duration patience, String pool, List<LockEvent> history) {
        this.servers = List.copyOf(servers);
        this.patience = patience;
        this.pool = pool;
        this.history = history;
        at = ThreadLocalRandom.current().nextInt(servers.size());
    }

    static List<LockEvent> history() {
        return new CopyOnWriteArrayList<>();
    }

    /// How often a ticket that had been told was unknown later.
    int lost() {
        return lost;
    }

    /// Takes the lock and gives it back, again and again.
    void use(BooleanSupplier goOn) throws IOException, InterruptedException {
        var random = ThreadLocalRandom.current();
        while (goOn.getAsBoolean()) {
            RequestId id = id();
            if (acquire(id, random.nextInt(4) == 0 ? "0" : "60s", LONG)) {
                Thread.sleep(random.nextInt(8));
                release(id);
            }
        }
    }

    /// Takes the lock, lets its lease end, and takes it again.
    ///
    /// @return how long that took
    Duration letEnd(Duration lease) throws IOException, InterruptedException {
        RequestId first = id();
        long began = System.nanoTime();
        if (!acquire(first, "60s", lease)) {
            throw new AssertionError(pool + " is busy");
        }
        long end = began + lease.toNanos();
        history.add(new LockEvent(first.text(), Kind.PERHAPS_EXPIRED, 0, end, Long.MAX_VALUE));
        RequestId next = id();
        if (!acquire(next, "60s", LONG)) {
            throw new AssertionError(pool + " stays busy");
        }
        Duration lasted = Duration.ofNanos(System.nanoTime() - began);
        release(next);
        return lasted;
    }

    private static RequestId id() {
        var random = ThreadLocalRandom.current();
        return new RequestId(random.nextLong(), random.nextLong());
    }

    private boolean acquire(RequestId id, String wait, Duration lease)
            throws IOException, InterruptedException {
        String body =
                "{\"id\":\"%s\",\"wait\":\"%s\",\"ttl\":\"%ds\"}"
                        .formatted(id.text(), wait, lease.toSeconds());
        long began = System.nanoTime();
        var answer =
                ask(
                        "",
                        request ->
                                request.header("Content-Type", "application/json")
                                        .POST(BodyPublishers.ofString(body)));
        long ended = System.nanoTime();
        switch (answer.statusCode()) {
            case 200, 201 -> {
                long fence = JSON.readTree(answer.body()).path("fence").asLong();
                history.add(new LockEvent(id.text(), Kind.ACQUIRED, fence, began, ended));
                return true;
            }
            case 409 -> history.add(new LockEvent(id.text(), Kind.BUSY, 0, began, ended));
            default ->
                    throw new AssertionError(
                            pool + ": acquire answered " + answer.statusCode() + answer.body());
        }
        return false;
    }

    private void release(RequestId id) throws IOException, InterruptedException {
        long began = System.nanoTime();
        var answer = ask("/" + id.text(), HttpRequest.Builder::DELETE);
        long ended = System.nanoTime();
        if (answer.statusCode() != 204) {
            lost++;
            throw new AssertionError(
                    pool + ": release answered " + answer.statusCode() + answer.body());
        }
        history.add(new LockEvent(id.text(), Kind.RELEASED, 0, began, ended));
    }

    /// Repeats until a server answers for good.
    private HttpResponse<String> ask(String target, UnaryOperator<HttpRequest.Builder> method)
            throws IOException, InterruptedException {
        long until = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            URI asked = servers.get(at).resolve("/api/v1/pools/" + pool + "/locks" + target);
            var request =
                    HttpRequest.newBuilder(asked)
                            .header("Authorization", "Bearer " + GroupNode.TOKEN)
                            .timeout(patience);
            try {
                var answer = http.send(method.apply(request).build(), BodyHandlers.ofString());
                if (answer.statusCode() != 503) {
                    return answer;
                }
            } catch (IOException e) {
                if (System.nanoTime() > until) {
                    throw e;
                }
            }
            at = (at + 1) % servers.size();
            Thread.sleep(RETRY_MS);
        }
    }
}
