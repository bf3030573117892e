package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.engine.EngineKit;
import org.svcshare.engine.EngineKit.Reply;
import org.svcshare.pool.Effect;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.Refusal;

/// What a group keeps when its nodes end and come back.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class GroupTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir private Path folder;

    private boolean hasSnapshot(TestGroup group, String node) throws IOException {
        try (var files = Files.walk(group.folder(node))) {
            return files.anyMatch(
                    file -> file.getFileName().toString().matches("snapshot\\.\\d+_\\d+"));
        }
    }

    @Test
    void given_snapshots_and_a_log_when_started_again_then_nothing_is_lost() throws Exception {
        try (var group = new TestGroup(folder, 1, EngineKit.RULES).startAll()) {
            var before = new EngineKit(group.engine("n0"));
            long fence = before.granted("w0", "bench").fence();
            var names = new ArrayList<String>(List.of("w0"));
            for (int i = 1; i < 60; i++) {
                assertInstanceOf(Outcome.Queued.class, before.acquire("w" + i, "bench"));
                names.add("w" + i);
            }
            assertTrue(hasSnapshot(group, "n0"));
            group.stop("n0");
            group.startAll();

            var after = new EngineKit(group.engine("n0"));
            assertEquals(names, after.queue("bench"));
            assertEquals(new Outcome.Released(true), after.release("w0", "bench"));
            Effect.Granted next = after.await(Effect.Granted.class, "w1");
            assertTrue(next.fence() > fence, next.toString());
        }
    }

    @Test
    void given_much_at_once_when_some_of_it_has_no_effect_then_each_effect_is_told_once()
            throws Exception {
        try (var group = new TestGroup(folder, 1, EngineKit.RULES).startAll()) {
            var at = new EngineKit(group.engine("n0"));
            var replies = new ArrayList<CompletableFuture<Reply>>();
            for (int i = 0; i < 200; i++) {
                replies.add(at.propose(new Operation.Release(EngineKit.id("nobody"), "p" + i)));
                replies.add(at.propose(EngineKit.asking("w" + i, "p" + i, LONG, LONG)));
            }
            replies.forEach(EngineKit::get);

            at.await(Effect.Granted.class, "w199");
            assertEquals(200, at.effects().size(), () -> at.effects().toString());
        }
    }

    @Test
    void given_no_majority_then_requests_are_kept_for_as_long_as_they_would_wait()
            throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES)) {
            group.patience = Duration.ofMillis(300);
            var at = new EngineKit(group.start("n0"));

            assertFalse(at.engine.status().ready());
            var patient = at.propose(EngineKit.asking("anna", "bench", LONG, LONG));
            Duration brief = Duration.ofMillis(400);
            assertEquals(
                    new Outcome.Refused(Refusal.TIMED_OUT),
                    at.ask(EngineKit.asking("ben", "bench", brief, LONG)));
            assertFalse(
                    at.fail(EngineKit.asking("carl", "bench", Duration.ZERO, LONG)).perhapsDone());
            assertTrue(at.cannotBeRead());
            assertFalse(patient.isDone());

            group.start("n1");
            group.start("n2");

            assertInstanceOf(Outcome.Granted.class, EngineKit.get(patient).outcome());
        }
    }

    @Test
    void
            given_requests_under_way_when_the_leader_ends_then_all_are_done_once_and_nobody_has_to_repeat()
                    throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll()) {
            String leader = group.leader();
            var at = new EngineKit(group.engine(group.follower()));
            long fence = at.granted("anna", "bench").fence();
            var replies = new ArrayList<CompletableFuture<Reply>>();
            for (int i = 0; i < 300; i++) {
                replies.add(at.propose(EngineKit.asking("w" + i, "bench", LONG, LONG)));
                if (i == 100) {
                    Thread.ofPlatform().start(() -> group.stop(leader));
                }
            }
            var tickets = new HashSet<Long>();
            for (CompletableFuture<Reply> each : replies) {
                Reply reply = EngineKit.get(each);
                assertEquals(Reply.NO_FAILURE, reply.failure());
                tickets.add(assertInstanceOf(Outcome.Queued.class, reply.outcome()).ticket());
            }

            String told = group.toString();
            assertEquals(300, tickets.size(), told);
            assertEquals(301, at.queue("bench").size(), told);
            assertEquals("anna", at.queue("bench").getFirst(), told);
            String first = at.queue("bench").get(1);
            at.release("anna", "bench");
            assertTrue(at.await(Effect.Granted.class, first).fence() > fence, told);
            long granted = at.effects().stream().filter(e -> e instanceof Effect.Granted).count();
            assertEquals(2, granted, told);
        }
    }

    @Test
    void
            given_a_node_that_was_away_when_it_is_ready_then_its_own_table_has_what_was_done_meanwhile()
                    throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES)) {
            group.snapshotEvery = 100_000;
            group.startAll();
            String away = group.follower();
            group.stop(away);
            var others = new EngineKit(group.engine(group.leader()));
            for (int i = 0; i < 300; i++) {
                others.acquire("w" + i, "bench");
            }

            var back = new EngineKit(group.start(away));
            assertFalse(back.engine.status().ready());
            Awaitility.await("ready")
                    .atMost(Duration.ofSeconds(30))
                    .pollInSameThread()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> back.engine.status().ready());

            var there = back.glance(view -> view.tickets(Optional.of("bench"), 1_000).size());
            assertEquals(300, there.orElseThrow().seen());
        }
    }
}
