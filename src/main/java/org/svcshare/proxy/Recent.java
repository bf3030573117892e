package org.svcshare.proxy;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The newest writes, in memory up to a bound: nodes that keep up never make us read the log. For
/// the thread that owns the replicas.
final class Recent {
    private final long mostBytes;

    /// By position, in its order.
    private final Map<Long, WriteRequest> requests = new LinkedHashMap<>();

    private long bytes;

    Recent(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    void add(long position, WriteRequest request) {
        requests.put(position, request);
        bytes += request.weightBytes();
        var oldest = requests.values().iterator();
        while (bytes > mostBytes && requests.size() > 1) {
            bytes -= oldest.next().weightBytes();
            oldest.remove();
        }
    }

    @Nullable WriteRequest get(long position) {
        return requests.get(position);
    }

    /// Forgets those up to a position.
    void doneUpTo(long position) {
        for (Iterator<Map.Entry<Long, WriteRequest>> oldest = requests.entrySet().iterator();
                oldest.hasNext(); ) {
            Map.Entry<Long, WriteRequest> entry = oldest.next();
            if (entry.getKey() > position) {
                return;
            }
            bytes -= entry.getValue().weightBytes();
            oldest.remove();
        }
    }
}
