package org.svcshare.cluster;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.svcshare.engine.Bytes;
import org.svcshare.engine.OperationCodec;
import org.svcshare.pool.Operation;

/// Operations that travel and are logged together.
///
/// @param origin a number that the run of a node drew which proposed them: it knows its own again
/// @param number which of that run's batches
record Batch(long origin, long number, List<Operation> operations) {
    /// Most bytes of one: far below what a log entry and a gRPC message may have.
    static final int MOST_BYTES = 1 << 20;

    private static final int MOST_OPERATIONS = 1 << 16;

    /// A batch as it is in the log.
    record Stamped(long atMs, Batch batch) {}

    static byte[] write(long origin, long number, Collection<Operation> operations) {
        var to = new Bytes();
        to.i64(origin).i64(number);
        operations.forEach(operation -> OperationCodec.write(operation, to));
        return to.copy();
    }

    /// @throws RuntimeException when the bytes are none of a batch
    static Batch read(ByteBuffer from) {
        long origin = from.getLong();
        long number = from.getLong();
        var operations = new ArrayList<Operation>();
        while (from.hasRemaining()) {
            operations.add(OperationCodec.read(from));
            if (operations.size() > MOST_OPERATIONS) {
                throw new IllegalArgumentException("a batch without end");
            }
        }
        return new Batch(origin, number, operations);
    }

    /// Puts the time before a batch.
    static byte[] stamp(long atMs, ByteBuffer batch) {
        return ByteBuffer.allocate(Long.BYTES + batch.remaining()).putLong(atMs).put(batch).array();
    }

    static Stamped readStamped(ByteBuffer from) {
        return new Stamped(from.getLong(), read(from));
    }
}
