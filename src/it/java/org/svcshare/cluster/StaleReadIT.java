package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.engine.EngineKit;
import org.svcshare.pool.PoolEngine.Glance;
import org.svcshare.pool.PoolEngine.Stale;
import org.svcshare.pool.TicketView;

/// What a node shows whose group is not there.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class StaleReadIT {
    @TempDir private Path folder;

    private static Glance<List<String>> queue(EngineKit at) {
        return at.<List<String>>glance(view ->
                        view.tickets(Optional.of("bench"), 10).stream()
                                .map(TicketView::holder)
                                .toList())
                .orElseThrow();
    }

    private static Stale stale(EngineKit at) {
        return queue(at).stale().orElseThrow();
    }

    private static void awaitSeen(EngineKit at, List<String> wanted) {
        Awaitility.await("the entries come").until(() -> queue(at).seen().equals(wanted));
    }

    @Test
    void given_a_node_whose_group_is_gone_when_glanced_at_then_it_shows_its_table_and_its_age()
            throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES)) {
            group.patience = Duration.ofMillis(500);
            group.startAll();
            String leader = group.leader();
            String left = group.follower();
            var at = new EngineKit(group.engine(left));
            at.granted("anna", "bench");
            at.acquire("ben", "bench");
            for (String node : group.nodes()) {
                var each = new EngineKit(group.engine(node));
                awaitSeen(each, List.of("anna", "ben"));
                assertTrue(stale(each).heardMs().orElseThrow() < 10_000, stale(each).toString());
            }

            group.stop(
                    group.nodes().stream()
                            .filter(node -> !node.equals(left) && !node.equals(leader))
                            .findFirst()
                            .orElseThrow());
            group.stop(leader);
            long goneNanos = System.nanoTime();

            assertTrue(at.cannotBeRead());
            assertEquals(List.of("anna", "ben"), queue(at).seen());
            Awaitility.await("its age grows")
                    .until(() -> stale(at).heardMs().orElseThrow() > 1_500);
            long goneMs = (System.nanoTime() - goneNanos) / 1_000_000;
            long heardMs = stale(at).heardMs().orElseThrow();
            assertTrue(heardMs >= goneMs - 100, heardMs + " ms, gone for " + goneMs);
            assertFalse(at.engine.status().ready());

            group.stop(left);
            var again = new EngineKit(group.start(left));
            Awaitility.await("it begins").until(() -> again.glance(_ -> true).isPresent());
            assertEquals(OptionalLong.empty(), stale(again).heardMs());

            group.start(leader);
            group.awaitReady();
            assertEquals(List.of("anna", "ben"), again.queue("bench"));
            assertTrue(stale(again).heardMs().isPresent());
        }
    }
}
