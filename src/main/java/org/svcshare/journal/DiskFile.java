package org.svcshare.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/// One open file of a journal. May be forced by another thread than the one that writes.
interface DiskFile extends Closeable {
    long size() throws IOException;

    /// Reads into `into` from `position` on.
    ///
    /// @return how many bytes, perhaps fewer than there is room for; -1 at the end
    int read(ByteBuffer into, long position) throws IOException;

    /// Writes from `position` on, past the end if need be.
    ///
    /// @return how many bytes, perhaps fewer than there are
    int write(ByteBuffer bytes, long position) throws IOException;

    /// Returns when content and size are on the disk (fdatasync).
    void force() throws IOException;
}
