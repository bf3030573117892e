package org.svcshare.web;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// Changes of nodes that hold only if a node is as it was seen (`If-Match`), one after the other:
/// each is judged by what the one before it has left. Any thread.
///
/// Holds no more than there are requests under way, and those are bounded.
final class NodeLine {
    private final Queue<Turn> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger length = new AtomicInteger();

    interface Turn {
        /// Must not block, and runs `done` once, now or later, on any thread.
        void take(Runnable done);
    }

    void stand(Turn turn) {
        waiting.add(turn);
        if (length.getAndIncrement() == 0) {
            next();
        }
    }

    private void next() {
        waiting.remove()
                .take(() -> {
                    if (length.decrementAndGet() > 0) {
                        next();
                    }
                });
    }
}
