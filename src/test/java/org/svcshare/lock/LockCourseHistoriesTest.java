package org.svcshare.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/// Many random lives of a lock object. The same every day; `-Dlock.seed=N` repeats one.
@DisplayNameGeneration(ReplaceUnderscores.class)
final class LockCourseHistoriesTest {
    private static final int HISTORIES = 5_000;

    @Test
    void given_any_servers_and_any_user_when_played_then_what_is_promised_holds() {
        String seed = System.getProperty("lock.seed", "");
        if (!seed.isBlank()) {
            new LockCourseHistory(Long.parseLong(seed)).play();
            return;
        }
        var draw = new SplittableRandom(20261121);
        int ended = 0;
        for (int i = 0; i < HISTORIES; i++) {
            long drawn = draw.nextLong();
            var history = new LockCourseHistory(drawn);
            try {
                ended += history.play();
            } catch (AssertionError | RuntimeException e) {
                fail(e.getMessage() + "; repeat it with -Dlock.seed=" + drawn + history.story(), e);
            }
        }
        // That they did anything at all.
        assertEquals(HISTORIES * LockCourseHistory.ATTEMPTS, ended);
    }
}
