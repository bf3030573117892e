package org.svcshare.cluster;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.engine.Inbox;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine.Answer;
import org.svcshare.pool.PoolEngine.Failure;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.TableView;

/// Takes what this node is asked for, and brings it to the leader in batches, a few of them on
/// their way at a time, in the order of asking. Where this node leads it also sees to the group's
/// time. One thread of its own.
final class Proposer {
    private static final Logger LOG = LoggerFactory.getLogger(Proposer.class);
    private static final int QUEUE = 131_072;
    private static final int MOST_AT_ONCE = 4096;
    private static final int WINDOW = 4;
    private static final long NANOS_PER_MS = 1_000_000;
    private static final long RETRY_NANOS = 10 * NANOS_PER_MS;
    private static final long LOOK_ABOUT_NANOS = 100 * NANOS_PER_MS;
    private static final long SWEEP_NANOS = 50 * NANOS_PER_MS;

    private sealed interface Work {
        record Propose(Flight.Asked asked) implements Work {}

        record Ask(Flight.Look<?> look) implements Work {}

        record Landed(Flight flight) implements Work {}

        record Returned(Flight flight) implements Work {}

        record Failed(Flight flight, Throwable why) implements Work {}

        record CaughtUp(List<Flight.Look<?>> looks, boolean done) implements Work {}

        record Wake() implements Work {}

        record Stop(long giveUpNanos) implements Work {}
    }

    private final ClusterSettings settings;
    private final long origin;
    private final GroupClock clock;
    private final RaftNode node;
    private final TableMachine machine;
    private final HandoverLink link;
    private final Teller teller;
    private final Reign reign;
    private final Vacancy vacancy;
    private final Consumer<String> failed;
    private final Inbox<Work> inbox = new Inbox<>(QUEUE);
    private final Thread thread = Thread.ofPlatform().name("proposer").unstarted(this::run);
    private final AtomicLong places = new AtomicLong();

    /// When it looks at what is due next, by the group's clock.
    private volatile long sleepsUntilMs;

    private volatile boolean over;

    /// How many requests wait here for a leader.
    private volatile int kept;

    // The proposer's thread.

    private final Backlog backlog = new Backlog();
    private final List<Flight.Look<?>> looks = new ArrayList<>();

    /// Batches of which nobody knows whether they are in the log.
    private final List<Flight> doubtful = new ArrayList<>();

    private long numbers;
    private int flying;

    /// When there last was nobody to bring anything to.
    private long leaderlessNanos = System.nanoTime();

    private long notBeforeNanos = System.nanoTime();
    private long sweptNanos = System.nanoTime();
    private long lookedNanos = System.nanoTime();
    private long stopNanos;
    private boolean stopping;

    /// @param failed is told when this ends by a fault of its own
    Proposer(
            ClusterSettings settings,
            long origin,
            GroupClock clock,
            RaftNode node,
            TableMachine machine,
            HandoverLink link,
            Teller teller,
            Reign reign,
            Vacancy vacancy,
            Consumer<String> failed) {
        this.settings = settings;
        this.origin = origin;
        this.clock = clock;
        this.node = node;
        this.machine = machine;
        this.link = link;
        this.teller = teller;
        this.reign = reign;
        this.vacancy = vacancy;
        this.failed = failed;
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

    void returned(Flight flight) {
        inbox.add(new Work.Returned(flight));
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
                inbox.take(work, MOST_AT_ONCE, pauseNanos());
                work.forEach(this::sort);
                work.clear();
                lookAround();
                reign.tend(this::own);
                vacancy.look(link.gone());
                send();
                giveUp();
                kept = backlog.size();
            }
        } catch (InterruptedException _) {
            LOG.error("the proposer of the pools was interrupted");
        } catch (RuntimeException e) {
            LOG.error("the proposer of the pools ended", e);
            failed.accept("a fault of this program (" + e + "): restart this node, and report it");
        }
        over = true;
        refuseAll("it stops");
        refuseRest();
    }

    private void lookAround() {
        long now = System.nanoTime();
        if (now - lookedNanos >= LOOK_ABOUT_NANOS) {
            lookedNanos = now;
            node.lookAround();
        }
    }

    private boolean done() {
        boolean nothing = flying == 0 && doubtful.isEmpty() && backlog.isEmpty() && looks.isEmpty();
        return nothing || System.nanoTime() - stopNanos >= 0;
    }

    private void sort(Work work) {
        switch (work) {
            case Work.Propose(Flight.Asked asked) -> {
                if (backlog.size() < QUEUE) {
                    backlog.add(asked);
                } else {
                    fail(List.of(asked), false, "too much at once; try again");
                }
            }
            case Work.Ask(Flight.Look<?> look) -> looks.add(look);
            case Work.Landed(Flight flight) -> landedHere(flight);
            case Work.Returned(Flight flight) -> returnedHere(flight);
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
        boolean stuck = !backlog.isEmpty() || !looks.isEmpty() || !doubtful.isEmpty();
        long pause = (stuck && flying < WINDOW) || stopping ? RETRY_NANOS : LOOK_ABOUT_NANOS;
        if (node.open() && !reign.ticks()) {
            long dueMs = machine.nextDueMs();
            sleepsUntilMs = dueMs;
            if (dueMs != Long.MAX_VALUE) {
                pause = Math.min(pause, (dueMs + 1 - clock.nowMs()) * NANOS_PER_MS);
            }
        }
        return Math.max(pause, 0);
    }

    private Flight own(
            List<Operation> operations,
            long term,
            Function<byte[], CompletableFuture<ByteBuffer>> way) {
        var flight = new Flight(header(term), List.of(), List.of());
        flight.counted = false;
        fly(flight, Batch.write(flight.header, operations), way);
        return flight;
    }

    private Batch.Header header(long term) {
        return new Batch.Header(origin, ++numbers, term);
    }

    // Bringing.

    private void send() {
        if (System.nanoTime() - notBeforeNanos < 0) {
            return;
        }
        // Before it is known who leads: a term that is over by then does no harm.
        long term = node.term();
        Function<byte[], CompletableFuture<ByteBuffer>> way = way();
        if (way == null) {
            leaderlessNanos = System.nanoTime();
            return;
        }
        while (flying < WINDOW && !backlog.isEmpty()) {
            var asked = new ArrayList<Flight.Asked>();
            Batch.Header header = header(term);
            byte[] batch = backlog.pack(header, asked);
            var flight = new Flight(header, asked, List.copyOf(looks));
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
        end(flight);
        flight.looks.forEach(this::answer);
    }

    private void returnedHere(Flight flight) {
        settle(flight);
        end(flight);
        backlog.giveBack(flight.asked);
        looks.addAll(0, flight.looks);
    }

    private void end(Flight flight) {
        flight.over = true;
        doubtful.remove(flight);
    }

    private void settle(Flight flight) {
        if (flight.counted) {
            flight.counted = false;
            flying--;
        }
        reign.settled(flight);
    }

    private void failedHere(Flight flight, Throwable why) {
        settle(flight);
        if (flight.over) {
            return;
        }
        LOG.debug("a batch did not get through: {}", why.toString());
        notBeforeNanos = System.nanoTime() + RETRY_NANOS;
        if (why instanceof NotTakenException || teller.neverComes(flight)) {
            if (teller.callBack(flight)) {
                returnedHere(flight);
            }
        } else {
            // If it is in the log, this node will come across it; if it never will be, across the
            // term that comes next.
            flight.doubtedNanos = System.nanoTime();
            doubtful.add(flight);
        }
    }

    private void giveUp() {
        long now = System.nanoTime();
        long patience = settings.patience().toNanos();
        long sinceLeader = now - leaderlessNanos;
        doubtful.removeIf(flight -> {
            long doubted = now - flight.doubtedNanos;
            boolean late =
                    Math.min(doubted, sinceLeader) >= 4 * settings.electionTimeout().toNanos()
                            || doubted >= patience;
            if (late && teller.callBack(flight)) {
                flight.over = true;
                fail(flight.asked, true, "it is not known what became of it; ask again");
                looks.addAll(0, flight.looks);
            }
            return late;
        });
        if (now - sweptNanos >= SWEEP_NANOS) {
            sweptNanos = now;
            backlog.removeIf(asked -> tooLate(asked, now));
        }
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
        fail(backlog.all(), false, why);
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
                case Work.Landed _, Work.Returned _, Work.Failed _, Work.Wake _, Work.Stop _ -> {}
            }
        }
    }
}
