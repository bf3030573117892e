package org.svcshare.cluster;

import java.util.function.LongSupplier;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/// A [SharedEntry] that this node has made. It goes into the log as it is.
final class OutgoingEntry extends Outgoing {
    OutgoingEntry(byte[] entry) {
        super(entry);
    }

    @Override
    ByteString entry(LongSupplier nowMs) {
        return getContent();
    }
}
