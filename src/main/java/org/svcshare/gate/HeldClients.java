package org.svcshare.gate;

import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Clients that wait for the gate to open, in the order they came; nothing of theirs is read.
///
/// Owned by the gate's home loop; registered nowhere before they may pass.
final class HeldClients {
    /// Beyond this many a client is reset at once.
    static final int MOST = 512;

    private final Loop loop;
    private final long limitNanos;
    private final Map<SocketChannel, Long> arrivedNanos = new LinkedHashMap<>();
    private boolean checking;

    /// @param limit how long one may wait
    HeldClients(Loop loop, Duration limit) {
        this.loop = loop;
        limitNanos = limit.toNanos();
    }

    void hold(SocketChannel client) {
        if (arrivedNanos.size() >= MOST) {
            Sockets.reset(client);
            return;
        }
        arrivedNanos.put(client, System.nanoTime());
        if (!checking) {
            checkLater(limitNanos);
        }
    }

    /// @return all who still wait, who then wait no longer
    List<SocketChannel> leave() {
        var waiting = new ArrayList<>(arrivedNanos.keySet());
        arrivedNanos.clear();
        return waiting;
    }

    private void checkLater(long delayNanos) {
        checking = true;
        loop.schedule(this::check, Math.max(delayNanos, 0));
    }

    private void check() {
        checking = false;
        long now = System.nanoTime();
        Iterator<Map.Entry<SocketChannel, Long>> oldest = arrivedNanos.entrySet().iterator();
        while (oldest.hasNext()) {
            var next = oldest.next();
            long left = limitNanos - (now - next.getValue());
            if (left > 0) {
                checkLater(left);
                return;
            }
            oldest.remove();
            Sockets.reset(next.getKey());
        }
    }
}
