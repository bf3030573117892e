package org.svcshare.journal;

import java.io.IOException;

/// There is no room: the next segment, a snapshot or the end of the log could not be written,
/// nearly always because the disk is full (the cause tells).
///
/// Nothing that was taken before is lost, and the same call may be tried again once there is room.
public final class JournalFullException extends IOException {
    private static final long serialVersionUID = 1L;

    JournalFullException(String message, IOException cause) {
        super(message, cause);
    }
}
