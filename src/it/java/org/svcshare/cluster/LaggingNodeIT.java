package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.engine.EngineKit;

/// A node that was away for longer than the others keep their log.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class LaggingNodeIT {
    private static final Pattern SEGMENT = Pattern.compile("log_(?:inprogress_)?(\\d+)(?:-\\d+)?");

    @TempDir private Path folder;

    private static long firstEntry(Path node) {
        try (var files = Files.walk(node)) {
            return files.map(file -> SEGMENT.matcher(file.getFileName().toString()))
                    .filter(found -> found.matches())
                    .mapToLong(found -> Long.parseLong(found.group(1)))
                    .min()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    private static void fill(TestGroup group, int from) {
        var at = new EngineKit(group.engine(group.leader()));
        for (int i = from; i < from + 60; i++) {
            at.acquire("w" + i, "bench");
        }
    }

    @Test
    void given_a_node_that_was_away_when_the_log_is_gone_then_it_gets_the_table() throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll()) {
            String away = group.follower();
            group.stop(away);
            fill(group, 0);
            // Another term begins another segment, so that the one before can go.
            String leader = group.leader();
            group.stop(leader);
            group.start(leader);
            fill(group, 60);
            String now = group.leader();
            Awaitility.await("the log's beginning is gone")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> firstEntry(group.folder(now)) > 10);
            assertNotEquals(away, now);

            var back = new EngineKit(group.start(away));
            group.awaitReady();

            List<String> queue = back.queue("bench");
            assertEquals(120, queue.size(), queue.toString());
            back.release("w0", "bench");
            assertEquals("w1", back.queue("bench").getFirst());
        }
    }
}
