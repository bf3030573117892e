package org.svcshare.cluster;

import java.util.List;
import org.svcshare.pool.Effect;
import org.svcshare.pool.Outcome;

/// What the table's thread leaves for the teller.
sealed interface Told {
    /// @param effects in order, before the outcome
    record Step(List<Effect> effects, Outcome outcome) {}

    /// A batch was applied, or came too late for that.
    ///
    /// @param term in which it was logged; never below that of what was told before
    /// @param steps one for each operation; none where the batch was meant for an earlier term
    record Applied(long index, long term, Batch.Header batch, List<Step> steps) implements Told {}

    /// The table was replaced by a whole one: what led to it was not seen.
    ///
    /// @param effects what became of the tickets that were in the table before
    record Replaced(long index, List<Effect> effects) implements Told {}
}
