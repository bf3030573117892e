package org.svcshare.cluster;

import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/// A batch on its way into this node's log, which knows whether it may have got there.
final class OutgoingBatch implements Message {
    private final ByteString content;
    private volatile boolean perhapsLogged;

    OutgoingBatch(byte[] batch) {
        content = UnsafeByteOperations.unsafeWrap(batch);
    }

    @Override
    public ByteString getContent() {
        return content;
    }

    void entersLog() {
        perhapsLogged = true;
    }

    boolean perhapsLogged() {
        return perhapsLogged;
    }
}
