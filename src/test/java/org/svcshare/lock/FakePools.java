package org.svcshare.lock;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Amounts;

/// The pools' API as far as a client can tell, in one small thing: mutexes, no journal.
public final class FakePools implements AutoCloseable {
    private final HttpServer server;
    private final Map<String, List<Ticket>> pools = new LinkedHashMap<>();
    private final Map<String, String> ended = new LinkedHashMap<>();
    private final Set<String> hosts = new HashSet<>();
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private long tickets;
    private final AtomicInteger failures = new AtomicInteger();
    private volatile String failure = "";
    private volatile boolean swallow;

    private static final class Ticket {
        final String id;
        final long number;
        final boolean shared;
        Duration ttl;
        @Nullable Instant until;
        boolean held;

        Ticket(String id, long number, boolean shared, Duration ttl) {
            this.id = id;
            this.number = number;
            this.shared = shared;
            this.ttl = ttl;
        }

        void grant() {
            held = true;
            until = ttl.isZero() ? null : Instant.now().plus(ttl);
        }
    }

    public FakePools() throws IOException {
        this(0);
    }

    public FakePools(int port) throws IOException {
        server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    public ServerAddress address() {
        return ServerAddress.parse("127.0.0.1:" + port());
    }

    /// Method, path and what is worth knowing of the header, of every request so far.
    public List<String> seen() {
        return List.copyOf(seen);
    }

    /// The next so many requests are answered with this problem and change nothing.
    public void fail(int times, int status, String code) {
        failure = status + " " + code;
        failures.set(times);
    }

    /// The next request is done, and its connection closed without an answer.
    public void swallowNext() {
        swallow = true;
    }

    /// Ends all tickets of a pool.
    public synchronized void end(String pool, String code) {
        of(pool).forEach(ticket -> ended.put(ticket.id, code));
        of(pool).clear();
        notifyAll();
    }

    public synchronized int held(String pool) {
        run(pool);
        return (int) of(pool).stream().filter(ticket -> ticket.held).count();
    }

    public synchronized int waiting(String pool) {
        run(pool);
        return (int) of(pool).stream().filter(ticket -> !ticket.held).count();
    }

    private List<Ticket> of(String pool) {
        return pools.computeIfAbsent(pool, _ -> new ArrayList<>());
    }

    /// Ends what is over and grants what can be.
    private void run(String pool) {
        List<Ticket> all = of(pool);
        Instant now = Instant.now();
        all.removeIf(ticket -> {
            boolean over = ticket.held && ticket.until != null && now.isAfter(ticket.until);
            if (over) {
                ended.put(ticket.id, "expired");
            }
            return over;
        });
        for (Ticket ticket : all) {
            boolean free = all.stream().noneMatch(t -> t.held && !(t.shared && ticket.shared));
            if (!ticket.held && free) {
                ticket.grant();
            } else if (!ticket.held) {
                break;
            }
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String line =
                exchange.getRequestMethod()
                        + " "
                        + path
                        + " "
                        + exchange.getRequestHeaders().getFirst("Authorization");
        seen.add(line);
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String answer;
        if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            answer = failure;
        } else {
            answer = answer(exchange.getRequestMethod(), path, exchange, Fields.read(body));
        }
        if (swallow) {
            swallow = false;
            exchange.close();
            return;
        }
        String[] parts = answer.split(" ", 2);
        int status = Integer.parseInt(parts[0]);
        String text =
                status < 400
                        ? parts[1]
                        : "{\"code\":\"" + parts[1] + "\",\"detail\":\"it says " + parts[1] + "\"}";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private synchronized String answer(
            String method, String path, HttpExchange exchange, Fields body) {
        String[] parts = path.split("/", -1);
        if (parts.length > 1 && Set.of("wait", "release").contains(parts[1])) {
            return distributex(parts[1], exchange.getRequestURI().getQuery());
        }
        if (parts.length < 6 || !parts[3].equals("pools") || parts[4].equals("none")) {
            return "404 unknown_pool";
        }
        String pool = parts[4];
        run(pool);
        String id = parts.length > 6 ? parts[6] : body.text("id");
        Ticket ticket = of(pool).stream().filter(t -> t.id.equals(id)).findFirst().orElse(null);
        if (ticket == null && ended.containsKey(id)) {
            return method.equals("DELETE") ? "204 " : "410 " + ended.get(id);
        }
        return switch (method) {
            case "POST" -> acquire(pool, id, ticket, body);
            case "GET" -> ticket == null ? "404 unknown_ticket" : look(pool, ticket, exchange);
            case "PUT" -> {
                if (ticket == null) {
                    yield "404 unknown_ticket";
                }
                ticket.ttl = duration(body.text("ttl"));
                ticket.grant();
                yield "200 " + granted(pool, ticket);
            }
            default -> {
                if (ticket == null) {
                    yield "404 unknown_ticket";
                }
                of(pool).remove(ticket);
                ended.put(id, "released");
                run(pool);
                notifyAll();
                yield "204 ";
            }
        };
    }

    private String acquire(String pool, String id, @Nullable Ticket before, Fields body) {
        if (before != null) {
            return before.held ? "200 " + granted(pool, before) : "202 " + queued(pool, before);
        }
        var ticket =
                new Ticket(
                        id,
                        ++tickets,
                        body.text("mode").equals("shared"),
                        duration(body.text("ttl")));
        of(pool).add(ticket);
        run(pool);
        if (!ticket.held && body.text("wait").equals("0")) {
            of(pool).remove(ticket);
            return "409 busy";
        }
        return ticket.held ? "201 " + granted(pool, ticket) : "202 " + queued(pool, ticket);
    }

    private String look(String pool, Ticket ticket, HttpExchange exchange) {
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        Duration wait = query.startsWith("wait=") ? duration(query.substring(5)) : Duration.ZERO;
        Instant end = Instant.now().plus(wait);
        try {
            while (!ticket.held && of(pool).contains(ticket) && Instant.now().isBefore(end)) {
                wait(20);
                run(pool);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        if (!of(pool).contains(ticket)) {
            return "410 " + ended.getOrDefault(ticket.id, "expired");
        }
        return "200 " + (ticket.held ? granted(pool, ticket) : queued(pool, ticket));
    }

    private String distributex(String call, String query) {
        String host = query.replaceAll(".*host=([^&]*).*", "$1");
        String pool = query.replaceAll(".*pool=([^&]*).*", "$1");
        if (pool.equals("none")) {
            return "200 INVALID";
        }
        if (call.equals("release")) {
            hosts.remove(pool);
            notifyAll();
            return "200 OK";
        }
        try {
            while (!hosts.add(pool)) {
                wait();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        seen.add("granted " + host);
        return "200 YES";
    }

    /// Whether somebody holds the pool by the old calls.
    public synchronized boolean heldByHost(String pool) {
        return hosts.contains(pool);
    }

    private static Duration duration(String text) {
        return Amounts.duration(text).orElse(Duration.ZERO);
    }

    private static String granted(String pool, Ticket ticket) {
        String lasts =
                ticket.until == null
                        ? "null"
                        : ""
                                + Math.max(
                                        0,
                                        Duration.between(Instant.now(), ticket.until).toMillis());
        return "{\"state\":\"granted\",\"pool\":\""
                + pool
                + "\",\"ticket\":"
                + ticket.number
                + ",\"token\":\""
                + ticket.id
                + "\",\"fence\":"
                + ticket.number
                + ",\"x\":{\"deep\":[1,2]},\"ttlMs\":"
                + lasts
                + "}";
    }

    private static String queued(String pool, Ticket ticket) {
        return "{\"state\":\"queued\",\"pool\":\""
                + pool
                + "\",\"ticket\":"
                + ticket.number
                + ",\"position\":1}";
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
