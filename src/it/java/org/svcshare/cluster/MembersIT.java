package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.engine.EngineKit;
import org.svcshare.pool.GroupChange;
import org.svcshare.pool.GroupView;

/// Who belongs to the group changes, and its clients notice nothing.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class MembersIT {
    private static final int CLIENTS = 8;
    private static final int SOME = 60;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir private Path folder;

    private static List<String> names(GroupView view) {
        return view.nodes().stream().map(GroupView.Node::name).toList();
    }

    @Test
    void given_load_when_nodes_come_and_go_and_lead_then_nothing_is_lost_or_doubled()
            throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll();
                var load = new GroupLoad(group, CLIENTS)) {
            load.go(SOME);

            ClusterPeer added = TestGroup.free("n3");
            String follower = group.follower();
            group.offer(added);
            assertEquals(
                    "done", group.change(follower, new GroupChange.Add(TestGroup.named(added))));
            load.go(SOME);
            assertEquals(List.of("n0", "n1", "n2", "n3"), names(group.view("n3")));

            assertEquals("done", group.change("n3", new GroupChange.Transfer("n3")));
            assertEquals("n3", group.leader());
            load.go(SOME);

            // Who leads, last of all those who should go.
            assertEquals("done", group.change("n0", new GroupChange.Remove("n3")));
            Awaitility.await("n3 knows it")
                    .atMost(PATIENCE)
                    .until(() -> group.engine("n3").status().why().contains("was removed"));
            assertFalse(group.engine("n3").status().ready());
            group.stop("n3");
            load.go(SOME);
            assertEquals(List.of("n0", "n1", "n2"), names(group.view("n0")));
            assertEquals(3, group.view("n0").reachable());
        }
    }

    @Test
    void given_load_when_a_node_is_replaced_at_its_place_then_nothing_is_lost() throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll();
                var load = new GroupLoad(group, CLIENTS)) {
            load.go(SOME);
            String old = group.follower();
            ClusterPeer place = group.peer(old);
            group.stop(old);
            load.go(SOME);

            ClusterPeer fresh = ClusterPeer.at("new", place.host(), place.raftPort());
            group.offer(fresh);
            String asked = group.nodes().stream().filter(n -> !n.equals("new")).findFirst().get();
            assertEquals(
                    "done",
                    group.change(asked, new GroupChange.Replace(old, TestGroup.named(fresh))));
            group.awaitReady();
            load.go(SOME);

            assertTrue(names(group.view("new")).contains("new"));
            assertFalse(names(group.view("new")).contains(old));
        }
    }

    @Test
    void given_any_node_as_a_seed_when_another_asks_it_then_that_one_is_let_in() throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll();
                var load = new GroupLoad(group, CLIENTS)) {
            load.go(SOME);
            group.join(TestGroup.free("n3"), group.follower());
            group.awaitReady();
            group.stop(group.leader());
            group.awaitReady();
            load.go(SOME);

            // Who was stopped is missed a moment later.
            Awaitility.await("one is missed")
                    .untilAsserted(() -> assertEquals(3, group.view("n3").reachable()));
            GroupView seen = group.view("n3");
            assertEquals(List.of("n0", "n1", "n2", "n3"), names(seen));
            assertEquals(3, seen.majority());
        }
    }

    @Test
    void given_one_that_is_off_when_the_others_can_then_it_never_serves() throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll();
                var load = new GroupLoad(group, CLIENTS)) {
            String off = group.leader();
            assertEquals("done", group.change(off, new GroupChange.Prefer(off, GroupChange.OFF)));
            Awaitility.await("another leads")
                    .atMost(PATIENCE)
                    .until(() -> !group.leader().equals(off));
            load.go(SOME);

            // It has the longest log of all that could be elected.
            String first = group.leader();
            String second =
                    group.nodes().stream()
                            .filter(node -> !node.equals(off) && !node.equals(first))
                            .findFirst()
                            .orElseThrow();
            group.stop(second);
            load.go(SOME);
            group.stop(first);
            group.start(second);
            Awaitility.await("the one behind leads")
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> {
                        assertFalse(group.leaders().contains(off), group::toString);
                        return group.leaders().contains(second);
                    });
            load.go(SOME);
            assertEquals(Optional.of(second), group.view(off).leader());
        }
    }

    @Test
    void given_priorities_in_the_settings_when_a_group_begins_then_they_count() throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES)) {
            group.priorities.put("n0", GroupChange.OFF);
            group.priorities.put("n2", 1);
            group.startAll();

            Awaitility.await("n2 leads").atMost(PATIENCE).until(() -> group.leader().equals("n2"));
            assertEquals(
                    List.of(GroupChange.OFF, GroupChange.USUAL, 1),
                    group.view("n0").nodes().stream().map(GroupView.Node::priority).toList());
            String refused = group.change("n1", new GroupChange.Transfer("n1"));
            assertTrue(refused.startsWith("NOT_FIRST"), refused);
        }
    }
}
