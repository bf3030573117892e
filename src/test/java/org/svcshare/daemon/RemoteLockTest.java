package org.svcshare.daemon;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.svcshare.daemon.LockSite.answer;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.bot.Lock;
import org.svcshare.bot.Lock.Answer;
import org.svcshare.lock.GroupSite;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TicketView;

/// A bot's lock at a real server of pools.
@DisplayNameGeneration(ReplaceUnderscores.class)
final class RemoteLockTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final Duration SOON = Duration.ofMillis(50);
    private static final RequestId ANNA = new RequestId(7, 1);
    private static final RequestId BEN = new RequestId(7, 2);
    private static final Lock.Wanted WANTED = new Lock.Wanted("ss-anna", "turn 4", LEASE);

    private static Answer asked(RemoteLock lock, RequestId id, Duration patience) throws Exception {
        return answer(then -> lock.acquire(id, WANTED, patience, then));
    }

    @Test
    void given_a_free_pool_when_asked_renewed_and_released_then_it_is_held_so_long()
            throws Exception {
        try (var site = LockSite.open();
                var lock = new RemoteLock(site.pool("uplink"))) {
            long fence = assertInstanceOf(Answer.Held.class, asked(lock, ANNA, SOON)).fence();
            assertEquals(new Answer.Held(fence), asked(lock, ANNA, SOON), "the same, asked again");
            assertEquals(new Answer.Held(fence), answer(then -> lock.renew(ANNA, LEASE, then)));
            TicketView ticket = site.see(table -> table.ticket(ANNA)).orElseThrow();
            assertEquals("ss-anna", ticket.holder());
            assertEquals("turn 4", ticket.reason());

            assertEquals(new Answer.GivenBack(), answer(then -> lock.release(ANNA, then)));
            assertEquals(0, site.held("uplink"));
            assertEquals(
                    new Answer.Refused(Refusal.RELEASED),
                    answer(then -> lock.renew(ANNA, LEASE, then)));
            assertEquals(new Answer.GivenBack(), answer(then -> lock.release(ANNA, then)));
        }
    }

    @Test
    void given_a_taken_pool_when_asked_again_and_again_then_the_place_stays_and_the_holder_is_told()
            throws Exception {
        try (var site = LockSite.open();
                var lock = new RemoteLock(site.pool("uplink"))) {
            site.take(BEN, "uplink", Duration.ofMinutes(5));

            assertEquals(new Answer.Waits("ss-ben (turn 3)"), asked(lock, ANNA, SOON));
            long ticket = site.see(table -> table.ticket(ANNA)).orElseThrow().ticket();
            assertEquals(new Answer.Waits("ss-ben (turn 3)"), asked(lock, ANNA, SOON));
            assertEquals(ticket, site.see(table -> table.ticket(ANNA)).orElseThrow().ticket());
            assertEquals(1, site.waiting("uplink"));

            // Nobody listens when its turn comes.
            site.giveBack(BEN, "uplink");
            assertInstanceOf(Answer.Held.class, asked(lock, ANNA, SOON));
        }
    }

    @Test
    void given_a_bot_in_line_when_the_pool_is_given_back_then_it_hears_at_once() throws Exception {
        try (var site = LockSite.open();
                var lock = new RemoteLock(site.pool("uplink"))) {
            site.take(BEN, "uplink", Duration.ofMinutes(5));
            var granted = new CompletableFuture<Answer>();
            lock.acquire(ANNA, WANTED, Duration.ofSeconds(15), granted::complete);
            await().atMost(LIMIT).until(() -> site.waiting("uplink") == 1);

            long began = System.nanoTime();
            site.giveBack(BEN, "uplink");

            assertInstanceOf(Answer.Held.class, granted.get(20, TimeUnit.SECONDS));
            assertTrue(System.nanoTime() - began < Duration.ofSeconds(10).toNanos());
        }
    }

    @Test
    void given_a_bot_in_line_when_it_wants_no_more_then_its_place_is_free_and_nobody_is_told()
            throws Exception {
        try (var site = LockSite.open();
                var lock = new RemoteLock(site.pool("uplink"))) {
            site.take(BEN, "uplink", Duration.ofMinutes(5));
            var told = new CopyOnWriteArrayList<Answer>();
            lock.acquire(ANNA, WANTED, Duration.ofSeconds(15), told::add);
            await().atMost(LIMIT).until(() -> site.waiting("uplink") == 1);

            assertEquals(new Answer.GivenBack(), answer(then -> lock.release(ANNA, then)));

            assertEquals(0, site.waiting("uplink"));
            await().atMost(LIMIT).until(() -> lock.underWay() == 0);
            assertEquals(List.of(), told);
        }
    }

    @Test
    void given_a_server_that_keeps_places_for_a_short_time_when_asked_then_it_stands_all_the_same()
            throws Exception {
        try (var site = LockSite.impatient(Duration.ofSeconds(60));
                var lock = new RemoteLock(site.pool("uplink"))) {
            site.take(BEN, "uplink", Duration.ofMinutes(5));

            assertInstanceOf(Answer.Waits.class, asked(lock, ANNA, SOON));
            assertInstanceOf(Answer.Waits.class, asked(lock, ANNA, SOON));
            assertEquals(1, site.waiting("uplink"));
        }
    }

    @Test
    void given_a_pool_with_many_slots_when_asked_then_it_guards_nothing() throws Exception {
        try (var site = LockSite.open();
                var lock = new RemoteLock(site.pool("wide"))) {
            var no = assertInstanceOf(Answer.Barred.class, asked(lock, ANNA, SOON));

            assertTrue(no.why().endsWith("has 2 slots, a guard needs a pool with one"), no.why());
        }
    }

    @Test
    void given_an_undeclared_pool_when_those_are_refused_then_there_is_nothing_to_wait_for()
            throws Exception {
        try (var site = LockSite.declaredOnly();
                var lock = new RemoteLock(site.pool("nowhere"))) {
            var no = assertInstanceOf(Answer.Barred.class, asked(lock, ANNA, SOON));

            assertEquals(
                    "there is no pool 'nowhere' at http://127.0.0.1:"
                            + site.port()
                            + ": declare it there",
                    no.why());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "uplink, , wants a token (turn.guard-token)",
        "uplink, SECRET-none, does not know the token (turn.guard-token)",
        "uplink, SECRET-read, it needs the role lock there",
        "theirs, SECRET-others, its list allow there does not have the token's name"
    })
    void given_somebody_who_may_not_when_asked_then_it_is_said_what_to_do(
            String pool, String token, String words) throws Exception {
        try (var site = LockSite.withTokens();
                var lock = new RemoteLock(LockSite.at(site.port(), pool, token))) {
            var no = assertInstanceOf(Answer.Barred.class, asked(lock, ANNA, SOON));

            assertTrue(no.why().contains(words), no.why());
            assertFalse(no.why().contains("SECRET"), no.why());
        }
    }

    @Test
    void given_a_token_on_the_list_when_asked_then_it_is_held_in_its_name_for_the_bot()
            throws Exception {
        try (var site = LockSite.withTokens();
                var lock = new RemoteLock(site.pool("theirs", "SECRET-lock"))) {
            assertInstanceOf(Answer.Held.class, asked(lock, ANNA, SOON));

            TicketView ticket = site.see(table -> table.ticket(ANNA)).orElseThrow();
            assertEquals("bots", ticket.holder());
            assertEquals("ss-anna, turn 4", ticket.reason());
            assertEquals(new Answer.Waits("bots (ss-anna, turn 4)"), asked(lock, BEN, SOON));
        }
    }

    @Test
    void given_a_lock_that_is_held_when_the_token_counts_no_more_then_that_is_no_word_of_the_lock()
            throws Exception {
        try (var site = LockSite.withTokens();
                var lock = new RemoteLock(site.pool("uplink", "SECRET-none"))) {
            assertInstanceOf(Answer.Barred.class, answer(then -> lock.renew(ANNA, LEASE, then)));
            assertInstanceOf(Answer.Barred.class, answer(then -> lock.release(ANNA, then)));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void given_a_group_when_the_node_that_was_asked_dies_then_the_lock_is_kept_at_the_next(
            boolean silently) throws Exception {
        try (var site = GroupSite.of(3);
                var lock = new RemoteLock(LockSite.at(site.ports(), "uplink", null))) {
            long fence = assertInstanceOf(Answer.Held.class, asked(lock, ANNA, SOON)).fence();
            if (silently) {
                site.door(0).fallSilent();
            } else {
                site.door(0).die();
            }

            assertEquals(new Answer.Held(fence), answer(then -> lock.renew(ANNA, LEASE, then)));
            assertTrue(site.left("uplink").compareTo(Duration.ofSeconds(10)) > 0);
            assertInstanceOf(Answer.Waits.class, asked(lock, BEN, SOON));
            assertEquals(new Answer.GivenBack(), answer(then -> lock.release(ANNA, then)));
            assertInstanceOf(Answer.Held.class, asked(lock, BEN, SOON));
            assertEquals(1, site.held("uplink"));
        }
    }

    @Test
    void given_a_group_when_a_bot_waits_and_its_node_dies_then_its_place_stays() throws Exception {
        try (var site = GroupSite.of(3);
                var lock = new RemoteLock(LockSite.at(site.ports(), "uplink", null))) {
            RequestId holder = site.take("uplink", 1);
            var told = new CompletableFuture<Answer>();
            lock.acquire(ANNA, WANTED, Duration.ofSeconds(15), told::complete);
            await().atMost(LIMIT).until(() -> site.waiting("uplink") == 1);
            site.take("uplink", 2);

            site.door(0).die();
            await().atMost(LIMIT).until(() -> site.openAt(1) > 0);
            site.giveBack(holder, "uplink");

            assertInstanceOf(Answer.Held.class, told.get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void given_servers_that_know_nothing_of_each_other_when_asked_then_they_guard_nothing()
            throws Exception {
        try (var site = LockSite.open();
                var other = LockSite.open();
                var lock =
                        new RemoteLock(
                                LockSite.at(List.of(site.port(), other.port()), "uplink", null))) {
            var no = assertInstanceOf(Answer.Barred.class, asked(lock, ANNA, SOON));

            assertTrue(no.why().contains("a guard needs servers of one group"), no.why());
            assertTrue(no.why().startsWith("http://127.0.0.1:" + other.port()), no.why());
        }
    }

    @Test
    void given_nobody_when_asked_then_it_has_failed_and_says_whom_it_asked() throws Exception {
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        try (var lock = new RemoteLock(LockSite.at(port, "uplink", "SECRET"))) {
            var failed = assertInstanceOf(Answer.Failed.class, asked(lock, ANNA, SOON));

            assertEquals("http://127.0.0.1:" + port + ": Connection refused", failed.why());
        }
    }

    @Test
    void given_a_mute_server_when_asked_ever_again_then_only_a_few_questions_are_under_way()
            throws Exception {
        var told = new CopyOnWriteArrayList<Answer>();
        try (var mute = new ServerSocket(0, 100, InetAddress.getLoopbackAddress())) {
            var lock = new RemoteLock(LockSite.at(mute.getLocalPort(), "uplink", null));
            for (int i = 0; i < 100; i++) {
                lock.acquire(ANNA, WANTED, SOON, told::add);
                lock.renew(ANNA, LEASE, told::add);
                lock.renew(new RequestId(8, i), LEASE, told::add);
            }
            assertEquals(8, lock.underWay());
            assertTrue(told.stream().allMatch(Answer.Failed.class::isInstance), told::toString);
            int before = told.size();

            lock.close();

            await().atMost(LIMIT).until(() -> lock.underWay() == 0);
            assertEquals(before, told.size());
            lock.acquire(ANNA, WANTED, SOON, told::add);
            assertEquals(0, lock.underWay());
        }
    }

    @Test
    void given_a_mute_server_when_a_renewal_gets_no_answer_then_it_fails_within_the_lease()
            throws Exception {
        try (var mute = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
                var lock = new RemoteLock(LockSite.at(mute.getLocalPort(), "uplink", null))) {
            Duration lease = Duration.ofSeconds(2);
            long began = System.nanoTime();

            var failed =
                    assertInstanceOf(
                            Answer.Failed.class, answer(then -> lock.renew(ANNA, lease, then)));

            assertTrue(failed.why().endsWith("no answer in time"), failed.why());
            assertTrue(System.nanoTime() - began >= Duration.ofSeconds(1).toNanos());
        }
    }
}
