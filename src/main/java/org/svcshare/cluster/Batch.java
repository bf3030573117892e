package org.svcshare.cluster;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.svcshare.engine.Bytes;
import org.svcshare.engine.OperationCodec;
import org.svcshare.pool.Operation;

/// Operations that travel and are logged together.
record Batch(Header header, List<Operation> operations) {
    /// Most bytes of one: far below what a log entry and a gRPC message may have.
    static final int MOST_BYTES = 1 << 20;

    private static final int MOST_OPERATIONS = 1 << 16;

    /// Whose a batch is, and for when.
    ///
    /// @param origin a number that the run of a node drew which proposed it: it knows its own again
    /// @param number which of that run's batches
    /// @param term of the leader that it is brought to. In the log of a later one it counts for
    ///   nothing, so that its node knows it is not done once it sees anything of a later term, and
    ///   brings it again
    record Header(long origin, long number, long term) {
        Bytes write() {
            return new Bytes().i64(origin).i64(number).i64(term);
        }

        static Header read(ByteBuffer from) {
            return new Header(from.getLong(), from.getLong(), from.getLong());
        }
    }

    /// A batch as it is in the log.
    record Stamped(long atMs, Batch batch) {}

    static byte[] write(Header header, Collection<Operation> operations) {
        Bytes to = header.write();
        operations.forEach(operation -> OperationCodec.write(operation, to));
        return to.copy();
    }

    /// @throws RuntimeException when the bytes are none of a batch
    static Batch read(ByteBuffer from) {
        Header header = Header.read(from);
        var operations = new ArrayList<Operation>();
        while (from.hasRemaining()) {
            operations.add(OperationCodec.read(from));
            if (operations.size() > MOST_OPERATIONS) {
                throw new IllegalArgumentException("a batch without end");
            }
        }
        return new Batch(header, operations);
    }

    /// Puts the time before a batch.
    static byte[] stamp(long atMs, ByteBuffer batch) {
        return ByteBuffer.allocate(Long.BYTES + batch.remaining()).putLong(atMs).put(batch).array();
    }

    static Stamped readStamped(ByteBuffer from) {
        return new Stamped(from.getLong(), read(from));
    }
}
