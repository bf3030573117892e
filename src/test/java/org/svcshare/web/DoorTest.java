package org.svcshare.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svcshare.config.HttpSettings.Role;
import org.svcshare.pool.PoolRules;

/// Who may come in, and who may do what.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class DoorTest {
    private static final String READ = "read-read-read-read";
    private static final String LOCK = "lock-lock-lock-lock";
    private static final String ADMIN = "admin-admin-admin-admin";

    private static TestSite withTokens() throws Exception {
        return TestSite.with()
                .token("eye", Role.READ, READ)
                .token("ci", Role.LOCK, LOCK)
                .token("boss", Role.ADMIN, ADMIN)
                .pools(new PoolRules("annas", 1, 0, 10, Set.of("anna")))
                .start();
    }

    private static int status(TestSite site, String method, String path, String authorization)
            throws Exception {
        var request = site.request(path).method(method, BodyPublishers.noBody());
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return site.send(request).statusCode();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/pools, '', 401",
        "GET, /api/v1/pools, Bearer wrong-wrong-wrong, 401",
        "GET, /api/v1/pools, Bearer " + READ + "x, 401",
        "GET, /api/v1/pools, Basic " + READ + ", 401",
        "GET, /api/v1/pools, Bearer, 401",
        "GET, /api/v1/pools, Bearer " + READ + ", 200",
        "GET, /api/v1/pools, bearer " + READ + ", 200",
        "GET, /metrics, '', 401",
        "GET, /openapi.json, '', 401",
        "GET, /api/v1/events, '', 401",
        "GET, /api/v1/status, Bearer " + READ + ", 200",
        "POST, /api/v1/pools/p/locks, Bearer " + READ + ", 403",
        "POST, /api/v1/pools/p/locks, Bearer " + LOCK + ", 201",
        "POST, /api/v1/pools/p/locks, Bearer " + ADMIN + ", 201",
        "DELETE, /api/v1/tickets/1, Bearer " + LOCK + ", 403",
        "DELETE, /api/v1/tickets/1, Bearer " + ADMIN + ", 404",
        "GET, /livez, '', 200",
        "GET, /readyz, '', 200",
        "GET, /, '', 200",
        "GET, /get/?host=a&pool=p, '', 200",
    })
    void given_tokens_when_something_is_asked_then_the_role_decides(
            String method, String path, String authorization, int status) throws Exception {
        try (TestSite site = withTokens()) {
            assertEquals(status, status(site, method, path, authorization));
        }
    }

    @Test
    void given_a_token_when_a_lock_is_taken_then_its_name_is_the_holder() throws Exception {
        try (TestSite site = withTokens()) {
            var locking = site.locking("p", "").header("Authorization", "Bearer " + LOCK);
            assertEquals(201, site.send(locking).statusCode());
            var tickets =
                    site.send(
                            site.request("/api/v1/tickets")
                                    .header("Authorization", "Bearer " + READ));
            assertEquals("ci", TestSite.json(tickets).at("/tickets/0/holder").asString());
            // The pool is anna's: a name that the token does not have helps nobody.
            var other =
                    site.locking("annas", "{\"holder\":\"anna\"}")
                            .header("Authorization", "Bearer " + LOCK);
            assertEquals("not_allowed", TestSite.code(site.send(other)));
        }
    }

    @Test
    void given_a_refusal_when_read_then_no_secret_is_in_it() throws Exception {
        try (TestSite site = withTokens()) {
            var response =
                    site.send(site.request("/api/v1/pools").header("Authorization", "Bearer zz9"));
            assertEquals("unauthorized", TestSite.code(response));
            assertEquals("Bearer", response.headers().firstValue("www-authenticate").orElse(""));
            assertFalse(response.body().contains("zz9"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, 200",
        "LOCALHOST:9889, 200",
        "127.0.0.1, 200",
        "192.168.1.7:80, 200",
        "[::1]:9889, 200",
        "locks.example.net, 200",
        "LOCKS.example.net:9889, 200",
        "evil.example.com, 421",
        "127.0.0.1.evil.example.com, 421",
        "localhost.evil.example.com:9889, 421",
        "'', 421",
    })
    void given_a_host_header_when_asked_then_only_known_names_get_an_answer(String host, int status)
            throws Exception {
        try (TestSite site = TestSite.with().host("locks.example.net").start()) {
            String answer =
                    site.raw(
                            "GET /api/v1/pools HTTP/1.1\r\nHost: "
                                    + host
                                    + "\r\nConnection: close\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
        }
    }

    @Test
    void given_no_host_header_when_asked_then_it_is_refused() throws Exception {
        try (TestSite site = TestSite.plain()) {
            String answer = site.raw("GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Sec-Fetch-Site: cross-site, 403",
        "Sec-Fetch-Site: same-site, 403",
        "Origin: http://evil.example.com, 403",
        "Origin: null, 403",
        "Origin: http://localhost:1, 403",
        "Origin: http://localhost, 201",
        "Sec-Fetch-Site: same-origin, 201",
        "Sec-Fetch-Site: none, 201",
    })
    void given_a_browser_when_another_sites_page_asks_then_nothing_is_changed(
            String header, int status) throws Exception {
        try (TestSite site = TestSite.plain()) {
            String answer =
                    site.raw(
                            "POST /api/v1/pools/p/locks HTTP/1.1\r\nHost: localhost\r\n"
                                    + header
                                    + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
        }
    }
}
