package org.svcshare.cluster;

import java.util.function.LongSupplier;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/// Something of this program's on its way into this node's log, which knows whether it may have got
/// there. Nothing else gets in.
abstract sealed class Outgoing implements Message permits OutgoingBatch, OutgoingEntry {
    private final ByteString content;
    private volatile boolean perhapsLogged;

    /// @param content is not changed any more
    Outgoing(byte[] content) {
        this.content = UnsafeByteOperations.unsafeWrap(content);
    }

    @Override
    public final ByteString getContent() {
        return content;
    }

    /// It goes into the log now.
    ///
    /// @param nowMs the group's time
    /// @return as what
    final ByteString entersLog(LongSupplier nowMs) {
        perhapsLogged = true;
        return entry(nowMs);
    }

    abstract ByteString entry(LongSupplier nowMs);

    final boolean perhapsLogged() {
        return perhapsLogged;
    }
}
