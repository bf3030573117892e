package org.svcshare.gate;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// One event loop of a gate with the connections on it, its read buffers and its clock.
///
/// Everything here but the constructor belongs to the event loop.
final class Lane {
    private static final long MOST_TICK_MILLIS = 500;
    private static final long LEAST_TICK_MILLIS = 5;
    private static final long LEAST_PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final EventLoop loop;
    private final Shaping shaping;
    private final Tally tally;
    private final ReadBuffers buffers = new ReadBuffers();
    private final Set<Pair> pairs = new LinkedHashSet<>();
    private final Map<Direction, Parking> parking = new EnumMap<>(Direction.class);
    private final long idleNanos;
    private final long tickMillis;
    private boolean ticking;

    /// Flows of one direction that wait for the bandwidth limit.
    private static final class Parking {
        final ArrayDeque<Flow> flows = new ArrayDeque<>();
        boolean waking;
        long shareBytes = ReadBuffers.SIZE_BYTES;
    }

    /// @param idle zero for no idle timeout
    Lane(EventLoop loop, Shaping shaping, Tally tally, Duration connect, Duration idle) {
        this.loop = loop;
        this.shaping = shaping;
        this.tally = tally;
        idleNanos = idle.toNanos();
        long shortest =
                idle.isZero() ? connect.toMillis() : Math.min(connect.toMillis(), idle.toMillis());
        tickMillis = Math.clamp(shortest / 16, LEAST_TICK_MILLIS, MOST_TICK_MILLIS);
        for (Direction direction : Direction.values()) {
            parking.put(direction, new Parking());
        }
    }

    EventLoop loop() {
        return loop;
    }

    Shaping shaping() {
        return shaping;
    }

    Tally tally() {
        return tally;
    }

    ReadBuffers buffers() {
        return buffers;
    }

    void register(Channel channel) {
        var _ = loop.register(channel);
    }

    void add(Pair pair) {
        pairs.add(pair);
        if (!ticking) {
            ticking = true;
            var _ = loop.schedule(this::tick, tickMillis, TimeUnit.MILLISECONDS);
        }
    }

    void remove(Pair pair) {
        pairs.remove(pair);
    }

    /// @return how many were cut
    int resetAll() {
        var all = new ArrayList<>(pairs);
        all.forEach(Pair::reset);
        return all.size();
    }

    /// What one flow may take at a time, so that all that wait get something.
    long shareBytes(Direction direction) {
        return parking(direction).shareBytes;
    }

    /// Asks the flow to read again when the bandwidth limit allows it.
    void park(Flow flow, Direction direction) {
        Parking parked = parking(direction);
        parked.flows.add(flow);
        if (!parked.waking) {
            parked.waking = true;
            long wait = shaping.bucket(direction).nanosUntilWorthwhile(System.nanoTime());
            var _ =
                    loop.schedule(
                            () -> wake(direction),
                            Math.max(wait, LEAST_PARK_NANOS),
                            TimeUnit.NANOSECONDS);
        }
    }

    /// Lets all parked flows try again; also called when the limit was changed.
    void wake(Direction direction) {
        Parking parked = parking(direction);
        parked.waking = false;
        int waiting = parked.flows.size();
        if (waiting == 0) {
            return;
        }
        long available = shaping.bucket(direction).available(System.nanoTime());
        parked.shareBytes = waiting == 1 ? ReadBuffers.SIZE_BYTES : available / waiting;
        for (int i = 0; i < waiting; i++) {
            Flow flow = parked.flows.poll();
            if (flow != null) {
                flow.requestRead();
            }
        }
    }

    void free() {
        buffers.free();
    }

    /// Sends a reset, or nothing where nothing was connected, and drops what was not sent.
    static void reset(Channel channel) {
        if (channel.isOpen()) {
            if (channel instanceof SocketChannel socket) {
                try {
                    socket.config().setSoLinger(0);
                } catch (RuntimeException _) {
                    // Already dead: closing is all that is left.
                }
            }
            close(channel);
        }
    }

    /// Closes past the pipeline: TLS has said its goodbye, or shall not say one.
    static void close(Channel channel) {
        if (channel.isRegistered()) {
            channel.unsafe().close(channel.voidPromise());
        } else {
            channel.unsafe().closeForcibly();
        }
    }

    private Parking parking(Direction direction) {
        Parking parked = parking.get(direction);
        if (parked == null) {
            throw new IllegalStateException("no parking for " + direction);
        }
        return parked;
    }

    private void tick() {
        if (pairs.isEmpty()) {
            ticking = false;
            return;
        }
        long now = System.nanoTime();
        for (Pair pair : new ArrayList<>(pairs)) {
            pair.tick(now, idleNanos);
        }
        var _ = loop.schedule(this::tick, tickMillis, TimeUnit.MILLISECONDS);
    }
}
