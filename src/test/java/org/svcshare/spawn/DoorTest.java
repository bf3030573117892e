package org.svcshare.spawn;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.BindException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svcshare.config.Endpoint;
import org.svcshare.config.HttpSettings.Role;
import org.svcshare.config.HttpSettings.Token;
import org.svcshare.config.ReplicaSettings.Control;
import org.svcshare.config.Secret;

/// Who gets in, and how much the server puts up with.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class DoorTest {
    private static String status(String answer) {
        return answer.isEmpty() ? "" : answer.split(" ", 3)[1];
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, 404",
        "127.0.0.1:7118, 404",
        "'[::1]:7118', 404",
        "LOCALHOST:1, 404",
        "10.1.2.3, 404",
        "evil.example.org, 421",
        "localhost.evil.example.org:7118, 421",
        "'', 421"
    })
    void given_no_tokens_when_asked_under_a_name_then_only_this_machines_own_are_fine(
            String host, String status) throws Exception {
        try (var site = SpawnSite.open()) {
            assertEquals(
                    status,
                    status(
                            site.raw(
                                    "GET /nodes HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                                            .formatted(host))));
        }
    }

    @Test
    void given_tokens_when_asked_under_any_name_then_the_token_counts() throws Exception {
        try (var site = SpawnSite.guarded(People.GUESTS)) {
            String request =
                    "GET /nodes HTTP/1.1\r\nHost: control.example.org\r\n%sConnection: close\r\n\r\n";
            assertEquals("401", status(site.raw(request.formatted(""))));
            String shown = "Authorization: Bearer " + site.login("anna") + "\r\n";
            assertEquals("404", status(site.raw(request.formatted(shown))));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "PUT, Origin, https://evil.example.org, 403",
        "GET, Origin, https://evil.example.org, 403",
        "OPTIONS, Origin, https://evil.example.org, 403",
        "PUT, Origin, null, 403",
        "PUT, Origin, http://localhost.evil.example.org, 403",
        "PUT, Origin, http://localhost:3000, 201",
        "PUT, Origin, 'http://[::1]:3000', 201",
        "PUT, Sec-Fetch-Site, cross-site, 403",
        "PUT, Sec-Fetch-Site, same-site, 403",
        "PUT, Sec-Fetch-Site, same-origin, 201",
        "PUT, Sec-Fetch-Site, none, 201",
        "GET, Sec-Fetch-Site, cross-site, 404"
    })
    void given_no_tokens_when_a_page_asks_then_only_one_of_this_machine_may(
            String method, String header, String value, int status) throws Exception {
        try (var site = SpawnSite.open()) {
            var request =
                    site.request("/nodes/a/80")
                            .method(method, BodyPublishers.ofString("{}"))
                            .header(header, value);
            var answer = site.send(request);
            assertEquals(status, answer.statusCode());
            assertEquals(
                    status != 403 && header.equals("Origin") ? value : "",
                    answer.headers().firstValue("access-control-allow-origin").orElse(""));
        }
    }

    @Test
    void given_tokens_when_a_page_asks_what_it_may_then_it_is_told() throws Exception {
        try (var site = SpawnSite.guarded(People.GUESTS)) {
            var request =
                    site.request("/nodes/a/80")
                            .method("OPTIONS", BodyPublishers.noBody())
                            .header("Origin", "https://panel.example.org")
                            .header("Access-Control-Request-Method", "PUT")
                            .header("Access-Control-Request-Headers", "x-y");
            var answer = site.send(request);
            assertEquals(200, answer.statusCode());
            assertEquals("", answer.body());
            var headers = answer.headers();
            assertEquals(
                    "https://panel.example.org",
                    headers.firstValue("access-control-allow-origin").orElse(""));
            assertEquals(
                    "false", headers.firstValue("access-control-allow-credentials").orElse(""));
            assertEquals(
                    "DELETE, GET, OPTIONS, PUT",
                    headers.firstValue("access-control-allow-methods").orElse(""));
            assertEquals(
                    "content-type, authorization",
                    headers.firstValue("access-control-allow-headers").orElse(""));
        }
    }

    @Test
    void given_beyond_loopback_without_a_directory_when_started_then_nobody_gets_a_token()
            throws Exception {
        var control =
                new Control(
                        true,
                        new Endpoint("0.0.0.0", 0),
                        Optional.empty(),
                        Duration.ofMinutes(1),
                        Optional.empty());
        try (var site = SpawnSite.of(control)) {
            assertEquals(401, site.get("/nodes").statusCode());
            assertEquals(
                    401,
                    site.login("application/json", "{\"username\":\"a\",\"password\":\"b\"}")
                            .statusCode());
        }
    }

    // Bounds.

    @Test
    void given_more_than_a_body_may_have_when_sent_then_it_is_refused() throws Exception {
        var limits = new Limits(1000, 1000, 100, Duration.ofSeconds(60));
        try (var site = SpawnSite.open(limits)) {
            String head = "PUT /nodes/a/1 HTTP/1.1\r\nHost: localhost\r\n";
            String told = site.raw(head + "Content-Length: 1001\r\n\r\n");
            assertEquals("413", status(told));
            String chunked =
                    site.raw(
                            head
                                    + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n"
                                    + " ".repeat(1001)
                                    + "\r\n");
            assertEquals("413", status(chunked));
            String header = site.raw(head + "X: " + "x".repeat(2000) + "\r\n\r\n");
            assertEquals("431", status(header));
            String line = site.raw("GET /" + "x".repeat(2000) + " HTTP/1.1\r\n\r\n");
            assertEquals("414", status(line));
        }
    }

    @Test
    void given_a_client_that_does_not_go_on_when_its_time_is_over_then_it_is_cut()
            throws Exception {
        var limits = new Limits(1000, 1000, 100, Duration.ofMillis(200));
        try (var site = SpawnSite.open(limits)) {
            assertEquals("", site.raw(""));
            assertEquals(
                    "",
                    site.raw(
                            "PUT /nodes/a/1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"));
        }
    }

    @Test
    void given_as_many_connections_as_there_may_be_when_one_more_comes_then_it_is_closed()
            throws Exception {
        var limits = new Limits(1000, 1000, 3, Duration.ofSeconds(60));
        var open = new ArrayList<Socket>();
        try (var site = SpawnSite.open(limits)) {
            for (int i = 0; i < 3; i++) {
                var socket = new Socket(InetAddress.getLoopbackAddress(), site.port());
                open.add(socket);
                socket.getOutputStream()
                        .write(
                                "GET /list HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                        .getBytes(StandardCharsets.ISO_8859_1));
                assertEquals('H', socket.getInputStream().read());
            }
            String request = "GET /list HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            assertEquals("", site.raw(request));
            open.getFirst().close();
            await().atMost(SpawnSite.LIMIT)
                    .until(() -> site.raw(request).startsWith("HTTP/1.1 200 "));
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "admin-admin-admin, PUT, 201",
        "admin-admin-admin, GET, 404",
        "looks-looks-looks, GET, 404",
        "looks-looks-looks, PUT, 403",
        "looks-looks-look, GET, 401",
        "'', GET, 401"
    })
    void given_tokens_of_the_settings_when_one_is_shown_then_it_may_what_its_role_may(
            String token, String method, int status) throws Exception {
        var tokens =
                List.of(
                        new Token("a", Role.ADMIN, new Secret("admin-admin-admin")),
                        new Token("b", Role.READ, new Secret("looks-looks-looks")));
        try (var site = SpawnSite.guarded(tokens)) {
            var request =
                    site.request("/nodes/a/80")
                            .method(method, BodyPublishers.ofString("{}"))
                            .header("Authorization", "Bearer " + token);
            assertEquals(status, site.send(request).statusCode());
        }
    }

    @Test
    void given_a_port_that_is_taken_when_started_then_the_error_names_it() throws Exception {
        try (var site = SpawnSite.open()) {
            var control =
                    new Control(
                            true,
                            new Endpoint("127.0.0.1", site.port()),
                            Optional.empty(),
                            Duration.ofMinutes(1),
                            Optional.empty());
            var e =
                    assertThrows(
                            BindException.class,
                            () -> SpawnServer.start(control, site.replicas, "1"));
            assertTrue(
                    String.valueOf(e.getMessage())
                            .startsWith(
                                    "replica.control.listen: 127.0.0.1:" + site.port() + " cannot"),
                    e.getMessage());
        }
    }
}
