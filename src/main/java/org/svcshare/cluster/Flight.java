package org.svcshare.cluster;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Operation;
import org.svcshare.pool.PoolEngine.Answer;
import org.svcshare.pool.TableView;

/// A batch of this node's that is on its way, and who waits for what comes of it.
final class Flight {
    /// An operation that somebody asked for.
    ///
    /// @param place in the order of asking
    /// @param bornNanos when, by the machine's steady clock
    record Asked(long place, long bornNanos, Operation operation, Answer answer) {}

    /// A question to the table as it is after what was asked for before.
    record Look<T>(long bornNanos, Function<TableView, T> question, Consumer<@Nullable T> then) {
        void nobodyToAsk() {
            then.accept(null);
        }
    }

    final Batch.Header header;

    /// Since when it is on its way, by the machine's steady clock.
    final long sinceNanos = System.nanoTime();

    /// Whose outcomes are wanted, in the batch's order; none of a batch of the engine's own.
    final List<Asked> asked;

    final List<Look<?>> looks;

    /// Whether it takes a place in the window; the proposer's.
    boolean counted = true;

    /// Whether what became of it is known here; the proposer's.
    boolean over;

    /// Since when it is in doubt what became of it; the proposer's.
    long doubtedNanos;

    /// Whether it may be in what this node got as a whole table; the teller's.
    volatile boolean perhapsUnseen;

    /// What the leader said came of it; the teller's.
    @Nullable ByteBuffer reply;

    Flight(Batch.Header header, List<Asked> asked, List<Look<?>> looks) {
        this.header = header;
        this.asked = asked;
        this.looks = looks;
    }
}
