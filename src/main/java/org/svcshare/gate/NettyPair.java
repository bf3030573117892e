package org.svcshare.gate;

import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Endpoint;

/// A pair of Netty channels, with TLS to the service where the settings want it.
final class NettyPair extends Pair {
    private final NettyRelay relay;
    private final SocketChannel accepted;
    private final NettyFlow up;
    private final NettyFlow down;
    private @Nullable NioStream client;
    private @Nullable NioStream service;
    private int shut;

    NettyPair(long id, Lane lane, NettyRelay relay, SocketChannel accepted, Owner owner) {
        super(id, lane, Door.peer(accepted), owner);
        this.relay = relay;
        this.accepted = accepted;
        up = new NettyFlow(this, relay, up());
        down = new NettyFlow(this, relay, down());
    }

    @Override
    boolean adoptClient() {
        NioStream channel;
        try {
            channel = new NioStream(accepted, lane().validity());
        } catch (RuntimeException _) {
            return false;
        }
        client = channel;
        up.from(channel);
        adopt(channel, up);
        var _ = relay.events().register(channel);
        return true;
    }

    @Override
    public void connect(InetSocketAddress address, Endpoint target, Dialer.Attempt attempt) {
        if (!mayPass()) {
            return;
        }
        NioStream channel;
        try {
            channel = new NioStream(lane().validity());
        } catch (RuntimeException e) {
            // Out of descriptors, most likely.
            attempt.failed(Problems.of(e));
            return;
        }
        service = channel;
        SslHandler secure =
                relay.tls().isPresent() ? relay.tls().get().handler(channel.alloc(), target) : null;
        if (secure != null) {
            secure.setHandshakeTimeoutMillis(0);
            secure.setWrapDataSize(NettyFlow.RECORD_BYTES);
            channel.pipeline().addLast(secure);
            secure.handshakeFuture()
                    .addListener(shaken -> {
                        if (shaken.isSuccess()) {
                            attempt.succeeded();
                        } else {
                            attempt.failed("TLS: " + Problems.of(shaken.cause()));
                        }
                    });
        }
        adopt(channel, down);
        channel.config().setConnectTimeoutMillis(0);
        var _ = relay.events().register(channel);
        channel.connect(address)
                .addListener(connected -> {
                    if (!connected.isSuccess()) {
                        attempt.failed(Problems.of(connected.cause()));
                    } else if (secure == null) {
                        attempt.succeeded();
                    } else if (attempt.current()) {
                        channel.read();
                    }
                });
    }

    @Override
    public void hangUp() {
        NioStream unwanted = service;
        service = null;
        if (unwanted != null) {
            reset(unwanted);
        }
    }

    private void adopt(NioStream channel, NettyFlow flow) {
        channel.config()
                .setAutoRead(false)
                .setAllowHalfClosure(true)
                .setRecvByteBufAllocator(new ReadSizes(flow, relay.buffers()));
        channel.pipeline().addLast(new NettySide(this, flow, channel));
    }

    @Override
    void join() {
        NioStream from = client;
        NioStream reached = service;
        if (from == null || reached == null) {
            throw new IllegalStateException("joined with nobody");
        }
        down.connect(reached, from, false);
        if (!over()) {
            up.connect(from, reached, relay.tls().isPresent());
        }
    }

    /// Passes the end of one direction on, as FIN; for TLS after a close_notify (RFC 8446 6.1).
    void shutOutput(NioStream destination, boolean sealed) {
        SslHandler tls = sealed ? destination.pipeline().get(SslHandler.class) : null;
        if (tls == null) {
            shutOutput(destination);
            return;
        }
        var told = destination.newPromise();
        told.addListener(done -> {
            if (done.isSuccess()) {
                shutOutput(destination);
            } else {
                reset();
            }
        });
        var _ = tls.closeOutbound(told);
    }

    private void shutOutput(NioStream destination) {
        // An end that is passed on would make what was cut off look complete.
        if (over() || !mayPass()) {
            return;
        }
        var done = destination.newPromise();
        var _ = destination.shutdownOutput(done);
        if (!done.isSuccess()) {
            reset();
            return;
        }
        shut++;
        if (shut == 2) {
            end();
        }
    }

    @Override
    void cut() {
        up.settle();
        down.settle();
        if (client == null) {
            Sockets.reset(accepted);
        } else {
            reset(client);
        }
        if (service != null) {
            reset(service);
        }
    }

    @Override
    void part() {
        up.settle();
        down.settle();
        if (client != null) {
            close(client);
        }
        if (service != null) {
            close(service);
        }
    }

    /// Sends a reset, or nothing where nothing was connected, and drops what was not sent.
    private static void reset(NioStream channel) {
        if (channel.isOpen()) {
            try {
                channel.config().setSoLinger(0);
            } catch (RuntimeException _) {
                // Already dead: closing is all that is left.
            }
            close(channel);
        }
    }

    /// Closes past the pipeline: TLS has said its goodbye, or shall not say one.
    private static void close(NioStream channel) {
        if (channel.isRegistered()) {
            channel.unsafe().close(channel.voidPromise());
        } else {
            channel.unsafe().closeForcibly();
        }
    }
}
