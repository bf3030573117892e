package org.svcshare.gate;

import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Endpoint;

/// A client and the service behind the gate, joined.
///
/// The end of a stream is passed on per direction, after everything before it (half-close); when
/// both directions have ended both sockets close without a reset. Everything else that ends a
/// connection resets both sides, so that what was cut off never looks complete. Owned by the event
/// loop of its lane; what a [GateCounts.Connection] shows may be read by anybody.
final class Pair implements Dialer.Outcome {

    /// Told on the pair's event loop.
    interface Owner {
        void connected(Pair pair);

        void unreachable(Pair pair, String why);

        /// Called once, when both sockets are closed.
        void ended(Pair pair);
    }

    private final long id;
    private final Lane lane;
    private final NioStream client;
    private final @Nullable InetSocketAddress clientAddress;
    private final Owner owner;
    private final Instant since = Instant.now();
    private final Flow up;
    private final Flow down;

    private volatile String target = "";
    private @Nullable NioStream service;
    private @Nullable Dialer dialer;
    private int shut;
    private boolean over;
    private boolean touched = true;
    private long touchedNanos;

    Pair(long id, Lane lane, NioStream client, Owner owner) {
        this.id = id;
        this.lane = lane;
        this.client = client;
        this.clientAddress = client.remoteAddress();
        this.owner = owner;
        up = new Flow(this, lane, Direction.UP);
        down = new Flow(this, lane, Direction.DOWN);
    }

    long id() {
        return id;
    }

    Lane lane() {
        return lane;
    }

    boolean over() {
        return over;
    }

    GateCounts.Connection counts() {
        return new GateCounts.Connection(
                id, text(clientAddress), target, since, up.movedBytes(), down.movedBytes());
    }

    /// Takes over the client's channel, which is not registered yet or was held, and looks for the
    /// service.
    void begin(Dialer path) {
        lane.add(this);
        dialer = path;
        up.from(client);
        adopt(client, up);
        if (!client.isRegistered()) {
            lane.register(client);
        }
        if (!over) {
            path.dial(this);
        }
    }

    @Override
    public void prepare(NioStream candidate) {
        adopt(candidate, down);
    }

    private void adopt(NioStream channel, Flow flow) {
        channel.config()
                .setAutoRead(false)
                .setAllowHalfClosure(true)
                .setRecvByteBufAllocator(new ReadSizes(flow, lane.buffers()));
        channel.pipeline().addLast(new Side(this, flow, channel));
    }

    @Override
    public void connected(NioStream channel, Endpoint endpoint) {
        dialer = null;
        if (over) {
            Lane.reset(channel);
            return;
        }
        service = channel;
        target = endpoint.toString();
        owner.connected(this);
        boolean sealed = channel.pipeline().get(SslHandler.class) != null;
        down.connect(channel, client, false);
        if (!over) {
            up.connect(client, channel, sealed);
        }
    }

    @Override
    public void unreachable(String why) {
        dialer = null;
        if (!over) {
            owner.unreachable(this, why);
            reset();
        }
    }

    /// Something moved; keeps the idle timeout away.
    void touched() {
        touched = true;
    }

    /// Called from time to time.
    void tick(long nowNanos, long idleNanos) {
        if (dialer != null) {
            dialer.tick(nowNanos);
        }
        if (touched) {
            touched = false;
            touchedNanos = nowNanos;
        } else if (service != null && idleNanos > 0 && nowNanos - touchedNanos >= idleNanos) {
            reset();
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
        if (over) {
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

    /// Cuts both sides: a reset, and what was not sent yet is dropped.
    void reset() {
        if (over) {
            return;
        }
        up.settle();
        down.settle();
        over = true;
        if (dialer != null) {
            dialer.cancel();
        }
        Lane.reset(client);
        if (service != null) {
            Lane.reset(service);
        }
        left();
    }

    private void end() {
        over = true;
        up.settle();
        down.settle();
        Lane.close(client);
        if (service != null) {
            Lane.close(service);
        }
        left();
    }

    private void left() {
        lane.remove(this);
        owner.ended(this);
    }

    private static String text(@Nullable InetSocketAddress address) {
        return address == null
                ? "gone"
                : new Endpoint(address.getAddress().getHostAddress(), address.getPort()).toString();
    }
}
