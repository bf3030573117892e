package org.svcshare.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.pool.Effect;
import org.svcshare.pool.LockTable;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.TableRules;
import org.svcshare.pool.TableView;

/// A lock table on one node: one thread takes all that waits, writes it to the log in one piece,
/// applies it, and answers. While it writes, the next batch gathers.
public final class SerialEngine implements PoolEngine {
    private static final Logger LOG = LoggerFactory.getLogger(SerialEngine.class);
    private static final int QUEUE = 131_072;
    private static final int BATCH = 4096;
    private static final long FULL_PAUSE_NANOS = 200_000_000;

    private sealed interface Work {
        record Propose(Operation operation, Answer answer) implements Work {}

        record Look<T>(Function<TableView, T> question, Consumer<@Nullable T> then)
                implements Work {
            void at(TableView view) {
                then.accept(question.apply(view));
            }
        }

        record Stop() implements Work {}
    }

    private final BatchLog log;
    private final LockTable table;
    private final TableClock clock;
    private final List<Consumer<Effect>> listeners = new CopyOnWriteArrayList<>();
    private final Inbox<Work> inbox = new Inbox<>(QUEUE);
    private final Thread thread;
    private final Bytes bytes = new Bytes();
    private final List<Work.Propose> batch = new ArrayList<>(BATCH);
    private final List<Work.Look<?>> looks = new ArrayList<>();

    /// The rules, until there is something else to log: pools that nobody uses leave no log behind.
    private Operation.@Nullable Configure unlogged;

    /// Why it does not work any more; empty while it does.
    private volatile String trouble = "";

    private volatile boolean closing;

    /// How long to wait at least before looking at what is due again.
    private long pauseNanos;

    /// Whether nobody empties the queue any more.
    private volatile boolean over;

    /// Brings the table back from a log and begins to work.
    ///
    /// @param afterRestart what is done first with the tickets that a log had
    /// @throws IOException when the log cannot be read; the message says what to do
    static SerialEngine start(
            BatchLog log,
            TableRules rules,
            Operation.Restarted afterRestart,
            InstantSource wall,
            LongSupplier nanos)
            throws IOException {
        var engine = new SerialEngine(log, wall, nanos);
        engine.begin(rules, afterRestart);
        return engine;
    }

    private SerialEngine(BatchLog log, InstantSource wall, LongSupplier nanos) throws IOException {
        this.log = log;
        this.table = new LockTable(this::tell);
        recover(log, table);
        this.clock = new TableClock(wall, nanos, table.view().nowMs());
        this.thread = Thread.ofPlatform().name("pools").unstarted(this::run);
    }

    /// Brings a table back from a log.
    static void recover(BatchLog log, LockTable table) throws IOException {
        try {
            log.image().map(TableCodec::read).ifPresent(table::restore);
            log.replay(written -> again(written, table));
        } catch (RuntimeException e) {
            throw new IOException(
                    "the log of the pools has something that this program does not understand: "
                            + e,
                    e);
        }
    }

    private static void again(ByteBuffer written, LockTable table) {
        long atMs = written.getLong();
        while (written.hasRemaining()) {
            table.apply(OperationCodec.read(written), atMs);
        }
    }

    private void begin(TableRules rules, Operation.Restarted afterRestart) throws IOException {
        boolean anybody = table.view().size() > 0;
        if (anybody) {
            LOG.atInfo().addKeyValue("tickets", table.view().size()).log("pools restored");
            // First: what time has passed must not count against those who hold.
            carryOut(afterRestart);
        }
        var configure = new Operation.Configure(rules);
        table.apply(configure, clock.nowMs());
        unlogged = configure;
        thread.start();
    }

    // From any thread.

    @Override
    public void propose(Operation operation, Answer answer) {
        if (!OperationCodec.fits(operation)) {
            answer.outcome(new Outcome.Refused(Refusal.INVALID));
        } else if (!offer(new Work.Propose(operation, answer))) {
            answer.failed(new Failure(false, no()));
        }
    }

    @Override
    public <T> void read(Function<TableView, T> question, Consumer<@Nullable T> then) {
        if (!offer(new Work.Look<>(question, then))) {
            then.accept(null);
        }
    }

    private boolean offer(Work work) {
        boolean taken = trouble.isEmpty() && !closing && inbox.offer(work);
        if (taken && over) {
            // It came in while the thread left.
            refuseRest();
        }
        return taken;
    }

    private String no() {
        if (!trouble.isEmpty()) {
            return trouble;
        }
        return closing ? "it stops" : "too much at once; try again";
    }

    @Override
    public void listen(Consumer<Effect> listener) {
        listeners.add(listener);
    }

    @Override
    public Status status() {
        return new Status(log.kind(), trouble.isEmpty() && !closing, no());
    }

    @Override
    public long nowMs() {
        return clock.nowMs();
    }

    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        try {
            inbox.add(new Work.Stop());
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    // The owning thread.

    private void run() {
        var work = new ArrayList<Work>(BATCH);
        boolean stop = false;
        try {
            while (!stop) {
                gather(work);
                stop = handle(work);
                work.clear();
            }
            leave();
        } catch (InterruptedException _) {
            fail("interrupted");
        } catch (IOException | RuntimeException e) {
            LOG.error("the pools stop working: {}", e.getMessage(), e);
            fail("the pools stopped working: " + e.getMessage());
        }
        over = true;
        refuseRest();
    }

    /// Waits for work, or until something is due.
    private void gather(List<Work> work) throws InterruptedException {
        long waitNanos = Math.max(pauseNanos, clock.nanosUntilAfter(table.nextDueMs()));
        pauseNanos = 0;
        inbox.take(work, BATCH, waitNanos);
    }

    /// @return whether to stop
    private boolean handle(List<Work> work) throws IOException {
        boolean stop = false;
        for (Work each : work) {
            switch (each) {
                case Work.Propose propose -> batch.add(propose);
                case Work.Look<?> look -> looks.add(look);
                case Work.Stop() -> stop = true;
            }
        }
        carryOut();
        // All of them see what was proposed before them, and perhaps a little more.
        looks.forEach(this::look);
        looks.clear();
        if (table.nextDueMs() == Long.MAX_VALUE) {
            clock.follow();
        } else if (clock.nanosUntilAfter(table.nextDueMs()) <= 0) {
            tick();
        }
        if (log.wantsImage()) {
            log.image(TableCodec.write(table.image()));
        }
        return stop;
    }

    private void look(Work.Look<?> look) {
        try {
            look.at(table.view());
        } catch (RuntimeException e) {
            LOG.error("a look at the pools failed", e);
        }
    }

    private void carryOut() throws IOException {
        if (batch.isEmpty()) {
            return;
        }
        long atMs = clock.nowMs();
        try {
            write(batch.stream().map(Work.Propose::operation), atMs);
        } catch (BatchLog.FullException e) {
            String why = String.valueOf(e.getMessage());
            LOG.warn("{}", why);
            batch.forEach(each -> failed(each.answer, new Failure(false, why)));
            batch.clear();
            return;
        }
        for (Work.Propose each : batch) {
            // One after the other: nobody hears of a grant before he has heard that he waits.
            answer(each.answer, table.apply(each.operation, atMs));
        }
        batch.clear();
    }

    /// A full disk leaves what is due for later: the next look comes with the next work.
    private void tick() throws IOException {
        try {
            carryOut(new Operation.Tick());
        } catch (BatchLog.FullException e) {
            LOG.debug("what is due cannot be written", e);
            pauseNanos = FULL_PAUSE_NANOS;
        }
    }

    /// An operation of the engine's own.
    private void carryOut(Operation operation) throws IOException {
        long atMs = clock.nowMs();
        write(Stream.of(operation), atMs);
        table.apply(operation, atMs);
    }

    /// Makes operations durable.
    private void write(Stream<Operation> operations, long atMs) throws IOException {
        bytes.clear();
        bytes.i64(atMs);
        if (unlogged != null) {
            OperationCodec.write(unlogged, bytes);
        }
        operations.forEach(operation -> OperationCodec.write(operation, bytes));
        log.append(bytes.written());
        unlogged = null;
    }

    private static void answer(Answer answer, Outcome outcome) {
        try {
            answer.outcome(outcome);
        } catch (RuntimeException e) {
            LOG.error("an answer of the pools was not taken", e);
        }
    }

    private static void failed(Answer answer, Failure failure) {
        try {
            answer.failed(failure);
        } catch (RuntimeException e) {
            LOG.error("an answer of the pools was not taken", e);
        }
    }

    private void tell(Effect effect) {
        for (Consumer<Effect> listener : listeners) {
            try {
                listener.accept(effect);
            } catch (RuntimeException e) {
                LOG.error("a listener of the pools failed", e);
            }
        }
    }

    private void leave() throws IOException {
        log.finish(TableCodec.write(table.image()));
        log.close();
    }

    private void fail(String why) {
        trouble = why;
        batch.forEach(each -> failed(each.answer, new Failure(true, why)));
        batch.clear();
        try {
            log.close();
        } catch (IOException e) {
            LOG.debug("while closing after trouble", e);
        }
    }

    private void refuseRest() {
        var rest = new ArrayList<Work>();
        inbox.drain(rest, Integer.MAX_VALUE);
        for (Work each : rest) {
            switch (each) {
                case Work.Propose propose -> failed(propose.answer, new Failure(false, no()));
                case Work.Look<?> look -> look.then.accept(null);
                case Work.Stop() -> LOG.debug("stopped twice");
            }
        }
    }
}
