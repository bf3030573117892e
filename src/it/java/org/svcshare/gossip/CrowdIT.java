package org.svcshare.gossip;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.gossip.Village.Inhabitant;
import org.svcshare.store.Member;

/// As after a power cut: all machines of a group come up at the same moment.
@DisplayNameGeneration(ReplaceUnderscores.class)
class CrowdIT {
    private static final int MANY = 20;

    /// In one process on two processors it was 2 to 25 s in ten runs.
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @TempDir private Path folder;

    @Test
    void given_one_seed_when_twenty_start_at_once_then_all_see_all_and_what_one_puts()
            throws Exception {
        try (var village = new Village(folder)) {
            var all = new ArrayList<Inhabitant>();
            Inhabitant seed = village.start("m0");
            all.add(seed);
            for (int i = 1; i < MANY; i++) {
                all.add(village.start("m" + i, seed));
            }

            await("all see all")
                    .atMost(LIMIT)
                    .untilAsserted(() -> {
                        for (Inhabitant one : all) {
                            assertEquals(MANY, one.names(Member.State.ALIVE).size());
                        }
                    });
            seed.put("colour", "blue");
            await("all have it")
                    .atMost(LIMIT)
                    .untilAsserted(() -> {
                        for (Inhabitant one : all) {
                            assertEquals("blue", one.value("colour"));
                        }
                    });
        }
    }
}
