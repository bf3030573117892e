package org.svcshare.proxy;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.svcshare.replica.NodeCounts;
import org.svcshare.replica.RequestKind;

/// What became of one node's requests since the start. Any thread.
final class NodeTally {
    private final Map<RequestKind, LongAdder> success = adders();
    private final Map<RequestKind, LongAdder> failure = adders();
    private final Map<RequestKind, LongAdder> queued = adders();
    private final AtomicInteger underWay = new AtomicInteger();

    private static Map<RequestKind, LongAdder> adders() {
        var adders = new EnumMap<RequestKind, LongAdder>(RequestKind.class);
        for (RequestKind kind : RequestKind.values()) {
            adders.put(kind, new LongAdder());
        }
        return Collections.unmodifiableMap(adders);
    }

    private static LongAdder of(Map<RequestKind, LongAdder> adders, RequestKind kind) {
        return Objects.requireNonNull(adders.get(kind));
    }

    void given(RequestKind kind) {
        of(queued, kind).increment();
    }

    void taken(RequestKind kind) {
        of(queued, kind).decrement();
    }

    /// One attempt that ended.
    void ended(RequestKind kind, boolean good) {
        of(good ? success : failure, kind).increment();
    }

    /// Nothing is queued: whatever was removed from the queue in other ways is not counted on.
    void nothingQueued() {
        for (RequestKind kind : RequestKind.values()) {
            if (writes(kind)) {
                of(queued, kind).reset();
            }
        }
    }

    private static boolean writes(RequestKind kind) {
        return switch (kind) {
            case GET, HEAD, OPTIONS -> false;
            case POST, PUT, PATCH, DELETE, OTHER -> true;
        };
    }

    void began() {
        underWay.incrementAndGet();
    }

    void ended() {
        underWay.decrementAndGet();
    }

    int underWay() {
        return underWay.get();
    }

    NodeCounts counts() {
        var counts = new EnumMap<RequestKind, NodeCounts.Count>(RequestKind.class);
        for (RequestKind kind : RequestKind.values()) {
            counts.put(
                    kind,
                    new NodeCounts.Count(
                            of(success, kind).sum(),
                            of(failure, kind).sum(),
                            Math.max(0, of(queued, kind).sum())));
        }
        return new NodeCounts(counts);
    }
}
