package org.svcshare.cluster;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.pool.Effect;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine.Answer;
import org.svcshare.pool.PoolEngine.Failure;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TicketView;

/// Tells what came of entries, in the log's order: to listeners what happened to tickets, and to
/// who asked here what the outcome is. One thread of its own, so that nobody who is told can hold
/// up the table.
final class Teller {
    private static final Logger LOG = LoggerFactory.getLogger(Teller.class);

    /// Hears what became of this node's batches, and must not block.
    interface Landings {
        /// It is in the log: those who decide took it. Told before who asked is answered.
        void decided(Flight flight);

        /// It was done, and who asked was answered.
        void landed(Flight flight);

        /// It was not done, and never will be: it can be brought again.
        void returned(Flight flight);
    }

    private final long origin;
    private final Landings landings;
    private final Function<RequestId, Optional<TicketView>> table;
    private final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private final List<Consumer<Effect>> listeners = new CopyOnWriteArrayList<>();
    private final Map<Long, Flight> flights = new ConcurrentHashMap<>();
    private final Thread thread = Thread.ofPlatform().name("teller").unstarted(this::run);

    /// Up to which entry everything was told.
    private long toldIndex = -1;

    /// The term of that entry; written by this thread alone.
    private volatile long toldTerm = -1;

    private boolean over;

    /// @param origin which batches are this node's
    /// @param table finds tickets in the table as it is
    Teller(long origin, Landings landings, Function<RequestId, Optional<TicketView>> table) {
        this.origin = origin;
        this.landings = landings;
        this.table = table;
    }

    // From any thread.

    void start() {
        thread.start();
    }

    void listen(Consumer<Effect> listener) {
        listeners.add(listener);
    }

    void told(Told news) {
        queue.add(() -> tell(news));
    }

    /// Sets a batch off: it is answered once it comes back in the log.
    void takeOff(Flight flight) {
        flights.put(flight.header.number(), flight);
    }

    /// Takes a batch back: it is not answered here any more.
    ///
    /// @return false when it is answered already
    boolean callBack(Flight flight) {
        return flights.remove(flight.header.number(), flight);
    }

    /// Whether a batch that was not answered will never be: the log is in a later term than the one
    /// in which it counts, and was seen as a whole.
    boolean neverComes(Flight flight) {
        return flight.header.term() < toldTerm && !flight.perhapsUnseen;
    }

    /// The leader's answer. Only needed where the entry itself does not come by: then it is in a
    /// table that this node got as a whole.
    void replied(Flight flight, ByteBuffer reply) {
        queue.add(() -> {
            flight.reply = reply;
            landByReply(flight);
        });
    }

    void fail(List<Flight.Asked> asked, Failure failure) {
        queue.add(() -> asked.forEach(each -> guarded(() -> each.answer().failed(failure))));
    }

    /// Does something in the order of what is told.
    void then(Runnable look) {
        queue.add(() -> guarded(look));
    }

    /// Tells all that is there, and ends.
    void finish() throws InterruptedException {
        queue.add(() -> {
            for (Flight flight : List.copyOf(flights.values())) {
                if (callBack(flight)) {
                    flight.asked.forEach(each -> failed(each, "it stops; it may have been done"));
                    flight.looks.forEach(look -> guarded(look::nobodyToAsk));
                }
            }
            over = true;
        });
        thread.join();
    }

    // The teller's thread.

    private void run() {
        try {
            while (!over) {
                queue.take().run();
            }
        } catch (InterruptedException _) {
            LOG.error("the teller of the pools was interrupted");
        }
    }

    private void tell(Told news) {
        switch (news) {
            case Told.Applied applied -> applied(applied);
            case Told.Replaced(long index, List<Effect> effects) -> {
                effects.forEach(this::happened);
                toldIndex = Math.max(toldIndex, index);
                for (Flight flight : List.copyOf(flights.values())) {
                    flight.perhapsUnseen = true;
                    landByReply(flight);
                }
            }
        }
    }

    private void applied(Told.Applied applied) {
        Batch.Header batch = applied.batch();
        Flight flight = batch.origin() == origin ? flights.remove(batch.number()) : null;
        List<Flight.Asked> asked = List.of();
        if (flight != null) {
            asked = flight.asked;
            landings.decided(flight);
        }
        for (int i = 0; i < applied.steps().size(); i++) {
            Told.Step step = applied.steps().get(i);
            step.effects().forEach(this::happened);
            if (i < asked.size()) {
                answer(asked.get(i).answer(), step.outcome());
            }
        }
        toldIndex = applied.index();
        if (flight != null) {
            end(flight, applied.steps().size());
        }
        if (applied.term() > toldTerm) {
            toldTerm = applied.term();
            for (Flight each : List.copyOf(flights.values())) {
                if (neverComes(each) && callBack(each)) {
                    landings.returned(each);
                }
            }
        }
    }

    /// @param done how many of its operations
    private void end(Flight flight, int done) {
        if (done < flight.asked.size()) {
            landings.returned(flight);
        } else {
            landings.landed(flight);
        }
    }

    private void landByReply(Flight flight) {
        ByteBuffer reply = flight.reply;
        if (reply == null || reply.getLong(reply.position()) > toldIndex || !callBack(flight)) {
            return;
        }
        reply.getLong();
        if (!reply.hasRemaining() && !flight.asked.isEmpty()) {
            landings.returned(flight);
            return;
        }
        List<Outcome> outcomes = outcomes(reply, flight.asked.size());
        for (int i = 0; i < flight.asked.size(); i++) {
            if (outcomes.isEmpty()) {
                failed(flight.asked.get(i), "the leader's reply cannot be understood");
            } else {
                answerLate(flight.asked.get(i), outcomes.get(i));
            }
        }
        landings.landed(flight);
    }

    /// @return none when the reply cannot be understood
    private static List<Outcome> outcomes(ByteBuffer reply, int expected) {
        try {
            List<Outcome> outcomes = OutcomeCodec.readAll(reply);
            if (outcomes.size() == expected) {
                return outcomes;
            }
            LOG.error("the leader replied {} outcomes of {}", outcomes.size(), expected);
        } catch (RuntimeException e) {
            LOG.error("the leader's reply cannot be understood", e);
        }
        return List.of();
    }

    /// What became of a ticket after it was queued may be among what was not seen.
    private void answerLate(Flight.Asked asked, Outcome outcome) {
        if (!(outcome instanceof Outcome.Queued)
                || !(asked.operation() instanceof Operation.Acquire acquire)) {
            answer(asked.answer(), outcome);
            return;
        }
        TicketView now = table.apply(acquire.id()).orElse(null);
        if (now == null) {
            failed(asked, "this node was behind; ask again");
        } else if (now.state() == TicketView.State.WAITING) {
            answer(asked.answer(), outcome);
        } else {
            answer(asked.answer(), new Outcome.Granted(now.ticket(), now.fence(), now.untilMs()));
        }
    }

    private static void failed(Flight.Asked asked, String why) {
        guarded(() -> asked.answer().failed(new Failure(true, why)));
    }

    private void happened(Effect effect) {
        for (Consumer<Effect> listener : listeners) {
            guarded(() -> listener.accept(effect));
        }
    }

    private static void answer(Answer answer, Outcome outcome) {
        guarded(() -> answer.outcome(outcome));
    }

    private static void guarded(Runnable told) {
        try {
            told.run();
        } catch (RuntimeException e) {
            LOG.error("what the pools told was not taken", e);
        }
    }
}
