package org.svcshare.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Whom this node, when it leads, tells at once of what is committed: nodes that lately brought
/// something, since somebody waits there. For any thread.
///
/// The others hear of it with the next entry, or after [#SOON]. Half of all messages between busy
/// nodes are saved by that.
final class Attention {
    static final Duration SOON = Duration.ofMillis(2);

    private static final Duration LATELY = Duration.ofSeconds(1);
    private static final int MOST_NODES = 64;

    private final Map<String, Long> asked = new ConcurrentHashMap<>();

    /// A node brought something.
    void asked(String node) {
        if (asked.size() < MOST_NODES || asked.containsKey(node)) {
            asked.put(node, System.nanoTime());
        }
    }

    boolean to(String node) {
        Long last = asked.get(node);
        return last != null && System.nanoTime() - last < LATELY.toNanos();
    }
}
