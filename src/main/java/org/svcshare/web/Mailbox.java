package org.svcshare.web;

import io.vertx.core.Context;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/// How other threads hand something to an event loop: the loop is woken once for all that came
/// until it looks.
///
/// Holds no more than there are requests under way and streams open, and those are bounded.
final class Mailbox {
    private final Queue<Letter> letters = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Context loop;

    /// Something to do on the loop; must not block.
    interface Letter {
        void opened();
    }

    Mailbox(Context loop) {
        this.loop = loop;
    }

    /// Any thread.
    void post(Letter letter) {
        letters.add(letter);
        if (!woken.get() && woken.compareAndSet(false, true)) {
            loop.runOnContext(_ -> open());
        }
    }

    private void open() {
        woken.set(false);
        for (Letter letter = letters.poll(); letter != null; letter = letters.poll()) {
            letter.opened();
        }
    }
}
