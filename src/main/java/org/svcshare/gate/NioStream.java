package org.svcshare.gate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;

/// A selector-driven connection that can be written to directly.
final class NioStream extends NioSocketChannel {
    NioStream() {}

    NioStream(Channel parent, SocketChannel accepted) {
        super(parent, accepted);
    }

    int write(ByteBuf bytes) throws IOException {
        return bytes.readBytes(javaChannel(), bytes.readableBytes());
    }
}
