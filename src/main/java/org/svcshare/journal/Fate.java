package org.svcshare.journal;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Whether this journal may still be written. Shared by the owner and a thread that writes a
/// snapshot.
final class Fate {
    private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();

    /// @throws JournalFailedException once [#failed] was called, for ever
    void check() throws JournalFailedException {
        IOException first = failure.get();
        if (first != null) {
            throw new JournalFailedException(
                    "the journal takes nothing since the disk failed: " + first.getMessage(),
                    first);
        }
    }

    boolean failed() {
        return failure.get() != null;
    }

    /// Ends the journal's life in this process.
    ///
    /// For a failed force there is no other way: Linux reports a failed write-back once and marks
    /// the pages clean, so a second force would succeed although the bytes never reached the disk
    /// (LWN 752063, "PostgreSQL's fsync() surprise").
    JournalFailedException failed(String what, IOException why) {
        var thrown = new JournalFailedException(what + ": " + why, why);
        failure.compareAndSet(null, thrown);
        return thrown;
    }

    /// Forces, or ends the journal's life.
    void force(DiskFile file, String what) throws JournalFailedException {
        try {
            file.force();
        } catch (IOException e) {
            throw failed(what + " could not be forced to the disk", e);
        }
    }

    /// Forces the folder's entries, or ends the journal's life.
    void forceFolder(Disk disk) throws JournalFailedException {
        try {
            disk.forceFolder();
        } catch (IOException e) {
            throw failed(disk.folder() + " could not be forced to the disk", e);
        }
    }
}
