package org.svcshare.gate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Clients that wait for the gate to open, in the order they came; nothing of theirs is read.
///
/// Owned by the gate's first event loop, on which they are registered only once they may pass.
final class HeldClients {
    /// Beyond this many a client is reset at once.
    static final int MOST = 512;

    private final Lane lane;
    private final long limitNanos;
    private final Map<NioStream, Long> arrivedNanos = new LinkedHashMap<>();
    private boolean checking;

    /// @param limit how long one may wait
    HeldClients(Lane lane, Duration limit) {
        this.lane = lane;
        limitNanos = limit.toNanos();
    }

    void hold(NioStream client) {
        if (arrivedNanos.size() >= MOST) {
            Lane.reset(client);
            return;
        }
        arrivedNanos.put(client, System.nanoTime());
        if (!checking) {
            checkLater(limitNanos);
        }
    }

    /// @return all who still wait, who then wait no longer
    List<NioStream> leave() {
        var waiting = new ArrayList<>(arrivedNanos.keySet());
        arrivedNanos.clear();
        return waiting;
    }

    private void checkLater(long delayNanos) {
        checking = true;
        var _ = lane.loop().schedule(this::check, Math.max(delayNanos, 0), TimeUnit.NANOSECONDS);
    }

    private void check() {
        checking = false;
        long now = System.nanoTime();
        Iterator<Map.Entry<NioStream, Long>> oldest = arrivedNanos.entrySet().iterator();
        while (oldest.hasNext()) {
            var next = oldest.next();
            long left = limitNanos - (now - next.getValue());
            if (left > 0) {
                checkLater(left);
                return;
            }
            oldest.remove();
            Lane.reset(next.getKey());
        }
    }
}
