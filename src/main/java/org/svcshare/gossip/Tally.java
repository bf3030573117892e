package org.svcshare.gossip;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.StoreKeeper;

/// What a member counts. Any thread.
final class Tally {
    private static final Logger LOG = LoggerFactory.getLogger(Tally.class);

    private final Map<String, LongAdder> rejected = new ConcurrentHashMap<>();
    private final LongAdder receivedFrames = new LongAdder();
    private final LongAdder receivedBytes = new LongAdder();
    private final LongAdder events = new LongAdder();
    private final AtomicLong overruns = new AtomicLong();

    /// @param reason one of a few fixed words; the first of each is logged
    void rejected(String reason) {
        rejected(reason, "");
    }

    /// @param detail for the log
    void rejected(String reason, String detail) {
        LongAdder count = rejected.computeIfAbsent(reason, _ -> new LongAdder());
        if (count.sum() == 0) {
            LOG.info("not believed or not understood: {} {}", reason, detail);
        }
        count.increment();
    }

    void received(int sizeBytes) {
        receivedFrames.increment();
        receivedBytes.add(sizeBytes);
    }

    void told(GroupEvent event) {
        if (event instanceof GroupEvent.OfKey) {
            events.increment();
        }
    }

    /// There was too much to do, and one thing was dropped; the first is logged.
    void overrun() {
        if (overruns.getAndIncrement() == 0) {
            LOG.warn("more to do than can be done; something is dropped");
        }
    }

    /// Does it, and counts and logs a mistake in it, which must not end what comes after it.
    void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            rejected("internal-error");
            LOG.warn("a mistake of ours: {}", e.toString(), e);
        }
    }

    Map<String, Long> rejected() {
        var all = new TreeMap<String, Long>();
        rejected.forEach((reason, count) -> all.put(reason, count.sum()));
        return all;
    }

    Map<String, Long> counts(StoreKeeper keeper, Presence presence) {
        var counts = new TreeMap<>(keeper.counts());
        counts.put("frames_received", receivedFrames.sum());
        counts.put("bytes_received", receivedBytes.sum());
        counts.put("bytes_sent", presence.sentBytes());
        counts.put("frames_dropped", presence.droppedFrames() + overruns.get());
        counts.put("events", events.sum());
        return counts;
    }
}
