package org.svcshare.demo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svcshare.config.Endpoint;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class SampleApplicationTest {
    private static final Endpoint ANYWHERE = new Endpoint("127.0.0.1", 0);

    @TempDir private Path folder;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private SampleApplication application;

    @BeforeEach
    void start() throws IOException {
        application = SampleApplication.start(ANYWHERE, Optional.of(folder.resolve("items")));
    }

    @AfterEach
    void stop() throws IOException {
        application.close();
        client.close();
    }

    private void startAgain() throws IOException {
        application.close();
        start();
    }

    private HttpResponse<String> ask(String method, String target, String body, String... headers)
            throws Exception {
        var request =
                HttpRequest.newBuilder(URI.create("http://" + application.listening() + target))
                        .method(method, BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private String said(String method, String target, String body, String... headers)
            throws Exception {
        return String.valueOf(ask(method, target, body, headers).statusCode());
    }

    private JsonNode json(String target) throws Exception {
        return JsonMapper.shared().readTree(ask("GET", target, "").body());
    }

    private List<String> log() throws Exception {
        return json("/log")
                .valueStream()
                .map(entry -> entry.path("method").asString() + " " + entry.path("path").asString())
                .toList();
    }

    /// What comes back for bytes on one connection, until the other side has nothing more to say.
    private String raw(String request) throws IOException {
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), application.listening().port())) {
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    private static String head(String what, String... headers) {
        return what + " HTTP/1.1\r\nHost: a\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
    }

    @Test
    void given_nothing_when_an_item_is_put_twice_then_it_is_made_and_changed() throws Exception {
        assertEquals("404", said("GET", "/items/tea", ""));
        HttpResponse<String> made = ask("PUT", "/items/tea", "green");
        assertEquals(201, made.statusCode());
        assertEquals("/items/tea", made.headers().firstValue("Location").orElseThrow());
        assertEquals("200", said("PUT", "/items/tea", "black"));

        assertEquals("black", ask("GET", "/items/tea", "").body());
        assertEquals(List.of("PUT /items/tea", "PUT /items/tea"), log());
    }

    @Test
    void given_an_item_when_it_is_patched_and_deleted_then_it_grows_and_goes() throws Exception {
        said("PUT", "/items/tea", "green");

        assertEquals("200", said("PATCH", "/items/tea", ", black"));
        assertEquals("green, black", ask("GET", "/items/tea?now", "").body());
        assertEquals("204", said("DELETE", "/items/tea", ""));
        assertEquals("404", said("DELETE", "/items/tea", ""));
        assertEquals("404", said("PATCH", "/items/tea", "x"));

        assertEquals(List.of("PUT /items/tea", "PATCH /items/tea", "DELETE /items/tea"), log());
    }

    @Test
    void given_a_number_that_is_taken_when_items_are_posted_then_they_get_the_next_ones()
            throws Exception {
        said("PUT", "/items/2", "two");

        assertEquals("/items/1", location(ask("POST", "/items", "first")));
        assertEquals("/items/3", location(ask("POST", "/items", "second")));
        assertEquals("204", said("DELETE", "/items/3", ""));
        assertEquals("/items/4", location(ask("POST", "/items", "third")));
    }

    private static String location(HttpResponse<String> answer) {
        assertEquals(201, answer.statusCode());
        return answer.headers().firstValue("Location").orElseThrow();
    }

    @Test
    void given_items_when_all_are_asked_for_then_they_come_by_name() throws Exception {
        for (String name : List.of("c", "a", "b")) {
            said("PUT", "/items/" + name, "of " + name + " ✓");
        }

        assertEquals(
                "{\"a\":\"of a ✓\",\"b\":\"of b ✓\",\"c\":\"of c ✓\"}",
                ask("GET", "/items", "").body());
        assertEquals(3, json("/health").path("writes").asInt());
        assertEquals("ok", json("/health").path("health").asString());
    }

    @Test
    void given_an_item_when_one_is_put_only_if_there_is_none_then_it_is_refused() throws Exception {
        assertEquals("201", said("PUT", "/items/tea", "green", "If-None-Match", "*"));
        assertEquals("412", said("PUT", "/items/tea", "black", "If-None-Match", "*"));

        assertEquals("green", ask("GET", "/items/tea", "").body());
        assertEquals(1, log().size());
    }

    @Test
    void given_a_key_when_the_write_is_repeated_then_it_is_answered_as_before_and_done_once()
            throws Exception {
        HttpResponse<String> first = ask("POST", "/items", "tea", "Idempotency-Key", "k1");
        HttpResponse<String> again = ask("POST", "/items", "tea", "Idempotency-Key", "k1");

        assertEquals("/items/1", location(first));
        assertEquals("/items/1", location(again));
        assertEquals(first.body(), again.body());
        assertEquals("422", said("POST", "/items", "coffee", "Idempotency-Key", "k1"));
        assertEquals("404", said("DELETE", "/items/2", "", "Idempotency-Key", "k2"));
        ask("POST", "/items", "coffee");
        assertEquals("404", said("DELETE", "/items/2", "", "Idempotency-Key", "k2"));

        assertEquals(List.of("POST /items", "POST /items"), log());
        assertEquals("k1", json("/log").path(0).path("key").asString());
        assertEquals("", json("/log").path(1).path("key").asString());
    }

    @Test
    void given_a_file_when_it_is_started_again_then_it_is_as_it_was() throws Exception {
        ask("POST", "/items", "tea\t\n\u0000ÿ", "Idempotency-Key", "k1");
        said("PUT", "/items/a", "b");
        said("PUT", "/items/a", "c", "If-None-Match", "*", "Idempotency-Key", "k2");
        String items = ask("GET", "/items", "").body();
        String log = ask("GET", "/log", "").body();

        startAgain();

        assertEquals(items, ask("GET", "/items", "").body());
        assertEquals(log, ask("GET", "/log", "").body());
        assertEquals(
                "/items/1",
                location(ask("POST", "/items", "tea\t\n\u0000ÿ", "Idempotency-Key", "k1")));
        said("DELETE", "/items/a", "");
        assertEquals(
                "412", said("PUT", "/items/a", "c", "If-None-Match", "*", "Idempotency-Key", "k2"));
        assertEquals("/items/2", location(ask("POST", "/items", "coffee")));
    }

    @Test
    void given_a_file_cut_in_a_line_when_it_is_started_then_the_whole_lines_count()
            throws Exception {
        said("PUT", "/items/a", "1");
        said("PUT", "/items/b", "2");
        application.close();
        Path file = folder.resolve("items");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 3));

        start();
        said("PUT", "/items/c", "3");
        startAgain();

        assertEquals(List.of("PUT /items/a", "PUT /items/c"), log());
    }

    @Test
    void given_a_file_of_something_else_when_started_then_it_is_left_alone() throws Exception {
        application.close();
        Path other = Files.writeString(folder.resolve("other"), "dear diary\n");

        IOException e =
                assertThrows(
                        IOException.class,
                        () -> SampleApplication.start(ANYWHERE, Optional.of(other)));

        assertEquals(other + " is not a file of a sample application", e.getMessage());
        assertEquals("dear diary\n", Files.readString(other));
    }

    @Test
    void given_a_port_that_is_taken_when_started_then_it_says_so() {
        IOException e =
                assertThrows(
                        IOException.class,
                        () -> SampleApplication.start(application.listening(), Optional.empty()));

        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains("" + application.listening()), message);
    }

    @Test
    void given_many_requests_at_once_on_a_connection_when_sent_then_they_are_done_in_order()
            throws Exception {
        var requests = new StringBuilder(head("PUT /items/a", "Content-Length: 0"));
        for (int i = 0; i < 200; i++) {
            requests.append(head("PATCH /items/a", "Transfer-Encoding: chunked"))
                    .append("3\r\n")
                    .append(String.format("%03d", i))
                    .append("\r\n0\r\n\r\n");
        }
        requests.append(head("GET /items/a", "Connection: close"));

        String answers = raw(requests.toString());

        assertEquals(202, answers.split("HTTP/1.1 20", -1).length - 1);
        var numbers = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            numbers.append(String.format("%03d", i));
        }
        assertTrue(answers.endsWith("\r\n\r\n" + numbers), answers);
    }

    @ParameterizedTest
    @CsvSource({
        "PUT, /items, 405",
        "POST, /items/a, 405",
        "POST, /other, 404",
        "PUT, /items/, 404",
        "PUT, /items/a/b, 404",
        "DELETE, /log, 404",
        "GET, /items/none, 404",
        "GET, /, 404",
        "HEAD, /items, 200",
        "HEAD, /items/none, 404",
        "OPTIONS, /items, 204",
        "TRACE, /items, 405"
    })
    void given_other_requests_when_asked_then_the_status_says_why_not(
            String method, String target, String status) throws Exception {
        String answer = raw(head(method + " " + target, "Connection: close", "Content-Length: 0"));
        assertEquals("HTTP/1.1 " + status, answer.substring(0, "HTTP/1.1 200".length()));
        assertEquals(List.of(), log());
    }

    @Test
    void given_something_else_than_http_when_it_comes_then_400_and_the_end() throws Exception {
        assertTrue(raw("hello\r\n\r\n").startsWith("HTTP/1.1 400 "));
        assertTrue(
                raw("PUT /items/a HTTP/1.1\r\nContent-Length: x\r\n\r\n")
                        .startsWith("HTTP/1.1 400 "));
        assertEquals("400", said("PUT", "/items/a", "", "Idempotency-Key", "k".repeat(256)));
        assertEquals(List.of(), log());
    }
}
