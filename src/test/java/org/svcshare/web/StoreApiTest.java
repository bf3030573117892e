package org.svcshare.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.config.HttpSettings.Role;
import org.svcshare.store.MemoryGroup;
import tools.jackson.databind.JsonNode;

/// Keys of the shared store over HTTP.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class StoreApiTest {
    private static final String KV = "/api/v1/kv/";

    private final MemoryGroup group = new MemoryGroup();
    private TestSite site;

    @BeforeEach
    void start() throws Exception {
        site = TestSite.with().members(group.join("n1")).start();
    }

    @AfterEach
    void stop() {
        site.close();
        group.close();
    }

    private HttpResponse<String> ask(String method, String path, String body, String... headers)
            throws Exception {
        HttpRequest.Builder request =
                site.request(path).method(method, BodyPublishers.ofString(body));
        return site.send(headers.length == 0 ? request : request.headers(headers));
    }

    private static String tag(HttpResponse<?> response) {
        return response.headers().firstValue("etag").orElse("(none)");
    }

    @Test
    void given_a_key_when_put_read_changed_and_removed_then_each_answer_has_its_version()
            throws Exception {
        var put = ask("PUT", KV + "colour", "red");
        assertEquals(201, put.statusCode(), put.body());
        assertTrue(tag(put).matches("\"[0-9a-f]{16}-[0-9a-f]{16}\""), tag(put));
        JsonNode told = TestSite.json(put);
        assertEquals(tag(put), "\"" + told.path("version").asString() + "\"");
        assertEquals("n1", told.path("writer").asString());
        assertTrue(told.path("expires").isNull());

        var read = site.get(KV + "colour");
        assertEquals("red", read.body());
        assertEquals(tag(put), tag(read));
        assertEquals(
                "application/octet-stream", read.headers().firstValue("content-type").orElse(""));
        assertEquals("nosniff", read.headers().firstValue("x-content-type-options").orElse(""));
        assertTrue(read.headers().firstValue("svcshare-expires").isEmpty());

        var changed = ask("PUT", KV + "colour", "blue");
        assertEquals(200, changed.statusCode());
        assertFalse(tag(changed).equals(tag(put)));
        assertEquals(204, site.delete(KV + "colour").statusCode());
        assertEquals("unknown_key", TestSite.code(site.get(KV + "colour")));
        assertEquals("unknown_key", TestSite.code(site.delete(KV + "colour")));
    }

    @Test
    void given_conditions_when_they_do_not_hold_then_nothing_changes_and_the_version_is_told()
            throws Exception {
        assertEquals("changed", TestSite.code(ask("PUT", KV + "k", "1", "If-Match", "*")));
        var first = ask("PUT", KV + "k", "1", "If-None-Match", "*");
        assertEquals(201, first.statusCode());
        var again = ask("PUT", KV + "k", "2", "If-None-Match", "*");
        assertEquals("changed", TestSite.code(again));
        assertEquals(412, again.statusCode());
        assertEquals(tag(first), tag(again));

        var second = ask("PUT", KV + "k", "2", "If-Match", tag(first));
        assertEquals(200, second.statusCode());
        assertEquals("changed", TestSite.code(ask("PUT", KV + "k", "3", "If-Match", tag(first))));
        assertEquals("changed", TestSite.code(ask("DELETE", KV + "k", "", "If-Match", tag(first))));
        assertEquals("2", site.get(KV + "k").body());
        assertEquals(204, ask("DELETE", KV + "k", "", "If-Match", tag(second)).statusCode());

        for (String wrong :
                List.of("\"1\"", "1", "W/" + tag(second), tag(first) + "," + tag(second))) {
            assertEquals("invalid", TestSite.code(ask("PUT", KV + "k", "3", "If-Match", wrong)));
        }
        assertEquals(
                "invalid", TestSite.code(ask("PUT", KV + "k", "3", "If-None-Match", tag(second))));
    }

    @Test
    void given_a_version_that_one_has_when_read_then_nothing_is_sent_again() throws Exception {
        String tag = tag(ask("PUT", KV + "k", "1"));
        for (String known : List.of(tag, "\"x\", " + tag, "W/" + tag, "*")) {
            var read = ask("GET", KV + "k", "", "If-None-Match", known);
            assertEquals(304, read.statusCode(), known);
            assertEquals("", read.body());
            assertEquals(tag, tag(read));
        }
        assertEquals(200, ask("GET", KV + "k", "", "If-None-Match", "\"x\"").statusCode());
        var head = ask("HEAD", KV + "k", "");
        assertEquals(tag, tag(head));
        assertEquals("1", head.headers().firstValue("content-length").orElse(""));
    }

    @Test
    void given_a_time_to_live_when_put_then_its_end_is_told_and_kept() throws Exception {
        Instant before = Instant.now();
        var put = ask("PUT", KV + "k?ttl=1h", "1");
        Instant ends = Instant.parse(put.headers().firstValue("svcshare-expires").orElseThrow());
        assertTrue(ends.isAfter(before.plusSeconds(3590)), ends::toString);
        JsonNode entry = TestSite.json(site.get(KV + "k?json"));
        assertEquals(ends, Instant.parse(entry.path("expires").asString()));

        for (String ttl : List.of("0", "0s", "5", "-1s", "soon", "")) {
            assertEquals("invalid", TestSite.code(ask("PUT", KV + "k?ttl=" + ttl, "2")), ttl);
        }
        assertEquals("1", site.get(KV + "k").body());
    }

    @Test
    void given_keys_of_any_characters_when_put_then_they_are_found_again() throws Exception {
        List<String> paths =
                List.of(
                        "a/b/c",
                        "/",
                        "a//b/",
                        "1/2/3/4/5/6/7/8/9/10/11/12",
                        "%C3%A4%2F%3F%23%20%25",
                        "%E2%98%83",
                        "a+b",
                        "%2e%2e");
        for (String path : paths) {
            String own = "value of " + path;
            assertEquals(201, ask("PUT", KV + path, own).statusCode(), path);
            assertEquals(own, site.get(KV + path).body(), path);
        }
        var listed = new ArrayList<String>();
        TestSite.json(site.get("/api/v1/kv"))
                .path("entries")
                .forEach(entry -> listed.add(entry.path("key").asString()));
        var expected = new TreeSet<String>();
        paths.forEach(path -> expected.add(Percent.decode(path, 0, path.length(), false).get()));
        assertEquals(List.copyOf(expected), listed);
        assertTrue(listed.contains("ä/?# %"), listed::toString);

        for (String wrong : List.of("%", "%0", "%ff", "%0a", "x".repeat(513))) {
            assertEquals("invalid", TestSite.code(rawly(wrong)), wrong);
        }
        assertEquals("not_found", TestSite.code(site.get("/api/v1/kv/")));
    }

    /// What `URI` does not let through is sent as it is.
    private HttpResponse<String> rawly(String path) throws Exception {
        try {
            return site.get(KV + path);
        } catch (IllegalArgumentException _) {
            String answer =
                    site.raw(
                            "GET "
                                    + KV
                                    + path
                                    + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
            return site.get(KV + "%ff");
        }
    }

    @Test
    void given_bytes_that_are_no_text_when_listed_then_they_are_in_base64() throws Exception {
        byte[] bytes = {0, (byte) 0xff, 10};
        site.send(site.request(KV + "b").PUT(BodyPublishers.ofByteArray(bytes)));
        ask("PUT", KV + "t", "two\nlines \"ä\"");

        JsonNode entries = TestSite.json(site.get("/api/v1/kv")).path("entries");
        assertTrue(entries.at("/0/base64").asBoolean());
        assertEquals("AP8K", entries.at("/0/value").asString());
        assertEquals(3, entries.at("/0/sizeBytes").asInt());
        assertFalse(entries.at("/1/base64").asBoolean());
        assertEquals("two\nlines \"ä\"", entries.at("/1/value").asString());

        JsonNode one =
                TestSite.json(
                        site.send(site.request(KV + "b").header("Accept", "application/json")));
        JsonNode schema =
                TestSite.json(site.get("/openapi.json")).at("/components/schemas/Entry/properties");
        Set<String> described = new TreeSet<>(schema.propertyNames());
        assertTrue(described.remove("initial"));
        assertEquals(described, new TreeSet<>(one.propertyNames()));
        assertEquals(described, new TreeSet<>(entries.path(0).propertyNames()));
    }

    @Test
    void given_many_keys_when_listed_then_they_come_piece_by_piece() throws Exception {
        for (int i = 0; i < 25; i++) {
            ask("PUT", KV + "p/%02d".formatted(i), "x".repeat(60_000));
        }
        ask("PUT", KV + "other", "");
        JsonNode first = TestSite.json(site.get("/api/v1/kv?prefix=p%2F"));
        assertTrue(first.path("more").asBoolean());
        assertEquals(26, first.path("keys").asInt());
        int shown = first.path("entries").size();
        assertTrue(shown > 10 && shown < 20, "" + shown);
        String last = first.path("entries").path(shown - 1).path("key").asString();
        JsonNode rest = TestSite.json(site.get("/api/v1/kv?prefix=p/&after=" + last));
        assertFalse(rest.path("more").asBoolean());
        assertEquals(25, shown + rest.path("entries").size());

        JsonNode bare = TestSite.json(site.get("/api/v1/kv?bare&limit=2"));
        assertEquals(2, bare.path("entries").size());
        assertTrue(bare.path("more").asBoolean());
        assertTrue(bare.at("/entries/0/value").isMissingNode());
        for (String wrong : List.of("limit=0", "limit=10001", "limit=x", "prefix=%ff", "bare=7")) {
            assertEquals("invalid", TestSite.code(site.get("/api/v1/kv?" + wrong)), wrong);
        }
    }

    @Test
    void given_a_value_that_is_too_large_when_put_then_it_is_refused() throws Exception {
        assertEquals(201, ask("PUT", KV + "k", "x".repeat(64 * 1024)).statusCode());
        assertEquals("too_large", TestSite.code(ask("PUT", KV + "k", "x".repeat(64 * 1024 + 1))));
        assertEquals(200, ask("PUT", KV + "k", "").statusCode());
        assertEquals("", site.get(KV + "k").body());
    }

    @Test
    void given_tokens_when_asked_then_reading_needs_read_and_writing_lock() throws Exception {
        try (TestSite guarded =
                TestSite.with()
                        .members(group.join("n2"))
                        .token("eye", Role.READ, "r")
                        .token("hand", Role.LOCK, "l")
                        .start()) {
            assertEquals("unauthorized", TestSite.code(guarded.get(KV + "k")));
            String reader = "Bearer r";
            var put = guarded.request(KV + "k").PUT(BodyPublishers.ofString("1"));
            assertEquals("forbidden", TestSite.code(as(guarded, put, reader)));
            assertEquals(201, as(guarded, put, "Bearer l").statusCode());
            assertEquals("1", as(guarded, guarded.request(KV + "k"), reader).body());
            var forget = guarded.request("/api/v1/members/n1").DELETE();
            assertEquals("forbidden", TestSite.code(as(guarded, forget, "Bearer l")));
            var called = guarded.request("/api/v1/events/x").POST(BodyPublishers.noBody());
            assertEquals("forbidden", TestSite.code(as(guarded, called, reader)));
        }
    }

    private static HttpResponse<String> as(TestSite at, HttpRequest.Builder request, String who)
            throws Exception {
        return at.send(request.copy().header("Authorization", who));
    }

    @Test
    void given_a_page_of_another_site_when_it_writes_then_it_may_not() throws Exception {
        var put =
                site.request(KV + "k")
                        .header("Sec-Fetch-Site", "cross-site")
                        .PUT(BodyPublishers.ofString("1"));
        assertEquals("cross_site", TestSite.code(site.send(put)));
        assertEquals("unknown_key", TestSite.code(site.get(KV + "k")));
    }

    @Test
    void given_no_group_when_asked_then_that_is_said_with_what_to_do() throws Exception {
        try (TestSite alone = TestSite.plain()) {
            for (String path : List.of("members", "kv", "kv/k", "watch")) {
                var answer = alone.get("/api/v1/" + path);
                assertEquals("no_members", TestSite.code(answer), path);
                assertTrue(answer.body().contains("gossip.enabled"), answer.body());
                assertTrue(answer.headers().firstValue("retry-after").isEmpty());
            }
            assertEquals("no_members", TestSite.code(alone.put(KV + "k", "1")));
            assertEquals("no_members", TestSite.code(alone.delete(KV + "k")));
            assertEquals("no_members", TestSite.code(alone.delete("/api/v1/members/n1")));
            for (String path : List.of("events/x", "queries/x")) {
                var post = alone.request("/api/v1/" + path).POST(BodyPublishers.noBody());
                assertEquals("no_members", TestSite.code(alone.send(post)), path);
            }
            assertTrue(TestSite.json(alone.get("/api/v1/status")).path("members").isNull());
        }
    }
}
