package org.svcshare.turn;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What somebody who took a lock in the channel has to be told without having asked.
public sealed interface PoolCall {

    /// The wait is over.
    ///
    /// @param until null for without an end
    record YourTurn(String pool, @Nullable Instant until) implements PoolCall {}

    record EndsSoon(String pool, Instant until) implements PoolCall {}

    /// @param taken whether somebody took it away; otherwise its time was over
    record Over(String pool, boolean taken) implements PoolCall {}
}
