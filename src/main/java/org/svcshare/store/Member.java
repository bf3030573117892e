package org.svcshare.store;

import java.time.Instant;

/// One svcshare in the group.
///
/// @param name as people know it; no two that are there have the same
/// @param id 16 hexadecimal digits, kept over restarts
/// @param incarnation grows with every start
/// @param address host:port where others reach it
/// @param since when it came to be in this state, as this member saw it
/// @param version of its program
/// @param self whether it is the one that was asked
public record Member(
        String name,
        String id,
        long incarnation,
        String address,
        State state,
        Instant since,
        String version,
        boolean self) {

    public enum State {
        ALIVE,
        /// Said goodbye.
        LEFT,
        /// Is not heard of any more.
        FAILED
    }
}
