package org.svcshare.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Gets the records of a journal, oldest first.
@FunctionalInterface
public interface RecordReader {
    /// @param index of the record
    /// @param payload its bytes, read-only; good during the call
    /// @throws IOException ends the reading, and comes out of [Journal#replay]
    void record(long index, ByteBuffer payload) throws IOException;
}
