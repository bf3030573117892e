package org.svcshare.gate;

import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.List;

/// A selector-driven listener that hands out [NioStream]s and is gone when it says so.
final class NioDoor extends NioServerSocketChannel {
    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        SocketChannel client = javaChannel().accept();
        if (client == null) {
            return 0;
        }
        accepted.add(new NioStream(this, client));
        return 1;
    }

    @Override
    protected void doClose() throws Exception {
        SelectionKey key = isRegistered() ? registration().attachment() : null;
        super.doClose();
        if (key != null) {
            // The JDK keeps a closed socket listening until its selector has let go of the key.
            // What this finds ready is found again: selectors are level-triggered.
            key.cancel();
            key.selector().selectNow();
        }
    }
}
