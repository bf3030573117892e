package org.svcshare.turn;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What happened, for the history, the hooks, the reporter and the ledger.
public sealed interface Happening {

    /// The gate is open.
    ///
    /// @param fence the fencing token of the lease that it is open under; 0 without a guard
    record TurnGranted(long turn, double queueMb, Duration waited, String why, long fence)
            implements Happening {}

    /// The gate is closed again.
    record TurnLost(long turn, long movedBytes, Duration held, String why) implements Happening {}

    /// @param length zero means until `unhalt`
    record Halted(Duration length, String by) implements Happening {}

    record Unhalted(String by) implements Happening {}

    record ForceBegan(long allotmentMb, String by) implements Happening {}

    record ForceEnded(String why) implements Happening {}

    /// @param winner null when nobody won
    record ElectionEnded(String kind, @Nullable String winner, String why) implements Happening {}

    /// A span in which connections were open.
    record Transferred(long movedBytes, Instant began, Instant ended) implements Happening {}

    record ClientUnreachable(String why) implements Happening {}

    record ClientBack() implements Happening {}

    record GateBroken(String why) implements Happening {}

    record ChannelLost(String why) implements Happening {}

    record ChannelJoined(String nick) implements Happening {}

    record Knock() implements Happening {}

    /// A command that changed something.
    record Commanded(String by, String command) implements Happening {}
}
