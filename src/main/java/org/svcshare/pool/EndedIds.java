package org.svcshare.pool;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Effect.Cause;

/// The ids of requests that have ended, for a bounded time and number: a repetition that comes late
/// is told how it ended, and does not take the lock anew.
final class EndedIds {
    private record End(Cause cause, long forgetMs) {}

    private final LinkedHashMap<RequestId, End> ends = new LinkedHashMap<>();
    private long keepMs;
    private int room;

    void limits(long keepMs, int room) {
        this.keepMs = keepMs;
        this.room = room;
        while (ends.size() > room) {
            ends.pollFirstEntry();
        }
    }

    void add(RequestId id, Cause cause, long nowMs) {
        if (room == 0) {
            return;
        }
        if (ends.size() >= room) {
            ends.pollFirstEntry();
        }
        ends.put(id, new End(cause, nowMs + keepMs));
    }

    @Nullable Cause cause(RequestId id) {
        End end = ends.get(id);
        return end == null ? null : end.cause;
    }

    /// Forgets what is old.
    void pass(long nowMs) {
        for (var first = ends.firstEntry();
                first != null && first.getValue().forgetMs < nowMs;
                first = ends.firstEntry()) {
            ends.pollFirstEntry();
        }
    }

    /// Oldest first.
    List<TableImage.EndedImage> images() {
        var images = new ArrayList<TableImage.EndedImage>(ends.size());
        ends.forEach(
                (id, end) -> images.add(new TableImage.EndedImage(id, end.cause, end.forgetMs)));
        return images;
    }

    void restore(TableImage.EndedImage image) {
        ends.put(image.id(), new End(image.cause(), image.forgetMs()));
    }
}
