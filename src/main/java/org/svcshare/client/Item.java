package org.svcshare.client;

/// One job of a program that stops and starts its jobs one by one.
///
/// @param id as it survives a restart of the program
/// @param leftMb what is left of it, in MB
/// @param mark what has to be known to start it again as it was; empty for nothing, no blank in it
record Item(String id, State state, double leftMb, String mark) {

    /// Counted for a job whose size the program does not know yet, so that a queue of nothing but
    /// fresh links is not taken for an empty one and never gets its turn.
    static final double UNKNOWN_MB = 1;

    Item(String id, State state, double leftMb) {
        this(id, state, leftMb, "");
    }

    static double mb(double bytes, boolean known) {
        return known ? bytes / Fields.MIB : UNKNOWN_MB;
    }

    enum State {
        LOADING,
        /// Would load when its time comes.
        WAITING,
        STOPPED
    }
}
