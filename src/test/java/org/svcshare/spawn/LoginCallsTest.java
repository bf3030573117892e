package org.svcshare.spawn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.spawn.People.Verdict;

/// Logging in, and what a token is good for.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class LoginCallsTest {
    private static final Person ANNA =
            new Person("anna", "Anna", "Berg", "anna@example.org", List.of("ops", "dev"));

    /// Knows one person with one password, and answers on another thread.
    private static final People ONE =
            (name, password, then) ->
                    Thread.ofVirtual()
                            .start(() ->
                                    then.accept(
                                            name.equals("anna") && password.reveal().equals("pw")
                                                    ? new Verdict.Known(ANNA)
                                                    : new Verdict.Unknown()));

    private static void assertUnauthorized(HttpResponse<String> answer, String info) {
        assertEquals(401, answer.statusCode(), answer.body());
        assertEquals(
                "{\"success\":false,\"error\":401,\"message\":\"Not authorized\",\"info\":\""
                        + info
                        + "\"}",
                answer.body());
        assertEquals("Bearer", answer.headers().firstValue("www-authenticate").orElse(""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/json | {\"username\":\"anna\",\"password\":\"pw\"}",
                "application/json; charset=utf-8 | {\"username\":\"anna\",\"password\":\"pw\"}",
                "APPLICATION/JSON;charset=UTF-8 | {\"username\":\"anna\",\"password\":\"pw\"}",
                "application/x-www-form-urlencoded | username=anna&password=%70w"
            })
    void given_name_and_password_when_logged_in_then_a_token_is_given_that_tells_who_it_is(
            String type, String body) throws Exception {
        try (var site = SpawnSite.guarded(ONE)) {
            var answer = site.login(type, body);
            assertEquals(200, answer.statusCode(), answer.body());
            String token = SpawnSite.json(answer).path("token").asString();
            assertTrue(token.matches("[0-9a-f]{64}"), token);
            assertEquals("{\"success\":true,\"token\":\"" + token + "\"}", answer.body());
            assertEquals(
                    "{\"success\":true,\"info\":{\"UID\":\"anna\",\"Name\":{\"First\":\"Anna\",\"Last\":\"Berg\"},"
                            + "\"Email\":\"anna@example.org\",\"Groups\":[\"ops\",\"dev\"]}}",
                    site.get("/login/" + token).body());
            assertNotEquals(token, site.login("anna"));

            assertEquals("{\"success\":true}", site.delete("/logout/" + token).body());
            assertUnauthorized(site.get("/login/" + token), "User has not logged in");
            assertUnauthorized(site.delete("/logout/" + token), "User has not logged in");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/json | {\"username\":\"anna\",\"password\":\"wrong\"}",
                "application/json | {\"username\":\"anna\",\"password\":\"\"}",
                "application/json | {\"username\":\"\",\"password\":\"pw\"}",
                "application/json | {\"username\":\"anna\"}",
                "application/json | {\"username\":[\"anna\"],\"password\":\"pw\"}",
                "application/json | nothing",
                "application/json | []",
                "text/plain | {\"username\":\"anna\",\"password\":\"pw\"}",
                "application/x-www-form-urlencoded | username=anna&password=%ff",
                "application/x-www-form-urlencoded | username=anna"
            })
    void given_no_such_name_or_password_when_logged_in_then_that_is_refused(
            String type, String body) throws Exception {
        try (var site = SpawnSite.guarded(ONE)) {
            assertUnauthorized(site.login(type, body), "Username/Password is required");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /nodes",
        "GET, /nodes/a",
        "GET, /nodes/a/80",
        "PUT, /nodes",
        "PUT, /nodes/a/80",
        "DELETE, /nodes",
        "DELETE, /nodes/a",
        "DELETE, /nodes/a/80",
        "GET, /metrics",
        "GET, /info"
    })
    void given_a_directory_when_asked_without_a_good_token_then_nothing_is_told_or_done(
            String method, String path) throws Exception {
        try (var site = SpawnSite.guarded(ONE)) {
            site.replicas.with(Node.at(new NodeAddress("a", 80)));
            var request = site.request(path).method(method, BodyPublishers.noBody());
            assertEquals(401, site.send(request.copy()).statusCode());
            for (String wrong :
                    List.of(
                            "Bearer guest",
                            "Bearer " + "0".repeat(64),
                            "Basic YW5uYTpwdw==",
                            "Bearer",
                            "Bearer " + site.login("anna") + "0")) {
                var answer = site.send(request.copy().header("Authorization", wrong));
                assertEquals(401, answer.statusCode(), wrong);
                assertTrue(answer.body().contains("Not authorized"), answer.body());
            }
            String token = site.login("anna");
            String inQuery = path + "?token=" + token;
            assertEquals(
                    401,
                    site.send(site.request(inQuery).method(method, BodyPublishers.noBody()))
                            .statusCode());
            assertEquals(1, site.replicas.nodes().size());

            var good = site.send(request.copy().header("Authorization", "Bearer " + token));
            assertNotEquals(401, good.statusCode());
            site.delete("/logout/" + token);
            assertEquals(
                    401,
                    site.send(request.copy().header("Authorization", "Bearer " + token))
                            .statusCode());
        }
    }

    @Test
    void given_a_directory_when_help_is_asked_for_then_no_token_is_needed() throws Exception {
        try (var site = SpawnSite.guarded(ONE)) {
            assertEquals(200, site.get("/list").statusCode());
            assertEquals(
                    200,
                    site.send(site.request("/nodes").method("OPTIONS", BodyPublishers.noBody()))
                            .statusCode());
        }
    }

    @Test
    void given_loopback_without_a_directory_when_a_guest_comes_then_all_is_allowed()
            throws Exception {
        try (var site = SpawnSite.open()) {
            assertEquals(201, site.put("/nodes/a/80", "{}").statusCode());
            String token = site.login("whoever");
            assertTrue(token.matches("[0-9a-f]{64}"), token);
            assertEquals(
                    "whoever",
                    SpawnSite.json(site.get("/login/" + token)).at("/info/UID").asString());
            assertUnauthorized(
                    site.login("application/json", "{\"username\":\"a\",\"password\":\"\"}"),
                    "Username/Password is required");
            assertUnauthorized(site.get("/login/guest"), "Token is not valid");
            assertUnauthorized(site.delete("/logout/x"), "Token is not valid");
        }
    }

    @Test
    void given_somebody_who_guesses_when_it_is_too_often_then_even_the_right_one_is_refused()
            throws Exception {
        try (var site = SpawnSite.guarded(ONE)) {
            for (int i = 0; i < 30; i++) {
                assertEquals(64, site.login("anna").length());
            }
            int refused = 0;
            HttpResponse<String> answer;
            do {
                answer =
                        site.login(
                                "application/json",
                                "{\"username\":\"anna\",\"password\":\"p%d\"}".formatted(refused));
                refused += answer.statusCode() == 401 ? 1 : 0;
            } while (answer.statusCode() == 401 && refused < 20);
            assertEquals(429, answer.statusCode());
            assertEquals(10, refused);
            assertFalse(answer.headers().firstValue("retry-after").isEmpty());
            assertEquals(
                    429,
                    site.login("application/json", "{\"username\":\"anna\",\"password\":\"pw\"}")
                            .statusCode());
        }
    }

    @Test
    void given_a_directory_that_is_away_when_logged_in_then_that_is_no_refusal() throws Exception {
        People away = (_, _, then) -> then.accept(new Verdict.Away("it does not answer"));
        try (var site = SpawnSite.guarded(away)) {
            var answer =
                    site.login("application/json", "{\"username\":\"anna\",\"password\":\"pw\"}");
            assertEquals(503, answer.statusCode());
            assertFalse(answer.body().contains("it does not answer"), answer.body());
        }
    }
}
