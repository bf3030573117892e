package org.svcshare.lock;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svcshare.lock.NamedLock.Mode;
import org.svcshare.lock.NamedLock.Reason;
import org.svcshare.lock.NamedLock.State;
import org.svcshare.pool.RequestId;

/// The lock object against a real server: what its users were promised.
@DisplayNameGeneration(ReplaceUnderscores.class)
final class NamedLockTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration LEAST = Duration.ofSeconds(3);
    private static final LockTimes LONG =
            new LockTimes(Duration.ofSeconds(20), Duration.ofSeconds(60), LEAST);

    /// A URI is a name as any other.
    private static final String NAME = "https://example.net/report?of=ä";

    private final GroupSite site = site();
    private final NamedLocks locks =
            NamedLocks.at(site.addresses()).times(LONG).holder("anna").open();

    private static GroupSite site() {
        try {
            return GroupSite.of(1);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @AfterEach
    void stop() throws Exception {
        locks.close();
        site.close();
    }

    private LockDiary extended() {
        return LockDiary.of(locks.named(NAME, Mode.EXTENDED));
    }

    @Test
    void given_simple_mode_when_the_obtained_callbacks_return_then_it_is_given_back_and_over() {
        NamedLock lock = locks.named(NAME);
        var told = new CopyOnWriteArrayList<String>();
        var over = new CompletableFuture<Long>();
        lock.purpose("the report");
        lock.onObtained(0, _ -> told.add("second"));
        lock.onObtained(0, _ -> told.add("third"));
        lock.onObtained(5, l -> told.add("first " + l.isLocked() + " " + l.fence().isPresent()));
        NamedLock.Registration gone = lock.onObtained(9, _ -> told.add("never"));
        lock.onObtained(
                0,
                _ ->
                        told.add(
                                site.tickets(NAME).getFirst().holder()
                                        + ", "
                                        + site.tickets(NAME).getFirst().reason()));
        lock.onFinally(
                0,
                l -> {
                    told.add("finally " + l.state() + " " + l.isBusy() + " " + l.reason());
                    over.complete(site.held(NAME));
                });
        gone.remove();

        assertTrue(lock.lock());

        assertEquals(0, over.orTimeout(20, TimeUnit.SECONDS).join(), "given back before finally");
        assertEquals(
                List.of(
                        "first true true",
                        "second",
                        "third",
                        "anna, the report",
                        "finally IDLE false NONE"),
                told);
    }

    @Test
    void given_extended_mode_when_held_then_it_lasts_from_before_it_was_asked_for_till_unlocked() {
        LockDiary diary = extended();
        NamedLock lock = diary.lock;
        Instant before = Instant.now();
        assertTrue(lock.lock());
        assertFalse(lock.lock(), "busy");
        diary.tells("obtained");

        assertEquals(State.LOCKED, lock.state());
        assertTrue(lock.isLocked());
        assertTrue(lock.left().compareTo(LONG.duration()) <= 0);
        Instant until = lock.until().orElseThrow();
        assertFalse(until.isAfter(Instant.now().plus(LONG.duration())));
        assertTrue(until.isAfter(before.plus(LONG.duration()).minusSeconds(10)));
        assertFalse(lock.lock(), "busy");
        assertThrows(IllegalStateException.class, () -> lock.type(org.svcshare.pool.Mode.SHARED));
        long fence = lock.fence().orElseThrow();

        lock.unlock();
        lock.unlock();
        diary.tells("finally, NONE");
        assertFalse(lock.isLocked());
        assertTrue(lock.until().isEmpty());
        assertEquals(OptionalLong.empty(), lock.fence());
        lock.lock();
        diary.tells("obtained");
        assertTrue(lock.fence().orElseThrow() > fence);
        assertEquals(List.of(), diary.told());
    }

    @Test
    void given_the_finally_callbacks_when_they_lock_again_then_it_begins_anew() {
        NamedLock lock = locks.named(NAME);
        var rounds = new AtomicInteger();
        var done = new CountDownLatch(3);
        lock.onObtained(0, _ -> rounds.incrementAndGet());
        lock.onFinally(
                0,
                l -> {
                    if (rounds.get() < 3 && !l.lock()) {
                        throw new IllegalStateException("not idle in finally");
                    }
                    done.countDown();
                });

        assertTrue(lock.lock());

        await().atMost(LIMIT).until(() -> done.getCount() == 0 && !lock.isBusy());
        assertEquals(3, rounds.get());
    }

    @Test
    void given_a_taken_lock_when_the_obtention_is_over_then_failed_and_nothing_is_left_behind() {
        site.take(NAME, 1);
        LockDiary diary = extended();
        diary.lock.times(LockTimes.DEFAULTS.withObtention(Duration.ZERO));

        diary.lock.lock();

        await().atMost(LIMIT).until(() -> site.waiting(NAME) == 1);
        diary.tells("failed, LOCAL_TIMEOUT", "finally, LOCAL_TIMEOUT");
        assertEquals(0, site.waiting(NAME));
    }

    @Test
    void given_somebody_who_waits_when_unlocked_then_it_waits_no_more_and_did_not_fail() {
        site.take(NAME, 1);
        LockDiary diary = extended();
        diary.lock.lock();
        await().atMost(LIMIT).until(() -> site.waiting(NAME) == 1);
        assertEquals(State.LOCKING, diary.lock.state());

        diary.lock.unlock();

        diary.tells("finally, NONE");
        assertEquals(0, site.waiting(NAME));
        assertEquals(1, site.held(NAME));
    }

    @Test
    void given_two_who_want_it_when_the_first_gives_it_back_then_the_second_has_it() {
        LockDiary first = extended();
        LockDiary second = extended();
        LockDiary other = LockDiary.of(locks.named("another", Mode.EXTENDED));
        first.lock.lock();
        first.tells("obtained");
        second.lock.lock();
        await().atMost(LIMIT).until(() -> site.waiting(NAME) == 1);
        other.lock.lock();
        other.tells("obtained");

        first.lock.unlock();

        second.tells("obtained");
        first.tells("finally, NONE");
        assertTrue(second.lock.isLocked());
        assertTrue(second.lock.left().compareTo(Duration.ofSeconds(30)) > 0, "the whole time");
    }

    @Test
    void given_shared_locks_when_both_ask_then_both_have_it() {
        LockDiary first = extended();
        LockDiary second = extended();
        first.lock.type(org.svcshare.pool.Mode.SHARED);
        second.lock.type(org.svcshare.pool.Mode.SHARED);

        first.lock.lock();
        second.lock.lock();

        first.tells("obtained");
        second.tells("obtained");
    }

    @Test
    void given_a_holder_when_its_time_is_over_then_it_is_told_and_the_next_waits_till_it_stopped()
            throws Exception {
        LockDiary diary = extended();
        var stopped = new CountDownLatch(1);
        diary.lock.onTimeOver(
                -1,
                l -> {
                    stop(stopped);
                });
        diary.lock.times(LONG.withDuration(LEAST).withUnlockGrace(Duration.ofSeconds(60)));
        diary.lock.lock();
        diary.tells("obtained");
        LockDiary next = extended();
        next.lock.lock();

        diary.tells("time over, LOCAL_TIMEOUT");
        assertFalse(diary.lock.isLocked());
        assertEquals(State.UNLOCKING, diary.lock.state());
        assertEquals(1, site.waiting(NAME));
        stopped.countDown();

        next.tells("obtained");
        diary.tells("finally, NONE");
    }

    @Test
    void given_a_holder_that_does_not_stop_when_the_grace_is_over_then_it_is_taken_away() {
        LockDiary diary = LockDiary.of(locks.named(NAME));
        var stopped = new CountDownLatch(1);
        diary.lock.onObtained(-1, _ -> stop(stopped));
        diary.lock.times(LONG.withDuration(LEAST).withUnlockGrace(LEAST));
        diary.lock.lock();
        LockDiary next = extended();
        diary.tells("obtained");
        next.lock.lock();

        diary.tells("time over, LOCAL_TIMEOUT", "failed, REMOTE_TIMEOUT");
        next.tells("obtained");
        assertEquals(List.of(), diary.told(), "no finally while it runs");
        stopped.countDown();
        diary.tells("finally, REMOTE_TIMEOUT");
        assertTrue(next.lock.isLocked());
    }

    private static void stop(CountDownLatch latch) {
        try {
            assertTrue(latch.await(60, TimeUnit.SECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void given_a_holder_when_an_operator_ends_its_ticket_then_it_is_told() {
        LockDiary diary = extended();
        diary.lock.times(LONG.withDuration(LEAST));
        diary.lock.keepAlive(true);
        diary.lock.lock();
        diary.tells("obtained");

        site.force(NAME);

        diary.tells("failed, TAKEN_AWAY", "finally, TAKEN_AWAY");
        assertFalse(diary.lock.detail().isEmpty());
    }

    @Test
    void given_a_lock_that_an_operator_has_ended_when_given_back_then_it_is_told() {
        LockDiary diary = extended();
        diary.lock.lock();
        diary.tells("obtained");
        site.force(NAME);

        diary.lock.unlock();

        diary.tells("failed, TAKEN_AWAY", "finally, TAKEN_AWAY");
    }

    @Test
    void given_a_lock_that_is_kept_alive_when_time_passes_then_its_end_moves() {
        LockDiary diary = extended();
        diary.lock.times(LONG.withDuration(LEAST));
        diary.lock.keepAlive(true);
        diary.lock.lock();
        diary.tells("obtained");
        Instant first = diary.lock.until().orElseThrow();

        await().atMost(LIMIT).until(() -> Instant.now().isAfter(first) && diary.lock.isLocked());

        assertEquals(1, site.held(NAME));
        assertEquals(List.of(), diary.told());
    }

    @Test
    void given_callbacks_that_throw_when_called_then_nothing_is_disturbed() {
        LockDiary diary = LockDiary.of(locks.named(NAME));
        diary.lock.onObtained(
                1,
                _ -> {
                    throw new IllegalStateException("a callback of the test");
                });
        diary.lock.onFinally(
                1,
                _ -> {
                    throw new AssertionError("a callback of the test");
                });

        diary.lock.lock();
        diary.tells("obtained", "finally, NONE");
        diary.lock.lock();
        diary.tells("obtained", "finally, NONE");
    }

    @Test
    void given_an_executor_that_takes_nothing_more_when_told_then_it_is_told_all_the_same() {
        try (var own =
                NamedLocks.at(site.addresses())
                        .callbacks(_ -> {
                            throw new RejectedExecutionException();
                        })
                        .open()) {
            LockDiary diary = LockDiary.of(own.named(NAME));
            diary.lock.lock();

            diary.tells("obtained", "finally, NONE");
        }
    }

    @Test
    void given_callbacks_on_the_deciding_thread_when_they_lock_again_then_nothing_hangs() {
        try (var own = NamedLocks.at(site.addresses()).callbacks(Runnable::run).open()) {
            NamedLock lock = own.named(NAME);
            var rounds = new AtomicInteger();
            lock.onFinally(
                    0,
                    l -> {
                        if (rounds.incrementAndGet() < 3) {
                            l.lock();
                        }
                    });
            lock.lock();

            await().atMost(LIMIT).until(() -> rounds.get() == 3 && !lock.isBusy());
        }
    }

    @Test
    void given_a_lock_when_asked_what_is_in_its_way_then_nothing_is_taken() throws Exception {
        NamedLock lock = locks.named(NAME);
        assertEquals(Optional.empty(), lock.obstacle());
        site.take(NAME, 1);
        assertEquals(Optional.empty(), lock.obstacle());
        assertEquals(1, site.tickets(NAME).size());

        site.door(0).die();

        assertTrue(lock.obstacle().orElse("").contains("refused"), lock.obstacle()::toString);
    }

    @Test
    void given_nobody_when_asked_then_no_server_was_reached() throws Exception {
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        try (var own = NamedLocks.at("127.0.0.1:" + port).open()) {
            LockDiary diary = LockDiary.of(own.named(NAME));
            diary.lock.times(LockTimes.DEFAULTS.withObtention(LEAST));
            assertTrue(diary.lock.lock());

            diary.tells("failed, TRANSMISSION_ERROR", "finally, TRANSMISSION_ERROR");
            assertTrue(diary.lock.detail().contains("refused"), diary.lock.detail());
        }
    }

    @Test
    void given_answers_that_get_lost_when_asked_again_then_there_was_one_ticket() {
        site.door(0).loseAnswers(true);
        LockDiary diary = extended();
        diary.lock.lock();
        await().atMost(LIMIT).until(() -> site.held(NAME) == 1);
        long ticket = site.tickets(NAME).getFirst().ticket();
        site.door(0).loseAnswers(false);

        diary.tells("obtained");
        assertEquals(OptionalLong.of(ticket), diary.lock.ticket());
        site.door(0).loseAnswers(true);
        diary.lock.unlock();
        await().atMost(LIMIT).until(() -> site.held(NAME) == 0);
        site.door(0).loseAnswers(false);
        diary.tells("finally, NONE");
    }

    @ParameterizedTest
    @CsvSource({
        "theirs, SECRET-lock, NOT_ALLOWED",
        "own, SECRET-read, NOT_ALLOWED",
        "own, SECRET-none, NOT_ALLOWED",
        "crowded, SECRET-lock, TOO_MANY_WAITERS"
    })
    void given_somebody_who_may_not_when_asked_then_the_reason_says_so(
            String pool, String token, Reason reason) throws Exception {
        try (var strict = GroupSite.withTokens();
                var own = NamedLocks.at(strict.addresses()).token(token).open()) {
            strict.take("crowded", 1);
            strict.take("crowded", 2);
            LockDiary diary = LockDiary.of(own.named(pool));
            diary.lock.lock();

            diary.tells("failed, " + reason, "finally, " + reason);
            assertFalse(diary.lock.toString().contains("SECRET"));
        }
    }

    @Test
    void given_a_server_that_keeps_no_place_for_so_long_when_waiting_then_it_stands_in_line_again()
            throws Exception {
        try (var hasty = GroupSite.impatient(Duration.ofSeconds(2));
                var own = NamedLocks.at(hasty.addresses()).times(LONG).open()) {
            RequestId somebody = hasty.take(NAME, 1);
            LockDiary diary = LockDiary.of(own.named(NAME, Mode.EXTENDED));
            diary.lock.lock();
            await().atMost(LIMIT).until(() -> hasty.waiting(NAME) == 1);
            long first = hasty.tickets(NAME).getLast().ticket();
            await().atMost(LIMIT)
                    .until(() ->
                            hasty.waiting(NAME) == 1
                                    && hasty.tickets(NAME).getLast().ticket() > first);

            hasty.giveBack(somebody, NAME);
            diary.tells("obtained");
        }
    }

    @Test
    void given_locks_of_a_program_when_closed_then_all_is_given_back_and_nothing_begins() {
        LockDiary held = extended();
        LockDiary waits = extended();
        held.lock.lock();
        held.tells("obtained");
        waits.lock.lock();
        await().atMost(LIMIT).until(() -> site.waiting(NAME) == 1);

        locks.close();

        assertEquals(0, site.tickets(NAME).size());
        held.tells("finally, NONE");
        waits.tells("finally, NONE");
        assertFalse(held.lock.lock());
        assertEquals(List.of(), held.told());
        assertEquals(List.of(), waits.told());
    }

    @Test
    void given_a_name_that_is_none_when_made_then_it_is_refused() {
        assertThrows(IllegalArgumentException.class, () -> locks.named(""));
        assertThrows(IllegalArgumentException.class, () -> locks.named("x".repeat(201)));
        assertThrows(IllegalArgumentException.class, () -> NamedLocks.at("ftp://x"));
        assertThrows(IllegalArgumentException.class, () -> NamedLocks.at().open());
    }

    @Test
    void given_times_of_the_program_when_changed_then_locks_without_their_own_have_them() {
        locks.times(LockTimes.DEFAULTS.withDuration(Duration.ofSeconds(30)));
        LockDiary diary = extended();
        diary.lock.lock();
        diary.tells("obtained");

        assertTrue(diary.lock.left().compareTo(Duration.ofSeconds(30)) <= 0);
        assertTrue(diary.lock.left().compareTo(Duration.ofSeconds(10)) > 0);
        assertEquals(Duration.ofSeconds(5), locks.times().obtention());
    }
}
