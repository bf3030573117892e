package org.svcshare.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.engine.FakeStore.Fate;
import org.svcshare.pool.Effect;
import org.svcshare.pool.Effect.Cause;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine.Failure;
import org.svcshare.pool.Refusal;

/// What several servers do with one store that loses answers, values and itself.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class MemcachedEngineTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final MemcachedPlace PLACE =
            new MemcachedPlace("nowhere", 1, "p", Duration.ofMillis(100), Duration.ofMillis(10));

    private final FakeStore store = new FakeStore();
    private final AtomicLong clockOffMs = new AtomicLong();
    private final EngineKit one = engine(1);
    private final EngineKit other = engine(2);

    private EngineKit engine(long seed) {
        InstantSource wall = () -> Instant.now().plusMillis(clockOffMs.get());
        return new EngineKit(
                MemcachedEngine.start(EngineKit.RULES, PLACE, store, wall, new Random(seed)));
    }

    @AfterEach
    void stop() {
        one.close();
        other.close();
    }

    private static Operation.Acquire now(String who) {
        return EngineKit.asking(who, "bench", Duration.ZERO, LONG);
    }

    // Lost answers.

    @Test
    void given_a_write_whose_answer_is_lost_when_it_was_done_then_the_outcome_is_known() {
        store.fates.add(Fate.DONE_AND_LOST);

        Outcome.Granted granted = assertInstanceOf(Outcome.Granted.class, one.ask(now("anna")));

        assertEquals(granted.fence(), one.await(Effect.Granted.class, "anna").fence());
        assertEquals(1, one.effects().size());
        assertEquals(1, store.writes);
    }

    @Test
    void given_a_write_whose_answer_is_lost_when_it_was_not_done_then_it_is_done_again() {
        store.fates.add(Fate.NOT_DONE_AND_LOST);
        store.fates.add(Fate.NOT_DONE_AND_LOST);

        assertInstanceOf(Outcome.Granted.class, one.ask(now("anna")));

        assertEquals(1, store.writes);
    }

    @Test
    void given_a_lost_answer_when_others_wrote_since_then_it_is_perhaps_done_and_can_be_repeated() {
        store.fates.add(Fate.DONE_LOST_AND_OVERWRITTEN);

        Failure failure = one.fail(now("anna"));

        assertTrue(failure.perhapsDone());
        assertEquals(List.of(), one.effects());
        assertInstanceOf(Outcome.Granted.class, one.ask(now("anna")));
        assertEquals(List.of("anna"), other.queue("bench"));
    }

    @Test
    void given_a_lost_answer_and_nobody_there_any_more_then_it_is_perhaps_done() {
        store.fates.addAll(Collections.nCopies(1000, Fate.NOT_DONE_AND_LOST));

        assertTrue(one.fail(now("anna")).perhapsDone());
    }

    @Test
    void given_others_that_are_always_faster_then_it_ends_in_time_and_nothing_was_done() {
        store.fates.addAll(Collections.nCopies(5000, Fate.CONFLICT));

        Failure failure = one.fail(now("anna"));

        assertFalse(failure.perhapsDone());
        assertTrue(failure.why().contains("too many servers"), failure.why());
    }

    @Test
    void given_a_store_that_is_full_then_nothing_was_done_and_it_says_why() {
        store.fates.add(Fate.REFUSED);

        assertEquals(new Failure(false, "out of memory"), one.fail(now("anna")));
        assertInstanceOf(Outcome.Granted.class, other.ask(now("ben")));
    }

    @Test
    void given_a_refusal_then_nothing_is_written() {
        one.granted("anna", "bench");
        int writes = store.writes;

        assertEquals(new Outcome.Refused(Refusal.BUSY), other.ask(now("ben")));
        other.release("ben", "bench");
        one.acquire("anna", "bench");

        assertEquals(writes, store.writes);
    }

    // Looking.

    @Test
    void given_nobody_who_waits_here_then_the_store_is_left_in_peace() {
        one.granted("anna", "bench");
        other.granted("ben", "seats");
        int reads = store.reads;

        var waiting = other.propose(EngineKit.asking("carl", "other", LONG, LONG));
        EngineKit.get(waiting);
        Awaitility.await("a while in which the others would have looked")
                .during(Duration.ofMillis(100))
                .atMost(EngineKit.PATIENCE)
                .until(() -> true);

        assertTrue(store.reads - reads <= 3, store.reads - reads + " reads");
    }

    @Test
    void given_what_happens_elsewhere_then_it_is_told_where_it_was_asked_and_only_there() {
        one.ask(EngineKit.asking("anna", "bench", LONG, LONG));
        one.acquire("ben", "bench");
        one.acquire("carl", "bench");

        other.release("carl", "bench");
        other.ask(new Operation.Renew(EngineKit.id("anna"), "bench", 120_000));
        other.release("anna", "bench");

        assertEquals(Cause.RELEASED, one.await(Effect.Ended.class, "carl").cause());
        assertEquals(Cause.RELEASED, one.await(Effect.Ended.class, "anna").cause());
        Effect.Granted granted = one.await(Effect.Granted.class, "ben");
        assertEquals(1, one.effectsOf("ben").stream().filter(granted::equals).count());
        assertEquals(List.of("ben"), one.queue("bench"));
    }

    // Forgetting.

    @Test
    void given_a_store_that_forgot_then_holders_and_waiters_are_put_back_by_who_knows_them() {
        long fence = one.granted("anna", "bench").fence();
        other.acquire("ben", "bench");
        other.acquire("carl", "bench");

        store.forgetAll();

        assertEquals(new Outcome.Refused(Refusal.BUSY), other.ask(now("dora")));
        assertEquals(List.of("anna", "ben", "carl"), one.queue("bench"));
        one.release("anna", "bench");
        assertTrue(other.await(Effect.Granted.class, "ben").fence() > fence);
    }

    @Test
    void given_a_store_that_forgot_when_another_was_faster_then_the_former_holder_is_told() {
        one.granted("anna", "bench");
        store.forgetAll();
        // This server has never heard of the pool.
        long fence = other.granted("ben", "bench").fence();

        assertEquals(
                new Outcome.Refused(Refusal.NOT_OWNER),
                one.ask(new Operation.Renew(EngineKit.id("anna"), "bench", -1)));

        assertEquals(Cause.EXPIRED, one.await(Effect.Ended.class, "anna").cause());
        assertTrue(fence > one.await(Effect.Granted.class, "anna").fence());
        assertEquals(List.of("ben"), one.queue("bench"));
    }

    @Test
    void given_a_store_that_forgets_again_and_again_then_tokens_only_grow() {
        long last = 0;
        for (int i = 0; i < 20; i++) {
            long fence = (i % 2 == 0 ? one : other).granted("w" + i, "p" + i).fence();
            assertTrue(fence > last, fence + " after " + last);
            last = fence;
            store.forgetAll();
            // One server's numbers are unknown to the other now: it goes by the clock, so let it
            // tick.
            while (Instant.now().toEpochMilli() * 1000 <= last) {
                Thread.onSpinWait();
            }
        }
        // What a JSON number keeps.
        assertTrue(last < 1L << 53, "" + last);
    }

    @Test
    void given_a_clock_that_was_set_back_then_tokens_and_table_time_do_not_go_back() {
        Outcome.Granted before = one.granted("anna", "bench");
        one.release("anna", "bench");
        clockOffMs.set(-3_600_000);

        Outcome.Granted after = one.granted("ben", "bench");

        assertTrue(after.fence() > before.fence());
        assertTrue(after.untilMs() >= before.untilMs());
    }

    // Trouble.

    @Test
    void given_a_store_out_of_reach_then_failures_status_and_looks_say_so_until_it_is_back() {
        one.granted("anna", "bench");
        one.acquire("ben", "bench");
        store.trouble("memcached is away");

        assertEquals(new Failure(false, "memcached is away"), one.fail(now("carl")));
        assertEquals("memcached is away", one.engine.status().why());
        assertTrue(one.cannotBeRead());
        assertEquals(
                new Failure(false, "memcached is away"), one.fail(new Operation.Force(1, "op")));

        store.trouble("");
        other.release("anna", "bench");
        one.await(Effect.Granted.class, "ben");
        assertTrue(one.engine.status().ready());
    }

    @Test
    void given_bytes_of_any_kind_then_they_are_refused_and_nothing_else() {
        var random = new Random(4711);
        var good = new ArrayList<byte[]>();
        one.granted("anna", "bench");
        good.add(sample());
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = good.getFirst().clone();
            for (int k = random.nextInt(4); k >= 0; k--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            byte[] cut = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            try {
                PoolValue value = PoolValue.read("bench", ByteBuffer.wrap(cut));
                assertTrue(value.image().tickets().size() < 100);
            } catch (IllegalArgumentException e) {
                assertTrue(String.valueOf(e.getMessage()).contains("bench"), e.getMessage());
            }
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> PoolValue.read("other", ByteBuffer.wrap(good.getFirst())));
    }

    private byte[] sample() {
        try {
            ValueStore.Stored stored = store.read(PLACE.key("bench"));
            var bytes = new byte[stored == null ? 0 : stored.bytes().remaining()];
            if (stored != null) {
                stored.bytes().duplicate().get(bytes);
            }
            return bytes;
        } catch (ValueStore.StoreException e) {
            throw new AssertionError(e);
        }
    }
}
