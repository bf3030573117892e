package org.svcshare.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.channel.ChannelStatus;
import org.svcshare.pool.PoolRules;
import org.svcshare.turn.Happening;
import org.svcshare.turn.TurnView;

/// Health, status, metrics and the page.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class HealthTest {

    /// A bot as it may look.
    private record Shown(boolean joined, boolean up) implements StatusSource {
        @Override
        public String version() {
            return "1.2.3";
        }

        @Override
        public Optional<TurnView> turn() {
            return Optional.of(
                    new TurnView(
                            "ss-anna",
                            joined,
                            42,
                            true,
                            true,
                            false,
                            null,
                            0,
                            3,
                            1.5,
                            false,
                            List.of("ss-bob"),
                            false,
                            "we had the \"smallest\" queue",
                            0,
                            ""));
        }

        @Override
        public Optional<ChannelStatus> channel() {
            return Optional.of(
                    new ChannelStatus(
                            joined,
                            "#usenet",
                            "ss-anna",
                            Instant.EPOCH,
                            "",
                            2,
                            5,
                            new ChannelStatus.Lines(110, 70, 4, 1),
                            Map.of("unsigned", 3L, "replayed", 1L)));
        }

        @Override
        public Optional<GateNow> gate() {
            return Optional.of(new GateNow("localhost:8999", true, 3, 100, 2000, 4, 1, 7));
        }

        @Override
        public Optional<ClientNow> client() {
            return Optional.of(new ClientNow("nzbget", up));
        }

        @Override
        public List<ClientCalls> clientCalls() {
            return List.of(
                    new ClientCalls("queue", "ok", 8, 2_000_000_000),
                    new ClientCalls("queue", "unreachable", 2, 500_000_000));
        }
    }

    @Test
    void given_all_is_there_when_asked_then_it_is_ready() throws Exception {
        try (TestSite site = TestSite.with().status(new Shown(true, true)).start()) {
            assertEquals("ok\n", site.get("/livez").body());
            assertEquals("ok\n", site.get("/readyz").body());
            var verbose = site.get("/healthz?verbose");
            assertEquals(200, verbose.statusCode());
            assertEquals("[+] pools ok\n[+] channel ok\n[+] client ok\nok\n", verbose.body());
        }
    }

    @Test
    void given_something_is_missing_when_asked_then_it_is_named_and_the_server_lives_on()
            throws Exception {
        try (TestSite site = TestSite.with().status(new Shown(false, false)).start()) {
            var ready = site.get("/readyz");
            assertEquals(503, ready.statusCode());
            assertEquals(
                    "[-] channel: not in #usenet\n[-] client: nzbget does not answer\nnot ready\n",
                    ready.body());
            assertEquals(200, site.get("/livez").statusCode());

            site.engine.close();
            assertTrue(site.get("/readyz").body().contains("[-] pools"));
            assertEquals("not_ready", TestSite.code(site.get("/api/v1/pools")));
            assertEquals("not_ready", TestSite.code(site.lock("p", "")));
            assertEquals(503, site.get("/get/?host=a&pool=p").statusCode());
        }
    }

    @Test
    void given_a_bot_when_the_status_is_asked_then_turn_and_gate_are_in_it() throws Exception {
        try (TestSite site = TestSite.with().status(new Shown(true, true)).start()) {
            var status = TestSite.json(site.get("/api/v1/status"));

            assertEquals("1.2.3", status.path("version").asString());
            assertEquals(42, status.at("/turn/turn").asInt());
            assertEquals("ss-bob", status.at("/turn/peers/0").asString());
            assertTrue(status.at("/turn/haltedUntil").isNull());
            assertEquals(2000, status.at("/gate/downBytes").asInt());
            assertEquals("memory", status.at("/pools/engine").asString());
            assertTrue(status.at("/pools/ready").asBoolean());
        }
    }

    @Test
    void given_locks_and_a_bot_when_scraped_then_the_agreed_names_are_there() throws Exception {
        try (TestSite site =
                TestSite.with()
                        .pools(new PoolRules("build", 2, 60_000, 10, Set.of()))
                        .status(new Shown(true, true))
                        .start()) {
            site.lock("build", "");
            site.lock("somebodys", "");
            site.server.happened(
                    new Happening.TurnLost(1, 2, Duration.ofSeconds(3), "why"), Instant.EPOCH);
            String text = site.get("/metrics").body();

            for (String line :
                    List.of(
                            "svcshare_lock_held{pool=\"build\"} 1",
                            "svcshare_lock_held{pool=\"(undeclared)\"} 1",
                            "svcshare_lock_waiters{pool=\"build\"} 0",
                            "svcshare_tickets{state=\"held\"} 2",
                            "svcshare_lock_wait_seconds_count{pool=\"build\"} 1",
                            "svcshare_build_info{",
                            "svcshare_turn 42",
                            "svcshare_turns_total 1",
                            "svcshare_turn_duration_seconds_sum 3",
                            "svcshare_gate_open 1",
                            "svcshare_gate_connections 3",
                            "svcshare_gate_sent_bytes_total{direction=\"down\"} 2000",
                            "svcshare_irc_connected 1",
                            "svcshare_irc_reconnects_total 5",
                            "svcshare_irc_send_queue_length 2",
                            "svcshare_irc_messages_total{direction=\"in\"} 110",
                            "svcshare_irc_messages_total{direction=\"out\"} 70",
                            "svcshare_irc_throttled_messages_total 4",
                            "svcshare_irc_dropped_messages_total 1",
                            "svcshare_peer_messages_rejected_total{reason=\"replayed\"} 1",
                            "svcshare_peer_messages_rejected_total{reason=\"unsigned\"} 3",
                            "svcshare_client_request_duration_seconds_count{call=\"queue\","
                                    + "client=\"nzbget\",outcome=\"ok\"} 8",
                            "svcshare_client_request_duration_seconds_sum{call=\"queue\","
                                    + "client=\"nzbget\",outcome=\"unreachable\"} 0.5",
                            "svcshare_peers 1",
                            "svcshare_client_up{client=\"nzbget\"} 1",
                            "jvm_memory_used_bytes",
                            "process_cpu_usage",
                            "process_uptime_seconds")) {
                assertTrue(text.contains("\n" + line), line + " is not in\n" + text);
            }
            assertFalse(text.contains("somebodys"), text);
            String again = site.get("/metrics").body();
            text.lines()
                    .filter(line -> line.startsWith("# TYPE svcshare_"))
                    .map(line -> line.substring("# TYPE ".length(), line.lastIndexOf(' ')))
                    .map(name -> name.replaceFirst("_max$", ""))
                    .forEach(name -> {
                        assertTrue(again.matches("(?s).*# HELP " + name + " \\w.*"), name);
                        assertTrue(listed(name), name + " is not in docs/metrics.md");
                    });
        }
    }

    private static boolean listed(String name) {
        try {
            return Files.readString(Path.of("docs", "metrics.md")).contains("`" + name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void given_a_browser_when_the_page_is_asked_then_it_needs_nothing_from_elsewhere()
            throws Exception {
        try (TestSite site = TestSite.plain()) {
            var page = site.get("/");

            assertEquals(200, page.statusCode());
            String policy = page.headers().firstValue("content-security-policy").orElse("");
            assertTrue(policy.startsWith("default-src 'self';"), policy);
            assertEquals("nosniff", page.headers().firstValue("x-content-type-options").orElse(""));
            assertFalse(page.body().matches("(?s).*(https?:)?//[a-z].*"), page.body());
            assertFalse(page.body().matches("(?s).*( style=| onclick=|<script>|<style>).*"));
            assertEquals(200, site.get("/status.css").statusCode());
            assertEquals(200, site.get("/status.js").statusCode());
        }
    }
}
