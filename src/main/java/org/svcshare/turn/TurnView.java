package org.svcshare.turn;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A [TurnKeeper] as seen from outside at one moment: for status pages, metrics and tests.
///
/// @param turn the highest turn number known
/// @param holds whether this bot holds the turn (its gate is open or being opened)
/// @param gateOpen whether the gate was told to open and has not been told to close since
/// @param halted whether elections are off
/// @param haltedUntil null when not halted or without an end
/// @param forceLeftBytes of an allotment; 0 for none
/// @param connections open through the gate
/// @param legacy whether the group plays by the rules of generation 1
/// @param peers nicks, without the bot itself
/// @param electing whether an election is running that this bot knows of
/// @param why the last decision in a sentence
/// @param fence the fencing token of the lease that this bot holds; 0 for none
/// @param awaiting what it waits for that has the turn but not the lease; empty for nothing
public record TurnView(
        String nick,
        boolean inChannel,
        long turn,
        boolean holds,
        boolean gateOpen,
        boolean halted,
        @Nullable Instant haltedUntil,
        long forceLeftBytes,
        int connections,
        double queueMb,
        boolean legacy,
        List<String> peers,
        boolean electing,
        String why,
        long fence,
        String awaiting) {}
