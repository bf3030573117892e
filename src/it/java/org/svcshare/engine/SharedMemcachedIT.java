package org.svcshare.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.engine.EngineKit.Reply;
import org.svcshare.pool.Effect;
import org.svcshare.pool.Effect.Cause;
import org.svcshare.pool.Mode;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine.Failure;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableView;

/// Two servers that share one real memcached.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class SharedMemcachedIT {
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Memcached memcached;

    @SuppressWarnings("NullAway.Init")
    private EngineKit one;

    @SuppressWarnings("NullAway.Init")
    private EngineKit other;

    @BeforeEach
    void start() {
        memcached = Memcached.start(folder);
        one = new EngineKit(Engines.memcached(EngineKit.RULES, place()));
        other = new EngineKit(Engines.memcached(EngineKit.RULES, place()));
    }

    /// Quicker than the defaults, so that the tests are.
    private MemcachedPlace place() {
        return new MemcachedPlace(
                "127.0.0.1",
                memcached.port,
                "group",
                Duration.ofMillis(400),
                Duration.ofMillis(20));
    }

    @AfterEach
    void stop() {
        one.close();
        other.close();
        memcached.close();
    }

    @Test
    void given_a_holder_at_one_when_it_gives_back_then_who_waits_at_the_other_is_told() {
        Outcome.Granted held = one.granted("anna", "bench");
        assertInstanceOf(Outcome.Queued.class, other.acquire("ben", "bench"));
        assertEquals(List.of("anna", "ben"), one.queue("bench"));

        one.release("anna", "bench");

        Effect.Granted granted = other.await(Effect.Granted.class, "ben");
        assertTrue(granted.fence() > held.fence());
        assertEquals(List.of(), other.effectsOf("anna"));
        assertEquals(new Outcome.Released(true), other.release("ben", "bench"));
    }

    @Test
    void given_a_holder_at_a_server_that_is_gone_then_its_lease_ends_all_the_same() {
        one.ask(EngineKit.asking("anna", "bench", LONG, Duration.ofMillis(300)));
        other.acquire("ben", "bench");
        one.close();

        other.await(Effect.Granted.class, "ben");
        assertEquals(
                new Outcome.Refused(Refusal.EXPIRED),
                other.ask(new Operation.Renew(EngineKit.id("anna"), "bench", 1000)));
    }

    @Test
    void given_a_ticket_that_is_ended_at_the_other_server_then_its_own_is_told() {
        one.granted("anna", "bench");
        long number = assertInstanceOf(Outcome.Queued.class, one.acquire("ben", "bench")).ticket();

        assertEquals(
                new Outcome.Released(true), other.ask(new Operation.Force(number, "operator")));

        assertEquals(Cause.FORCED, one.await(Effect.Ended.class, "ben").cause());
    }

    @Test
    void given_two_servers_that_fight_for_a_mutex_then_never_two_hold_and_tokens_only_grow() {
        int threads = 8;
        int each = 25;
        var holding = new AtomicInteger();
        var fences = new ArrayList<Long>();
        var trouble = new ConcurrentLinkedQueue<String>();
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int t = 0; t < threads; t++) {
                EngineKit server = t % 2 == 0 ? one : other;
                String name = "t" + t + "/";
                var _ =
                        pool.submit(() -> {
                            for (int i = 0; i < each; i++) {
                                long fence = lock(server, name + i);
                                if (holding.incrementAndGet() != 1) {
                                    trouble.add(name + i + " holds with another");
                                }
                                // The lock itself guards the list.
                                fences.add(fence);
                                holding.decrementAndGet();
                                server.release(name + i, "fought");
                            }
                        });
            }
        }

        assertEquals(List.of(), List.copyOf(trouble));
        assertEquals(threads * each, fences.size());
        assertEquals(fences.stream().sorted().distinct().toList(), fences);
        assertEquals(List.of(), one.queue("fought"));
    }

    private static long lock(EngineKit server, String who) {
        return server.acquire(who, "fought") instanceof Outcome.Granted granted
                ? granted.fence()
                : server.await(Effect.Granted.class, who).fence();
    }

    @Test
    void given_a_semaphore_that_two_servers_ask_without_waiting_then_it_is_never_overfull() {
        var holding = new AtomicInteger();
        var got = new AtomicInteger();
        var trouble = new ConcurrentLinkedQueue<String>();
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int t = 0; t < 8; t++) {
                EngineKit server = t % 2 == 0 ? one : other;
                String name = "t" + t + "/";
                var _ =
                        pool.submit(() -> {
                            for (int i = 0; i < 60; i++) {
                                var asked =
                                        EngineKit.asking(name + i, "seats", Duration.ZERO, LONG);
                                if (server.ask(asked) instanceof Outcome.Granted) {
                                    got.incrementAndGet();
                                    if (holding.incrementAndGet() > 2) {
                                        trouble.add(name + i + " is one too many");
                                    }
                                    holding.decrementAndGet();
                                    server.release(name + i, "seats");
                                }
                            }
                        });
            }
        }

        assertEquals(List.of(), List.copyOf(trouble));
        assertTrue(got.get() >= 60, got + " granted");
        assertEquals(List.of(), one.queue("seats"));
    }

    @Test
    void given_memcached_that_is_gone_then_failures_say_so_and_later_it_works_again() {
        long before = one.granted("anna", "bench").fence();
        other.acquire("ben", "bench");
        memcached.kill();
        Awaitility.await("the engine knows")
                .atMost(EngineKit.PATIENCE)
                .until(() -> !one.engine.status().ready() && !other.engine.status().ready());
        assertTrue(one.engine.status().why().contains("127.0.0.1"), one.engine.status().why());

        Failure failure = one.fail(EngineKit.asking("carl", "bench", LONG, LONG));
        assertFalse(failure.perhapsDone());
        assertTrue(failure.why().contains("memcached at 127.0.0.1"), failure.why());
        assertTrue(one.cannotBeRead());

        memcached.startAgain();
        Awaitility.await("both are back")
                .atMost(EngineKit.PATIENCE)
                .until(() -> one.engine.status().ready() && other.engine.status().ready());
        // It has forgotten; the servers have not.
        assertEquals(
                new Outcome.Refused(Refusal.BUSY),
                one.ask(EngineKit.asking("dora", "bench", Duration.ZERO, LONG)));
        one.release("anna", "bench");
        assertTrue(other.await(Effect.Granted.class, "ben").fence() > before);
        assertEquals(List.of(), other.effectsOf("anna"));
    }

    @Test
    void given_memcached_that_hangs_then_the_answer_comes_in_time_and_may_be_repeated() {
        one.granted("anna", "bench");
        var asked = EngineKit.asking("ben", "bench", LONG, LONG);
        memcached.signal("STOP");
        try {
            Reply reply = EngineKit.get(one.propose(asked));
            assertTrue(reply.failure().why().contains("did not answer"), reply.toString());
            assertFalse(one.engine.status().ready());
        } finally {
            memcached.signal("CONT");
        }
        Awaitility.await("it is back")
                .atMost(EngineKit.PATIENCE)
                .until(() -> one.engine.status().ready());

        assertInstanceOf(Outcome.Queued.class, one.ask(asked));
        assertEquals(List.of("anna", "ben"), one.queue("bench"));
    }

    @Test
    void given_nobody_there_at_first_then_the_engine_begins_when_there_is() {
        memcached.kill();
        try (var late = new EngineKit(Engines.memcached(EngineKit.RULES, place()))) {
            assertFalse(late.engine.status().ready());
            assertFalse(late.fail(EngineKit.asking("a", "bench", LONG, LONG)).perhapsDone());

            memcached.startAgain();

            Awaitility.await("it is found")
                    .atMost(EngineKit.PATIENCE)
                    .until(() -> late.engine.status().ready());
            late.granted("a2", "bench");
        }
    }

    @Test
    void given_something_else_under_a_pools_key_then_it_is_left_alone_and_said() throws Exception {
        String key = place().key("bench");
        memcached.command("set " + key + " 0 0 5\r\nhello");

        Failure failure = one.fail(EngineKit.asking("anna", "bench", LONG, LONG));

        assertFalse(failure.perhapsDone());
        assertTrue(failure.why().contains("not from this program"), failure.why());
        one.granted("anna2", "seats");
        memcached.command("delete " + key);
        one.granted("anna", "bench");
    }

    @Test
    void given_more_waiters_than_a_value_holds_then_the_rest_is_refused() {
        String reason = "x".repeat(480);
        String holder = "y".repeat(190);
        var replies = new ArrayList<CompletableFuture<Reply>>();
        for (int i = 0; i < 1500; i++) {
            replies.add(
                    one.propose(
                            new Operation.Acquire(
                                    new RequestId(9, i),
                                    "bench",
                                    holder,
                                    reason,
                                    Mode.EXCLUSIVE,
                                    60_000,
                                    60_000,
                                    0,
                                    false)));
        }
        var outcomes = replies.stream().map(EngineKit::get).map(Reply::outcome).toList();

        long refused =
                outcomes.stream()
                        .filter(new Outcome.Refused(Refusal.TOO_MANY_TICKETS)::equals)
                        .count();
        assertTrue(refused > 100 && refused < 1000, refused + " of 1500 were refused");
        assertEquals(1500 - refused, one.count(TableView::size));
        assertEquals(
                new Outcome.Released(true),
                one.ask(new Operation.Release(new RequestId(9, 0), "bench")));
    }
}
