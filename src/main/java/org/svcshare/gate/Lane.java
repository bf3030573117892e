package org.svcshare.gate;

import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// One event loop of a gate with the connections on it, their turns and their clock.
///
/// Everything here but the constructor belongs to the event loop.
final class Lane {

    /// A flow that waits for the bandwidth limit.
    interface Parked {
        void requestRead();
    }

    private static final long MOST_TICK_MILLIS = 500;
    private static final long LEAST_TICK_MILLIS = 5;
    private static final long LEAST_PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Relay relay;
    private final Shaping shaping;
    private final Tally tally;
    private final Validity validity;
    private final Set<Pair> pairs = new LinkedHashSet<>();
    private final Map<Direction, Parking> parking = new EnumMap<>(Direction.class);
    private final long idleNanos;
    private final long tickNanos;
    private boolean ticking;

    private static final class Parking {
        final ArrayDeque<Parked> flows = new ArrayDeque<>();
        boolean waking;
        long shareBytes = Long.MAX_VALUE;
    }

    /// @param idle zero for no idle timeout
    Lane(
            Relay relay,
            Shaping shaping,
            Tally tally,
            Validity validity,
            Duration connect,
            Duration idle) {
        this.relay = relay;
        this.shaping = shaping;
        this.tally = tally;
        this.validity = validity;
        idleNanos = idle.toNanos();
        long shortest =
                idle.isZero() ? connect.toMillis() : Math.min(connect.toMillis(), idle.toMillis());
        tickNanos =
                TimeUnit.MILLISECONDS.toNanos(
                        Math.clamp(shortest / 16, LEAST_TICK_MILLIS, MOST_TICK_MILLIS));
        for (Direction direction : Direction.values()) {
            parking.put(direction, new Parking());
        }
    }

    Loop loop() {
        return relay.loop();
    }

    Relay relay() {
        return relay;
    }

    Shaping shaping() {
        return shaping;
    }

    Tally tally() {
        return tally;
    }

    Validity validity() {
        return validity;
    }

    Pair pair(long id, SocketChannel client, Pair.Owner owner) {
        return relay.pair(id, this, client, owner);
    }

    void add(Pair pair) {
        pairs.add(pair);
        if (!ticking) {
            ticking = true;
            loop().schedule(this::tick, tickNanos);
        }
    }

    void remove(Pair pair) {
        pairs.remove(pair);
    }

    /// @return how many were cut
    int resetAll() {
        var all = new ArrayList<>(pairs);
        all.forEach(Pair::reset);
        relay.letGo();
        return all.size();
    }

    /// What one flow may take at a time, so that all that wait get something.
    long shareBytes(Direction direction) {
        return parking(direction).shareBytes;
    }

    /// Asks the flow to read again when the bandwidth limit allows it.
    void park(Parked flow, Direction direction) {
        Parking parked = parking(direction);
        parked.flows.add(flow);
        if (!parked.waking) {
            parked.waking = true;
            long wait = shaping.bucket(direction).nanosUntilWorthwhile(System.nanoTime());
            loop().schedule(() -> wake(direction), Math.max(wait, LEAST_PARK_NANOS));
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
        parked.shareBytes = waiting == 1 ? Long.MAX_VALUE : available / waiting;
        for (int i = 0; i < waiting; i++) {
            Parked flow = parked.flows.poll();
            if (flow != null) {
                flow.requestRead();
            }
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
        loop().schedule(this::tick, tickNanos);
    }
}
