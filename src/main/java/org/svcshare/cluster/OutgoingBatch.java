package org.svcshare.cluster;

import java.util.function.LongSupplier;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/// A [Batch], perhaps from another node: it gets a time put before it, whatever is in it.
final class OutgoingBatch extends Outgoing {
    OutgoingBatch(byte[] batch) {
        super(batch);
    }

    @Override
    ByteString entry(LongSupplier nowMs) {
        return UnsafeByteOperations.unsafeWrap(
                Batch.stamp(nowMs.getAsLong(), getContent().asReadOnlyByteBuffer()));
    }
}
