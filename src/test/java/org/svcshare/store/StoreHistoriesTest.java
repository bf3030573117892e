package org.svcshare.store;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/// Many random histories of groups that share a store, side by side on all cores. The same every
/// day; `-Dstore.histories=N` plays more or fewer, `-Dstore.draw=fresh` others, `-Dstore.draw=N`
/// those of that draw, `-Dstore.seed=N` repeats one.
@DisplayNameGeneration(ReplaceUnderscores.class)
final class StoreHistoriesTest {
    private static final int SHOWN = 3;

    @Test
    void given_any_group_and_any_fate_when_healed_then_all_have_the_same_and_nothing_comes_back() {
        String seed = System.getProperty("store.seed", "");
        if (!seed.isBlank()) {
            StoreHistory.play(Long.parseLong(seed.strip()));
            return;
        }
        int histories = Integer.getInteger("store.histories", 300);
        var broken = new ConcurrentSkipListMap<Long, Throwable>();
        var written = new AtomicLong();
        LongStream.of(draw().longs(histories).map(l -> l >>> 16).toArray())
                .parallel()
                .forEach(played -> {
                    try {
                        written.addAndGet(StoreHistory.play(played));
                    } catch (AssertionError e) {
                        broken.put(played, e);
                    }
                });
        if (!broken.isEmpty()) {
            var told = new StringBuilder();
            broken.values().stream().limit(SHOWN).forEach(e -> told.append(e.getMessage()));
            fail(
                    "%d of %d histories broke a promise: %s%n%s"
                            .formatted(
                                    broken.size(),
                                    histories,
                                    broken.keySet().stream().limit(20).toList(),
                                    told));
        }
        // That they did anything at all.
        assertTrue(written.get() > 10L * histories, "written: " + written);
    }

    private static SplittableRandom draw() {
        String draw = System.getProperty("store.draw", "20261122");
        return draw.equals("fresh")
                ? new SplittableRandom()
                : new SplittableRandom(Long.parseLong(draw));
    }
}
