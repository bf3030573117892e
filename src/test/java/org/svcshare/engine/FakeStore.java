package org.svcshare.engine;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// A memcached in memory that does what a test wants it to.
final class FakeStore implements ValueStore {
    /// What happens to the next writes, in order; afterwards all goes well.
    enum Fate {
        WELL,
        /// Stored, but nobody is told.
        DONE_AND_LOST,
        /// Never arrives, and nobody is told.
        NOT_DONE_AND_LOST,
        /// Stored and not told, and then somebody else builds upon it.
        DONE_LOST_AND_OVERWRITTEN,
        /// Somebody else was faster.
        CONFLICT,
        /// Refused, as when memory is full.
        REFUSED
    }

    final Queue<Fate> fates = new ArrayDeque<>();
    private final Map<String, Stored> values = new HashMap<>();
    private String trouble = "";
    private long version;
    int reads;
    int writes;

    @Override
    public synchronized @Nullable Stored read(String key) throws StoreException {
        reads++;
        if (!trouble.isEmpty()) {
            throw new StoreException(trouble, false);
        }
        return values.get(key);
    }

    @Override
    public synchronized boolean replace(
            String key, @Nullable Stored seen, byte[] value, Duration keep) throws StoreException {
        if (!trouble.isEmpty()) {
            throw new StoreException(trouble, false);
        }
        Fate fate = fates.isEmpty() ? Fate.WELL : fates.remove();
        return switch (fate) {
            case WELL -> store(key, seen, value);
            case CONFLICT -> false;
            case REFUSED -> throw new StoreException("out of memory", false);
            case NOT_DONE_AND_LOST -> throw lost();
            case DONE_AND_LOST -> {
                store(key, seen, value);
                throw lost();
            }
            case DONE_LOST_AND_OVERWRITTEN -> {
                store(key, seen, value);
                PoolValue there = PoolValue.read("bench", ByteBuffer.wrap(value));
                var other = new PoolValue(there.life(), new PoolValue.Write(-1, -1), there.image());
                put(key, other.bytes());
                throw lost();
            }
        };
    }

    private static StoreException lost() {
        return new StoreException("no answer", true);
    }

    private boolean store(String key, @Nullable Stored seen, byte[] value) {
        boolean same = versionOf(values.get(key)) == versionOf(seen);
        if (same) {
            put(key, value);
        }
        return same;
    }

    private static long versionOf(@Nullable Stored stored) {
        return stored == null ? 0 : stored.version();
    }

    private void put(String key, byte[] value) {
        writes++;
        values.put(
                key, new Stored(ByteBuffer.wrap(value.clone()).asReadOnlyBuffer(), ++version, 1));
    }

    synchronized void forgetAll() {
        values.clear();
    }

    synchronized void trouble(String why) {
        trouble = why;
    }

    @Override
    public synchronized String trouble() {
        return trouble;
    }

    @Override
    public void close() {}
}
