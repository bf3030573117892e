package org.svcshare.gate;

import java.nio.channels.SocketChannel;
import java.time.Duration;

/// Relays plain TCP on a JDK selector, with as few system calls as will do.
final class PlainRelay implements Relay {
    private final SelectorLoop loop;
    private final PlainBuffers buffers = new PlainBuffers();

    PlainRelay(SelectorLoop loop) {
        this.loop = loop;
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public void start() {
        loop.start();
    }

    @Override
    public Pair pair(long id, Lane lane, SocketChannel client, Pair.Owner owner) {
        return new PlainPair(id, lane, loop, buffers, client, owner);
    }

    @Override
    public void letGo() {
        loop.letGo();
    }

    @Override
    public void stop() {
        loop.stop();
    }

    @Override
    public void awaitEnd(Duration atMost) {
        loop.awaitEnd(atMost);
    }
}
