package org.svcshare.gate;

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
abstract class Pair implements Dialer.Line {

    /// Told on the pair's event loop.
    interface Owner {
        void connected(Pair pair);

        void unreachable(Pair pair, String why);

        /// Called once, when both sockets are closed.
        void ended(Pair pair);
    }

    private final long id;
    private final Lane lane;
    private final @Nullable InetSocketAddress clientAddress;
    private final Owner owner;
    private final Instant since = Instant.now();
    private final Meter up;
    private final Meter down;

    private volatile String target = "";
    private @Nullable Dialer dialer;
    private boolean joined;
    private boolean over;
    private boolean touched = true;
    private long touchedNanos;

    Pair(long id, Lane lane, @Nullable InetSocketAddress clientAddress, Owner owner) {
        this.id = id;
        this.lane = lane;
        this.clientAddress = clientAddress;
        this.owner = owner;
        up = new Meter(lane, Direction.UP);
        down = new Meter(lane, Direction.DOWN);
    }

    final long id() {
        return id;
    }

    final Lane lane() {
        return lane;
    }

    final Meter up() {
        return up;
    }

    final Meter down() {
        return down;
    }

    final boolean over() {
        return over;
    }

    final GateCounts.Connection counts() {
        return new GateCounts.Connection(
                id, text(clientAddress), target, since, up.movedBytes(), down.movedBytes());
    }

    /// Looks for the service.
    final void begin(Dialer path) {
        lane.add(this);
        dialer = path;
        if (!adoptClient()) {
            reset();
        } else if (mayPass()) {
            path.dial(this);
        }
    }

    /// Whether anything may go through still; cuts the connection when not. To be asked right
    /// before what it is asked for.
    final boolean mayPass() {
        if (lane.validity().holds()) {
            return true;
        }
        reset();
        return false;
    }

    /// @return false when nothing can be done with the client's socket
    abstract boolean adoptClient();

    /// Lets the bytes flow between the client and what the last [#connect] reached.
    abstract void join();

    /// Resets both sockets, with or without a service; nothing is counted later.
    abstract void cut();

    /// Closes both sockets, which have nothing more to say.
    abstract void part();

    @Override
    public final void connected(Endpoint endpoint) {
        dialer = null;
        if (!mayPass()) {
            return;
        }
        joined = true;
        target = endpoint.toString();
        owner.connected(this);
        join();
    }

    @Override
    public final void unreachable(String why) {
        dialer = null;
        if (!over) {
            owner.unreachable(this, why);
            reset();
        }
    }

    /// Something moved; keeps the idle timeout away.
    final void touched() {
        touched = true;
    }

    /// Called from time to time.
    final void tick(long nowNanos, long idleNanos) {
        if (dialer != null) {
            dialer.tick(nowNanos);
        }
        if (touched) {
            touched = false;
            touchedNanos = nowNanos;
        } else if (joined && idleNanos > 0 && nowNanos - touchedNanos >= idleNanos) {
            reset();
        }
    }

    /// Cuts both sides: a reset, and what was not sent yet is dropped.
    final void reset() {
        if (over) {
            return;
        }
        over = true;
        if (dialer != null) {
            dialer.cancel();
        }
        cut();
        left();
    }

    /// Both directions have ended.
    final void end() {
        over = true;
        part();
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
