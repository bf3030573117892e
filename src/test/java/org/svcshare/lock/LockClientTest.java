package org.svcshare.lock;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.config.Secret;
import org.svcshare.lock.Answer.Held;
import org.svcshare.lock.Answer.PerhapsDone;
import org.svcshare.lock.Answer.Refused;
import org.svcshare.lock.Answer.Release;
import org.svcshare.lock.Answer.Unreachable;
import org.svcshare.pool.Mode;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class LockClientTest {
    private static final Duration TTL = Duration.ofSeconds(30);
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final FakePools pools = start();

    private static FakePools start() {
        try {
            return new FakePools();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @AfterEach
    void stop() {
        pools.close();
    }

    private LockClient client(ServerAddress... servers) {
        return new LockClient(
                new Access(
                        List.of(servers),
                        Optional.of(new Secret("t0ken")),
                        Optional.empty(),
                        Duration.ofMillis(300)));
    }

    private static Ask ask(String pool, Duration waits, Duration ttl) {
        return new Ask(LockId.draw(), pool, "", "test", Mode.EXCLUSIVE, waits, ttl, Duration.ZERO);
    }

    private static HeldLock held(Answer answer) {
        return assertInstanceOf(Held.class, answer).lock();
    }

    private static ServerAddress nobody() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return ServerAddress.parse("127.0.0.1:" + socket.getLocalPort());
        }
    }

    @Test
    void
            given_a_free_pool_when_acquired_then_it_is_held_for_no_longer_than_from_before_the_request()
                    throws Exception {
        var client = client(pools.address());
        long before = System.nanoTime();
        HeldLock lock = held(client.acquire(ask("a b/ö", Duration.ZERO, TTL), new Stop()));

        assertTrue(lock.askedNanos() >= before);
        assertTrue(lock.lasts().compareTo(TTL) <= 0, lock::toString);
        assertTrue(lock.left(System.nanoTime()).compareTo(TTL.minusSeconds(10)) > 0);
        assertEquals(Duration.ZERO, lock.left(lock.askedNanos() + TTL.toNanos()));
        assertFalse(lock.doubtful(Instant.now()));
        assertTrue(lock.doubtful(Instant.now().plus(TTL)));
        assertEquals(1, pools.held("a b"));
        assertEquals(List.of("POST /api/v1/pools/a b/ö/locks Bearer t0ken"), pools.seen());
    }

    @Test
    void given_a_lock_without_an_end_when_held_then_it_never_ends() {
        HeldLock lock =
                held(
                        client(pools.address())
                                .acquire(ask("p", Duration.ZERO, Duration.ZERO), new Stop()));

        assertFalse(lock.hasEnd());
        assertEquals(Ask.FOREVER, lock.left(System.nanoTime()));
        assertFalse(lock.doubtful(Instant.now().plus(Duration.ofDays(300))));
    }

    @Test
    void given_a_taken_pool_when_the_holder_gives_it_back_then_the_waiter_has_it()
            throws Exception {
        var client = client(pools.address());
        HeldLock first = held(client.acquire(ask("p", Duration.ZERO, TTL), new Stop()));
        assertEquals(
                Why.BUSY,
                assertInstanceOf(
                                Refused.class,
                                client.acquire(ask("p", Duration.ZERO, TTL), new Stop()))
                        .why());
        CompletableFuture<Answer> second = client.acquireLater(ask("p", Ask.FOREVER, TTL));
        await().atMost(LIMIT).until(() -> pools.waiting("p") == 1);
        assertFalse(second.isDone());

        assertInstanceOf(Release.Done.class, client.release("p", first.id(), LIMIT));

        HeldLock lock = held(second.get(20, TimeUnit.SECONDS));
        assertTrue(lock.fence() > first.fence());
        assertTrue(lock.left(System.nanoTime()).multipliedBy(3).compareTo(TTL.multipliedBy(2)) > 0);
    }

    @Test
    void
            given_a_taken_pool_when_stood_in_line_again_and_again_then_there_is_one_place_till_granted()
                    throws Exception {
        var client = client(pools.address());
        HeldLock first = held(client.acquire(ask("p", Duration.ZERO, TTL), new Stop()));
        Ask wish = ask("p", Duration.ofHours(1), TTL);

        for (int i = 0; i < 3; i++) {
            assertEquals(
                    new LockClient.Stood.InLine(),
                    client.stand(wish, Duration.ofMillis(20), LIMIT, new Stop()));
        }
        assertEquals(1, pools.waiting("p"));
        var look =
                CompletableFuture.supplyAsync(
                        () -> client.stand(wish, Duration.ofSeconds(15), LIMIT, new Stop()));
        client.release("p", first.id(), LIMIT);

        var settled =
                assertInstanceOf(LockClient.Stood.Settled.class, look.get(20, TimeUnit.SECONDS));
        assertEquals(wish.id(), held(settled.answer()).id());
    }

    @Test
    void given_a_place_in_line_when_it_ends_or_nobody_is_there_then_that_is_the_answer()
            throws Exception {
        Ask wish = ask("p", Duration.ofHours(1), TTL);
        var client = client(pools.address());
        held(client.acquire(ask("p", Duration.ZERO, TTL), new Stop()));
        client.stand(wish, Duration.ZERO, LIMIT, new Stop());
        pools.end("p", "forced");

        assertEquals(
                new LockClient.Stood.Settled(new Refused(Why.FORCED, "it says forced")),
                client.stand(wish, Duration.ZERO, LIMIT, new Stop()));
        var alone =
                assertInstanceOf(
                        LockClient.Stood.Settled.class,
                        client(nobody()).stand(wish, LIMIT, LIMIT, new Stop()));
        assertInstanceOf(Unreachable.class, alone.answer());
        pools.swallowNext();
        var lost =
                assertInstanceOf(
                        LockClient.Stood.Settled.class,
                        client.stand(ask("p", Duration.ofHours(1), TTL), LIMIT, LIMIT, new Stop()));
        assertInstanceOf(PerhapsDone.class, lost.answer());
    }

    @Test
    void given_a_waiter_when_cancelled_then_its_place_in_line_is_given_back() {
        var client = client(pools.address());
        held(client.acquire(ask("p", Duration.ZERO, TTL), new Stop()));
        CompletableFuture<Answer> second = client.acquireLater(ask("p", Ask.FOREVER, TTL));
        await().atMost(LIMIT).until(() -> pools.waiting("p") == 1);

        second.cancel(true);

        await().atMost(LIMIT).until(() -> pools.waiting("p") == 0);
        assertEquals(1, pools.held("p"));
    }

    @Test
    void given_an_answer_that_gets_lost_when_repeated_then_there_is_one_ticket_only() {
        var client = client(pools.address());
        pools.swallowNext();

        HeldLock lock = held(client.acquire(ask("p", Duration.ZERO, TTL), new Stop()));

        assertEquals(1, lock.ticket());
        assertEquals(1, pools.held("p"));
        pools.swallowNext();
        assertInstanceOf(Release.Done.class, client.release("p", lock.id(), LIMIT));
        assertEquals(0, pools.held("p"));
    }

    @Test
    void given_several_servers_when_the_first_is_away_then_the_next_is_asked() throws Exception {
        var client = client(nobody(), pools.address());

        HeldLock lock = held(client.acquire(ask("p", Duration.ZERO, TTL), new Stop()));
        assertEquals(lock.ticket(), held(client.renew(lock, TTL, LIMIT, new Stop())).ticket());
    }

    @Test
    void given_a_server_that_is_not_ready_when_asked_then_it_is_asked_again() {
        pools.fail(2, 503, "not_ready");

        held(client(pools.address()).acquire(ask("p", Duration.ZERO, TTL), new Stop()));
        assertEquals(3, pools.seen().size());
    }

    @Test
    void given_nobody_when_asked_then_nothing_has_happened() throws Exception {
        Answer answer = client(nobody()).acquire(ask("p", Duration.ZERO, TTL), new Stop());

        assertTrue(
                assertInstanceOf(Unreachable.class, answer).detail().contains("refused"),
                answer::toString);
    }

    @Test
    void given_a_server_that_never_answers_when_asked_then_it_is_perhaps_done() throws Exception {
        try (var mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            var client = client(ServerAddress.parse("127.0.0.1:" + mute.getLocalPort()));
            var lock =
                    new HeldLock(LockId.draw(), "p", 1, 1, TTL, System.nanoTime(), Instant.now());
            long began = System.nanoTime();

            assertInstanceOf(
                    PerhapsDone.class, client.renew(lock, TTL, Duration.ofMillis(200), new Stop()));
            assertTrue(System.nanoTime() - began < LIMIT.toNanos());
        }
    }

    @Test
    void given_a_server_that_never_shakes_hands_when_asked_then_it_had_no_answer_in_time()
            throws Exception {
        try (var mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            var client = client(ServerAddress.parse("https://127.0.0.1:" + mute.getLocalPort()));

            var answer =
                    client.renewOnce("p", LockId.draw(), TTL, Duration.ofMillis(200), new Stop());

            String detail = assertInstanceOf(Unreachable.class, answer).detail();
            assertTrue(detail.endsWith("no answer in time"), detail);
        }
    }

    @Test
    void given_a_server_that_does_not_speak_tls_when_asked_over_tls_then_that_is_said()
            throws Exception {
        try (var talker = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual()
                    .start(() -> {
                        try (var connection = talker.accept()) {
                            connection.getOutputStream().write("HTTP/1.1 400 \r\n".getBytes(UTF_8));
                            connection.getInputStream().transferTo(OutputStream.nullOutputStream());
                        } catch (IOException _) {
                            // Closed at the end.
                        }
                    });
            var client = client(ServerAddress.parse("https://127.0.0.1:" + talker.getLocalPort()));

            var answer = client.renewOnce("p", LockId.draw(), TTL, LIMIT, new Stop());

            String detail = assertInstanceOf(Unreachable.class, answer).detail();
            assertTrue(detail.endsWith("it does not speak TLS"), detail);
        }
    }

    @Test
    void given_a_lock_when_renewed_then_it_is_set_and_not_added_to() {
        var client = client(pools.address());
        HeldLock lock = held(client.acquire(ask("p", Duration.ZERO, TTL), new Stop()));

        HeldLock renewed = held(client.renew(lock, Duration.ofSeconds(5), LIMIT, new Stop()));

        assertEquals(lock.fence(), renewed.fence());
        assertTrue(renewed.lasts().compareTo(Duration.ofSeconds(5)) <= 0);
        assertTrue(renewed.askedNanos() > lock.askedNanos());
    }

    @ParameterizedTest
    @CsvSource({"expired", "forced", "released"})
    void given_a_lock_that_was_ended_when_renewed_then_it_is_lost(String code) {
        var client = client(pools.address());
        HeldLock lock = held(client.acquire(ask("p", Duration.ZERO, TTL), new Stop()));
        pools.end("p", code);

        var refused = assertInstanceOf(Refused.class, client.renew(lock, TTL, LIMIT, new Stop()));
        assertTrue(refused.why().lost(), refused::toString);
        assertInstanceOf(Release.Done.class, client.release("p", lock.id(), LIMIT));
    }

    @ParameterizedTest
    @CsvSource({
        "403, not_allowed, NOT_ALLOWED",
        "401, unauthorized, UNAUTHORIZED",
        "404, unknown_pool, UNKNOWN_POOL",
        "429, too_many_waiters, TOO_MANY_WAITERS",
        "408, timed_out, TIMED_OUT",
        "400, invalid, INVALID",
        "418, teapot, OTHER"
    })
    void given_a_no_when_asked_then_it_is_told_at_once(int status, String code, Why why) {
        pools.fail(1, status, code);

        Answer answer =
                client(pools.address()).acquire(ask("p", Duration.ofSeconds(1), TTL), new Stop());
        assertEquals(new Refused(why, "it says " + code), answer);
    }

    @Test
    void given_the_old_calls_when_used_then_a_host_gets_its_slot_and_gives_it_back()
            throws Exception {
        var access =
                new Access(List.of(pools.address()), Optional.empty(), Optional.empty(), LIMIT);
        var client = new DistributexClient(access);

        assertEquals(DistributexClient.Said.YES, client.await("h", "p", new Stop()));
        assertTrue(pools.heldByHost("p"));
        assertEquals(DistributexClient.Said.YES, client.release("h", "p", LIMIT));
        assertFalse(pools.heldByHost("p"));
        assertEquals(DistributexClient.Said.INVALID, client.await("h", "none", new Stop()));
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, http://localhost:9889",
        "localhost:80, http://localhost:80",
        "http://example.net, http://example.net:80",
        "https://example.net/, https://example.net:443",
        "https://example.net:9889/locks/, https://example.net:9889/locks",
        "[::1]:99, http://[::1]:99"
    })
    void given_an_address_when_read_then_it_is_understood(String text, String address) {
        assertEquals(address, ServerAddress.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ftp://x",
                "http://",
                "user@host",
                "http://x?y",
                "host:99999",
                "a b",
                "http://x\r\nHost: y"
            })
    void given_no_address_when_read_then_it_is_refused(String text) {
        assertThrows(IllegalArgumentException.class, () -> ServerAddress.parse(text));
    }

    @Test
    void given_secrets_when_printed_then_they_do_not_show() {
        LockId id = LockId.draw();

        assertFalse(ask("p", Duration.ZERO, TTL).toString().matches(".*[0-9a-f]{32}.*"));
        assertFalse(id.toString().contains(id.text()));
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        new Access(
                                List.of(pools.address()),
                                Optional.of(new Secret("a\r\nX: b")),
                                Optional.empty(),
                                TTL));
    }
}
