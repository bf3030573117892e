package org.svcshare.turn;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What became of a [PoolWish]. Names and reasons are others' words, of one line each.
public sealed interface PoolNews {

    /// @param taken and `waiting` are counts
    record Row(String pool, int slots, int taken, int waiting) {}

    /// @param until null for without an end; of a waiter of no meaning
    record Ticket(String holder, String reason, boolean held, @Nullable Instant until) {}

    record All(List<Row> pools) implements PoolNews {}

    /// @param tickets holders first, then the queue
    record Seen(String pool, List<Ticket> tickets) implements PoolNews {}

    /// The asker has it.
    record Yours(String pool, @Nullable Instant until) implements PoolNews {}

    /// @param first who has it; null when nobody is known to
    /// @param place in the queue, 1 for the next
    record Waits(String pool, @Nullable Ticket first, int place) implements PoolNews {}

    /// @param holder who had it or waited for it
    record Free(String pool, String holder) implements PoolNews {}

    record NoSuchPool(String pool) implements PoolNews {}

    /// There are none at all.
    record NoPools() implements PoolNews {}

    /// Nothing was done.
    ///
    /// @param why a sentence without its end
    record NotDone(String pool, String why) implements PoolNews {}
}
