package org.svcshare.cluster;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.engine.Bytes;
import org.svcshare.engine.Inbox;
import org.svcshare.engine.OperationCodec;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine.Answer;
import org.svcshare.pool.PoolEngine.Failure;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.TableRules;
import org.svcshare.pool.TableView;

/// Takes what this node is asked for, and brings it to the leader in batches, a few of them on
/// their way at a time, in the order of asking. Where this node leads it also sees to the group's
/// time. One thread of its own.
final class Proposer {
    private static final Logger LOG = LoggerFactory.getLogger(Proposer.class);
    private static final int QUEUE = 131_072;
    private static final int MOST_OPERATIONS = 4096;
    private static final int ENOUGH_BYTES = Batch.MOST_BYTES / 2;
    private static final int WINDOW = 4;
    private static final long NANOS_PER_MS = 1_000_000;
    private static final long RETRY_NANOS = 10 * NANOS_PER_MS;
    private static final long LOOK_ABOUT_NANOS = 100 * NANOS_PER_MS;
    private static final long SWEEP_NANOS = 50 * NANOS_PER_MS;

    /// A wait that was shortened by less is left as it was.
    private static final long SHORT_MS = 100;

    private static final long LAG_TICK_NANOS = 1_000 * NANOS_PER_MS;

    /// How far the group's time falls behind at most when all of its nodes end at once.
    private static final long IDLE_TICK_NANOS = 10_000 * NANOS_PER_MS;

    private sealed interface Work {
        record Propose(Flight.Asked asked) implements Work {}

        record Ask(Flight.Look<?> look) implements Work {}

        record Landed(Flight flight) implements Work {}

        record Failed(Flight flight, Throwable why) implements Work {}

        record CaughtUp(List<Flight.Look<?>> looks, boolean done) implements Work {}

        record Wake() implements Work {}

        record Stop(long giveUpNanos) implements Work {}
    }

    private final ClusterSettings settings;
    private final TableRules rules;
    private final long origin;
    private final GroupClock clock;
    private final RaftNode node;
    private final TableMachine machine;
    private final HandoverLink link;
    private final Teller teller;
    private final Succession succession;
    private final Inbox<Work> inbox = new Inbox<>(QUEUE);
    private final Thread thread = Thread.ofPlatform().name("proposer").unstarted(this::run);
    private final AtomicLong places = new AtomicLong();

    /// When it looks at what is due next, by the group's clock.
    private volatile long sleepsUntilMs;

    private volatile boolean over;

    /// How many requests wait here for a leader.
    private volatile int kept;

    // The proposer's thread.

    private final Deque<Flight.Asked> waiting = new ArrayDeque<>();

    /// What came back without having been done: goes before the others.
    private final TreeMap<Long, Flight.Asked> returned = new TreeMap<>();

    private final List<Flight.Look<?>> looks = new ArrayList<>();

    /// Batches of which nobody knows whether they are in the log.
    private final List<Flight> doubtful = new ArrayList<>();

    private long numbers;
    private int flying;
    private @Nullable Flight opening;
    private @Nullable Flight tick;
    private long lastTickNanos = System.nanoTime();
    private long notBeforeNanos = System.nanoTime();
    private long sweptNanos = System.nanoTime();
    private long stopNanos;
    private boolean stopping;

    Proposer(
            ClusterSettings settings,
            TableRules rules,
            long origin,
            GroupClock clock,
            RaftNode node,
            TableMachine machine,
            HandoverLink link,
            Teller teller,
            Succession succession) {
        this.settings = settings;
        this.rules = rules;
        this.origin = origin;
        this.clock = clock;
        this.node = node;
        this.machine = machine;
        this.link = link;
        this.teller = teller;
        this.succession = succession;
    }

    // From any thread.

    void start() {
        thread.start();
    }

    boolean propose(Operation operation, Answer answer) {
        // Not drawn together with the place in the queue: two at once have no order.
        var asked =
                new Flight.Asked(places.incrementAndGet(), System.nanoTime(), operation, answer);
        return offer(new Work.Propose(asked));
    }

    <T> boolean look(Function<TableView, T> question, Consumer<@Nullable T> then) {
        return offer(new Work.Ask(new Flight.Look<>(System.nanoTime(), question, then)));
    }

    private boolean offer(Work work) {
        boolean taken = inbox.offer(work);
        if (taken && over) {
            // It came in while the thread left.
            refuseRest();
        }
        return taken;
    }

    void landed(Flight flight) {
        inbox.add(new Work.Landed(flight));
    }

    void wake() {
        inbox.add(new Work.Wake());
    }

    /// Something is due at this time.
    void dueChanged(long dueMs) {
        if (dueMs < sleepsUntilMs) {
            sleepsUntilMs = dueMs;
            wake();
        }
    }

    /// Why nothing can be brought to the leader just now; empty when it can.
    String obstacle() {
        if (node.open()) {
            return "";
        }
        Optional<String> leader = node.leader();
        if (leader.isEmpty()) {
            return "the group has no leader yet";
        }
        if (leader.get().equals(settings.self())) {
            return "this node begins to lead";
        }
        return link.ready(leader.get()) ? "" : "no connection to the leader " + leader.get();
    }

    /// How many requests wait here for a leader.
    int kept() {
        return kept;
    }

    /// Carries out what was asked for, and ends.
    void finish(Duration patience) throws InterruptedException {
        inbox.add(new Work.Stop(System.nanoTime() + patience.toNanos()));
        thread.join();
    }

    // The proposer's thread.

    private void run() {
        var work = new ArrayList<Work>();
        try {
            while (!(stopping && done())) {
                inbox.take(work, MOST_OPERATIONS, pauseNanos());
                work.forEach(this::sort);
                work.clear();
                if (node.leads()) {
                    lead();
                }
                send();
                giveUp();
                kept = waiting.size() + returned.size();
            }
        } catch (InterruptedException _) {
            LOG.error("the proposer of the pools was interrupted");
        }
        over = true;
        refuseAll("it stops");
        refuseRest();
    }

    private boolean done() {
        boolean nothing =
                flying == 0
                        && doubtful.isEmpty()
                        && waiting.isEmpty()
                        && returned.isEmpty()
                        && looks.isEmpty();
        return nothing || System.nanoTime() - stopNanos >= 0;
    }

    private void sort(Work work) {
        switch (work) {
            case Work.Propose(Flight.Asked asked) -> {
                if (waiting.size() < QUEUE) {
                    waiting.add(asked);
                } else {
                    fail(List.of(asked), false, "too much at once; try again");
                }
            }
            case Work.Ask(Flight.Look<?> look) -> looks.add(look);
            case Work.Landed(Flight flight) -> landedHere(flight);
            case Work.Failed(Flight flight, Throwable why) -> failedHere(flight, why);
            case Work.CaughtUp(List<Flight.Look<?>> caught, boolean done) -> {
                flying--;
                if (done) {
                    caught.forEach(this::answer);
                } else {
                    looks.addAll(0, caught);
                    notBeforeNanos = System.nanoTime() + RETRY_NANOS;
                }
            }
            case Work.Wake() -> {}
            case Work.Stop(long giveUpNanos) -> {
                stopping = true;
                stopNanos = giveUpNanos;
            }
        }
    }

    private long pauseNanos() {
        long now = System.nanoTime();
        boolean stuck = !waiting.isEmpty() || !returned.isEmpty() || !looks.isEmpty();
        long pause = (stuck && flying < WINDOW) || stopping ? RETRY_NANOS : LOOK_ABOUT_NANOS;
        for (Flight flight : doubtful) {
            pause = Math.min(pause, flight.giveUpNanos - now);
        }
        if (node.open() && tick == null) {
            long dueMs = machine.nextDueMs();
            sleepsUntilMs = dueMs;
            if (dueMs != Long.MAX_VALUE) {
                pause = Math.min(pause, (dueMs + 1 - clock.nowMs()) * NANOS_PER_MS);
            }
        }
        return Math.max(pause, 0);
    }

    // Leading.

    private void lead() {
        boolean leaves = succession.leavesItToAnother();
        if (!node.open()) {
            if (opening == null && !leaves) {
                open();
            }
            return;
        }
        long now = System.nanoTime();
        long dueMs = machine.nextDueMs();
        boolean due = dueMs < clock.nowMs();
        boolean idle = dueMs != Long.MAX_VALUE && now - lastTickNanos > IDLE_TICK_NANOS;
        if (tick == null && (due || idle || lagging(now))) {
            lastTickNanos = now;
            tick = own(List.of(new Operation.Tick()), node::write);
        }
    }

    /// A follower that comes back to an idle group finds its place only with a new entry
    /// (RATIS-2523).
    private boolean lagging(long now) {
        return now - lastTickNanos > LAG_TICK_NANOS && node.somebodyLags();
    }

    /// The first thing that a new leader does: while there was none, nobody could renew.
    private void open() {
        if (machine.nextDueMs() == Long.MAX_VALUE) {
            // Nothing of this term is in the log, and all before is in the table.
            clock.follow();
        }
        LOG.atInfo().addKeyValue("node", settings.self()).log("this node leads the pools");
        opening =
                own(
                        List.of(
                                new Operation.Restarted(
                                        settings.leaderGrace().toMillis(),
                                        Operation.Restarted.ALL_THERE),
                                new Operation.Configure(rules)),
                        node::writeOpening);
    }

    private Flight own(
            List<Operation> operations, Function<byte[], CompletableFuture<ByteBuffer>> way) {
        var flight = new Flight(++numbers, List.of(), List.of());
        flight.counted = false;
        fly(flight, Batch.write(origin, flight.number, operations), way);
        return flight;
    }

    // Bringing.

    private void send() {
        if (System.nanoTime() - notBeforeNanos < 0) {
            return;
        }
        Function<byte[], CompletableFuture<ByteBuffer>> way = way();
        if (way == null) {
            return;
        }
        while (flying < WINDOW && !(waiting.isEmpty() && returned.isEmpty())) {
            var asked = new ArrayList<Flight.Asked>();
            long number = ++numbers;
            byte[] batch = pack(number, asked);
            var flight = new Flight(number, asked, List.copyOf(looks));
            looks.clear();
            flying++;
            fly(flight, batch, way);
        }
        if (flying == 0 && !looks.isEmpty()) {
            catchUp(List.copyOf(looks));
            looks.clear();
        }
    }

    private @Nullable Function<byte[], CompletableFuture<ByteBuffer>> way() {
        if (node.open()) {
            return node::write;
        }
        Optional<String> leader = node.leader().filter(id -> !id.equals(settings.self()));
        return leader.isPresent() && link.ready(leader.get()) ? link::hand : null;
    }

    private byte[] pack(long number, List<Flight.Asked> asked) {
        var to = new Bytes();
        to.i64(origin).i64(number);
        while (asked.size() < MOST_OPERATIONS && to.size() < ENOUGH_BYTES) {
            Flight.Asked next =
                    returned.isEmpty() ? waiting.poll() : returned.pollFirstEntry().getValue();
            if (next == null) {
                break;
            }
            OperationCodec.write(whatIsLeft(next), to);
            asked.add(next);
        }
        return to.copy();
    }

    /// A wait counts from when it was asked for, however long there was nobody to bring it to.
    private static Operation whatIsLeft(Flight.Asked asked) {
        long keptMs = (System.nanoTime() - asked.bornNanos()) / NANOS_PER_MS;
        return asked.operation() instanceof Operation.Acquire acquire
                        && acquire.waitMs() > 0
                        && keptMs > SHORT_MS
                ? acquire.withWait(Math.max(1, acquire.waitMs() - keptMs))
                : asked.operation();
    }

    private void fly(
            Flight flight, byte[] batch, Function<byte[], CompletableFuture<ByteBuffer>> way) {
        teller.takeOff(flight);
        var _ =
                way.apply(batch)
                        .whenComplete((reply, failure) -> {
                            if (failure != null) {
                                inbox.add(new Work.Failed(flight, cause(failure)));
                            } else {
                                teller.replied(flight, reply);
                            }
                        });
    }

    private static Throwable cause(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    private void catchUp(List<Flight.Look<?>> questions) {
        flying++;
        var _ =
                node.catchUp()
                        .whenComplete((_, failure) -> {
                            if (failure != null) {
                                LOG.debug("no read index: {}", failure.toString());
                            }
                            inbox.add(new Work.CaughtUp(questions, failure == null));
                        });
    }

    private <T> void answer(Flight.Look<T> look) {
        teller.then(() -> {
            // The question sees the table, who asked does not hold it up.
            T seen = machine.look(look.question());
            look.then().accept(seen);
        });
    }

    // What comes back.

    private void landedHere(Flight flight) {
        settle(flight);
        doubtful.remove(flight);
        flight.looks.forEach(this::answer);
    }

    private void settle(Flight flight) {
        if (flight.counted) {
            flight.counted = false;
            flying--;
        }
        if (flight == opening) {
            opening = null;
        }
        if (flight == tick) {
            tick = null;
        }
    }

    private void failedHere(Flight flight, Throwable why) {
        settle(flight);
        LOG.debug("a batch did not get through: {}", why.toString());
        notBeforeNanos = System.nanoTime() + RETRY_NANOS;
        if (why instanceof NotTakenException) {
            if (teller.callBack(flight)) {
                flight.asked.forEach(asked -> returned.put(asked.place(), asked));
                looks.addAll(0, flight.looks);
            }
        } else {
            // If it is in the log, this node will come across it.
            flight.giveUpNanos = System.nanoTime() + 4 * settings.electionTimeout().toNanos();
            doubtful.add(flight);
        }
    }

    private void giveUp() {
        long now = System.nanoTime();
        doubtful.removeIf(flight -> {
            boolean late = now - flight.giveUpNanos >= 0;
            if (late && teller.callBack(flight)) {
                fail(flight.asked, true, "the leader is gone; it may have been done");
                looks.addAll(0, flight.looks);
            }
            return late;
        });
        if (now - sweptNanos >= SWEEP_NANOS) {
            sweptNanos = now;
            returned.values().removeIf(asked -> tooLate(asked, now));
            waiting.removeIf(asked -> tooLate(asked, now));
        }
        long patience = settings.patience().toNanos();
        looks.removeIf(look -> {
            boolean late = now - look.bornNanos() > patience;
            if (late) {
                teller.then(look::nobodyToAsk);
            }
            return late;
        });
    }

    /// Who waits for a lock waits for it here, too, while there is nobody to bring it to.
    private boolean tooLate(Flight.Asked asked, long now) {
        long kept = now - asked.bornNanos();
        if (asked.operation() instanceof Operation.Acquire acquire && acquire.waitMs() > 0) {
            boolean late = kept > acquire.waitMs() * NANOS_PER_MS;
            if (late) {
                var over = new Outcome.Refused(Refusal.TIMED_OUT);
                teller.then(() -> asked.answer().outcome(over));
            }
            return late;
        }
        boolean late = kept > settings.patience().toNanos();
        if (late) {
            fail(List.of(asked), false, obstacleOrNone());
        }
        return late;
    }

    private String obstacleOrNone() {
        String why = obstacle();
        return why.isEmpty() ? "the leader does not answer" : why;
    }

    private void fail(List<Flight.Asked> asked, boolean perhapsDone, String why) {
        teller.fail(asked, new Failure(perhapsDone, why));
    }

    private void refuseAll(String why) {
        fail(List.copyOf(returned.values()), false, why);
        fail(List.copyOf(waiting), false, why);
        looks.forEach(look -> teller.then(look::nobodyToAsk));
    }

    private void refuseRest() {
        var rest = new ArrayList<Work>();
        inbox.drain(rest, Integer.MAX_VALUE);
        for (Work each : rest) {
            switch (each) {
                case Work.Propose(Flight.Asked asked) ->
                        asked.answer().failed(new Failure(false, "it stops"));
                case Work.Ask(Flight.Look<?> look) -> look.nobodyToAsk();
                case Work.CaughtUp(List<Flight.Look<?>> caught, boolean _) ->
                        caught.forEach(Flight.Look::nobodyToAsk);
                case Work.Landed _, Work.Failed _, Work.Wake _, Work.Stop _ -> {}
            }
        }
    }
}
