package org.svcshare.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.engine.EngineKit.Reply;
import org.svcshare.pool.Effect;
import org.svcshare.pool.Effect.Cause;
import org.svcshare.pool.Mode;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.PoolEngine.Glance;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.PoolView;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableRules;
import org.svcshare.pool.TicketView;

/// What every engine promises, wherever it keeps its table.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
public abstract class PoolEngineContract {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(150);

    @SuppressWarnings("NullAway.Init")
    private EngineKit at;

    /// A new engine with an empty table.
    protected abstract PoolEngine start(TableRules rules) throws Exception;

    @BeforeEach
    void open() throws Exception {
        at = new EngineKit(start(EngineKit.RULES));
    }

    @AfterEach
    void close() {
        at.close();
    }

    private static Outcome refused(Refusal why) {
        return new Outcome.Refused(why);
    }

    @Test
    void given_a_free_pool_when_asked_then_it_is_granted_with_a_lease_and_told() {
        assertTrue(at.engine.status().ready(), at.engine.status().toString());

        Outcome.Granted granted = at.granted("anna", "bench");

        assertTrue(granted.fence() > 0 && granted.ticket() > 0, granted.toString());
        Effect.Granted told = at.await(Effect.Granted.class, "anna");
        assertEquals(granted.fence(), told.fence());
        assertEquals(granted.untilMs(), told.untilMs());
        assertEquals(0, told.waitedMs());
        long leftMs = granted.untilMs() - at.look(view -> view.nowMs());
        assertTrue(leftMs > 50_000 && leftMs <= 60_000, leftMs + " ms");
    }

    @Test
    void given_the_same_request_again_then_the_same_answer() {
        Outcome first = at.acquire("anna", "bench");
        Outcome second = at.acquire("ben", "bench");

        assertEquals(first, at.acquire("anna", "bench"));
        assertEquals(second, at.acquire("ben", "bench"));
        assertEquals(List.of("anna", "ben"), at.queue("bench"));
    }

    @Test
    void given_waiters_when_holders_give_back_then_grants_go_in_the_order_of_asking() {
        var names = List.of("anna", "ben", "carl", "dora", "emil");
        names.forEach(name -> at.acquire(name, "bench"));
        assertEquals(names, at.queue("bench"));

        long fence = at.await(Effect.Granted.class, "anna").fence();
        for (int i = 1; i < names.size(); i++) {
            at.release(names.get(i - 1), "bench");
            long next = at.await(Effect.Granted.class, names.get(i)).fence();
            assertTrue(next > fence, next + " after " + fence);
            fence = next;
        }
        assertEquals(List.of("emil"), at.queue("bench"));
    }

    @Test
    void given_what_this_server_answered_when_glanced_at_then_it_is_there_at_once() {
        at.granted("anna", "bench");
        at.acquire("ben", "bench");

        Glance<List<TicketView>> seen =
                at.glance(view -> view.tickets(Optional.of("bench"), 10)).orElseThrow();

        assertEquals(List.of("anna", "ben"), seen.seen().stream().map(TicketView::holder).toList());
        seen.stale()
                .ifPresent(stale ->
                        assertTrue(
                                stale.heardMs().orElseThrow() < LONG.toMillis(), stale.toString()));
    }

    @Test
    void given_a_semaphore_then_no_more_hold_than_it_has_slots() {
        at.granted("anna", "seats");
        at.granted("ben", "seats");

        assertInstanceOf(Outcome.Queued.class, at.acquire("carl", "seats"));
        PoolView seats = at.look(view -> view.pool("seats").orElseThrow());
        assertEquals(2, seats.slotsTaken());
        assertEquals(1, seats.waiting());
    }

    @Test
    void given_no_patience_when_it_is_held_then_busy() {
        at.granted("anna", "bench");

        assertEquals(
                refused(Refusal.BUSY),
                at.ask(EngineKit.asking("ben", "bench", Duration.ZERO, LONG)));
        assertEquals(List.of("anna"), at.queue("bench"));
    }

    @Test
    void given_a_lease_that_ends_when_nobody_calls_then_the_waiter_is_granted() {
        at.ask(EngineKit.asking("anna", "bench", LONG, SHORT));
        at.acquire("ben", "bench");

        Effect.Ended ended = at.await(Effect.Ended.class, "anna");
        Effect.Granted granted = at.await(Effect.Granted.class, "ben");

        assertEquals(Cause.EXPIRED, ended.cause());
        assertTrue(ended.heldMs() >= SHORT.toMillis(), ended.toString());
        assertTrue(ended.heldMs() < SHORT.toMillis() + 2_000, ended.toString());
        assertTrue(granted.fence() > at.await(Effect.Granted.class, "anna").fence());
        assertTrue(at.effects().indexOf(ended) < at.effects().indexOf(granted));
        assertEquals(refused(Refusal.EXPIRED), at.release("anna", "bench"));
    }

    @Test
    void given_a_lease_that_ends_when_nobody_waits_then_it_is_told_all_the_same() {
        at.ask(EngineKit.asking("anna", "bench", LONG, SHORT));

        assertEquals(Cause.EXPIRED, at.await(Effect.Ended.class, "anna").cause());
        assertEquals(List.of(), at.queue("bench"));
    }

    @Test
    void given_a_waiter_that_waited_long_enough_then_it_is_told() {
        at.granted("anna", "bench");
        at.ask(EngineKit.asking("ben", "bench", SHORT, LONG));

        assertEquals(Cause.TIMED_OUT, at.await(Effect.Ended.class, "ben").cause());
        assertEquals(List.of("anna"), at.queue("bench"));
    }

    @Test
    void given_a_renewed_lease_then_it_ends_later() {
        Duration lease = Duration.ofSeconds(1);
        at.ask(EngineKit.asking("anna", "bench", LONG, lease));
        at.acquire("ben", "bench");

        Outcome renewed = at.ask(new Operation.Renew(EngineKit.id("anna"), "bench", 60_000));

        long untilMs = assertInstanceOf(Outcome.Granted.class, renewed).untilMs();
        assertEquals(untilMs, at.await(Effect.Renewed.class, "anna").untilMs());
        assertTrue(untilMs > at.look(view -> view.nowMs()) + 50_000);
        Awaitility.await("the first lease would be over")
                .atMost(EngineKit.PATIENCE)
                .until(() -> untilMs - 60_000 + 2 * lease.toMillis() < clock());
        assertEquals(List.of("anna", "ben"), at.queue("bench"));
    }

    /// A look also moves the table's time where it moves with operations only.
    private long clock() {
        at.ask(EngineKit.asking("clock", "bench", Duration.ZERO, LONG));
        return at.look(view -> view.nowMs());
    }

    @Test
    void given_somebody_elses_ticket_then_it_cannot_be_released_or_renewed() {
        at.granted("anna", "bench");

        assertEquals(refused(Refusal.NOT_OWNER), at.release("ben", "bench"));
        assertEquals(
                refused(Refusal.NOT_OWNER),
                at.ask(new Operation.Renew(EngineKit.id("ben"), "bench", 1000)));
        assertEquals(List.of("anna"), at.queue("bench"));
    }

    @Test
    void given_a_ticket_that_was_given_back_when_repeated_then_it_is_not_taken_anew() {
        at.granted("anna", "bench");

        assertEquals(new Outcome.Released(true), at.release("anna", "bench"));
        assertEquals(new Outcome.Released(false), at.release("anna", "bench"));
        assertEquals(refused(Refusal.RELEASED), at.acquire("anna", "bench"));
    }

    @Test
    void given_a_name_that_asks_again_and_again_then_it_gets_it_again() {
        var host =
                new Operation.Acquire(
                        EngineKit.id("host"), "bench", "host", "", Mode.EXCLUSIVE, 0, -1, 0, true);
        long fence = 0;
        for (int i = 0; i < 3; i++) {
            Outcome.Granted granted = assertInstanceOf(Outcome.Granted.class, at.ask(host));
            assertTrue(granted.fence() > fence);
            fence = granted.fence();
            assertEquals(new Outcome.Released(true), at.release("host", "bench"));
        }
    }

    @Test
    void given_an_operator_then_a_ticket_ends_by_its_number_and_the_next_is_granted() {
        at.granted("carl", "seats");
        long number = at.granted("anna", "bench").ticket();
        at.acquire("ben", "bench");

        assertEquals(new Outcome.Released(true), at.ask(new Operation.Force(number, "op")));
        assertEquals(Cause.FORCED, at.await(Effect.Ended.class, "anna").cause());
        at.await(Effect.Granted.class, "ben");
        assertEquals(refused(Refusal.UNKNOWN_TICKET), at.ask(new Operation.Force(number, "op")));
        assertEquals(List.of("carl"), at.queue("seats"));
    }

    @Test
    void given_nobody_who_heard_of_a_grant_then_it_ends_soon_unless_claimed() {
        at.granted("anna", "bench");
        at.acquire("ben", "bench");
        at.acquire("carl", "bench");
        at.release("anna", "bench");
        at.await(Effect.Granted.class, "ben");

        at.ask(new Operation.Unheard(EngineKit.id("ben"), SHORT.toMillis()));
        at.await(Effect.Granted.class, "carl");
        at.ask(new Operation.Unheard(EngineKit.id("carl"), 30_000));
        Outcome claimed = at.ask(new Operation.Claim(EngineKit.id("carl"), "bench"));

        assertEquals(Cause.EXPIRED, at.await(Effect.Ended.class, "ben").cause());
        long untilMs = assertInstanceOf(Outcome.Granted.class, claimed).untilMs();
        assertTrue(untilMs > at.look(view -> view.nowMs()) + 50_000);
    }

    @Test
    void given_a_restart_then_a_waiter_who_does_not_come_again_is_passed_over() {
        at.granted("anna", "bench");
        at.ask(EngineKit.asking("dead", "bench", LONG, Duration.ZERO));
        at.acquire("ben", "bench");
        at.ask(new Operation.Restarted(0, SHORT.toMillis()));
        assertInstanceOf(Outcome.Queued.class, at.acquire("ben", "bench"));
        at.release("anna", "bench");

        Effect.Granted unheard = at.await(Effect.Granted.class, "dead");
        Effect.Granted heard = at.await(Effect.Granted.class, "ben");

        assertTrue(unheard.untilMs() < at.look(view -> view.nowMs()), unheard.toString());
        assertEquals(Cause.EXPIRED, at.await(Effect.Ended.class, "dead").cause());
        assertTrue(heard.untilMs() > at.look(view -> view.nowMs()) + 30_000, heard.toString());
    }

    @Test
    void given_what_cannot_be_then_it_is_refused() {
        assertEquals(refused(Refusal.INVALID), at.acquire("anna", ""));
        assertEquals(refused(Refusal.INVALID), at.acquire("a\nb", "bench"));
        assertEquals(refused(Refusal.INVALID), at.acquire("anna", "x".repeat(5000)));
        assertEquals(refused(Refusal.UNKNOWN_TICKET), at.ask(new Operation.Force(1234, "op")));
    }

    @Test
    void given_other_rules_when_configured_then_they_are_in_force() {
        at.granted("anna", "bench");
        at.acquire("ben", "bench");
        var wider =
                new TableRules(
                        List.of(new PoolRules("bench", 2, 60_000, 10, Set.of())),
                        null,
                        100,
                        60_000,
                        100);

        assertEquals(new Outcome.Done(), at.ask(new Operation.Configure(wider)));

        at.await(Effect.Granted.class, "ben");
        assertEquals(refused(Refusal.UNKNOWN_POOL), at.acquire("carl", "elsewhere"));
    }

    @Test
    void given_declared_and_other_pools_when_read_then_they_come_in_order() {
        at.granted("anna", "zebra");
        at.granted("ben", "apple");
        at.granted("carl", "seats");

        assertEquals(
                List.of("bench", "seats", "apple", "zebra"),
                at.look(view -> view.pools().stream().map(PoolView::name).toList()));
        assertEquals(
                List.of("carl", "ben", "anna"),
                at.look(view ->
                        view.tickets(Optional.empty(), 100).stream()
                                .map(TicketView::holder)
                                .toList()));
        assertEquals(2, at.count(view -> view.tickets(Optional.empty(), 2).size()));
        assertEquals(3, at.count(view -> view.size()));
        assertEquals(
                "ben", at.look(view -> view.ticket(EngineKit.id("ben")).orElseThrow().holder()));
    }

    @Test
    void given_a_look_after_what_was_proposed_then_it_shows_it() {
        var replies = new ArrayList<CompletableFuture<Reply>>();
        for (int i = 0; i < 50; i++) {
            replies.add(at.propose(EngineKit.asking("w" + i, "bench", LONG, LONG)));
        }

        assertEquals(50, at.count(view -> view.tickets(Optional.of("bench"), 1000).size()));
        replies.forEach(EngineKit::get);
    }

    @Test
    void given_a_question_that_throws_then_the_engine_goes_on() {
        at.engine.read(
                view -> {
                    throw new IllegalStateException("a mistake of the asker");
                },
                _ -> {});
        at.engine.listen(effect -> {
            throw new IllegalStateException("a mistake of the listener");
        });

        at.granted("anna", "bench");
        assertEquals(List.of("anna"), at.queue("bench"));
    }

    @Test
    void given_any_outcome_then_its_effects_were_told_before() throws Exception {
        var late = new AtomicInteger();
        var replies = new ArrayList<CompletableFuture<Reply>>();
        for (int i = 0; i < 40; i++) {
            String who = "w" + i;
            replies.add(
                    at.propose(EngineKit.asking(who, "bench", LONG, LONG))
                            .whenComplete((_, _) -> {
                                if (at.effectsOf(who).isEmpty()) {
                                    late.incrementAndGet();
                                }
                            }));
        }
        replies.forEach(EngineKit::get);

        assertEquals(0, late.get());
        for (int i = 0; i < 40; i++) {
            String who = "w" + i;
            Class<?> first = i == 0 ? Effect.Granted.class : Effect.Queued.class;
            assertEquals(first, at.effectsOf(who).getFirst().getClass());
        }
    }

    @Test
    void given_many_threads_at_many_pools_then_nobody_is_forgotten_and_nobody_holds_with_another()
            throws Exception {
        int threads = 8;
        int each = 12;
        var fences = new HashSet<Long>();
        var trouble = new ArrayList<String>();
        var holding = new AtomicInteger[] {new AtomicInteger(), new AtomicInteger()};
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int t = 0; t < threads; t++) {
                int thread = t;
                var _ =
                        pool.submit(() -> {
                            for (int i = 0; i < each; i++) {
                                int which = i % 2;
                                String who = thread + "/" + i;
                                String name = which == 0 ? "bench" : "mutex";
                                Outcome first = at.acquire(who, name);
                                Effect.Granted got = at.await(Effect.Granted.class, who);
                                int now = holding[which].incrementAndGet();
                                synchronized (trouble) {
                                    if (now != 1 || !fences.add(got.fence())) {
                                        trouble.add(now + " hold, " + got + first);
                                    }
                                }
                                holding[which].decrementAndGet();
                                at.release(who, name);
                            }
                        });
            }
        }

        assertEquals(List.of(), trouble);
        assertEquals(threads * each, fences.size());
        assertEquals(0, at.count(view -> view.size()));
    }

    @Test
    void when_closed_then_everything_is_answered_and_nothing_more_is_taken() {
        var replies = new ArrayList<CompletableFuture<Reply>>();
        for (int i = 0; i < 500; i++) {
            String pool = "pool" + i % 7;
            var asked =
                    new Operation.Acquire(
                            new RequestId(1, i),
                            pool,
                            "w" + i,
                            "",
                            Mode.EXCLUSIVE,
                            60_000,
                            60_000,
                            0,
                            false);
            replies.add(at.propose(asked));
        }
        var seen = new CompletableFuture<Integer>();
        at.engine.read(view -> view.size(), seen::complete);

        at.engine.close();

        assertTrue(replies.stream().allMatch(CompletableFuture::isDone));
        for (var reply : replies) {
            assertEquals(Reply.NO_FAILURE, EngineKit.get(reply).failure());
        }
        assertNotNull(EngineKit.get(seen));
        assertFalse(at.engine.status().ready());
        Reply after = EngineKit.get(at.propose(EngineKit.asking("late", "bench", LONG, LONG)));
        assertFalse(after.failure().perhapsDone());
        assertFalse(after.failure().why().isEmpty());
        at.engine.close();
    }
}
