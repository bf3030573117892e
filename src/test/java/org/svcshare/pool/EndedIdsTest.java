package org.svcshare.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.pool.Effect.Cause;

/// The ring and its table, beside a map that does the same.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class EndedIdsTest {
    private static final long KEEP_MS = 1000;
    private static final List<Cause> CAUSES = List.of(Cause.values());

    private final LinkedHashMap<RequestId, TableImage.EndedImage> model = new LinkedHashMap<>();
    private EndedIds ended = new EndedIds();
    private long nowMs;

    private void add(RequestId id, Cause cause, int room) {
        ended.add(id, cause, nowMs);
        var image = new TableImage.EndedImage(id, cause, nowMs + KEEP_MS);
        if (model.replace(id, image) == null) {
            if (model.size() == room) {
                model.pollFirstEntry();
            }
            model.put(id, image);
        }
    }

    private void pass() {
        ended.pass(nowMs);
        while (!model.isEmpty() && model.firstEntry().getValue().forgetMs() < nowMs) {
            model.pollFirstEntry();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void given_any_life_when_compared_with_a_map_then_both_remember_the_same(long seed) {
        var chance = new SplittableRandom(seed);
        // A search is soon called long, so that the table is often salted anew.
        ended = new EndedIds(seed % 2 == 0 ? 1 : 128);
        int room = 1 + chance.nextInt(700);
        // Few ids, so that they come again; or many.
        int ids = chance.nextBoolean() ? 50 : 5000;
        ended.limits(KEEP_MS, room);
        var seen = new ArrayList<RequestId>();
        for (int i = 0; i < 20_000; i++) {
            nowMs += chance.nextInt(5);
            pass();
            var id = new RequestId(chance.nextInt(2), chance.nextInt(ids));
            Cause cause = CAUSES.get(chance.nextInt(CAUSES.size()));
            add(id, cause, room);
            seen.add(id);
            RequestId asked = seen.get(chance.nextInt(seen.size()));
            var known = model.get(asked);
            assertEquals(known == null ? null : known.cause(), ended.cause(asked), "seed " + seed);
        }
        assertEquals(List.copyOf(model.values()), ended.images(), "seed " + seed);

        var restored = new EndedIds();
        restored.limits(KEEP_MS, room);
        ended.images().forEach(restored::restore);
        assertEquals(ended.images(), restored.images());
    }

    @Test
    void given_room_for_none_when_one_ends_then_it_is_not_remembered() {
        ended.limits(KEEP_MS, 0);
        ended.add(new RequestId(1, 2), Cause.RELEASED, 0);
        assertNull(ended.cause(new RequestId(1, 2)));
        assertEquals(List.of(), ended.images());
    }

    @Test
    void given_less_room_when_limited_then_the_oldest_are_forgotten() {
        ended.limits(KEEP_MS, 300);
        for (int i = 0; i < 300; i++) {
            ended.add(new RequestId(i, i), Cause.EXPIRED, 0);
        }
        ended.limits(KEEP_MS, 10);
        assertNull(ended.cause(new RequestId(289, 289)));
        assertEquals(Cause.EXPIRED, ended.cause(new RequestId(290, 290)));
        assertEquals(10, ended.images().size());
    }
}
