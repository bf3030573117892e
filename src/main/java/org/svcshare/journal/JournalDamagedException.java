package org.svcshare.journal;

import java.io.IOException;

/// Files of the journal are damaged or missing in a way that no crash explains, so that going on
/// would lose records in silence. The message is for people: which file, where, and what to do.
public final class JournalDamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    JournalDamagedException(String message) {
        super(message);
    }
}
