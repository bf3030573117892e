package org.svcshare.proxy;

import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The newest writes, in memory up to a bound: nodes that keep up never make us read the log. For
/// the thread that owns the replicas.
final class Recent {
    private final long mostBytes;
    private final TreeMap<Long, WriteRequest> requests = new TreeMap<>();
    private long bytes;

    Recent(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    void add(long position, WriteRequest request) {
        requests.put(position, request);
        bytes += request.weightBytes();
        while (bytes > mostBytes && requests.size() > 1) {
            bytes -= requests.pollFirstEntry().getValue().weightBytes();
        }
    }

    @Nullable WriteRequest get(long position) {
        return requests.get(position);
    }

    /// Forgets those up to a position.
    void doneUpTo(long position) {
        while (!requests.isEmpty() && requests.firstKey() <= position) {
            bytes -= requests.pollFirstEntry().getValue().weightBytes();
        }
    }
}
