package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.engine.Bytes;
import org.svcshare.pool.Effect;
import org.svcshare.pool.Mode;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TicketView;
import org.svcshare.pool.TicketView.State;

/// What a node tells that got a whole table, because the log had gone on without it.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class TellerTest {
    private static final RequestId ID = new RequestId(1, 2);
    private static final Outcome QUEUED = new Outcome.Queued(7, 3, Long.MAX_VALUE);

    private final List<String> heard = new CopyOnWriteArrayList<>();

    private static final long ORIGIN = 5;

    private static TicketView ticket(State state) {
        return new TicketView(7, "bench", "ben", "", Mode.EXCLUSIVE, state, 0, 5_000, 0, 11, true);
    }

    private final class Listener implements PoolEngine.Answer {
        @Override
        public void outcome(Outcome outcome) {
            heard.add(outcome.toString());
        }

        @Override
        public void failed(PoolEngine.Failure failure) {
            heard.add(failure.toString());
        }
    }

    private Teller teller(Optional<TicketView> found) {
        var landings =
                new Teller.Landings() {
                    @Override
                    public void decided(Flight flight) {
                        heard.add("decided " + flight.header.number());
                    }

                    @Override
                    public void landed(Flight flight) {
                        heard.add("landed");
                    }

                    @Override
                    public void returned(Flight flight) {
                        heard.add("returned " + flight.header.number());
                    }
                };
        return new Teller(ORIGIN, landings, _ -> found);
    }

    private Flight flight(long number, long term) {
        var acquire =
                new Operation.Acquire(
                        ID, "bench", "ben", "", Mode.EXCLUSIVE, 60_000, 5_000, 0, false);
        return new Flight(
                new Batch.Header(ORIGIN, number, term),
                List.of(new Flight.Asked(1, 0, acquire, new Listener())),
                List.of());
    }

    /// An entry of a later term, by anybody.
    private static Told.Applied another(long index, long term) {
        return new Told.Applied(index, term, new Batch.Header(99, 1, term), List.of());
    }

    /// The leader has answered that the ticket waits, and the entry itself never came by.
    private void askedAndReplaced(Optional<TicketView> found) throws InterruptedException {
        Teller teller = teller(found);
        teller.listen(effect -> heard.add(effect.toString()));
        Flight flight = flight(1, 1);
        var reply = new Bytes();
        reply.i64(40);
        OutcomeCodec.write(QUEUED, reply);
        teller.start();
        teller.takeOff(flight);
        teller.replied(flight, reply.written());
        teller.told(
                new Told.Replaced(
                        50, List.of(new Effect.Renewed(new RequestId(3, 4), "bench", 2, 9))));
        teller.finish();
    }

    private static List<String> after(String... more) {
        var all =
                new ArrayList<>(
                        List.of(new Effect.Renewed(new RequestId(3, 4), "bench", 2, 9).toString()));
        all.addAll(List.of(more));
        return all;
    }

    @Test
    void given_a_ticket_that_waits_in_the_new_table_then_it_is_answered_as_the_leader_said()
            throws Exception {
        askedAndReplaced(Optional.of(ticket(State.WAITING)));

        assertEquals(after(QUEUED.toString(), "landed"), heard);
    }

    @Test
    void given_a_ticket_that_was_granted_unseen_then_its_asker_hears_that() throws Exception {
        askedAndReplaced(Optional.of(ticket(State.HELD)));

        assertEquals(after(new Outcome.Granted(7, 11, 5_000).toString(), "landed"), heard);
    }

    @Test
    void given_a_ticket_that_came_and_went_unseen_then_its_asker_is_to_ask_again()
            throws Exception {
        askedAndReplaced(Optional.empty());

        var unseen = new PoolEngine.Failure(true, "this node was behind; ask again");
        assertEquals(after(unseen.toString(), "landed"), heard);
    }

    @Test
    void given_a_batch_that_comes_back_in_the_log_then_its_asker_hears_what_came_of_it()
            throws Exception {
        Teller teller = teller(Optional.empty());
        Flight flight = flight(1, 4);
        teller.start();
        teller.takeOff(flight);
        teller.told(
                new Told.Applied(10, 4, flight.header, List.of(new Told.Step(List.of(), QUEUED))));
        teller.finish();

        assertEquals(List.of("decided 1", QUEUED.toString(), "landed"), heard);
    }

    @Test
    void given_a_batch_of_a_leader_that_is_gone_when_the_next_one_has_begun_then_it_comes_back()
            throws Exception {
        Teller teller = teller(Optional.empty());
        teller.start();
        teller.takeOff(flight(1, 4));
        teller.takeOff(flight(2, 5));
        teller.told(another(10, 4));
        teller.told(another(11, 5));
        teller.finish();

        var stopped = new PoolEngine.Failure(true, "it stops; it may have been done");
        assertEquals(List.of("returned 1", stopped.toString()), heard);
    }

    @Test
    void given_a_batch_that_was_logged_in_a_later_term_then_it_comes_back_undone()
            throws Exception {
        Teller teller = teller(Optional.empty());
        Flight flight = flight(1, 4);
        teller.start();
        teller.takeOff(flight);
        teller.told(new Told.Applied(10, 5, flight.header, List.of()));
        teller.finish();

        assertEquals(List.of("decided 1", "returned 1"), heard);
    }

    @Test
    void given_a_table_got_as_a_whole_then_a_batch_that_may_be_in_it_never_comes_back()
            throws Exception {
        Teller teller = teller(Optional.empty());
        teller.start();
        teller.takeOff(flight(1, 4));
        teller.told(new Told.Replaced(10, List.of()));
        teller.told(another(11, 5));
        teller.finish();

        var stopped = new PoolEngine.Failure(true, "it stops; it may have been done");
        assertEquals(List.of(stopped.toString()), heard);
    }

    @Test
    void given_a_reply_that_cannot_be_read_then_its_askers_hear_that_it_may_have_been_done()
            throws Exception {
        Teller teller = teller(Optional.empty());
        Flight flight = flight(1, 4);
        teller.start();
        teller.takeOff(flight);
        teller.told(new Told.Replaced(10, List.of()));
        teller.replied(flight, new Bytes().i64(9).u8(200).written());
        teller.finish();

        var unread = new PoolEngine.Failure(true, "the leader's reply cannot be understood");
        assertEquals(List.of(unread.toString(), "landed"), heard);
    }
}
