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
        // A time below 0 would make a SharedEntry of it.
        long atMs = Math.max(0, nowMs.getAsLong());
        return UnsafeByteOperations.unsafeWrap(
                Batch.stamp(atMs, getContent().asReadOnlyByteBuffer()));
    }
}
