package org.svcshare.ircd;

/// What the core asks its shell to do, in this order.
sealed interface Effect {
    long id();

    /// @param id the connection to send to
    /// @param line without CR LF; every char is one byte
    record Send(long id, String line) implements Effect {
        public Send {
            for (int i = 0; i < line.length(); i++) {
                char c = line.charAt(i);
                if (c == '\r' || c == '\n' || c == '\0') {
                    throw new IllegalStateException("line end at " + i + " in a line to " + id);
                }
            }
        }
    }

    /// Close the connection after what was sent to it; the core has already forgotten it.
    record Close(long id, String reason) implements Effect {}
}
