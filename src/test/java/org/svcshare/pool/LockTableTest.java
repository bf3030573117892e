package org.svcshare.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.pool.Effect.Cause;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LockTableTest {
    private static final Duration LEASE = Duration.ofMinutes(1);
    private static final Duration A_MOMENT = Duration.ofMillis(1);

    private final TableKit at = new TableKit(TableKit.pool("bench", 1), TableKit.pool("seats", 2));

    private static Outcome refused(Refusal why) {
        return new Outcome.Refused(why);
    }

    // Order and slots.

    @Test
    void given_a_free_pool_when_asked_then_it_is_granted_at_once_with_a_fence_and_an_end() {
        assertEquals(new Outcome.Granted(1, 1, at.nowMs + 60_000), at.acquire("anna", "bench"));
        assertEquals(1, at.effects.size());
    }

    @Test
    void given_a_held_pool_when_others_ask_then_they_wait_in_the_order_in_which_they_came() {
        at.acquire("anna", "bench");

        assertEquals(new Outcome.Queued(2, 0, at.nowMs + 100_000), at.acquire("ben", "bench"));
        assertEquals(new Outcome.Queued(3, 1, at.nowMs + 100_000), at.acquire("carl", "bench"));
        assertEquals(List.of("ben", "carl"), at.waiters("bench"));
    }

    @Test
    void given_waiters_when_the_holder_gives_back_then_the_first_holds_with_a_higher_fence() {
        at.acquire("anna", "bench");
        at.acquire("ben", "bench");
        at.acquire("carl", "bench");
        at.nowMs += 500;

        assertEquals(new Outcome.Released(true), at.release("anna", "bench"));

        assertEquals(
                List.of(
                        new Effect.Ended(
                                TableKit.id("anna"), "bench", 1, "anna", Cause.RELEASED, true, 500),
                        new Effect.Granted(
                                TableKit.id("ben"), "bench", 2, "ben", 2, at.nowMs + 60_000, 500)),
                at.effects);
    }

    @Test
    void given_two_slots_then_two_hold_and_the_third_waits() {
        at.acquire("anna", "seats");
        at.acquire("ben", "seats");
        at.acquire("carl", "seats");

        assertEquals(List.of("anna", "ben"), at.holders("seats"));
        at.release("ben", "seats");
        assertEquals(List.of("anna", "carl"), at.holders("seats"));
    }

    @Test
    void given_pools_of_different_names_then_they_do_not_wait_for_each_other() {
        at.acquire("anna", "bench");

        assertInstanceOf(Outcome.Granted.class, at.acquire("ben", "other/pool with blanks"));
    }

    @Test
    void given_no_patience_when_it_is_held_then_busy_and_nothing_is_left_behind() {
        at.acquire("anna", "bench");
        var impatient =
                new Operation.Acquire(
                        TableKit.id("ben"), "bench", "ben", "", Mode.EXCLUSIVE, 0, -1, 0, false);

        assertEquals(refused(Refusal.BUSY), at.apply(impatient));
        at.release("anna", "bench");
        assertInstanceOf(Outcome.Granted.class, at.apply(impatient));
    }

    @Test
    void given_a_waiter_in_the_middle_when_it_gives_up_then_those_behind_move_up() {
        at.acquire("anna", "bench");
        at.acquire("ben", "bench");
        at.acquire("carl", "bench");

        assertEquals(new Outcome.Released(true), at.release("ben", "bench"));

        assertEquals(new Outcome.Queued(3, 0, at.nowMs + 100_000), at.acquire("carl", "bench"));
    }

    @Test
    void given_many_waiters_when_some_leave_then_places_are_right_across_chunks() {
        at.acquire("anna", "bench");
        for (int i = 0; i < 600; i++) {
            at.acquire("w" + i, "bench");
        }
        for (int i = 0; i < 600; i += 3) {
            at.release("w" + i, "bench");
        }

        assertEquals(400, at.table.view().pool("bench").orElseThrow().waiting());
        assertEquals(
                new Outcome.Queued(600 + 1, 399, at.nowMs + 100_000), at.acquire("w599", "bench"));
        at.release("anna", "bench");
        assertEquals(List.of("w1"), at.holders("bench"));
        assertEquals("w2", at.waiters("bench").getFirst());
    }

    // Shared.

    @Test
    void given_readers_when_another_reader_comes_then_they_hold_together() {
        at.apply(TableKit.reading("anna", "bench"));
        at.apply(TableKit.reading("ben", "bench"));

        assertEquals(List.of("anna", "ben"), at.holders("bench"));
        assertEquals(1, at.table.view().pool("bench").orElseThrow().slotsTaken());
    }

    @Test
    void given_readers_and_a_waiting_writer_when_a_reader_comes_then_it_waits_behind_the_writer() {
        at.apply(TableKit.reading("anna", "bench"));
        at.acquire("writer", "bench");
        at.apply(TableKit.reading("ben", "bench"));
        assertEquals(List.of("writer", "ben"), at.waiters("bench"));

        at.release("anna", "bench");
        assertEquals(List.of("writer"), at.holders("bench"));
        at.release("writer", "bench");
        assertEquals(List.of("ben"), at.holders("bench"));
    }

    @Test
    void given_readers_behind_a_writer_when_it_ends_then_all_of_them_hold() {
        at.acquire("writer", "bench");
        at.apply(TableKit.reading("anna", "bench"));
        at.apply(TableKit.reading("ben", "bench"));
        at.acquire("carl", "bench");

        at.release("writer", "bench");

        assertEquals(List.of("anna", "ben"), at.holders("bench"));
        assertEquals(List.of("carl"), at.waiters("bench"));
    }

    // Time.

    @Test
    void given_a_lease_when_it_is_over_then_the_next_holds_and_not_a_moment_before() {
        at.acquire("anna", "bench");
        at.acquire("ben", "bench");

        at.pass(LEASE);
        assertEquals(List.of("anna"), at.holders("bench"));
        at.pass(A_MOMENT);
        assertEquals(List.of("ben"), at.holders("bench"));
        assertEquals(refused(Refusal.EXPIRED), at.release("anna", "bench"));
    }

    @Test
    void given_a_renewal_then_the_lease_is_set_from_now_not_added_to() {
        at.acquire("anna", "bench");
        at.nowMs += 1000;

        assertEquals(
                new Outcome.Granted(1, 1, at.nowMs + 10_000),
                at.renew("anna", "bench", Duration.ofSeconds(10)));
        at.pass(Duration.ofMillis(10_001));
        assertEquals(List.of(), at.holders("bench"));
    }

    @Test
    void given_no_lease_when_long_time_passes_then_it_is_held_until_released() {
        at.apply(
                new Operation.Acquire(
                        TableKit.id("anna"), "bench", "anna", "", Mode.EXCLUSIVE, 0, 0, 0, false));
        at.pass(Duration.ofDays(400));

        assertEquals(List.of("anna"), at.holders("bench"));
        assertEquals(Long.MAX_VALUE, at.table.nextDueMs());
    }

    @Test
    void given_a_waiter_when_it_has_waited_long_enough_then_it_is_told_and_gone() {
        at.apply(
                new Operation.Acquire(
                        TableKit.id("anna"), "bench", "anna", "", Mode.EXCLUSIVE, 0, 0, 0, false));
        at.acquire("ben", "bench");

        at.pass(Duration.ofMillis(100_001));

        assertEquals(
                List.of(
                        new Effect.Ended(
                                TableKit.id("ben"), "bench", 2, "ben", Cause.TIMED_OUT, false, 0)),
                at.effects);
        assertEquals(refused(Refusal.TIMED_OUT), at.acquire("ben", "bench"));
        assertEquals(new Outcome.Released(false), at.release("ben", "bench"));
    }

    @Test
    void given_a_grace_when_the_lease_is_over_then_the_holder_is_told_and_others_wait_for_it() {
        at.apply(
                new Operation.Acquire(
                        TableKit.id("anna"),
                        "bench",
                        "anna",
                        "",
                        Mode.EXCLUSIVE,
                        0,
                        5000,
                        3000,
                        false));
        at.acquire("ben", "bench");

        at.pass(Duration.ofMillis(5001));
        assertInstanceOf(Effect.Unlocking.class, at.effects.getFirst());
        assertEquals(List.of("anna"), at.holders("bench"));
        assertEquals(refused(Refusal.EXPIRED), at.renew("anna", "bench", LEASE));
        at.pass(Duration.ofSeconds(3));
        assertEquals(List.of("ben"), at.holders("bench"));
    }

    @Test
    void given_a_grace_when_the_holder_gives_back_in_it_then_the_next_holds_at_once() {
        at.apply(
                new Operation.Acquire(
                        TableKit.id("anna"),
                        "bench",
                        "anna",
                        "",
                        Mode.EXCLUSIVE,
                        0,
                        5000,
                        3000,
                        false));
        at.acquire("ben", "bench");
        at.pass(Duration.ofMillis(5001));

        assertEquals(new Outcome.Released(true), at.release("anna", "bench"));
        assertEquals(List.of("ben"), at.holders("bench"));
    }

    @Test
    void given_a_clock_that_runs_backwards_then_the_tables_time_stands_still() {
        at.acquire("anna", "bench");
        at.nowMs -= 500_000;

        assertEquals(new Outcome.Queued(2, 0, at.nowMs + 600_000), at.acquire("ben", "bench"));
    }

    @Test
    void given_an_outage_when_the_table_is_back_then_nobody_expires_before_he_could_renew() {
        at.acquire("anna", "bench");
        at.nowMs += 3_600_000;

        at.apply(new Operation.Restarted(5000, 1000));
        assertEquals(List.of("anna"), at.holders("bench"));
        assertInstanceOf(Outcome.Granted.class, at.renew("anna", "bench", LEASE));
    }

    @Test
    void
            given_waiters_of_before_a_restart_when_it_is_their_turn_then_who_is_silent_is_passed_over() {
        at.acquire("anna", "bench");
        at.acquire("silent", "bench");
        at.acquire("ben", "bench");
        at.acquire("carl", "bench");
        at.acquire("dora", "bench");
        at.apply(new Operation.Restarted(5000, 1000));
        at.restart();
        assertInstanceOf(Outcome.Queued.class, at.acquire("ben", "bench"));
        at.apply(new Operation.Claim(TableKit.id("carl"), "bench"));
        at.renew("dora", "bench", LEASE);
        at.acquire("emma", "bench");

        at.pass(Duration.ofSeconds(1));
        at.release("anna", "bench");
        assertEquals(List.of("silent"), at.holders("bench"));
        at.pass(Duration.ofSeconds(5));
        assertEquals(List.of("silent"), at.holders("bench"), "the grace, then the claim");
        at.pass(Duration.ofMillis(1));
        for (String who : List.of("ben", "carl", "dora", "emma")) {
            assertEquals(List.of(who), at.holders("bench"));
            at.pass(Duration.ofSeconds(10));
            assertEquals(List.of(who), at.holders("bench"), "longer than the claim");
            at.release(who, "bench");
        }
    }

    @Test
    void
            given_a_waiter_of_before_a_restart_when_it_comes_within_the_claim_then_its_lease_is_full() {
        for (String way : List.of("acquire", "claim", "renew")) {
            at.acquire("anna", way);
            at.acquire("late", way);
            at.apply(new Operation.Restarted(0, 1000));
            at.release("anna", way);
            at.pass(Duration.ofMillis(900));

            Outcome outcome =
                    switch (way) {
                        case "acquire" -> at.acquire("late", way);
                        case "claim" -> at.apply(new Operation.Claim(TableKit.id("late"), way));
                        default -> at.renew("late", way, LEASE);
                    };
            assertEquals(
                    at.nowMs + LEASE.toMillis(),
                    assertInstanceOf(Outcome.Granted.class, outcome, way).untilMs());
            at.release("late", way);
            at.pass(Duration.ofMinutes(2));
        }
    }

    @Test
    void given_a_lock_without_an_end_when_its_waiter_did_not_outlive_a_restart_then_it_goes_on() {
        at.acquire("anna", "bench");
        at.apply(
                new Operation.Acquire(
                        TableKit.id("dead"),
                        "bench",
                        "dead",
                        "",
                        Mode.EXCLUSIVE,
                        100_000,
                        0,
                        30_000,
                        false));
        at.acquire("ben", "bench");
        at.apply(new Operation.Restarted(0, 1000));
        at.acquire("ben", "bench");

        at.release("anna", "bench");
        assertEquals(List.of("dead"), at.holders("bench"));
        at.pass(Duration.ofMillis(1001));
        assertEquals(List.of("ben"), at.holders("bench"));
    }

    // Ids.

    @Test
    void given_a_repeated_request_then_the_same_answer_and_no_second_ticket() {
        assertEquals(at.acquire("anna", "bench"), at.acquire("anna", "bench"));
        assertEquals(at.acquire("ben", "bench"), at.acquire("ben", "bench"));
        assertEquals(2, at.table.view().size());
    }

    @Test
    void given_an_ended_request_when_it_is_repeated_late_then_it_does_not_take_the_lock_anew() {
        at.acquire("anna", "bench");
        at.release("anna", "bench");

        assertEquals(refused(Refusal.RELEASED), at.acquire("anna", "bench"));
        assertEquals(new Outcome.Released(false), at.release("anna", "bench"));
    }

    @Test
    void given_an_ended_request_when_it_is_forgotten_then_the_id_is_as_new() {
        at.acquire("anna", "bench");
        at.release("anna", "bench");
        at.pass(Duration.ofMillis(60_001));

        assertInstanceOf(Outcome.Granted.class, at.acquire("anna", "bench"));
    }

    @Test
    void given_more_ended_requests_than_are_remembered_then_the_oldest_is_forgotten() {
        at.rules(new TableRules(List.of(), TableKit.ANY, 100, 60_000, 2));
        for (String who : List.of("anna", "ben", "carl")) {
            at.acquire(who, "x");
            at.release(who, "x");
        }

        assertEquals(refused(Refusal.RELEASED), at.acquire("ben", "x"));
        assertInstanceOf(Outcome.Granted.class, at.acquire("anna", "x"));
    }

    @Test
    void given_an_id_that_names_its_asker_when_it_has_ended_then_it_may_ask_again_at_once() {
        var host =
                new Operation.Acquire(
                        TableKit.id("host"), "x", "host", "", Mode.EXCLUSIVE, 0, -1, 0, true);
        at.apply(host);
        at.release("host", "x");

        assertInstanceOf(Outcome.Granted.class, at.apply(host));
    }

    @Test
    void given_an_id_of_one_pool_when_used_for_another_then_refused() {
        at.acquire("anna", "bench");

        assertEquals(refused(Refusal.ID_REUSED), at.acquire("anna", "seats"));
        assertEquals(refused(Refusal.ID_REUSED), at.apply(TableKit.reading("anna", "bench")));
    }

    @Test
    void given_somebody_elses_lock_when_released_or_renewed_then_not_owner() {
        at.acquire("anna", "bench");

        assertEquals(refused(Refusal.NOT_OWNER), at.release("ben", "bench"));
        assertEquals(refused(Refusal.NOT_OWNER), at.renew("ben", "bench", LEASE));
        assertEquals(refused(Refusal.UNKNOWN_TICKET), at.release("ben", "seats"));
        assertEquals(List.of("anna"), at.holders("bench"));
    }

    @Test
    void given_an_operator_when_he_forces_then_the_next_holds_and_the_holder_is_told() {
        at.acquire("anna", "bench");
        at.acquire("ben", "bench");

        assertEquals(new Outcome.Released(true), at.apply(new Operation.Force(1, "root")));
        assertEquals(List.of("ben"), at.holders("bench"));
        assertEquals(refused(Refusal.FORCED), at.renew("anna", "bench", LEASE));
        assertEquals(refused(Refusal.UNKNOWN_TICKET), at.apply(new Operation.Force(99, "root")));
    }

    // Grants that nobody heard.

    @Test
    void given_a_grant_that_nobody_heard_when_not_claimed_then_it_passes_on_early() {
        at.acquire("anna", "bench");
        at.acquire("ben", "bench");
        at.release("anna", "bench");
        at.acquire("carl", "bench");

        at.apply(new Operation.Unheard(TableKit.id("ben"), 10_000));
        at.pass(Duration.ofMillis(10_001));

        assertEquals(List.of("carl"), at.holders("bench"));
    }

    @Test
    void given_a_grant_that_nobody_heard_when_claimed_then_the_lease_begins_then() {
        at.acquire("anna", "bench");
        at.apply(new Operation.Unheard(TableKit.id("anna"), 10_000));
        at.nowMs += 9000;

        assertEquals(
                new Outcome.Granted(1, 1, at.nowMs + 60_000),
                at.apply(new Operation.Claim(TableKit.id("anna"), "bench")));
        at.nowMs += 1000;
        assertEquals(
                new Outcome.Granted(1, 1, at.nowMs + 59_000),
                at.apply(new Operation.Claim(TableKit.id("anna"), "bench")));
    }

    @Test
    void
            given_a_waiter_who_went_on_at_another_server_when_the_first_misses_it_then_nothing_changes() {
        RequestId ben = TableKit.id("ben");
        at.acquire("anna", "bench");
        at.table.apply(TableKit.asking("ben", "bench"), at.nowMs, 1);
        assertTrue(heard(ben, 1));
        assertFalse(heard(ben, 2));
        at.table.apply(new Operation.Claim(ben, "bench"), at.nowMs, 2);
        assertFalse(heard(ben, 1));
        assertTrue(heard(ben, 2));
        at.release("anna", "bench");
        at.restart();

        Outcome granted = new Outcome.Granted(2, 2, at.nowMs + 60_000);
        assertEquals(granted, at.table.apply(new Operation.Unheard(ben, 10_000), at.nowMs, 1));
        assertEquals(
                new Outcome.Granted(2, 2, at.nowMs + 10_000),
                at.table.apply(new Operation.Unheard(ben, 10_000), at.nowMs, 2));
    }

    private boolean heard(RequestId id, long server) {
        return at.table.view(server).ticket(id).orElseThrow().heard();
    }

    // Rules.

    @Test
    void given_rules_without_undeclared_pools_then_others_are_unknown() {
        at.rules(new TableRules(List.of(TableKit.pool("bench", 1)), null, 10, 0, 0));

        assertEquals(refused(Refusal.UNKNOWN_POOL), at.acquire("anna", "other"));
        assertEquals(refused(Refusal.UNKNOWN_POOL), at.release("anna", "other"));
    }

    @Test
    void given_a_pool_that_leaves_the_settings_then_its_tickets_run_out_and_no_new_ones_come() {
        at.acquire("anna", "seats");
        at.rules(new TableRules(List.of(TableKit.pool("bench", 1)), null, 10, 0, 0));

        assertEquals(refused(Refusal.UNKNOWN_POOL), at.acquire("ben", "seats"));
        assertEquals(new Outcome.Released(true), at.release("anna", "seats"));
        assertTrue(at.table.view().pool("seats").isEmpty());
    }

    @Test
    void given_more_slots_in_new_rules_then_waiters_hold_at_once() {
        at.acquire("anna", "bench");
        at.acquire("ben", "bench");

        at.rules(
                new TableRules(List.of(TableKit.pool("bench", 2)), TableKit.ANY, 100, 60_000, 100));

        assertEquals(List.of("anna", "ben"), at.holders("bench"));
    }

    @Test
    void given_a_list_of_holders_then_others_are_refused() {
        at.rules(
                new TableRules(
                        List.of(new PoolRules("p", 1, 0, 5, Set.of("anna"))), null, 10, 0, 0));

        assertEquals(refused(Refusal.NOT_ALLOWED), at.acquire("ben", "p"));
        assertInstanceOf(Outcome.Granted.class, at.acquire("anna", "p"));
    }

    @Test
    void given_limits_on_waiters_and_tickets_then_a_clear_refusal() {
        at.rules(
                new TableRules(
                        List.of(new PoolRules("p", 1, 0, 1, Set.of())), TableKit.ANY, 3, 0, 0));
        at.acquire("anna", "p");
        at.acquire("ben", "p");

        assertEquals(refused(Refusal.TOO_MANY_WAITERS), at.acquire("carl", "p"));
        at.acquire("carl", "q");
        assertEquals(refused(Refusal.TOO_MANY_TICKETS), at.acquire("dora", "r"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "a\u0000", "\u0085", "\ud800", "a\u2028b"})
    void given_a_name_that_is_none_then_invalid_and_nothing_is_made(String name) {
        assertEquals(refused(Refusal.INVALID), at.acquire("anna", name));
        assertEquals(refused(Refusal.INVALID), at.acquire(name, "bench"));
        assertEquals(0, at.table.view().size());
    }

    @Test
    void given_a_name_then_its_bytes_count_not_its_letters() {
        assertInstanceOf(Outcome.Granted.class, at.acquire("anna", "ü".repeat(100)));
        assertEquals(refused(Refusal.INVALID), at.acquire("ben", "ü".repeat(100) + "a"));
        assertInstanceOf(Outcome.Granted.class, at.acquire("carl", "\uD83D\uDE00".repeat(50)));
    }

    @ParameterizedTest
    @ValueSource(longs = {-2, Long.MIN_VALUE, Long.MAX_VALUE, Operation.MAX_TIME_MS + 1})
    void given_a_time_out_of_range_then_invalid(long timeMs) {
        var asked = TableKit.asking("anna", "bench");
        var long1 =
                new Operation.Acquire(
                        asked.id(), "bench", "anna", "", Mode.EXCLUSIVE, timeMs, 0, 0, false);
        var long2 =
                new Operation.Acquire(
                        asked.id(), "bench", "anna", "", Mode.EXCLUSIVE, 0, timeMs, 0, false);
        var long3 =
                new Operation.Acquire(
                        asked.id(), "bench", "anna", "", Mode.EXCLUSIVE, 0, 0, timeMs, false);

        assertEquals(refused(Refusal.INVALID), at.apply(long1));
        assertEquals(refused(Refusal.INVALID), at.apply(long2));
        assertEquals(refused(Refusal.INVALID), at.apply(long3));
    }

    @Test
    void given_pools_that_come_and_go_then_undeclared_ones_leave_nothing_behind() {
        for (int i = 0; i < 1000; i++) {
            at.acquire("anna" + i, "p" + i);
            at.release("anna" + i, "p" + i);
        }

        assertEquals(2, at.table.view().pools().size());
        assertEquals(0, at.table.view().size());
        assertEquals(Long.MAX_VALUE, at.table.nextDueMs());
    }

    @Test
    void given_holding_times_then_a_mean_for_estimates() {
        at.acquire("anna", "bench");
        at.nowMs += 8000;
        at.release("anna", "bench");
        assertEquals(8000, at.table.view().pool("bench").orElseThrow().meanHoldMs());
        at.acquire("ben", "bench");
        at.nowMs += 16_000;
        at.release("ben", "bench");
        assertEquals(9000, at.table.view().pool("bench").orElseThrow().meanHoldMs());
    }
}
