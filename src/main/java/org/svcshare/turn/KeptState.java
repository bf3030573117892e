package org.svcshare.turn;

import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What of a [TurnKeeper] outlives its process.
///
/// @param turn the highest turn number seen
/// @param haltedUntil end of a timed halt; null for none
/// @param haltedForever a halt without an end, kept only if the settings ask for it
/// @param forceLeftBytes what is left of a force allotment
/// @param usedBytesByDay bytes moved through the gate, by day since 1970-01-01 UTC, last eight days
public record KeptState(
        long turn,
        @Nullable Instant haltedUntil,
        boolean haltedForever,
        long forceLeftBytes,
        SortedMap<Long, Long> usedBytesByDay) {

    public static final KeptState NONE = new KeptState(0, null, false, 0, new TreeMap<>());

    public KeptState {
        usedBytesByDay = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(usedBytesByDay));
    }
}
