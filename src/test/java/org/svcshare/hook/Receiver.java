package org.svcshare.hook;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// A real HTTP server that keeps what it gets and answers as it was told, then with 200 and `ok`.
final class Receiver {
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final Queue<Answer> answers = new ArrayDeque<>();
    private @Nullable HttpServer server;

    private record Answer(int status, String body) {}

    record Request(String line, com.sun.net.httpserver.Headers headers, String text) {
        String header(String name) {
            return String.valueOf(headers.getFirst(name));
        }
    }

    void start() throws IOException {
        HttpServer made =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        made.createContext("/", this::handle);
        made.start();
        server = made;
    }

    URI uri(String path) {
        int port = Objects.requireNonNull(server).getAddress().getPort();
        return URI.create("http://127.0.0.1:" + port + path);
    }

    synchronized void answer(int status, String body) {
        answers.add(new Answer(status, body));
    }

    List<Request> requests() {
        return requests;
    }

    void stop() {
        Objects.requireNonNull(server).stop(0);
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        requests.add(
                new Request(
                        exchange.getRequestMethod() + " " + exchange.getRequestURI(),
                        exchange.getRequestHeaders(),
                        new String(body, StandardCharsets.UTF_8)));
        Answer answer = answers.isEmpty() ? new Answer(200, "ok thanks") : answers.remove();
        byte[] text = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(answer.status(), text.length);
        exchange.getResponseBody().write(text);
        exchange.close();
    }
}
