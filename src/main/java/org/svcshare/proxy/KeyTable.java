package org.svcshare.proxy;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The idempotency keys of writes, for as long as they are remembered: those that clients chose,
/// and in a group for a short time those that they did not, since a write may be brought to one
/// leader after the other. For the thread that owns the replicas.
final class KeyTable {
    static final int MOST = 200_000;
    private static final long MOST_ANSWER_BYTES = 16L << 20;
    private static final int LONGEST_ANSWER = 64 << 10;

    /// Much longer than a write is brought to one leader after the other.
    private static final long PASSING_MS = 120_000;

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
    private final boolean others;
    private final Map<String, Known> known = new LinkedHashMap<>();

    /// Those that no client chose.
    private final Map<String, Known> passing = new LinkedHashMap<>();

    private long answerBytes;

    /// @param others whether the keys that clients did not choose are remembered as well
    KeyTable(long liveMs, boolean others) {
        this.liveMs = liveMs;
        this.others = others;
    }

    /// Whether the key of a write is one to be remembered.
    boolean has(WriteRequest write) {
        return others || write.ofClient();
    }

    Optional<Known> find(String key) {
        Known write = known.get(key);
        return Optional.ofNullable(write == null ? passing.get(key) : write);
    }

    /// @return of no use where the key is not one to be remembered
    Known add(WriteRequest request) {
        var write = new Known(request.fingerprint(), request.tag(), request.atMs());
        if (request.ofClient()) {
            add(request.key(), write);
        } else if (others) {
            expire(passing, write.atMs, PASSING_MS);
            passing.put(request.key(), write);
        }
        return write;
    }

    void add(String key, Known write) {
        expire(known, write.atMs, liveMs);
        known.put(key, write);
    }

    /// A write that did not get into the log.
    void remove(String key) {
        passing.remove(key);
        Known gone = known.remove(key);
        if (gone != null) {
            forget(gone);
        }
    }

    /// What its client was told, so that he can be told again.
    void answered(String key, int status, @Nullable NodeAnswer answer) {
        agreed(key, status);
        Known write = known.get(key);
        if (write != null && answer != null && answer.body().readableBytes() <= LONGEST_ANSWER) {
            write.answer = answer;
            answerBytes += weight(answer);
            shed();
        }
    }

    /// What the nodes agreed on.
    void agreed(String key, int status) {
        find(key).ifPresent(write -> write.status = status);
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

    private void expire(Map<String, Known> from, long nowMs, long limitMs) {
        for (Iterator<Known> oldest = from.values().iterator(); oldest.hasNext(); ) {
            Known write = oldest.next();
            boolean old = nowMs - write.atMs > limitMs || from.size() >= MOST;
            if (!old) {
                return;
            }
            forget(write);
            oldest.remove();
        }
    }

    /// Those that clients chose.
    void each(BiConsumer<String, Known> consumer) {
        known.forEach(consumer);
    }
}
