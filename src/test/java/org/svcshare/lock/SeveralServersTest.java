package org.svcshare.lock;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.svcshare.lock.NamedLock.Mode;
import org.svcshare.pool.RequestId;

/// Clients of a group of servers of which one goes away: it is not noticed.
@DisplayNameGeneration(ReplaceUnderscores.class)
final class SeveralServersTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final LockTimes TIMES =
            new LockTimes(Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(10));

    private final GroupSite site = site();
    private final NamedLocks locks = NamedLocks.at(site.addresses()).times(TIMES).open();

    /// How a server goes.
    enum Fate {
        /// Told to stop: those who wait are sent away.
        STOPS {
            @Override
            void befall(GroupSite site) throws IOException {
                site.stop(0);
                site.door(0).die();
            }
        },
        /// Killed, or its machine is gone.
        DIES {
            @Override
            void befall(GroupSite site) throws IOException {
                site.door(0).die();
            }
        };

        abstract void befall(GroupSite site) throws IOException;
    }

    private static GroupSite site() {
        try {
            return GroupSite.of(3);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @AfterEach
    void stop() throws Exception {
        locks.close();
        site.close();
    }

    private LockDiary diary() {
        return LockDiary.of(locks.named("p", Mode.EXTENDED));
    }

    @ParameterizedTest
    @EnumSource(Fate.class)
    void given_somebody_who_waits_when_the_server_goes_then_the_place_in_line_stays(Fate fate)
            throws Exception {
        RequestId first = site.take("p", 1);
        LockDiary diary = diary();
        diary.lock.lock();
        await().atMost(LIMIT).until(() -> site.waiting("p") == 1);
        long ticket = site.tickets("p").getLast().ticket();
        site.take("p", 2);

        fate.befall(site);
        site.giveBack(first, "p");

        diary.tells("obtained");
        assertEquals(OptionalLong.of(ticket), diary.lock.ticket());
        diary.lock.unlock();
        diary.tells("finally, NONE");
    }

    @ParameterizedTest
    @EnumSource(Fate.class)
    void given_a_holder_when_the_server_goes_then_it_is_renewed_and_given_back_at_another(Fate fate)
            throws Exception {
        LockDiary diary = diary();
        diary.lock.times(TIMES.withDuration(Duration.ofSeconds(3)));
        diary.lock.keepAlive(true);
        diary.lock.lock();
        diary.tells("obtained");
        Instant end = diary.lock.until().orElseThrow();

        fate.befall(site);

        await().atMost(LIMIT).until(() -> Instant.now().isAfter(end));
        assertTrue(diary.lock.isLocked());
        assertEquals(1, site.held("p"));
        diary.lock.unlock();
        diary.tells("finally, NONE");
        assertEquals(0, site.held("p"));
    }

    @Test
    void given_a_waiter_whose_connection_was_cut_when_granted_elsewhere_then_it_has_its_whole_time()
            throws Exception {
        RequestId first = site.take("p", 1);
        LockDiary diary = diary();
        diary.lock.lock();
        await().atMost(LIMIT).until(() -> site.waiting("p") == 1);
        // The server goes on, and takes the waiter for gone.
        site.door(0).die();
        await("it waits at another").atMost(LIMIT).until(() -> site.openAt(1) > 0);

        site.giveBack(first, "p");

        diary.tells("obtained");
        assertTrue(diary.lock.left().compareTo(Duration.ofSeconds(20)) > 0);
        assertTrue(site.left("p").compareTo(Duration.ofSeconds(20)) > 0, () -> "" + site.left("p"));
    }

    @Test
    void given_a_wish_whose_answer_got_lost_when_granted_elsewhere_then_it_has_its_whole_time()
            throws Exception {
        RequestId first = site.take("p", 1);
        site.door(0).loseAnswers(true);
        LockDiary diary = diary();
        diary.lock.lock();
        await().atMost(LIMIT).until(() -> site.waiting("p") == 1 && site.openAt(1) > 0);

        site.giveBack(first, "p");

        diary.tells("obtained");
        assertTrue(site.left("p").compareTo(Duration.ofSeconds(20)) > 0, () -> "" + site.left("p"));
    }

    @Test
    void given_a_server_that_is_silent_when_renewed_then_the_others_have_their_share_of_the_time()
            throws Exception {
        var client = client(Duration.ofSeconds(3));
        HeldLock lock = held(client.acquire(ask(), new Stop()));
        site.door(0).fallSilent();
        Duration patience = Duration.ofSeconds(3);
        long began = System.nanoTime();

        HeldLock renewed = held(client.renew(lock, Duration.ofSeconds(30), patience, new Stop()));

        assertTrue(System.nanoTime() - began < patience.toNanos());
        assertTrue(renewed.askedNanos() > began, "counted from when this one was asked");
        int asked = site.door(0).accepted();
        held(client.renew(lock, Duration.ofSeconds(30), patience, new Stop()));
        assertEquals(asked, site.door(0).accepted(), "the silent one is not asked again");
        assertInstanceOf(Answer.Release.Done.class, client.release("p", lock.id(), patience));
    }

    @Test
    void given_a_group_that_is_gone_when_asked_then_that_is_said_in_time() throws Exception {
        for (int i = 0; i < 3; i++) {
            site.door(i).die();
        }

        var answer = client(Duration.ofMillis(300)).acquire(ask(), new Stop());

        assertInstanceOf(Answer.Unreachable.class, answer);
    }

    @Test
    void given_a_lock_when_looked_at_then_it_is_told_whether_it_is_still_ours() {
        var client = client(Duration.ofSeconds(3));
        HeldLock lock = held(client.acquire(ask(), new Stop()));

        HeldLock seen = held(client.see("p", lock.id(), LIMIT, new Stop()));
        assertEquals(lock.fence(), seen.fence());
        assertTrue(seen.lasts().compareTo(lock.lasts()) <= 0, "not renewed");

        site.force("p");
        var refused =
                assertInstanceOf(
                        Answer.Refused.class, client.see("p", lock.id(), LIMIT, new Stop()));
        assertEquals(Why.FORCED, refused.why());
        var gone =
                assertInstanceOf(Answer.Release.Gone.class, client.release("p", lock.id(), LIMIT));
        assertEquals(Why.FORCED, gone.why());
    }

    private LockClient client(Duration patience) {
        return new LockClient(
                new Access(
                        Arrays.stream(site.addresses()).map(ServerAddress::parse).toList(),
                        Optional.empty(),
                        Optional.empty(),
                        patience));
    }

    private static Ask ask() {
        return new Ask(
                LockId.draw(),
                "p",
                "",
                "test",
                org.svcshare.pool.Mode.EXCLUSIVE,
                Duration.ZERO,
                Duration.ofSeconds(30),
                Duration.ZERO);
    }

    private static HeldLock held(Answer answer) {
        return assertInstanceOf(Answer.Held.class, answer).lock();
    }
}
