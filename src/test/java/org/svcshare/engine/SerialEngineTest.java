package org.svcshare.engine;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.svcshare.pool.Mode;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.PoolEngine.Failure;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableRules;
import org.svcshare.pool.TicketView;

/// What an engine does when its log cannot, and how it begins and ends.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SerialEngineTest {
    private static final TableRules RULES =
            new TableRules(
                    List.of(), new PoolRules("*", 1, 60_000, 100, Set.of()), 1000, 60_000, 100);

    /// A log in memory that a test makes full or broken.
    private static final class TestLog implements BatchLog {
        private final List<byte[]> batches = new ArrayList<>();
        private Optional<byte[]> table = Optional.empty();
        private volatile boolean full;
        private final AtomicInteger refused = new AtomicInteger();
        private volatile boolean broken;
        private volatile boolean wants;
        private volatile CountDownLatch held = new CountDownLatch(0);

        @Override
        public String kind() {
            return "test";
        }

        @Override
        public Optional<ByteBuffer> image() {
            return table.map(ByteBuffer::wrap);
        }

        @Override
        public void replay(Consumer<ByteBuffer> each) {
            batches.forEach(batch -> each.accept(ByteBuffer.wrap(batch)));
        }

        @Override
        public void append(ByteBuffer batch) throws IOException {
            try {
                held.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            if (broken) {
                throw new IOException("the disk is gone");
            }
            if (full) {
                refused.incrementAndGet();
                throw new FullException("no room", new IOException());
            }
            var copy = new byte[batch.remaining()];
            batch.get(copy);
            batches.add(copy);
        }

        @Override
        public boolean wantsImage() {
            return wants;
        }

        @Override
        public void image(byte[] bytes) {
            wants = false;
            table = Optional.of(bytes);
            batches.clear();
        }

        @Override
        public void finish(byte[] bytes) {
            image(bytes);
        }

        @Override
        public void close() {}
    }

    /// An answer that can be waited for.
    private static final class Reply implements PoolEngine.Answer {
        private final CompletableFuture<Object> came = new CompletableFuture<>();

        @Override
        public void outcome(Outcome outcome) {
            came.complete(outcome);
        }

        @Override
        public void failed(Failure failure) {
            came.complete(failure);
        }
    }

    private static Reply propose(PoolEngine engine, Operation operation) {
        var reply = new Reply();
        engine.propose(operation, reply);
        return reply;
    }

    private static Operation acquire(long id, String pool, long waitMs) {
        return new Operation.Acquire(
                new RequestId(0, id), pool, "h" + id, "", Mode.EXCLUSIVE, waitMs, -1, 0, false);
    }

    private static SerialEngine start(BatchLog log) throws IOException {
        return Engines.start(log, RULES, Duration.ofSeconds(5), Duration.ofSeconds(10));
    }

    private static List<TicketView> tickets(PoolEngine engine) {
        var found = new CompletableFuture<List<TicketView>>();
        engine.read(
                view -> view.tickets(Optional.empty(), 100),
                tickets -> found.complete(tickets == null ? List.of() : tickets));
        return found.join();
    }

    @Test
    void given_a_full_disk_when_asked_then_it_says_so_and_goes_on_when_there_is_room()
            throws Exception {
        var log = new TestLog();
        try (SerialEngine engine = start(log)) {
            propose(engine, acquire(1, "a", 0)).came.join();
            log.full = true;
            assertEquals(
                    new Failure(false, "no room"), propose(engine, acquire(2, "b", 0)).came.join());
            log.full = false;

            assertInstanceOf(
                    Outcome.Granted.class, propose(engine, acquire(2, "b", 0)).came.join());
            assertEquals(2, tickets(engine).size());
            assertTrue(engine.status().ready());
        }
    }

    @Test
    void given_a_full_disk_when_a_lease_ends_then_the_next_holds_once_there_is_room()
            throws Exception {
        var log = new TestLog();
        try (SerialEngine engine = start(log)) {
            propose(
                            engine,
                            new Operation.Acquire(
                                    new RequestId(0, 1),
                                    "a",
                                    "h",
                                    "",
                                    Mode.EXCLUSIVE,
                                    0,
                                    100,
                                    0,
                                    false))
                    .came
                    .join();
            propose(engine, acquire(2, "a", 60_000)).came.join();
            log.full = true;
            await().until(() -> log.refused.get() > 0);
            assertTrue(engine.status().ready());
            log.full = false;

            await().until(() -> tickets(engine).size() == 1);
            assertEquals("h2", tickets(engine).getFirst().holder());
        }
    }

    @Test
    void given_a_broken_log_when_asked_then_perhaps_done_and_nothing_more_is_taken()
            throws Exception {
        var log = new TestLog();
        try (SerialEngine engine = start(log)) {
            log.broken = true;
            var failure =
                    assertInstanceOf(
                            Failure.class, propose(engine, acquire(1, "a", 0)).came.join());

            assertTrue(failure.perhapsDone());
            var after =
                    assertInstanceOf(
                            Failure.class, propose(engine, acquire(2, "a", 0)).came.join());
            assertFalse(after.perhapsDone());
            assertTrue(after.why().contains("the disk is gone"), after.why());
            assertFalse(engine.status().ready());
            var look = new CompletableFuture<String>();
            engine.read(view -> "seen", seen -> look.complete(seen == null ? "nothing" : seen));
            assertEquals("nothing", look.join());
        }
    }

    @Test
    void given_a_restart_when_the_log_is_read_then_tickets_fences_and_places_are_as_before()
            throws Exception {
        var log = new TestLog();
        List<TicketView> before;
        try (SerialEngine engine = start(log)) {
            for (int i = 1; i <= 3; i++) {
                propose(engine, acquire(i, "a", 60_000));
            }
            before = tickets(engine);
            // As after a kill: nothing is written down at the end.
            var killed = new TestLog();
            killed.batches.addAll(log.batches);
            try (SerialEngine again = start(killed)) {
                assertEquals(before, allHeard(tickets(again)));
                propose(again, new Operation.Release(new RequestId(0, 1), "a")).came.join();
                assertEquals(2, tickets(again).getFirst().fence());
            }
        }
        try (SerialEngine stopped = start(log)) {
            assertEquals(before, allHeard(tickets(stopped)));
        }
    }

    /// Who waits counts as unheard after a restart; that is another test's matter.
    private static List<TicketView> allHeard(List<TicketView> tickets) {
        return tickets.stream()
                .map(t ->
                        new TicketView(
                                t.ticket(),
                                t.pool(),
                                t.holder(),
                                t.reason(),
                                t.mode(),
                                t.state(),
                                t.sinceMs(),
                                t.untilMs(),
                                t.ahead(),
                                t.fence(),
                                true))
                .toList();
    }

    @Test
    void given_a_lease_that_ended_while_it_was_down_when_back_then_its_holder_has_a_grace()
            throws Exception {
        var log = new TestLog();
        var killed = new TestLog();
        long untilMs;
        try (SerialEngine engine = start(log)) {
            var brief =
                    new Operation.Acquire(
                            new RequestId(0, 1), "a", "h", "", Mode.EXCLUSIVE, 0, 200, 0, false);
            untilMs =
                    assertInstanceOf(Outcome.Granted.class, propose(engine, brief).came.join())
                            .untilMs();
            // What was there before the lease ended.
            killed.batches.addAll(log.batches);
        }
        await().until(() -> System.currentTimeMillis() > untilMs + 50);
        try (SerialEngine again = start(killed)) {
            assertInstanceOf(
                    Outcome.Granted.class,
                    propose(again, new Operation.Renew(new RequestId(0, 1), "a", 60_000))
                            .came
                            .join());
        }
    }

    @Test
    void given_a_log_when_begun_from_it_then_who_waits_has_not_been_heard_until_asking_again()
            throws Exception {
        var log = new TestLog();
        var killed = new TestLog();
        try (SerialEngine engine = start(log)) {
            for (int i = 1; i <= 3; i++) {
                propose(engine, acquire(i, "a", 60_000)).came.join();
            }
            killed.batches.addAll(log.batches);
        }
        // As the program before this one wrote a restart: waiters were taken to be there.
        killed.batches.add(new Bytes().i64(System.currentTimeMillis()).u8(8).i64(5000).copy());
        try (SerialEngine again = start(killed)) {
            propose(again, acquire(3, "a", 60_000)).came.join();

            assertEquals(
                    List.of(true, false, true),
                    tickets(again).stream().map(TicketView::heard).toList());
        }
        var twice = new TestLog();
        twice.batches.addAll(killed.batches);
        twice.table = killed.table;
        try (SerialEngine again = start(twice)) {
            assertEquals(
                    List.of(true, false, false),
                    tickets(again).stream().map(TicketView::heard).toList());
        }
    }

    @Test
    void given_a_long_log_then_the_table_is_written_down_and_begun_from() throws Exception {
        var log = new TestLog();
        try (SerialEngine engine = start(log)) {
            propose(engine, acquire(1, "a", 0)).came.join();
            log.wants = true;
            propose(engine, acquire(2, "b", 0)).came.join();
            assertEquals(2, tickets(engine).size());
            assertTrue(log.table.isPresent());
            propose(engine, acquire(3, "c", 0)).came.join();
        }
        try (SerialEngine again = start(log)) {
            assertEquals(3, tickets(again).size());
        }
    }

    @Test
    void given_a_log_that_is_none_when_started_then_a_plain_error() {
        var log = new TestLog();
        log.batches.add(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 99});

        var e = assertThrows(IOException.class, () -> start(log));
        assertTrue(String.valueOf(e.getMessage()).contains("does not understand"), e.toString());
    }

    @Test
    void given_proposals_under_way_when_closed_then_every_one_is_answered() throws Exception {
        var log = new TestLog();
        SerialEngine engine = start(log);
        log.held = new CountDownLatch(1);
        var replies = new ArrayList<Reply>();
        for (int i = 1; i <= 50; i++) {
            replies.add(propose(engine, acquire(i, "p" + i, 0)));
        }
        Thread closing = Thread.ofVirtual().start(engine::close);
        log.held.countDown();
        closing.join();

        for (Reply reply : replies) {
            assertInstanceOf(Outcome.Granted.class, reply.came.join());
        }
        assertInstanceOf(Failure.class, propose(engine, acquire(99, "a", 0)).came.join());
        assertNull(log.batches.isEmpty() ? null : "written down");
    }

    @Test
    void given_a_name_without_end_then_refused_and_the_log_does_not_see_it() throws Exception {
        var log = new TestLog();
        try (SerialEngine engine = start(log)) {
            assertEquals(
                    new Outcome.Refused(Refusal.INVALID),
                    propose(engine, acquire(1, "x".repeat(100_000), 0)).came.join());
            assertTrue(tickets(engine).isEmpty());
        }
    }
}
