package org.svcshare.web;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.MemoryGroup;
import org.svcshare.store.Value;
import tools.jackson.databind.JsonNode;

/// Members, what they call out and ask, and watching keys; two members, each with a server.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class MembersApiTest {
    private static final String KV = "/api/v1/kv/";

    private final MemoryGroup group = new MemoryGroup();
    private final MemberGroup first = group.join("n1");
    private final MemberGroup second = group.join("n2");
    private TestSite site;
    private TestSite other;

    @BeforeEach
    void start() throws Exception {
        site = TestSite.with().members(first).start();
        other = TestSite.with().members(second).start();
    }

    @AfterEach
    void stop() {
        site.close();
        other.close();
        group.close();
    }

    private static HttpResponse<String> post(TestSite at, String path, String body)
            throws Exception {
        return at.send(at.request(path).POST(BodyPublishers.ofString(body)));
    }

    private EventLines stream(TestSite at, String path) throws Exception {
        return EventLines.open(at, "GET " + path, "");
    }

    @Test
    void given_members_when_listed_then_they_are_told_as_described() throws Exception {
        site.put(KV + "k", "1");
        JsonNode seen = TestSite.json(site.get("/api/v1/members"));

        assertEquals("memory", seen.path("group").asString());
        assertEquals("n1", seen.path("name").asString());
        assertTrue(seen.path("joined").asBoolean());
        assertEquals(1, seen.at("/store/keys").asInt());
        assertEquals("n1", seen.at("/members/0/name").asString());
        assertTrue(seen.at("/members/0/self").asBoolean());
        assertEquals("n2", seen.at("/members/1/name").asString());
        assertEquals("alive", seen.at("/members/1/state").asString());

        JsonNode schema =
                TestSite.json(site.get("/openapi.json"))
                        .at("/components/schemas/Members/properties");
        assertEquals(fields(schema), fields(seen));
        assertEquals(fields(schema.at("/store/properties")), fields(seen.path("store")));
        assertEquals(fields(schema.at("/members/items/properties")), fields(seen.at("/members/1")));
        assertEquals(2, TestSite.json(site.get("/api/v1/status")).at("/members/alive").asInt());
    }

    private static Set<String> fields(JsonNode object) {
        return new TreeSet<>(object.propertyNames());
    }

    @Test
    void given_a_member_that_died_when_it_is_forgotten_then_it_is_gone() throws Exception {
        assertEquals("member_alive", TestSite.code(site.delete("/api/v1/members/n2")));
        assertEquals("unknown_member", TestSite.code(site.delete("/api/v1/members/n%209")));
        group.kill("n2");

        assertEquals(
                "failed",
                TestSite.json(site.get("/api/v1/members")).at("/members/1/state").asString());
        assertEquals(204, site.delete("/api/v1/members/n2").statusCode());
        assertEquals(1, TestSite.json(site.get("/api/v1/members")).path("members").size());
    }

    @Test
    void given_a_watch_when_keys_change_anywhere_then_it_is_told_with_their_values()
            throws Exception {
        site.put(KV + "a/before", "0");
        try (var watch = stream(other, "/api/v1/watch?prefix=a/&initial=true")) {
            JsonNode before = watch.next("put");
            assertEquals("a/before", before.path("key").asString());
            assertTrue(before.path("initial").asBoolean());
            watch.next("ready");

            String version = TestSite.json(site.put(KV + "a/x", "one")).path("version").asString();
            site.put(KV + "b", "not watched");
            site.delete(KV + "a/x");
            JsonNode put = watch.next("put");
            assertEquals("a/x", put.path("key").asString());
            assertEquals("one", put.path("value").asString());
            assertEquals(version, put.path("version").asString());
            assertEquals("n1", put.path("writer").asString());
            assertFalse(put.path("initial").asBoolean());
            JsonNode removed = watch.next("removed");
            assertEquals("a/x", removed.path("key").asString());
            assertEquals(version, removed.path("version").asString());
            assertFalse(removed.path("expired").asBoolean());
        }
    }

    @Test
    void given_a_watch_of_one_key_when_its_time_is_over_then_that_is_told() throws Exception {
        try (var watch = stream(site, "/api/v1/watch?key=a")) {
            watch.next("ready");
            other.put(KV + "ab", "1");
            other.put(KV + "a?ttl=200ms", "2");
            assertEquals("2", watch.next("put").path("value").asString());
            assertTrue(watch.next("removed").path("expired").asBoolean());
        }
        for (String wrong : List.of("key=a&prefix=b", "key=", "key=%ff", "initial=perhaps")) {
            assertEquals("invalid", TestSite.code(site.get("/api/v1/watch?" + wrong)), wrong);
        }
    }

    @Test
    void given_a_large_store_that_changes_when_a_watch_begins_then_it_hears_the_last_of_each()
            throws Exception {
        for (int i = 0; i < 300; i++) {
            site.put(KV + "k%03d".formatted(i), "0".repeat(i % 10 == 0 ? 60_000 : 10));
        }
        try (var watch = stream(other, "/api/v1/watch?initial")) {
            for (int i = 0; i < 300; i += 7) {
                site.put(KV + "k%03d".formatted(i), "changed");
            }
            var last = new java.util.HashMap<String, String>();
            var versions = new java.util.HashMap<String, String>();
            boolean ready = false;
            while (!ready
                    || !java.util.stream.IntStream.iterate(0, i -> i < 300, i -> i + 7)
                            .allMatch(i -> "changed".equals(last.get("k%03d".formatted(i))))) {
                EventLines.Event event = watch.any();
                ready |= event.name().equals("ready");
                if (event.name().equals("put")) {
                    String key = event.data().path("key").asString();
                    String version = event.data().path("version").asString();
                    String before = versions.put(key, version);
                    assertTrue(before == null || before.compareTo(version) < 0, key);
                    last.put(key, event.data().path("value").asString());
                }
            }
            assertEquals(300, last.size());
        }
    }

    @Test
    void given_a_watcher_that_does_not_read_when_much_changes_then_it_is_dropped()
            throws Exception {
        try (var watch = stream(site, "/api/v1/watch")) {
            String large = "x".repeat(60_000);
            await().atMost(TestSite.LIMIT)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> {
                        site.put(KV + "k", large);
                        return site.server.site().counts().slowReaders.sum() > 0;
                    });
            await().atMost(TestSite.LIMIT)
                    .until(() -> site.server.site().counts().streams.get() == 0);
            assertTrue(watch.open());
        }
    }

    @Test
    void given_a_listener_when_members_and_keys_come_and_go_then_it_hears_it_without_values()
            throws Exception {
        try (var events = stream(site, "/api/v1/events")) {
            events.begun();
            other.put(KV + "k", "SECRET");
            other.put(KV + "k", "SECRET");
            other.delete(KV + "k");
            post(other, "/api/v1/events/deploy%20now", "v7");
            group.join("n3");
            group.kill("n3");

            JsonNode appeared = events.next("key.new");
            assertEquals("k", appeared.path("key").asString());
            assertEquals(6, appeared.path("sizeBytes").asInt());
            assertFalse(appeared.toString().contains("SECRET"));
            events.next("key.changed");
            assertFalse(events.next("key.removed").path("expired").asBoolean());
            JsonNode called = events.next("event.deploy%20now");
            assertEquals("deploy now", called.path("name").asString());
            assertEquals("v7", called.path("payload").asString());
            assertEquals("n2", called.path("from").asString());
            assertEquals("n3", events.next("member.joined").path("name").asString());
            assertEquals("failed", events.next("member.failed").path("state").asString());
        }
    }

    @Test
    void given_what_cannot_be_called_out_when_asked_for_then_it_is_refused() throws Exception {
        assertEquals(204, post(site, "/api/v1/events/x", "y".repeat(16 * 1024)).statusCode());
        assertEquals(
                "too_large",
                TestSite.code(post(site, "/api/v1/events/x", "y".repeat(16 * 1024 + 1))));
        assertEquals("invalid", TestSite.code(post(site, "/api/v1/events/" + "x".repeat(101), "")));
        assertEquals("invalid", TestSite.code(post(site, "/api/v1/events/%ff", "")));
    }

    @Test
    void given_a_question_when_asked_then_the_answers_and_the_silent_are_told() throws Exception {
        second.answerWith((name, payload, _, answer) ->
                answer.accept(Value.text(name + " " + payload.text())));

        JsonNode heard = TestSite.json(post(site, "/api/v1/queries/load?timeout=300ms", "cpu"));
        assertEquals(1, heard.path("answers").size());
        assertEquals("n2", heard.at("/answers/0/member").asString());
        assertEquals("load cpu", heard.at("/answers/0/payload").asString());
        assertTrue(heard.at("/answers/0/afterMs").isNumber());
        assertEquals("[\"n1\"]", heard.path("silent").toString());

        JsonNode all = TestSite.json(post(site, "/api/v1/queries/ping", ""));
        assertEquals(2, all.path("answers").size());
        assertEquals("[]", all.path("silent").toString());
        String unfit = "/api/v1/queries/" + "x".repeat(101);
        assertEquals("invalid", TestSite.code(post(site, unfit, "")));
        var streamed =
                site.request(unfit)
                        .header("Accept", "text/event-stream")
                        .POST(BodyPublishers.noBody());
        assertEquals("invalid", TestSite.code(site.send(streamed)));
        for (String wrong : List.of("0", "61s", "5", "x")) {
            String path = "/api/v1/queries/ping?timeout=" + wrong;
            assertEquals("invalid", TestSite.code(post(site, path, "")), wrong);
        }
    }

    @Test
    void given_a_question_when_its_answers_are_streamed_then_they_come_one_by_one()
            throws Exception {
        try (var stream = EventLines.open(site, "POST /api/v1/queries/version?timeout=10s", "")) {
            var from = new TreeSet<String>();
            from.add(stream.next("answer").path("member").asString());
            from.add(stream.next("answer").path("member").asString());
            assertEquals(Set.of("n1", "n2"), from);
            assertEquals("[]", stream.next("ended").path("silent").toString());
            stream.untilEnd();
        }
    }

    @Test
    void given_members_when_scraped_then_the_agreed_names_are_there() throws Exception {
        site.put(KV + "k", "1");
        site.put(KV + "k", "2");
        site.put(KV + "gone?ttl=1ms", "1");
        site.delete(KV + "k");
        group.kill("n2");
        var missing = new ArrayList<String>();
        await().atMost(TestSite.LIMIT)
                .until(() -> {
                    String text = site.get("/metrics").body();
                    missing.clear();
                    for (String line :
                            List.of(
                                    "svcshare_members{state=\"alive\"} 1",
                                    "svcshare_members{state=\"failed\"} 1",
                                    "svcshare_gossip_joined 1",
                                    "svcshare_store_keys 0",
                                    "svcshare_store_bytes ",
                                    "svcshare_store_tombstones 1",
                                    "svcshare_store_events_total{event=\"new\"} ",
                                    "svcshare_store_events_total{event=\"changed\"} 1",
                                    "svcshare_store_events_total{event=\"removed\"} 1",
                                    "svcshare_gossip_rejected_total{reason=\"wrong-group\"} 2",
                                    "svcshare_gossip_rounds_total 7")) {
                        if (!text.contains("\n" + line)) {
                            missing.add(line);
                        }
                    }
                    return missing.isEmpty();
                });
        String documented = Files.readString(Path.of("docs", "metrics.md"));
        site.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("# TYPE svcshare_"))
                .map(line -> line.substring("# TYPE ".length(), line.lastIndexOf(' ')))
                .filter(name -> name.matches("svcshare_(members|gossip|store).*"))
                .forEach(name -> assertTrue(documented.contains("`" + name), name));
    }

    @Test
    void given_a_group_that_does_not_answer_when_scraped_then_the_rest_is_told() throws Exception {
        second.close();
        var text = new CompletableFuture<String>();
        text.complete(other.get("/metrics").body());
        assertTrue(
                text.get(TestSite.LIMIT.toSeconds(), TimeUnit.SECONDS)
                        .contains("\nsvcshare_http_requests_total"));
    }

    @Test
    void given_watches_and_questions_when_the_server_stops_then_they_end() throws Exception {
        try (var watch = stream(site, "/api/v1/watch")) {
            watch.next("ready");
            site.server.drain();
            watch.untilEnd();
        }
    }
}
