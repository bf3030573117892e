package org.svcshare.web;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svcshare.engine.Engines;
import org.svcshare.pool.Effect;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.TableRules;
import org.svcshare.pool.TableView;
import tools.jackson.databind.JsonNode;

/// Taking and giving back locks over the API, against a real server.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class LockApiTest {
    private TestSite site = start();

    private static TestSite start() {
        try {
            return TestSite.with()
                    .pools(
                            new PoolRules("two", 2, 60_000, 1000, Set.of()),
                            new PoolRules("short", 1, 60_000, 1, Set.of()),
                            new PoolRules("annas", 1, 0, 10, Set.of("anna")))
                    .claim(Duration.ofMillis(200))
                    .start();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @AfterEach
    void close() {
        site.close();
    }

    private void untilWaiting(String pool, int count) {
        await(count + " wait").atMost(TestSite.LIMIT).until(() -> site.waiting(pool) == count);
    }

    @Test
    void given_a_free_pool_when_asked_then_the_lock_is_granted_with_a_fence_and_an_end()
            throws Exception {
        String id = site.id();
        var response = site.lock("p", "{\"id\":\"" + id + "\",\"ttl\":\"30s\"}");

        assertEquals(201, response.statusCode(), response.body());
        JsonNode lock = TestSite.json(response);
        assertEquals("granted", lock.path("state").asString());
        assertEquals("p", lock.path("pool").asString());
        assertEquals(id, lock.path("token").asString());
        assertTrue(lock.path("fence").asLong() > 0);
        assertTrue(lock.path("ticket").asLong() > 0);
        long leftMs = lock.path("ttlMs").asLong();
        assertTrue(leftMs > 20_000 && leftMs <= 30_000, response.body());
        Instant expires = Instant.parse(lock.path("expires").asString());
        assertTrue(Duration.between(Instant.now(), expires).toSeconds() <= 30, expires.toString());
        assertEquals("no-store", response.headers().firstValue("cache-control").orElse(""));
    }

    @Test
    void given_no_body_when_asked_then_the_server_draws_the_token() throws Exception {
        var first = TestSite.json(site.lock("a", ""));
        var second = TestSite.json(site.lock("b", "{}"));

        assertTrue(first.path("token").asString().matches("[0-9a-f]{32}"), first.toString());
        assertFalse(first.path("token").equals(second.path("token")));
        assertEquals(60, first.path("ttlMs").asLong() / 1000.0, 5);
    }

    @Test
    void given_a_lock_without_an_end_when_granted_then_its_end_is_null() throws Exception {
        JsonNode lock = TestSite.json(site.lock("p", "{\"ttl\":\"0\"}"));

        assertTrue(lock.path("expires").isNull() && lock.path("ttlMs").isNull(), lock.toString());
    }

    @Test
    void given_a_repetition_when_asked_then_it_is_the_same_lock() throws Exception {
        String body = "{\"id\":\"" + site.id() + "\"}";
        var first = site.lock("p", body);
        var again = site.lock("p", body);

        assertEquals(201, first.statusCode());
        assertEquals(200, again.statusCode());
        assertEquals(TestSite.json(first).path("fence"), TestSite.json(again).path("fence"));
        assertEquals("id_reused", TestSite.code(site.lock("q", body)));
    }

    @Test
    void given_an_idempotency_key_when_asked_then_it_is_the_id() throws Exception {
        String id = site.id();
        var response = site.send(site.locking("p", "").header("Idempotency-Key", id));
        assertEquals(id, TestSite.json(response).path("token").asString());

        var other =
                site.send(
                        site.locking("p", "{\"id\":\"" + site.id() + "\"}")
                                .header("Idempotency-Key", id));
        assertEquals("invalid", TestSite.code(other));
    }

    @Test
    void given_a_taken_lock_when_asked_without_a_wait_then_it_is_busy() throws Exception {
        site.lock("p", "");
        var response = site.lock("p", "");

        assertEquals(409, response.statusCode());
        assertEquals("busy", TestSite.code(response));
        assertEquals("urn:svcshare:problem:busy", TestSite.json(response).path("type").asString());
    }

    @Test
    void given_a_waiter_when_the_holder_releases_then_it_is_answered_with_a_higher_fence()
            throws Exception {
        JsonNode holder = TestSite.json(site.lock("p", ""));
        var waiter = site.lockLater("p", "{\"wait\":\"20s\"}");
        untilWaiting("p", 1);

        assertEquals(204, site.unlock("p", holder.path("token").asString()).statusCode());
        var granted = waiter.get();

        assertEquals(201, granted.statusCode(), granted.body());
        assertTrue(TestSite.json(granted).path("fence").asLong() > holder.path("fence").asLong());
    }

    @Test
    void given_a_short_wait_when_it_is_over_then_the_answer_is_timed_out() throws Exception {
        site.lock("p", "");
        String id = site.id();
        var response = site.lock("p", "{\"wait\":\"50ms\",\"id\":\"" + id + "\"}");

        assertEquals(408, response.statusCode());
        assertEquals("timed_out", TestSite.code(response));
        assertEquals(204, site.unlock("p", id).statusCode());
    }

    @Test
    void given_a_wish_for_an_answer_at_once_when_queued_then_it_can_be_polled() throws Exception {
        String holder = TestSite.json(site.lock("p", "")).path("token").asString();
        String id = site.id();
        var response =
                site.send(
                        site.locking("p", "{\"wait\":\"20s\",\"id\":\"" + id + "\"}")
                                .header("Prefer", "respond-async"));

        assertEquals(202, response.statusCode(), response.body());
        JsonNode queued = TestSite.json(response);
        assertEquals("queued", queued.path("state").asString());
        assertEquals(1, queued.path("position").asInt());
        assertTrue(queued.path("estimateMs").isNull());
        String own = response.headers().firstValue("location").orElseThrow();
        assertEquals(TestSite.locks("p") + "/" + id, own);
        assertEquals(202, site.get(own).statusCode());

        var polled = site.sendLater(site.request(own + "?wait=10s"));
        site.unlock("p", holder);

        assertEquals(200, polled.get().statusCode(), polled.get().body());
        assertEquals(200, site.get(own).statusCode());
        assertEquals(204, site.delete(own).statusCode());
        assertEquals("released", TestSite.code(site.get(own)));
    }

    @Test
    void given_a_long_poll_when_nothing_happens_then_it_ends_with_the_place() throws Exception {
        site.lock("p", "");
        String first = site.id();
        var _ = site.lockLater("p", "{\"wait\":\"20s\",\"id\":\"" + site.id() + "\"}");
        untilWaiting("p", 1);
        site.send(
                site.locking("p", "{\"wait\":\"20s\",\"id\":\"" + first + "\"}")
                        .header("Prefer", "respond-async"));

        var polled = site.get(TestSite.locks("p") + "/" + first + "?wait=60ms");

        assertEquals(202, polled.statusCode(), polled.body());
        assertEquals(2, TestSite.json(polled).path("position").asInt());
    }

    @Test
    void given_tickets_that_are_looked_after_when_looked_at_then_nothing_is_written_down()
            throws Exception {
        var rules = new TableRules(List.of(), TestSite.UNDECLARED, 100, 600_000, 100);
        var engine = new Counting(Engines.memory(rules), new AtomicInteger());
        try (engine;
                var counted = TestSite.with().engine(engine).start()) {
            String holder = counted.id();
            String waiter = counted.id();
            counted.lock("p", "{\"id\":\"" + holder + "\"}");
            counted.send(
                    counted.locking("p", "{\"wait\":\"20s\",\"id\":\"" + waiter + "\"}")
                            .header("Prefer", "respond-async"));
            int before = engine.proposals.get();

            assertEquals(200, counted.get(TestSite.locks("p") + "/" + holder).statusCode());
            assertEquals(202, counted.get(TestSite.locks("p") + "/" + waiter).statusCode());

            assertEquals(before, engine.proposals.get());
        }
    }

    private record Counting(PoolEngine engine, AtomicInteger proposals) implements PoolEngine {
        @Override
        public void propose(Operation operation, Answer answer) {
            proposals.incrementAndGet();
            engine.propose(operation, answer);
        }

        @Override
        public <T> void read(Function<TableView, T> question, Consumer<@Nullable T> then) {
            engine.read(question, then);
        }

        @Override
        public void listen(Consumer<Effect> listener) {
            engine.listen(listener);
        }

        @Override
        public Status status() {
            return engine.status();
        }

        @Override
        public long nowMs() {
            return engine.nowMs();
        }

        @Override
        public void close() {
            engine.close();
        }
    }

    @Test
    void given_a_table_whose_time_is_not_the_walls_then_what_is_left_is_counted_by_the_table()
            throws Exception {
        var rules = new TableRules(List.of(), TestSite.UNDECLARED, 100, 600_000, 100);
        var engine = new Ahead(Engines.memory(rules), 3_600_000);
        try (engine;
                var ahead = TestSite.with().engine(engine).start()) {
            var granted = ahead.lock("p", "{\"ttl\":\"30s\"}");

            long leftMs = TestSite.json(granted).path("ttlMs").asLong();
            assertTrue(leftMs > 20_000 && leftMs <= 30_000, granted.body());
            Instant expires = Instant.parse(TestSite.json(granted).path("expires").asString());
            assertTrue(expires.isBefore(Instant.now().plusSeconds(31)), granted.body());
        }
    }

    /// Its time is ahead of the clock on the wall.
    private record Ahead(PoolEngine engine, long byMs) implements PoolEngine {
        @Override
        public void propose(Operation operation, Answer answer) {
            engine.propose(
                    operation,
                    new Answer() {
                        @Override
                        public void outcome(Outcome outcome) {
                            answer.outcome(
                                    outcome instanceof Outcome.Granted g
                                            ? new Outcome.Granted(
                                                    g.ticket(), g.fence(), g.untilMs() + byMs)
                                            : outcome);
                        }

                        @Override
                        public void failed(Failure failure) {
                            answer.failed(failure);
                        }
                    });
        }

        @Override
        public <T> void read(Function<TableView, T> question, Consumer<@Nullable T> then) {
            engine.read(question, then);
        }

        @Override
        public void listen(Consumer<Effect> listener) {
            engine.listen(listener);
        }

        @Override
        public Status status() {
            return engine.status();
        }

        @Override
        public long nowMs() {
            return engine.nowMs() + byMs;
        }

        @Override
        public void close() {
            engine.close();
        }
    }

    @Test
    void given_a_lock_granted_while_nobody_listens_when_not_claimed_then_the_next_gets_it()
            throws Exception {
        String holder = TestSite.json(site.lock("p", "")).path("token").asString();
        String absent = site.id();
        site.send(
                site.locking("p", "{\"wait\":\"20s\",\"id\":\"" + absent + "\"}")
                        .header("Prefer", "respond-async"));
        var next = site.lockLater("p", "{\"wait\":\"20s\"}");
        untilWaiting("p", 2);
        site.unlock("p", holder);

        assertEquals(201, next.get().statusCode());
        assertEquals("expired", TestSite.code(site.get(TestSite.locks("p") + "/" + absent)));
    }

    @Test
    void given_a_lock_granted_while_nobody_listens_when_claimed_then_it_has_its_whole_lease()
            throws Exception {
        String holder = TestSite.json(site.lock("p", "")).path("token").asString();
        String absent = site.id();
        site.send(
                site.locking("p", "{\"wait\":\"20s\",\"ttl\":\"30s\",\"id\":\"" + absent + "\"}")
                        .header("Prefer", "respond-async"));
        site.unlock("p", holder);

        var claimed = site.get(TestSite.locks("p") + "/" + absent + "?wait=5s");

        assertEquals(200, claimed.statusCode(), claimed.body());
        assertTrue(TestSite.json(claimed).path("ttlMs").asLong() > 10_000, claimed.body());
    }

    @Test
    void given_a_held_lock_when_renewed_then_its_end_is_set_anew() throws Exception {
        String token = TestSite.json(site.lock("p", "{\"ttl\":\"5s\"}")).path("token").asString();
        String own = TestSite.locks("p") + "/" + token;

        var renewed = site.put(own, "{\"ttl\":\"50s\"}");

        assertEquals(200, renewed.statusCode(), renewed.body());
        assertTrue(TestSite.json(renewed).path("ttlMs").asLong() > 10_000, renewed.body());
        assertEquals("not_owner", TestSite.code(site.put(own.replace(token, site.id()), "")));
        site.delete(own);
        assertEquals("released", TestSite.code(site.put(own, "")));
    }

    @Test
    void given_nothing_of_ones_own_when_released_then_the_answer_says_which() throws Exception {
        assertEquals("unknown_ticket", TestSite.code(site.unlock("p", site.id())));
        site.lock("p", "");
        assertEquals("not_owner", TestSite.code(site.unlock("p", site.id())));
    }

    @Test
    void
            given_a_lease_that_is_over_when_looked_at_within_the_grace_then_it_is_not_granted_any_more()
                    throws Exception {
        String id = site.id();
        site.lock("p", "{\"id\":\"" + id + "\",\"ttl\":\"50ms\",\"grace\":\"1m\"}");
        String own = TestSite.locks("p") + "/" + id;

        await().atMost(TestSite.LIMIT).until(() -> site.get(own).statusCode() == 410);

        assertEquals("expired", TestSite.code(site.get(own)));
        assertEquals("expired", TestSite.code(site.put(own, "")));
        assertEquals(409, site.lock("p", "").statusCode(), "nobody else has it yet");
        assertEquals(204, site.delete(own).statusCode());
        assertEquals(201, site.lock("p", "").statusCode());
    }

    @Test
    void given_an_ended_lease_when_used_then_it_is_gone() throws Exception {
        String token = TestSite.json(site.lock("p", "{\"ttl\":\"20ms\"}")).path("token").asString();
        String own = TestSite.locks("p") + "/" + token;

        await().atMost(TestSite.LIMIT).until(() -> site.get(own).statusCode() == 410);

        assertEquals("expired", TestSite.code(site.put(own, "")));
        assertEquals("expired", TestSite.code(site.lock("p", "{\"id\":\"" + token + "\"}")));
    }

    @Test
    void given_readers_when_they_share_then_a_writer_waits_for_all_of_them() throws Exception {
        String shared = "{\"mode\":\"shared\",\"wait\":\"20s\"}";
        String one = TestSite.json(site.lock("p", shared)).path("token").asString();
        String other = TestSite.json(site.lock("p", shared)).path("token").asString();
        var writer = site.lockLater("p", "{\"wait\":\"20s\"}");
        untilWaiting("p", 1);

        site.unlock("p", one);
        assertEquals(1, site.waiting("p"));
        site.unlock("p", other);

        assertEquals(201, writer.get().statusCode());
    }

    @Test
    void given_full_pools_and_lists_when_asked_then_each_refusal_has_its_own_code()
            throws Exception {
        site.lock("short", "");
        var _ = site.lockLater("short", "{\"wait\":\"20s\"}");
        untilWaiting("short", 1);
        var many = site.lock("short", "{\"wait\":\"20s\"}");
        assertEquals("too_many_waiters", TestSite.code(many));
        assertEquals(429, many.statusCode());
        assertTrue(many.headers().firstValue("retry-after").isPresent());

        assertEquals("not_allowed", TestSite.code(site.lock("annas", "{\"holder\":\"bob\"}")));
        assertEquals(201, site.lock("annas", "{\"holder\":\"anna\"}").statusCode());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[] | expected a JSON object",
                "{ | not JSON",
                "{} {} | nothing behind it",
                "{\"id\":\"12\"} | 32 hexadecimal digits",
                "{\"id\":7} | id: expected a text",
                "{\"wait\":30} | a duration with its unit",
                "{\"wait\":\"30\"} | a duration of at most 7d",
                "{\"wait\":\"8d\"} | at most 7d",
                "{\"ttl\":\"-1s\"} | ttl: expected a duration",
                "{\"mode\":\"both\"} | exclusive or shared",
                "{\"hodler\":\"x\"} | no such field: hodler",
                "{\"holder\":\"\"} | names are 1 to 200 bytes",
                "{\"holder\":\"a\\r\\nSet-Cookie: x\"} | names are 1 to 200 bytes",
                "{\"holder\":\"\\ud800\"} | names are 1 to 200 bytes",
                "{\"reason\":\"a\\u0000b\"} | names are 1 to 200 bytes",
                "{\"a\":[[[[[[[[[[[[]]]]]]]]]]]]} | no such field",
            })
    void given_a_wrong_body_when_sent_then_the_answer_says_what_was_expected(
            String body, String expected) throws Exception {
        var response = site.lock("p", body);

        assertEquals("invalid", TestSite.code(response));
        assertTrue(
                TestSite.json(response).path("detail").asString().contains(expected),
                response.body());
    }

    @ParameterizedTest
    @CsvSource({"a/b", "'zwei Wörter ☂'", "'..'", "'a%2Fb'", "'\uD83D\uDD12'", "'\"quoted\"'"})
    void given_an_odd_name_when_used_then_it_is_one_pool(String name) throws Exception {
        JsonNode lock = TestSite.json(site.lock(name, ""));

        assertEquals(name, lock.path("pool").asString());
        assertEquals("busy", TestSite.code(site.lock(name, "")));
        JsonNode pool = TestSite.json(site.get("/api/v1/pools/" + Percent.encode(name)));
        assertEquals(name, pool.path("name").asString());
        assertEquals(name, pool.path("tickets").path(0).path("pool").asString(), pool.toString());
        assertEquals(204, site.unlock(name, lock.path("token").asString()).statusCode());
    }

    @Test
    void given_names_at_the_limit_when_asked_then_one_byte_more_is_refused() throws Exception {
        assertEquals(201, site.lock("ä".repeat(100), "").statusCode());
        assertEquals("invalid", TestSite.code(site.lock("ä".repeat(100) + "a", "")));
        assertEquals("invalid", TestSite.code(site.lock("a".repeat(201), "")));
        var garbled =
                site.send(
                        site.request("/api/v1/pools/%ff%fe/locks")
                                .POST(java.net.http.HttpRequest.BodyPublishers.noBody()));
        assertEquals("invalid", TestSite.code(garbled));
    }

    @Test
    void given_tickets_when_listed_then_everything_but_the_token_is_there() throws Exception {
        var response = site.lock("p", "{\"holder\":\"anna\",\"reason\":\"backup \\\"now\\\"\"}");
        String token = TestSite.json(response).path("token").asString();
        var _ = site.lockLater("p", "{\"wait\":\"20s\",\"holder\":\"bob\"}");
        untilWaiting("p", 1);

        var listed = site.get("/api/v1/tickets?pool=p");
        JsonNode tickets = TestSite.json(listed).path("tickets");

        assertEquals(2, tickets.size(), listed.body());
        assertEquals("anna", tickets.path(0).path("holder").asString());
        assertEquals("backup \"now\"", tickets.path(0).path("reason").asString());
        assertEquals("held", tickets.path(0).path("state").asString());
        assertEquals("waiting", tickets.path(1).path("state").asString());
        assertEquals(1, tickets.path(1).path("position").asInt());
        assertTrue(tickets.path(1).path("fence").isNull());
        assertFalse(listed.body().contains(token), listed.body());
        assertEquals(1, TestSite.json(site.get("/api/v1/tickets?limit=1")).path("tickets").size());
        assertEquals("invalid", TestSite.code(site.get("/api/v1/tickets?limit=-1")));
    }

    @Test
    void given_pools_when_listed_then_declared_ones_come_first() throws Exception {
        site.lock("another", "");
        JsonNode pools = TestSite.json(site.get("/api/v1/pools")).path("pools");

        assertEquals("two", pools.path(0).path("name").asString());
        assertEquals(2, pools.path(0).path("slots").asInt());
        assertTrue(pools.path(0).path("declared").asBoolean());
        assertEquals("another", pools.path(3).path("name").asString());
        assertEquals(1, pools.path(3).path("held").asInt());
        assertEquals("unknown_pool", TestSite.code(site.get("/api/v1/pools/nobodys")));
    }

    @Test
    void given_a_ticket_when_forced_then_its_owner_learns_of_it() throws Exception {
        JsonNode lock = TestSite.json(site.lock("p", ""));
        String own = TestSite.locks("p") + "/" + lock.path("token").asString();

        assertEquals(
                204, site.delete("/api/v1/tickets/" + lock.path("ticket").asLong()).statusCode());
        assertEquals("forced", TestSite.code(site.get(own)));
        assertEquals(
                "unknown_ticket",
                TestSite.code(site.delete("/api/v1/tickets/" + lock.path("ticket").asLong())));
        assertEquals("invalid", TestSite.code(site.delete("/api/v1/tickets/x")));
    }

    @Test
    void given_a_thousand_waiters_when_the_lock_goes_round_then_they_get_it_in_their_order()
            throws Exception {
        String token = TestSite.json(site.lock("p", "")).path("token").asString();
        List<CompletableFuture<HttpResponse<String>>> waiters = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            waiters.add(site.lockLater("p", "{\"wait\":\"20s\",\"holder\":\"w" + i + "\"}"));
        }
        untilWaiting("p", 1000);
        assertEquals(1000, site.server.site().waiters().size());
        JsonNode line = TestSite.json(site.get("/api/v1/tickets?limit=2000")).path("tickets");

        long fence = 0;
        for (int i = 1; i <= 300; i++) {
            site.unlock("p", token);
            int asked = Integer.parseInt(line.path(i).path("holder").asString().substring(1));
            var granted = TestSite.json(waiters.get(asked).get());
            assertTrue(granted.path("fence").asLong() > fence, granted.toString());
            fence = granted.path("fence").asLong();
            token = granted.path("token").asString();
        }
        assertEquals(700, site.server.site().waiters().size());
    }
}
