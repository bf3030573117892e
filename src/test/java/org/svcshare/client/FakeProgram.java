package org.svcshare.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A client program as the network sees it: jobs, a pause, a password, and troubles to switch on.
/// Each kind says the same things in its own words.
abstract class FakeProgram implements AutoCloseable {
    static final JsonMapper JSON = JsonMapper.builder().build();
    static final String USER = "boss";
    static final String PASSWORD = "p&ss wörd/1";

    /// What goes wrong on the wire.
    enum Trouble {
        NONE,
        /// Takes the question and never answers.
        SLOW,
        CLOSED,
        /// Closes the first connection only.
        CLOSED_ONCE,
        HALF,
        HTML,
        ERROR_500,
        HUGE,
        /// Answers with another shape: see [#garble].
        GARBLED
    }

    /// One job, as the fake keeps it.
    static final class Job {
        String id;
        final String name;
        double leftMb;

        /// Stopped by itself, whoever did that.
        boolean stopped;

        /// Loads although everything is paused.
        boolean forced;

        boolean loading;

        /// Its size is not known yet.
        boolean unknown;

        /// Given instead of the number of bytes or MB left.
        @Nullable String leftText;

        Job(String id, String name, double leftMb) {
            this.id = id;
            this.name = name;
            this.leftMb = leftMb;
        }

        long leftBytes() {
            return (long) (leftMb * 1024 * 1024);
        }
    }

    final List<Job> jobs = new CopyOnWriteArrayList<>();
    final List<String> calls = new CopyOnWriteArrayList<>();

    /// The program's own pause, where it has one.
    volatile boolean paused;

    volatile long speedBps;
    volatile long limitBps = -1;
    volatile Trouble trouble = Trouble.NONE;
    volatile String password = PASSWORD;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closing = new CountDownLatch(1);
    private Random chance = new Random(0);
    private int lastId;

    /// From now on answers are cut and patched at random.
    void garble(long seed) {
        chance = new Random(seed);
        trouble = Trouble.GARBLED;
    }

    FakeProgram() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    Job add(String name, double leftMb) {
        var job = new Job(newId(), name, leftMb);
        jobs.add(job);
        return job;
    }

    Job named(String name) {
        return jobs.stream().filter(j -> j.name.equals(name)).findFirst().orElseThrow();
    }

    /// The program was ended and started again: what it does not keep is gone.
    void restart() {}

    /// Whether it would load anything now.
    boolean loads() {
        return !paused && jobs.stream().anyMatch(j -> !j.stopped);
    }

    String newId() {
        return String.format("%040x", ++lastId);
    }

    long called(String name) {
        return calls.stream().filter(c -> c.equals(name)).count();
    }

    /// What came, in whole.
    record Question(HttpExchange exchange, String body) {
        String path() {
            return exchange.getRequestURI().getPath();
        }

        Map<String, String> query() {
            return form(exchange.getRequestURI().getRawQuery());
        }

        Map<String, String> form() {
            return form(body);
        }

        @Nullable String header(String name) {
            return exchange.getRequestHeaders().getFirst(name);
        }

        JsonNode json() {
            return JSON.readTree(body);
        }

        boolean basic(String user, String password) {
            String expected =
                    Base64.getEncoder()
                            .encodeToString(
                                    (user + ":" + password).getBytes(StandardCharsets.UTF_8));
            return ("Basic " + expected).equals(header("Authorization"));
        }

        private static Map<String, String> form(@Nullable String text) {
            var fields = new LinkedHashMap<String, String>();
            for (String pair : text == null ? List.<String>of() : List.of(text.split("&", -1))) {
                String[] parts = pair.split("=", 2);
                fields.put(decoded(parts[0]), parts.length == 2 ? decoded(parts[1]) : "");
            }
            return fields;
        }

        private static String decoded(String text) {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        }
    }

    record Reply(int status, Map<String, String> headers, String body) {
        static Reply of(String body) {
            return new Reply(200, Map.of(), body);
        }

        static Reply of(JsonNode json) {
            return of(json.toString());
        }

        static Reply of(int status, String body) {
            return new Reply(status, Map.of(), body);
        }

        Reply with(String header, String value) {
            var headers = new LinkedHashMap<>(headers());
            headers.put(header, value);
            return new Reply(status, headers, body);
        }
    }

    abstract Reply answer(Question question);

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            var question =
                    new Question(
                            exchange,
                            new String(
                                    exchange.getRequestBody().readAllBytes(),
                                    StandardCharsets.UTF_8));
            calls.add("*");
            switch (trouble) {
                case NONE -> send(exchange, answer(question));
                case SLOW -> await();
                case CLOSED -> {}
                case CLOSED_ONCE -> trouble = Trouble.NONE;
                case HALF -> {
                    byte[] body = answer(question).body().getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, body.length + 10L);
                    exchange.getResponseBody().write(body, 0, body.length / 2);
                    exchange.getResponseBody().flush();
                }
                case HTML ->
                        send(
                                exchange,
                                Reply.of(
                                        "<!DOCTYPE html>\r\n<html><body>Login\u0007 "
                                                + exchange.getRequestURI()
                                                + "</body></html>"));
                case GARBLED -> send(exchange, garbled(answer(question)));
                case ERROR_500 -> send(exchange, Reply.of(500, "Internal Server Error"));
                case HUGE -> {
                    exchange.sendResponseHeaders(200, 0);
                    byte[] blanks = " ".repeat(1024 * 1024).getBytes(StandardCharsets.UTF_8);
                    for (int i = 0; i < 18; i++) {
                        exchange.getResponseBody().write(blanks);
                    }
                }
            }
        }
    }

    private Reply garbled(Reply reply) {
        String body = reply.body();
        for (int n = chance.nextInt(3); n >= 0; n--) {
            String[] puts = {
                "",
                "{",
                "}",
                "[",
                "]",
                "null",
                "-1",
                "1e999",
                "\"x\"",
                "\r\n",
                "\u0000",
                "<",
                "&e;",
                "true",
                "9".repeat(500),
                "[".repeat(600)
            };
            int from = chance.nextInt(body.length() + 1);
            int to = Math.min(body.length(), from + chance.nextInt(1 + chance.nextInt(30)));
            body = body.substring(0, from) + puts[chance.nextInt(puts.length)] + body.substring(to);
        }
        int[] statuses = {200, 200, 200, 200, reply.status(), 204, 400, 403, 409, 418};
        return new Reply(statuses[chance.nextInt(statuses.length)], reply.headers(), body);
    }

    private void await() {
        try {
            boolean ended = closing.await(30, TimeUnit.SECONDS);
            if (!ended) {
                throw new IllegalStateException("the test has forgotten its fake");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange exchange, Reply reply) throws IOException {
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        reply.headers().forEach(exchange.getResponseHeaders()::add);
        boolean none = reply.status() == 204 || body.length == 0;
        exchange.sendResponseHeaders(reply.status(), none ? -1 : body.length);
        if (!none) {
            exchange.getResponseBody().write(body);
        }
    }

    /// Jobs by id; those that are not there are left out.
    List<Job> byId(List<String> ids) {
        var found = new ArrayList<Job>();
        for (Job job : jobs) {
            if (ids.contains(job.id)) {
                found.add(job);
            }
        }
        return found;
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
