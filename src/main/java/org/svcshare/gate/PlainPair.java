package org.svcshare.gate;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Endpoint;

/// A pair of plain sockets on a selector.
final class PlainPair extends Pair {
    private final SelectorLoop loop;
    private final PlainSide client;
    private final PlainFlow up;
    private final PlainFlow down;
    private @Nullable PlainSide service;
    private Dialer.@Nullable Attempt attempt;

    PlainPair(
            long id,
            Lane lane,
            SelectorLoop loop,
            PlainBuffers buffers,
            SocketChannel accepted,
            Owner owner) {
        super(id, lane, Door.peer(accepted), owner);
        this.loop = loop;
        client = new PlainSide(this, loop, accepted);
        up = new PlainFlow(this, up(), buffers);
        down = new PlainFlow(this, down(), buffers);
    }

    @Override
    boolean adoptClient() {
        try {
            client.channel().configureBlocking(false);
            client.channel().setOption(StandardSocketOptions.TCP_NODELAY, true);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    @Override
    public void connect(InetSocketAddress address, Endpoint target, Dialer.Attempt begun) {
        if (!mayPass()) {
            return;
        }
        try {
            SocketChannel channel =
                    SocketChannel.open(
                            address.getAddress() instanceof Inet4Address
                                    ? StandardProtocolFamily.INET
                                    : StandardProtocolFamily.INET6);
            PlainSide candidate = new PlainSide(this, loop, channel);
            service = candidate;
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            // On loopback it is connected as soon as one asks a second time.
            if (!channel.connect(address) && !channel.finishConnect()) {
                attempt = begun;
                candidate.want(SelectionKey.OP_CONNECT);
                return;
            }
        } catch (IOException | UnsupportedOperationException e) {
            begun.failed(Problems.of(e));
            return;
        }
        begun.succeeded();
    }

    @Override
    public void hangUp() {
        PlainSide unwanted = service;
        service = null;
        attempt = null;
        if (unwanted != null) {
            unwanted.reset();
        }
    }

    @Override
    void join() {
        PlainSide reached = service;
        if (reached == null) {
            throw new IllegalStateException("joined with nobody");
        }
        up.connect(client, reached);
        down.connect(reached, client);
        try {
            reached.want(SelectionKey.OP_READ);
            client.want(SelectionKey.OP_READ);
        } catch (IOException _) {
            reset();
            return;
        }
        // A client that speaks first has often spoken by now.
        up.readable();
    }

    void ready(PlainSide side, int operations) {
        Dialer.Attempt begun = attempt;
        if (begun != null) {
            if (side.equals(service)) {
                finishConnect(side, begun);
            }
            return;
        }
        boolean fromClient = side.equals(client);
        if ((operations & SelectionKey.OP_WRITE) != 0 && !over()) {
            (fromClient ? down : up).writable();
        }
        if ((operations & SelectionKey.OP_READ) != 0 && !over()) {
            (fromClient ? up : down).readable();
        }
    }

    private void finishConnect(PlainSide candidate, Dialer.Attempt begun) {
        try {
            if (!candidate.channel().finishConnect()) {
                return;
            }
            candidate.unwant(SelectionKey.OP_CONNECT);
        } catch (IOException e) {
            attempt = null;
            begun.failed(Problems.of(e));
            return;
        }
        attempt = null;
        begun.succeeded();
    }

    /// One direction has passed on all it had: its end follows.
    void finished(PlainSide destination) {
        if (up.finished() && down.finished()) {
            // Closing sends what end is left to be sent, and both inputs were read to theirs.
            end();
            return;
        }
        try {
            destination.channel().shutdownOutput();
        } catch (IOException _) {
            reset();
        }
    }

    @Override
    void cut() {
        up.drop();
        down.drop();
        client.reset();
        if (service != null) {
            service.reset();
        }
    }

    @Override
    void part() {
        client.close();
        if (service != null) {
            service.close();
        }
    }
}
