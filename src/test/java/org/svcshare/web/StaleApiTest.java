package org.svcshare.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.engine.Engines;
import org.svcshare.pool.Effect;
import org.svcshare.pool.Operation;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.TableRules;
import org.svcshare.pool.TableView;
import tools.jackson.databind.JsonNode;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class StaleApiTest {
    private static final TableRules RULES =
            new TableRules(List.of(), TestSite.UNDECLARED, 100, 600_000, 100);

    /// Its leader is away: what waits for it comes to nothing.
    private record Alone(PoolEngine engine, PoolEngine.Stale age) implements PoolEngine {
        @Override
        public void propose(Operation operation, PoolEngine.Answer answer) {
            engine.propose(operation, answer);
        }

        @Override
        public <T> void read(Function<TableView, T> question, Consumer<@Nullable T> then) {
            then.accept(null);
        }

        @Override
        public <T> void glance(
                Function<TableView, T> question, Consumer<@Nullable Glance<T>> then) {
            engine.read(
                    question,
                    seen ->
                            then.accept(
                                    seen == null ? null : new Glance<>(seen, Optional.of(age))));
        }

        @Override
        public void listen(Consumer<Effect> listener) {
            engine.listen(listener);
        }

        @Override
        public Status status() {
            return new Status("raft", false, "the group has no leader yet");
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

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/pools", "/api/v1/pools/p", "/api/v1/tickets"})
    void given_no_leader_then_only_a_stale_look_sees_something_and_says_how_old_it_is(String path)
            throws Exception {
        var age = new PoolEngine.Stale(OptionalLong.of(12_345), 7);
        try (var engine = new Alone(Engines.memory(RULES), age);
                var site = TestSite.with().engine(engine).start()) {
            site.lock("p", "{\"ttl\":\"30s\"}");

            assertEquals(503, site.get(path).statusCode());
            assertEquals(503, site.get(path + "?stale=false").statusCode());
            assertEquals(400, site.get(path + "?stale=perhaps").statusCode());
            var seen = site.get(path + "?stale");
            assertEquals(200, seen.statusCode(), seen.body());
            JsonNode json = TestSite.json(seen);
            assertTrue(json.path("mayBeStale").asBoolean(), seen.body());
            assertEquals(12_345, json.path("leaderHeardMs").asLong(), seen.body());
            assertEquals(7, json.path("entriesBehind").asLong(), seen.body());
            assertTrue(seen.body().contains("\"p\""), seen.body());
        }
    }

    @Test
    void given_a_node_that_never_heard_a_leader_then_its_age_is_not_known() throws Exception {
        var age = new PoolEngine.Stale(OptionalLong.empty(), 0);
        try (var engine = new Alone(Engines.memory(RULES), age);
                var site = TestSite.with().engine(engine).start()) {
            String seen = site.get("/api/v1/tickets?limit=5&stale=true").body();

            assertTrue(seen.startsWith("{\"mayBeStale\":true,\"leaderHeardMs\":null,"), seen);
        }
    }

    @Test
    void given_no_leader_then_the_metrics_still_tell_what_this_server_knows() throws Exception {
        var age = new PoolEngine.Stale(OptionalLong.of(1), 0);
        try (var engine = new Alone(Engines.memory(RULES), age);
                var site = TestSite.with().engine(engine).start()) {
            site.lock("p", "{\"ttl\":\"30s\"}");

            String metrics = site.get("/metrics").body();
            assertTrue(metrics.contains("svcshare_tickets{state=\"held\"} 1.0"), metrics);
        }
    }

    @Test
    void given_one_machine_then_a_stale_look_is_as_good_as_any() throws Exception {
        try (var site = TestSite.plain()) {
            String seen = site.get("/api/v1/pools?stale").body();

            assertTrue(seen.startsWith("{\"mayBeStale\":false,\"pools\":["), seen);
            assertFalse(site.get("/api/v1/pools").body().contains("mayBeStale"));
        }
    }
}
