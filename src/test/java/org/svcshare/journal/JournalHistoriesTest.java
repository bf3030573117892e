package org.svcshare.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/// Many random lives of a journal with power cuts, kills, full and failing disks.
///
/// The same ones every day; `-Djournal.histories=N` plays more or fewer, `-Djournal.draw=fresh`
/// others, `-Djournal.seed=N` repeats one.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class JournalHistoriesTest {
    @Test
    void given_any_fate_when_opened_again_then_all_that_was_synced_is_there_and_nothing_invented() {
        String seed = System.getProperty("journal.seed", "");
        if (!seed.isBlank()) {
            JournalHistory.play(Long.parseLong(seed.strip()));
            return;
        }
        int histories = Integer.getInteger("journal.histories", 2000);
        var draw =
                System.getProperty("journal.draw", "").equals("fresh")
                        ? new SplittableRandom()
                        : new SplittableRandom(20261121);
        int played = 0;
        for (long fresh : draw.longs(histories).toArray()) {
            JournalHistory.play(fresh);
            played++;
        }
        assertEquals(histories, played);
    }
}
