package org.svcshare.web;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the server does with bytes that no decent client sends.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class RawHttpTest {
    private static final String CLOSE = "Host: localhost\r\nConnection: close\r\n";

    private static final String POST = "POST /api/v1/pools/p/locks HTTP/1.1\r\n";
    private static final String LOCAL = "Host: localhost\r\n";

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void stillAnswers(TestSite site) throws Exception {
        assertEquals(200, site.get("/livez").statusCode());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n\r\n\r\n",
                "GET\r\n\r\n",
                "GET / HTTP/9.9\r\n\r\n",
                "\0\1\2\3\r\n\r\n",
                "GET /livez HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n",
                "GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
                "GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
                POST + LOCAL + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
                POST + LOCAL + "Content-Length: 2\r\nContent-Length: 7\r\n\r\n{}",
            })
    void given_garbage_when_sent_then_it_is_refused_and_others_are_served(String garbage)
            throws Exception {
        try (TestSite site = TestSite.with().idle(Duration.ofMillis(300)).start()) {
            String answer = site.raw(garbage);

            assertTrue(answer.isEmpty() || answer.matches("(?s)HTTP/\\d.\\d [45].*"), answer);
            stillAnswers(site);
        }
    }

    @Test
    void given_a_large_header_when_sent_then_it_is_refused() throws Exception {
        try (TestSite site = TestSite.plain()) {
            String big = "x".repeat(10_000);
            String header = site.raw("GET /livez HTTP/1.1\r\n" + CLOSE + "X: " + big + "\r\n\r\n");
            assertTrue(header.matches("(?s)HTTP/1.. 431 .*"), header);
            String line = site.raw("GET /" + big + " HTTP/1.1\r\n" + CLOSE + "\r\n");
            assertTrue(line.matches("(?s)HTTP/1.. 414 .*"), line);
            stillAnswers(site);
        }
    }

    @Test
    void given_a_large_body_when_announced_then_it_is_refused_before_it_comes() throws Exception {
        try (TestSite site = TestSite.plain()) {
            String answer = site.raw(POST + LOCAL + "Content-Length: 999999999999\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 413 "), answer);
            assertTrue(answer.contains("\"code\":\"too_large\""), answer);
        }
    }

    @Test
    void given_a_large_body_in_pieces_when_sent_then_it_is_refused() throws Exception {
        try (TestSite site = TestSite.plain();
                Socket socket = site.socket()) {
            send(socket, POST + LOCAL + "Transfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 5; i++) {
                send(socket, "4000\r\n" + " ".repeat(0x4000) + "\r\n");
            }
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(answer.startsWith("HTTP/1.1 413 "), answer);
            stillAnswers(site);
        }
    }

    @Test
    void given_a_body_at_the_limit_when_sent_then_it_is_taken() throws Exception {
        try (TestSite site = TestSite.plain()) {
            assertEquals(201, site.lock("p", "{}" + " ".repeat(64 * 1024 - 2)).statusCode());
            assertEquals(413, site.lock("p", "{}" + " ".repeat(64 * 1024 - 1)).statusCode());
        }
    }

    @Test
    void given_clients_that_never_finish_when_time_is_up_then_they_are_cut_off() throws Exception {
        try (TestSite site = TestSite.with().idle(Duration.ofMillis(300)).start();
                Socket silent = site.socket();
                Socket slowHeader = site.socket();
                Socket slowBody = site.socket()) {
            send(slowHeader, "GET /livez HTTP/1.1\r\nHost: local");
            send(slowBody, POST + LOCAL + "Content-Length: 100\r\n\r\n{");
            for (Socket each : List.of(silent, slowHeader, slowBody)) {
                assertEquals(-1, each.getInputStream().read());
            }
            stillAnswers(site);
        }
    }

    @Test
    void given_a_waiter_when_the_idle_limit_is_over_then_it_waits_on() throws Exception {
        try (TestSite site = TestSite.with().idle(Duration.ofMillis(100)).start()) {
            String token = TestSite.json(site.lock("p", "")).path("token").asString();
            var waiter = site.lockLater("p", "{\"wait\":\"20s\"}");
            await().atMost(TestSite.LIMIT).until(() -> site.waiting("p") == 1);
            // Longer than the limit, by a wait of another pool that is over then.
            site.lock("q", "");
            assertEquals(408, site.lock("q", "{\"wait\":\"500ms\"}").statusCode());

            assertFalse(waiter.isDone());
            site.unlock("p", token);
            assertEquals(201, waiter.get().statusCode());
        }
    }

    @Test
    void given_more_connections_than_allowed_when_made_then_the_rest_is_closed() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try (TestSite site = TestSite.with().connections(3).start()) {
            for (int i = 0; i < 3; i++) {
                Socket socket = site.socket();
                sockets.add(socket);
                send(socket, "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertTrue(socket.getInputStream().read() > 0);
            }
            try (Socket fourth = site.socket()) {
                assertEquals(-1, fourth.getInputStream().read());
            }
            sockets.removeFirst().close();
            await().atMost(TestSite.LIMIT)
                    .until(() -> site.server.site().counts().connections.get() == 2);
            stillAnswers(site);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void given_requests_in_a_row_when_sent_at_once_then_they_are_answered_in_order()
            throws Exception {
        try (TestSite site = TestSite.plain()) {
            String one = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
            String last = "GET /nothing HTTP/1.1\r\n" + CLOSE + "\r\n";
            String answers = site.raw(one + one + last);

            assertEquals(4, answers.split("HTTP/1.1 ", -1).length, answers);
            assertTrue(answers.indexOf("404 Not Found") > answers.lastIndexOf("200 OK"), answers);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/livez",
                "/readyz",
                "/status.css",
                "/api/v1/pools",
            })
    void given_head_when_asked_then_there_is_a_length_and_no_body(String path) throws Exception {
        try (TestSite site = TestSite.plain()) {
            String answer = site.raw("HEAD " + path + " HTTP/1.1\r\n" + CLOSE + "\r\n");

            assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
            assertTrue(answer.matches("(?is).*content-length: [1-9].*"), answer);
            assertTrue(answer.endsWith("\r\n\r\n"), answer);
        }
    }

    @Test
    void given_odd_paths_when_asked_then_there_is_nothing() throws Exception {
        try (TestSite site = TestSite.plain()) {
            for (String path :
                    List.of(
                            "/api",
                            "/api/v1/pools/",
                            "//livez",
                            "/livez/",
                            "/../etc/passwd",
                            "/%2e%2e/x")) {
                String answer = site.raw("GET " + path + " HTTP/1.1\r\n" + CLOSE + "\r\n");
                assertTrue(answer.startsWith("HTTP/1.1 404 "), path + ": " + answer);
            }
            String options = site.raw("OPTIONS * HTTP/1.1\r\n" + CLOSE + "\r\n");
            assertTrue(options.startsWith("HTTP/1.1 404 "), options);
            String trace = site.raw("TRACE /livez HTTP/1.1\r\n" + CLOSE + "\r\n");
            assertTrue(trace.startsWith("HTTP/1.1 405 "), trace);
        }
    }
}
