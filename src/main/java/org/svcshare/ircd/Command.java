package org.svcshare.ircd;

/// One entry of the command table.
///
/// @param least parameters without which the answer is 461
/// @param early also before registration
record Command(String verb, int least, boolean early, Handler handler) {

    /// Carries out one line of a client.
    @FunctionalInterface
    interface Handler {
        void run(Client from, IrcLine line);
    }

    static Command of(String verb, int least, Handler handler) {
        return new Command(verb, least, false, handler);
    }

    static Command early(String verb, int least, Handler handler) {
        return new Command(verb, least, true, handler);
    }
}
