package org.svcshare.gate;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/// One socket of a plain pair, and what it wants to hear of from the selector.
///
/// Registered with the first thing it waits for. The selector tells the kernel only what has
/// changed between two turns. Owned by the event loop.
final class PlainSide implements SelectorLoop.Ready {
    private final PlainPair pair;
    private final SelectorLoop loop;
    private final SocketChannel channel;
    private @Nullable SelectionKey key;
    private int interest;

    PlainSide(PlainPair pair, SelectorLoop loop, SocketChannel channel) {
        this.pair = pair;
        this.loop = loop;
        this.channel = channel;
    }

    SocketChannel channel() {
        return channel;
    }

    /// @param operation of [SelectionKey]
    void want(int operation) throws ClosedChannelException {
        set(interest | operation);
    }

    void unwant(int operation) throws ClosedChannelException {
        set(interest & ~operation);
    }

    private void set(int wanted) throws ClosedChannelException {
        if (wanted == interest) {
            return;
        }
        interest = wanted;
        if (key == null) {
            key = loop.register(channel, wanted, this);
        } else {
            key.interestOps(wanted);
        }
    }

    @Override
    public void ready(SelectionKey ready) {
        pair.ready(this, ready.readyOps());
    }

    @Override
    public void failed() {
        pair.reset();
    }

    /// Closes after everything was said.
    void close() {
        if (key == null) {
            try {
                channel.close();
            } catch (IOException _) {
                // Nothing is left of it.
            }
        } else {
            loop.close(key, channel);
        }
    }

    void reset() {
        Sockets.reset(channel);
    }
}
