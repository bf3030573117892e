package org.svcshare.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.svcshare.replica.ReplicaWorld.node;
import static org.svcshare.replica.ReplicationSimTest.rules;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/// What follows from the answers of nodes, case by case.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class ReplicationTest {
    private static ReplicaWorld world(int nodes) {
        return world(nodes, rules(AnswerRule.MAJORITY, 1));
    }

    private static ReplicaWorld world(int nodes, ReplicaRules rules) {
        var world = new ReplicaWorld(1, rules);
        for (int i = 0; i < nodes; i++) {
            world.add(i);
        }
        return world;
    }

    private static ReplicaRules stopping() {
        ReplicaRules usual = rules(AnswerRule.MAJORITY, 1);
        return new ReplicaRules(
                usual.answer(),
                usual.timeout(),
                usual.lag(),
                false,
                usual.refusedFor(),
                usual.firstPause(),
                usual.longestPause(),
                1,
                usual.queueWrites(),
                usual.parked());
    }

    private static void answers(ReplicaWorld world, int number, long position, int status) {
        world.on(new ReplicaEvent.Answered(node(number), position, status, 0, false));
    }

    @Test
    void given_majority_when_two_of_three_agree_then_the_client_hears_the_first_of_them() {
        var world = world(3);
        long write = world.write();
        answers(world, 2, write, 201);
        assertNull(world.told.get(write));
        answers(world, 0, write, 201);
        assertEquals(new Reply.Chosen(node(2), 201, 2, 3), world.told.get(write));
    }

    @Test
    void given_first_when_a_quick_node_fails_then_a_slower_success_is_told() {
        var world = world(2, rules(AnswerRule.FIRST, 1));
        long write = world.write();
        answers(world, 0, write, 500);
        assertNull(world.told.get(write));
        answers(world, 1, write, 200);
        assertEquals(new Reply.Chosen(node(1), 200, 1, 2), world.told.get(write));
    }

    @Test
    void given_all_when_a_node_is_away_then_the_client_is_told_later_and_the_write_goes_on() {
        var world = world(2, rules(AnswerRule.ALL, 1));
        world.on(new ReplicaEvent.Down(node(1), "gone"));
        long write = world.write();
        answers(world, 0, write, 201);
        assertNull(world.told.get(write));
        world.pass(10_000);
        assertEquals(new Reply.Later(Map.of(node(0), 201), 2), world.told.get(write));
        world.on(new ReplicaEvent.Up(node(1)));
        answers(world, 1, write, 201);
        assertEquals(NodeState.IN_STEP, world.view(1).state());
    }

    @Test
    void given_all_when_the_last_of_three_answers_then_the_client_is_told() {
        var world = world(3, rules(AnswerRule.ALL, 1));
        long write = world.write();
        answers(world, 0, write, 201);
        answers(world, 1, write, 201);
        assertNull(world.told.get(write));
        answers(world, 2, write, 201);
        assertEquals(new Reply.Chosen(node(0), 201, 3, 3), world.told.get(write));
    }

    @Test
    void given_all_when_the_last_of_three_answers_otherwise_then_the_client_hears_so() {
        var world = world(3, rules(AnswerRule.ALL, 1));
        long write = world.write();
        answers(world, 0, write, 201);
        answers(world, 1, write, 201);
        answers(world, 2, write, 422);
        assertInstanceOf(Reply.Split.class, world.told.get(write));
    }

    @Test
    void given_majority_when_one_of_two_is_away_then_the_other_one_is_enough() {
        var world = world(2);
        world.on(new ReplicaEvent.Down(node(1), "gone"));
        long write = world.write();
        answers(world, 0, write, 201);
        assertEquals(new Reply.Chosen(node(0), 201, 1, 1), world.told.get(write));
        assertEquals(1, world.view(1).queueWrites());
    }

    @Test
    void given_majority_when_two_nodes_disagree_then_the_client_hears_so() {
        var world = world(2);
        long write = world.write();
        answers(world, 0, write, 409);
        answers(world, 1, write, 201);
        assertEquals(new Reply.Split(Map.of(node(0), 409, node(1), 201)), world.told.get(write));
        assertEquals(1, world.view(0).parked());
    }

    @Test
    void given_nobody_to_ask_when_the_time_is_over_then_the_client_is_told_later() {
        var world = world(2);
        world.on(new ReplicaEvent.Down(node(0), "gone"));
        world.on(new ReplicaEvent.Down(node(1), "gone"));
        long write = world.write();
        world.pass(9_999);
        assertNull(world.told.get(write));
        world.pass(1);
        assertInstanceOf(Reply.Later.class, world.told.get(write));
    }

    @Test
    void given_a_node_that_refuses_what_others_took_when_more_comes_then_it_gets_that() {
        var world = world(3);
        long first = world.write();
        long second = world.write();
        answers(world, 0, first, 201);
        answers(world, 1, first, 201);
        answers(world, 2, first, 422);
        assertEquals(1, world.view(2).parked());
        assertEquals(NodeState.OUT_OF_STEP, world.view(2).state());
        assertEquals("a write was put aside", world.view(2).why());
        answers(world, 2, second, 201);
        assertEquals(0, world.view(2).queueWrites());

        world.change(new NodeChange.Release(node(2), first));
        answers(world, 2, first, 201);
        assertEquals(0, world.view(2).parked());
        assertEquals(NodeState.IN_STEP, world.view(2).state());
    }

    @Test
    void given_refused_writes_stop_a_node_when_one_is_dropped_then_it_goes_on() {
        var world = world(3, stopping());
        long first = world.write();
        long second = world.write();
        answers(world, 0, first, 201);
        answers(world, 1, first, 201);
        answers(world, 2, first, 422);
        assertEquals(NodeState.BEHIND, world.view(2).state());
        assertEquals("refuses write %d with 422".formatted(first), world.view(2).why());
        assertEquals(0, world.view(2).parked());
        world.change(new NodeChange.Drop(node(2), first));
        answers(world, 2, second, 201);
        assertEquals(0, world.view(2).queueWrites());
    }

    @Test
    void given_a_node_that_fails_when_it_does_for_long_then_the_write_is_put_aside() {
        var world = world(3);
        long write = world.write();
        answers(world, 0, write, 201);
        answers(world, 1, write, 201);
        answers(world, 2, write, 500);
        assertEquals(0, world.view(2).parked());
        for (long passed = 0; passed < Duration.ofMinutes(10).toMillis(); passed += 30_000) {
            world.pass(30_000);
            answers(world, 2, write, 500);
        }
        assertEquals(1, world.view(2).parked());
        assertEquals(0, world.view(2).queueWrites());
    }

    @Test
    void given_a_node_that_is_busy_when_it_says_so_then_it_is_asked_again_later_each_time() {
        var world = world(1);
        long write = world.write();
        answers(world, 0, write, 503);
        assertEquals(NodeState.BEHIND, world.view(0).state());
        assertEquals("answered 503", world.view(0).why());
        world.pass(99);
        answers(world, 0, write, 201);
        assertNull(world.told.get(write), "it was not asked again yet");
        world.pass(1);
        answers(world, 0, write, 503);
        world.pass(199);
        answers(world, 0, write, 201);
        assertNull(world.told.get(write), "the second pause is longer");
        world.pass(1);
        answers(world, 0, write, 201);
        assertEquals(new Reply.Chosen(node(0), 201, 1, 1), world.told.get(write));
    }

    @Test
    void given_all_refuse_a_write_when_killed_before_that_is_kept_then_none_is_out_of_step() {
        var world = world(2);
        world.slow = true;
        long write = world.write();
        answers(world, 0, write, 409);
        answers(world, 1, write, 409);
        assertEquals(new Reply.Chosen(node(0), 409, 2, 2), world.told.get(write));
        world.restart(0);
        assertEquals(0, world.flying(0), "sent again, it could come behind others");
        world.keep();
        assertEquals(write, world.view(0).position());
        assertEquals(NodeState.IN_STEP, world.view(0).state());
        assertEquals(NodeState.IN_STEP, world.view(1).state());
    }

    @Test
    void given_one_refuses_a_write_when_killed_before_the_other_answers_then_both_count() {
        var world = world(2);
        world.slow = true;
        long write = world.write();
        answers(world, 0, write, 409);
        world.restart(0);
        assertEquals(0, world.flying(0));
        assertTrue(!world.replication.done(write));
        answers(world, 1, write, 409);
        world.keep();
        assertEquals(NodeState.IN_STEP, world.view(0).state());
        assertEquals(NodeState.IN_STEP, world.view(1).state());
    }

    @Test
    void given_all_refuse_a_write_when_killed_after_that_is_kept_then_it_is_not_sent_again() {
        var world = world(2);
        world.slow = true;
        long write = world.write();
        answers(world, 0, write, 409);
        answers(world, 1, write, 409);
        world.keep();
        world.restart(0);
        assertEquals(0, world.flying(0));
        assertEquals(0, world.view(1).queueWrites());
        assertEquals(NodeState.IN_STEP, world.view(1).state());
    }

    @Test
    void given_one_refuses_when_killed_before_it_is_put_aside_then_it_is_all_the_same() {
        var world = world(3);
        world.slow = true;
        long write = world.write();
        answers(world, 0, write, 201);
        answers(world, 1, write, 201);
        answers(world, 2, write, 422);
        world.restart(0);
        answers(world, 2, write, 422);
        assertEquals(NodeState.OUT_OF_STEP, world.view(2).state());
        assertEquals(1, world.view(2).parked());
        assertEquals(NodeState.IN_STEP, world.view(0).state());
    }

    @Test
    void given_one_refused_early_when_killed_with_half_of_what_follows_kept_then_it_is_put_aside() {
        var world = world(3);
        world.slow = true;
        long write = world.write();
        answers(world, 2, write, 422);
        answers(world, 0, write, 201);
        answers(world, 1, write, 201);
        assertEquals(1, world.view(2).parked());
        world.restart(1);
        assertEquals(1, world.view(2).parked());
        world.keep();
        world.restart(0);
        assertEquals(1, world.view(2).parked());
        assertEquals(NodeState.OUT_OF_STEP, world.view(2).state());
    }

    @Test
    void given_a_node_did_a_write_when_killed_and_nobody_knows_what_it_said_then_it_is_done() {
        var world = world(2);
        world.slow = true;
        long write = world.write();
        assertTrue(!world.replication.done(write));
        answers(world, 0, write, 201);
        assertTrue(!world.replication.done(write), "the other one may say something else");
        world.restart(0);
        assertTrue(world.replication.done(write));
        answers(world, 1, write, 201);
        assertTrue(world.replication.everywhere(write));
    }

    @Test
    void given_a_removal_that_is_sent_again_when_nothing_is_found_then_it_was_done_before() {
        var world = world(3);
        long write = world.write();
        answers(world, 0, write, 204);
        answers(world, 1, write, 204);
        world.on(new ReplicaEvent.Lost(node(2), "broke"));
        world.pass(100);
        world.on(new ReplicaEvent.Answered(node(2), write, 404, 0, true));
        assertEquals(NodeState.IN_STEP, world.view(2).state());
    }

    @Test
    void given_a_first_try_when_it_is_answered_otherwise_than_by_the_rest_then_out_of_step() {
        var world = world(3);
        long write = world.write();
        answers(world, 0, write, 201);
        answers(world, 1, write, 201);
        answers(world, 2, write, 200);
        assertEquals(NodeState.OUT_OF_STEP, world.view(2).state());
        assertEquals(
                "answered 200 to write %d where the others answered 201".formatted(write),
                world.view(2).why());
        world.change(new NodeChange.InStep(node(2)));
        assertEquals(NodeState.IN_STEP, world.view(2).state());
    }

    @Test
    void given_bodies_are_compared_when_one_differs_then_that_node_is_out_of_step() {
        var world = world(3);
        long write = world.write();
        world.on(new ReplicaEvent.Answered(node(2), write, 200, 7, false));
        world.on(new ReplicaEvent.Answered(node(0), write, 200, 8, false));
        world.on(new ReplicaEvent.Answered(node(1), write, 200, 8, false));
        assertEquals(NodeState.OUT_OF_STEP, world.view(2).state());
        assertEquals(NodeState.IN_STEP, world.view(0).state());
    }

    @Test
    void given_bodies_are_compared_when_the_last_one_differs_then_that_node_is_out_of_step() {
        var world = world(3);
        long write = world.write();
        world.on(new ReplicaEvent.Answered(node(0), write, 200, 8, false));
        world.on(new ReplicaEvent.Answered(node(1), write, 200, 8, false));
        assertEquals(new Reply.Chosen(node(0), 200, 2, 3), world.told.get(write));
        world.on(new ReplicaEvent.Answered(node(2), write, 200, 7, false));
        assertEquals(NodeState.OUT_OF_STEP, world.view(2).state());
        assertEquals(
                "answered write %d with another body than the others".formatted(write),
                world.view(2).why());
        assertEquals(NodeState.IN_STEP, world.view(0).state());
    }

    @Test
    void given_a_body_that_was_agreed_on_when_a_node_says_it_late_then_it_is_in_step() {
        var world = world(3);
        long write = world.write();
        world.on(new ReplicaEvent.Answered(node(0), write, 200, 8, false));
        world.on(new ReplicaEvent.Answered(node(1), write, 200, 8, false));
        world.on(new ReplicaEvent.Answered(node(2), write, 200, 8, false));
        assertEquals(NodeState.IN_STEP, world.view(2).state());
    }

    @Test
    void given_a_slow_node_when_it_lags_then_two_of_three_are_asked_and_one_of_two() {
        var world = world(2);
        long write = world.write();
        answers(world, 0, write, 201);
        world.pass(2_500);
        assertNull(world.told.get(write));
        world.pass(1);
        assertEquals(new Reply.Chosen(node(0), 201, 1, 1), world.told.get(write));
        assertEquals(NodeState.CATCHING_UP, world.view(1).state());
        answers(world, 1, write, 201);
        assertEquals(NodeState.IN_STEP, world.view(1).state());
    }

    @Test
    void given_writes_when_a_node_is_added_then_it_is_out_of_step_until_somebody_says_otherwise() {
        var world = world(1);
        long write = world.write();
        answers(world, 0, write, 201);
        world.add(1);
        assertEquals(NodeState.OUT_OF_STEP, world.view(1).state());
        assertEquals("was added without a copy of the others' data", world.view(1).why());
        long next = world.write();
        assertEquals(1, world.flying(1), "it gets what comes from now on");
        answers(world, 1, next, 201);
        world.change(new NodeChange.InStep(node(1)));
        assertEquals(NodeState.IN_STEP, world.view(1).state());
    }

    @Test
    void given_a_node_that_is_copied_from_when_both_leave_maintenance_then_both_get_the_rest() {
        var world = world(2);
        long first = world.write();
        answers(world, 0, first, 201);
        // One is on its way to the source when the copy begins.
        answers(world, 1, first, 201);
        long second = world.write();
        var copy = new NodeChange.CopyFrom(node(2), NodePatch.NOTHING, node(1));
        assertInstanceOf(NodeChange.Result.Done.class, world.change(copy));
        assertTrue(world.view(1).node().maintenance());
        assertTrue(world.view(2).node().maintenance());
        answers(world, 1, second, 201);
        assertEquals(second, world.view(1).position());
        assertEquals(second, world.view(2).position(), "the copy begins behind what was under way");
        long third = world.write();
        assertEquals(0, world.flying(2));
        world.change(new NodeChange.Put(node(2), NodePatch.maintenance(false)));
        world.change(new NodeChange.Put(node(1), NodePatch.maintenance(false)));
        answers(world, 2, third, 201);
        assertEquals(third, world.view(2).position());
        assertEquals(NodeState.IN_STEP, world.view(2).state());
    }

    @Test
    void given_a_source_without_all_writes_when_it_is_to_be_copied_then_that_is_refused() {
        var world = world(1);
        long write = world.write();
        answers(world, 0, write, 201);
        world.add(1);
        var copy = new NodeChange.CopyFrom(node(2), NodePatch.NOTHING, node(1));
        assertEquals(
                new NodeChange.Result.Refused(
                        "node1:80 is out of step: was added without a copy of the others' data"),
                world.change(copy));
    }

    @Test
    void given_a_node_too_far_behind_when_another_write_comes_then_it_is_out_of_step() {
        ReplicaRules usual = rules(AnswerRule.MAJORITY, 1);
        var world =
                world(
                        2,
                        new ReplicaRules(
                                usual.answer(),
                                usual.timeout(),
                                usual.lag(),
                                true,
                                usual.refusedFor(),
                                usual.firstPause(),
                                usual.longestPause(),
                                1,
                                3,
                                10));
        world.on(new ReplicaEvent.Down(node(1), "gone"));
        for (int i = 0; i < 4; i++) {
            answers(world, 0, world.write(), 201);
        }
        assertEquals(NodeState.OUT_OF_STEP, world.view(1).state());
        assertEquals(0, world.view(1).queueWrites());
        world.restart();
        assertEquals(NodeState.OUT_OF_STEP, world.view(1).state());
    }

    @Test
    void given_a_queue_when_the_node_moves_then_the_queue_goes_along() {
        var world = world(2);
        world.change(new NodeChange.Put(node(1), NodePatch.maintenance(true)));
        long write = world.write();
        var moved =
                new NodePatch(
                        Optional.of(node(7)),
                        OptionalInt.empty(),
                        Optional.empty(),
                        Optional.of(false),
                        Optional.empty(),
                        OptionalInt.empty());
        world.change(new NodeChange.Put(node(1), moved));
        assertEquals(1, world.view(7).queueWrites());
        answers(world, 7, write, 201);
        assertEquals(NodeState.IN_STEP, world.view(7).state());
    }

    @Test
    void given_a_move_to_a_taken_address_when_asked_then_nothing_changes() {
        var world = world(2);
        var moved =
                new NodePatch(
                        Optional.of(node(0)),
                        OptionalInt.empty(),
                        Optional.of(false),
                        Optional.empty(),
                        Optional.empty(),
                        OptionalInt.empty());
        assertEquals(
                new NodeChange.Result.Refused("there is a node node0:80 already"),
                world.change(new NodeChange.Put(node(1), moved)));
        assertTrue(world.view(1).node().active());
    }

    @Test
    void given_a_queue_when_one_is_taken_out_then_the_node_never_gets_that_one() {
        var world = world(2);
        world.change(new NodeChange.Put(node(1), NodePatch.maintenance(true)));
        long first = world.write();
        long second = world.write();
        long third = world.write();
        world.change(new NodeChange.Drop(node(1), first));
        world.change(new NodeChange.Park(node(1), second));
        world.restart();
        List<QueuedWrite> queue = world.replication.queue(node(1), 0, 10).orElseThrow();
        assertEquals(List.of(second, third), queue.stream().map(QueuedWrite::position).toList());
        assertTrue(queue.getFirst().parked());
        world.change(new NodeChange.Put(node(1), NodePatch.maintenance(false)));
        assertEquals(1, world.flying(1));
        answers(world, 1, third, 201);
        assertEquals(third, world.view(1).position());
        assertInstanceOf(
                NodeChange.Result.NotFound.class,
                world.change(new NodeChange.Drop(node(1), third)));
    }

    @Test
    void given_one_put_aside_amid_a_queue_when_looked_at_in_pages_then_each_is_seen_once() {
        var world = world(2);
        world.change(new NodeChange.Put(node(1), NodePatch.maintenance(true)));
        var written = new ArrayList<Long>();
        for (int i = 0; i < 7; i++) {
            written.add(world.write());
        }
        world.change(new NodeChange.Park(node(1), written.get(4)));

        for (int page = 1; page <= 8; page++) {
            var seen = new ArrayList<Long>();
            List<QueuedWrite> queue;
            long after = 0;
            do {
                queue = world.replication.queue(node(1), after, page).orElseThrow();
                queue.forEach(write -> seen.add(write.position()));
                after = seen.getLast();
            } while (queue.size() == page);
            assertEquals(written, seen, "pages of " + page);
        }
    }

    @Test
    void given_a_write_under_way_when_it_is_to_be_dropped_then_that_is_refused() {
        var world = world(1);
        long write = world.write();
        assertEquals(
                new NodeChange.Result.Refused(
                        "node0:80 is being sent write %d just now".formatted(write)),
                world.change(new NodeChange.Drop(node(0), write)));
    }
}
