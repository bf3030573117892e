package org.svcshare.proxy;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The idempotency keys that clients chose, for as long as they are remembered. For the thread that
/// owns the replicas.
final class KeyTable {
    private static final int MOST = 200_000;
    private static final long MOST_ANSWER_BYTES = 16L << 20;
    private static final int LONGEST_ANSWER = 64 << 10;

    /// One write under a key.
    static final class Known {
        final long fingerprint;
        final long atMs;
        final long tag;

        /// 0 while it is on its way into the log.
        long position;

        /// What was agreed on; 0 while nothing was.
        int status;

        @Nullable NodeAnswer answer;

        Known(long fingerprint, long tag, long atMs) {
            this.fingerprint = fingerprint;
            this.tag = tag;
            this.atMs = atMs;
        }

        String id() {
            return position + "-" + Long.toHexString(tag);
        }
    }

    private final long liveMs;
    private final Map<String, Known> known = new LinkedHashMap<>();
    private long answerBytes;

    KeyTable(long liveMs) {
        this.liveMs = liveMs;
    }

    Optional<Known> find(String key) {
        return Optional.ofNullable(known.get(key));
    }

    void add(String key, Known write) {
        expire(write.atMs);
        known.put(key, write);
    }

    /// A write that did not get into the log.
    void remove(String key) {
        Known gone = known.remove(key);
        if (gone != null) {
            forget(gone);
        }
    }

    /// What its client was told, so that he can be told again.
    void answered(String key, int status, @Nullable NodeAnswer answer) {
        Known write = known.get(key);
        if (write == null) {
            return;
        }
        write.status = status;
        if (answer != null && answer.body().readableBytes() <= LONGEST_ANSWER) {
            write.answer = answer;
            answerBytes += weight(answer);
            shed();
        }
    }

    /// What the nodes agreed on.
    void agreed(String key, int status) {
        Known write = known.get(key);
        if (write != null) {
            write.status = status;
        }
    }

    private static long weight(NodeAnswer answer) {
        return answer.body().readableBytes() + 512L;
    }

    /// The oldest answers go first; that they were given is still known.
    private void shed() {
        for (Iterator<Known> oldest = known.values().iterator();
                answerBytes > MOST_ANSWER_BYTES && oldest.hasNext(); ) {
            forget(oldest.next());
        }
    }

    private void forget(Known write) {
        NodeAnswer answer = write.answer;
        if (answer != null) {
            answerBytes -= weight(answer);
            write.answer = null;
        }
    }

    private void expire(long nowMs) {
        for (Iterator<Known> oldest = known.values().iterator(); oldest.hasNext(); ) {
            Known write = oldest.next();
            boolean old = nowMs - write.atMs > liveMs || known.size() >= MOST;
            if (!old) {
                return;
            }
            forget(write);
            oldest.remove();
        }
    }

    void each(BiConsumer<String, Known> consumer) {
        known.forEach(consumer);
    }
}
