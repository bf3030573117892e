package org.svcshare.journal;

import java.io.IOException;

/// The disk failed in a way after which this process cannot know what is on it. Final: every later
/// call throws it too. What was synced before is safe; what was appended since may or may not be
/// found by the next process.
public final class JournalFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    JournalFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
