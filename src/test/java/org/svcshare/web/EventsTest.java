package org.svcshare.web;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.pool.Effect;
import org.svcshare.pool.RequestId;
import org.svcshare.turn.Happening;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Server-sent events, read line by line from a raw connection.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class EventsTest {

    /// One stream of events.
    private static final class Stream implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader lines;

        Stream(TestSite site, String request, String body) throws IOException {
            socket = site.socket();
            socket.getOutputStream()
                    .write(
                            (request
                                            + " HTTP/1.1\r\nHost: localhost\r\n"
                                            + "Accept: text/event-stream\r\nContent-Length: "
                                            + body.length()
                                            + "\r\n\r\n"
                                            + body)
                                    .getBytes(StandardCharsets.US_ASCII));
            lines =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        }

        static Stream events(TestSite site) throws IOException {
            var stream = new Stream(site, "GET /api/v1/events", "");
            stream.until(":");
            return stream;
        }

        String until(String begin) throws IOException {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(begin)) {
                    return line;
                }
            }
            throw new AssertionError("the stream ended without " + begin);
        }

        JsonNode next(String event) throws IOException {
            assertEquals("event: " + event, until("event: "));
            return JsonMapper.shared().readTree(until("data: ").substring(6));
        }

        void untilEnd() throws IOException {
            assertEquals("0", until("0"));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void given_a_listener_when_locks_come_and_go_then_it_hears_it_in_order() throws Exception {
        try (TestSite site = TestSite.plain();
                var stream = Stream.events(site)) {
            String token =
                    TestSite.json(site.lock("p", "{\"holder\":\"anna\"}")).path("token").asString();
            site.put(TestSite.locks("p") + "/" + token, "");
            site.unlock("p", token);

            JsonNode granted = stream.next("lock.granted");
            assertEquals("anna", granted.path("holder").asString());
            assertEquals("p", granted.path("pool").asString());
            assertTrue(granted.path("fence").asLong() > 0);
            stream.next("lock.renewed");
            JsonNode ended = stream.next("lock.ended");
            assertEquals("released", ended.path("cause").asString());
            assertFalse(granted.toString().contains(token) || ended.toString().contains(token));
        }
    }

    @Test
    void given_a_listener_when_the_turn_changes_then_it_hears_that_too() throws Exception {
        try (TestSite site = TestSite.plain();
                var stream = Stream.events(site)) {
            site.server.happened(
                    new Happening.TurnGranted(7, 12.5, Duration.ofSeconds(3), "a \"word\"", 5),
                    Instant.EPOCH);
            site.server.happened(new Happening.Knock(), Instant.EPOCH);

            JsonNode granted = stream.next("turn.granted");
            assertEquals(7, granted.path("turn").asInt());
            assertEquals(3000, granted.path("waitedMs").asInt());
            assertEquals("a \"word\"", granted.path("why").asString());
            assertEquals("1970-01-01T00:00:00.000Z", granted.path("at").asString());
            stream.next("knock");
        }
    }

    @Test
    void given_a_waiting_stream_when_it_moves_up_then_it_is_told_and_then_granted()
            throws Exception {
        try (TestSite site = TestSite.plain()) {
            String first = TestSite.json(site.lock("p", "")).path("token").asString();
            String second = site.id();
            site.send(
                    site.locking("p", "{\"wait\":\"20s\",\"id\":\"" + second + "\"}")
                            .header("Prefer", "respond-async"));
            try (var stream =
                    new Stream(site, "POST /api/v1/pools/p/locks", "{\"wait\":\"20s\"}")) {
                assertEquals(2, stream.next("queued").path("position").asInt());
                site.unlock("p", second);
                assertEquals(1, stream.next("queued").path("position").asInt());
                site.unlock("p", first);
                JsonNode granted = stream.next("granted");
                assertEquals("granted", granted.path("state").asString());
                assertTrue(granted.path("fence").asLong() > 0);
                stream.untilEnd();
            }
        }
    }

    @Test
    void given_a_stream_when_the_wait_is_over_then_it_fails_with_the_problem() throws Exception {
        try (TestSite site = TestSite.plain()) {
            site.lock("p", "");
            try (var stream =
                    new Stream(site, "POST /api/v1/pools/p/locks", "{\"wait\":\"100ms\"}")) {
                stream.next("queued");
                assertEquals("timed_out", stream.next("failed").path("code").asString());
                stream.untilEnd();
            }
            try (var stream = new Stream(site, "POST /api/v1/pools/q/locks", "")) {
                stream.next("granted");
                stream.untilEnd();
            }
        }
    }

    @Test
    void given_a_waiter_that_hangs_up_when_it_comes_back_then_it_has_its_place() throws Exception {
        try (TestSite site = TestSite.plain()) {
            String holder = TestSite.json(site.lock("p", "")).path("token").asString();
            String id = site.id();
            String body = "{\"wait\":\"20s\",\"id\":\"" + id + "\"}";
            try (var stream = new Stream(site, "POST /api/v1/pools/p/locks", body)) {
                stream.next("queued");
                var behind = site.lockLater("p", "{\"wait\":\"20s\"}");
                await().atMost(TestSite.LIMIT).until(() -> site.waiting("p") == 2);
                assertFalse(behind.isDone());
            }
            var back = site.lockLater("p", body);
            await().atMost(TestSite.LIMIT)
                    .until(() -> site.server.site().counts().streams.get() == 0);
            site.unlock("p", holder);

            assertEquals(201, back.get().statusCode());
            assertEquals(id, TestSite.json(back.get()).path("token").asString());
        }
    }

    @Test
    void given_a_listener_that_does_not_read_when_much_happens_then_it_is_dropped()
            throws Exception {
        try (TestSite site = TestSite.plain();
                var stream = Stream.events(site)) {
            String holder = "x".repeat(200);
            var effect = new Effect.Queued(new RequestId(1, 2), holder, 1, holder);
            await().atMost(TestSite.LIMIT)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> {
                        for (int i = 0; i < 1000; i++) {
                            site.server.on(effect);
                        }
                        return site.server.site().counts().slowReaders.sum() > 0;
                    });
            await().atMost(TestSite.LIMIT)
                    .until(() -> site.server.site().counts().streams.get() == 0);
            assertEquals(200, site.get("/livez").statusCode());
            assertTrue(stream.socket.isConnected());
        }
    }

    @Test
    void given_waiters_and_streams_when_the_server_stops_then_all_are_told() throws Exception {
        try (TestSite site = TestSite.plain();
                var events = Stream.events(site)) {
            site.lock("p", "");
            var waiter = site.lockLater("p", "{\"wait\":\"20s\"}");
            try (var stream =
                    new Stream(site, "POST /api/v1/pools/p/locks", "{\"wait\":\"20s\"}")) {
                stream.next("queued");
                await().atMost(TestSite.LIMIT).until(() -> site.waiting("p") == 2);

                site.server.drain();

                assertEquals(503, waiter.get().statusCode(), waiter.get().body());
                assertEquals("not_ready", TestSite.code(waiter.get()));
                assertEquals("not_ready", stream.next("failed").path("code").asString());
                events.untilEnd();
            }
        }
    }
}
