package org.svcshare.cluster;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.journal.SharedLog.Answerer;

/// Where another node brings questions to this one, over one line: several at once, answered in any
/// order.
final class SharedDesk {
    private static final Logger LOG = LoggerFactory.getLogger(SharedDesk.class);

    private final PeerLine line;
    private final Supplier<Answerer> answerer;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong openBytes = new AtomicLong();

    SharedDesk(PeerLine line, Supplier<Answerer> answerer) {
        this.line = line;
        this.answerer = answerer;
        line.widen();
    }

    void letter(ByteBuffer letter) {
        long call = letter.getLong();
        int bytes = letter.remaining();
        int questions = open.incrementAndGet();
        long together = openBytes.addAndGet(bytes);
        if (questions > AskLink.MOST_OPEN || together > AskLink.MOST_OPEN_BYTES) {
            // The other end does not wait any more for some of them.
            answer(call, bytes, null);
            return;
        }
        var answered = new AtomicBoolean();
        try {
            answerer.get()
                    .asked(
                            letter.slice().asReadOnlyBuffer(),
                            answer -> {
                                if (!answered.getAndSet(true)) {
                                    answer(call, bytes, answer);
                                }
                            });
        } catch (RuntimeException e) {
            LOG.error("a question of another node failed", e);
            if (!answered.getAndSet(true)) {
                answer(call, bytes, null);
            }
        }
    }

    private void answer(long call, int bytes, byte @Nullable [] answer) {
        open.decrementAndGet();
        openBytes.addAndGet(-bytes);
        boolean fits = answer == null || answer.length <= SharedEntry.MOST_RECORD_BYTES;
        if (!fits) {
            LOG.error("an answer of {} bytes is not sent", answer == null ? 0 : answer.length);
        }
        if (!line.send(Letters.answered(call, fits ? answer : null))) {
            line.close();
        }
    }
}
