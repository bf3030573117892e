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

    /// The leader has answered that the ticket waits, and the entry itself never came by.
    private void askedAndReplaced(Optional<TicketView> found) throws InterruptedException {
        var teller = new Teller(5, _ -> heard.add("landed"), _ -> found);
        teller.listen(effect -> heard.add(effect.toString()));
        var acquire =
                new Operation.Acquire(
                        ID, "bench", "ben", "", Mode.EXCLUSIVE, 60_000, 5_000, 0, false);
        var flight =
                new Flight(1, List.of(new Flight.Asked(1, 0, acquire, new Listener())), List.of());
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
}
