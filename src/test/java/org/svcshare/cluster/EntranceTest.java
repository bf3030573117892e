package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.engine.EngineKit;
import org.svcshare.pool.GroupChange;

/// How a node gets into its group, and when it does not.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class EntranceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir private Path folder;

    private static void awaitWhy(TestGroup group, String node, String words) {
        Awaitility.await(node + " says " + words + ", " + group)
                .atMost(PATIENCE)
                .until(() -> group.engine(node).status().why().contains(words));
        assertFalse(group.engine(node).status().ready());
    }

    private static void wipe(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void given_a_first_start_when_a_node_is_missing_then_the_others_wait_for_it() throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES)) {
            group.start("n0");
            group.start("n1");
            awaitWhy(group, "n0", "missing: n2");
            assertEquals(List.of(), group.leaders());

            group.start("n2");
            group.awaitReady();
        }
    }

    @Test
    void given_a_lost_disk_when_the_node_comes_back_then_it_is_not_let_in() throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll()) {
            String lost = group.follower();
            group.stop(lost);
            wipe(group.folder(lost));
            group.start(lost);
            awaitWhy(group, lost, "svcshare cluster replace " + lost + " NEW=127.0.0.1:");
            // Nor as one who would join, or be added.
            String other = group.leader(lost);
            GroupChange.NewNode place = TestGroup.named(group.peer(lost));
            String refused = group.change(other, new GroupChange.Add(place));
            assertTrue(refused.startsWith("NODE_EXISTS"), refused);
            group.stop(lost);
            group.join(group.peer(lost), other);
            awaitWhy(group, lost, "svcshare cluster replace " + lost);
            assertFalse(Files.exists(group.folder(lost).resolve(group.id().toString())));

            // Once it is out it may come in anew.
            assertEquals("done", group.change(other, new GroupChange.Remove(lost)));
            group.awaitReady();
            assertEquals(3, group.view(lost).reachable());
        }
    }

    @Test
    void given_half_a_folder_when_started_then_it_is_a_lost_disk() throws Exception {
        try (var group = new TestGroup(folder, 1, EngineKit.RULES).startAll()) {
            Path log = group.folder("n0").resolve(group.id().toString());
            Awaitility.await("it is written down")
                    .atMost(PATIENCE)
                    .until(() ->
                            Files.readString(group.folder("n0").resolve("node"))
                                    .contains("MEMBER"));
            group.stop("n0");
            wipe(log);
            IOException no = assertThrows(IOException.class, () -> group.start("n0"));
            assertTrue(
                    String.valueOf(no.getMessage()).contains("cluster replace n0"), no::toString);
        }
    }

    @Test
    void given_a_folder_of_another_node_when_started_then_it_is_refused() throws Exception {
        try (var group = new TestGroup(folder, 1, EngineKit.RULES).startAll()) {
            group.stop("n0");
            Files.move(group.folder("n0"), group.folder("n1"));
            IOException no =
                    assertThrows(IOException.class, () -> group.join(TestGroup.free("n1"), "n0"));
            assertTrue(
                    String.valueOf(no.getMessage()).contains("belongs to node n0"), no::toString);
        }
    }

    @Test
    void given_a_group_of_its_own_when_another_adds_the_node_then_it_is_refused() throws Exception {
        try (var group = new TestGroup(folder, 1, EngineKit.RULES).startAll();
                var other = new TestGroup(folder, "m0", group).startAll()) {
            GroupChange.NewNode node = TestGroup.named(other.peer("m0"));
            String refused = group.change("n0", new GroupChange.Add(node));
            assertTrue(refused.startsWith("NOT_NEW"), refused);
            assertEquals(1, group.view("n0").nodes().size());
        }
    }

    @Test
    void given_a_node_that_does_not_run_when_added_then_the_sentence_says_so() throws Exception {
        try (var group = new TestGroup(folder, 1, EngineKit.RULES).startAll()) {
            var nobody = TestGroup.named(TestGroup.free("n1"));
            String refused = group.change("n0", new GroupChange.Add(nobody));
            assertTrue(refused.startsWith("NOT_REACHED: node n1 does not answer"), refused);
            assertEquals("done", group.change("n0", new GroupChange.Prefer("n0", 3)));
        }
    }

    @Test
    void given_a_node_that_was_away_when_removed_then_it_learns_of_it_at_its_start()
            throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll()) {
            String away = group.follower();
            group.stop(away);
            assertEquals("done", group.change(group.leader(), new GroupChange.Remove(away)));
            group.start(away);
            awaitWhy(group, away, "was removed from the group");
            group.stop(away);
            group.start(away);
            awaitWhy(group, away, "was removed from the group");
        }
    }
}
