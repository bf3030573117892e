package org.svcshare.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/// Thousands of histories of nodes that break, stop, refuse and come back, with a process between
/// them that is killed at any moment. `-Dreplica.seed=N` repeats one, `-Dreplica.histories=N` plays
/// so many.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class ReplicationSimTest {
    private static final int HISTORIES = Integer.getInteger("replica.histories", 1000);

    static ReplicaRules rules(AnswerRule answer, int inFlight) {
        return new ReplicaRules(
                answer,
                Duration.ofSeconds(10),
                Duration.ofMillis(2500),
                true,
                Duration.ofMinutes(10),
                Duration.ofMillis(100),
                Duration.ofSeconds(30),
                inFlight,
                1_000_000,
                1000);
    }

    @Test
    void whatever_breaks_every_write_reaches_every_node_in_one_order_once() {
        Long one = Long.getLong("replica.seed");
        for (long seed = one == null ? 1 : one; seed <= (one == null ? HISTORIES : one); seed++) {
            try {
                play(seed);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("-Dreplica.seed=" + seed + ": " + e.getMessage(), e);
            }
        }
    }

    private static void play(long seed) {
        var dice = new Random(seed * 31);
        var answers = List.of(AnswerRule.values());
        AnswerRule answer = answers.get(dice.nextInt(answers.size()));
        int inFlight = dice.nextBoolean() ? 1 : 1 + dice.nextInt(8);
        var world = new ReplicaWorld(seed, rules(answer, inFlight));
        int nodes = 1 + dice.nextInt(4);
        for (int i = 0; i < nodes; i++) {
            world.add(i);
        }
        // What one fails alone and another has put aside nobody has done.
        boolean parks = dice.nextBoolean();
        boolean contrary = dice.nextInt(3) == 0;
        world.slow = dice.nextBoolean();
        var refused = new TreeSet<Long>();
        var disputed = new TreeSet<Long>();
        int steps = 50 + dice.nextInt(400);
        for (int i = 0; i < steps; i++) {
            int which = dice.nextInt(nodes);
            NodeAddress node = ReplicaWorld.node(which);
            switch (dice.nextInt(26)) {
                case 0, 1, 2, 3, 4, 5 -> {
                    long position = world.write();
                    assertTrue(position > 0);
                }
                case 6 -> world.copy(which).reachable = false;
                case 7 -> world.copy(which).reachable = true;
                case 8 -> world.on(new ReplicaEvent.Down(node, "no answer"));
                case 9, 10 -> world.on(new ReplicaEvent.Up(node));
                case 11 ->
                        world.change(
                                new NodeChange.Put(
                                        node, NodePatch.maintenance(dice.nextBoolean())));
                case 12 -> {
                    world.restart();
                    if (dice.nextInt(4) == 0 && world.view(which).queueWrites() == 0) {
                        // Out and in again, with nothing in between: it misses nothing.
                        world.change(new NodeChange.Put(node, active(false)));
                        if (dice.nextBoolean()) {
                            world.restart();
                        }
                        world.change(new NodeChange.Put(node, active(true)));
                    }
                }
                case 13 -> world.compact();
                case 14 -> world.pass(dice.nextInt(20_000));
                case 15 -> {
                    // Fails for a while; with more than one under way this lets others by.
                    if (inFlight == 1 && nodes > 1 && !parks) {
                        world.copy(which).fails.put(world.write(), 1 + dice.nextInt(4));
                    }
                }
                case 16 -> {
                    var written = new ArrayList<>(world.everWritten);
                    written.removeAll(refused);
                    if (parks && !written.isEmpty()) {
                        long position = written.get(dice.nextInt(written.size()));
                        world.change(new NodeChange.Park(node, position));
                    }
                }
                case 17 -> {
                    // All refuse it: none has it, and each is in step.
                    long position = world.write();
                    refused.add(position);
                    for (int each = 0; each < nodes; each++) {
                        world.copy(each).refuses.put(position, 409);
                    }
                    killedSoon(world, nodes, dice);
                }
                case 18 -> {
                    // One does not take what the others take, or the others what this one does.
                    if (contrary) {
                        long position = world.write();
                        disputed.add(position);
                        world.copy(which).refuses.put(position, 422);
                        killedSoon(world, nodes, dice);
                    }
                }
                case 19 -> world.keep();
                default -> world.step(node, dice.nextInt(4) == 0 ? 0.3 : 0);
            }
        }
        for (int i = 0; i < nodes; i++) {
            world.change(new NodeChange.Put(ReplicaWorld.node(i), NodePatch.maintenance(false)));
        }
        world.calm();
        world.pass(20_000);

        if (!disputed.isEmpty()) {
            assertNoneDiffersUnnoticed(world, nodes);
            return;
        }
        var all = new ArrayList<>(world.everWritten);
        all.removeAll(refused);
        for (int i = 0; i < nodes; i++) {
            NodeView view = world.view(i);
            if (view.state() == NodeState.OUT_OF_STEP) {
                // It failed what the others have done; sent again it comes late, and once.
                assertTrue(view.parked() > 0, view.why());
                release(world, i);
                assertEquals(all, world.copy(i).applied.stream().sorted().toList());
            } else {
                assertEquals(all, world.copy(i).applied, "node " + i + " of " + nodes);
            }
            assertEquals(NodeState.IN_STEP, world.view(i).state());
        }
        world.compact();
        assertEquals(0, world.logged(), () -> "kept: " + world.replication);
    }

    /// Perhaps just when the nodes have answered and not all of what follows is kept.
    private static void killedSoon(ReplicaWorld world, int nodes, Random dice) {
        if (dice.nextInt(3) == 0) {
            for (int i = dice.nextInt(4 * nodes); i > 0; i--) {
                world.step(ReplicaWorld.node(dice.nextInt(nodes)), 0);
            }
            world.restart();
        }
    }

    /// Those that are in step have the same.
    private static void assertNoneDiffersUnnoticed(ReplicaWorld world, int nodes) {
        List<Long> first = null;
        for (int i = 0; i < nodes; i++) {
            if (world.view(i).state() == NodeState.IN_STEP) {
                List<Long> applied = world.copy(i).applied;
                first = first == null ? applied : first;
                assertEquals(first, applied, "node " + i + " of " + nodes);
            }
        }
    }

    private static NodePatch active(boolean active) {
        return new NodePatch(
                Optional.empty(),
                OptionalInt.empty(),
                Optional.of(active),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty());
    }

    /// It may refuse a few times more.
    private static void release(ReplicaWorld world, int number) {
        NodeAddress node = ReplicaWorld.node(number);
        for (int i = 0; i < 5 && world.view(number).parked() > 0; i++) {
            for (QueuedWrite write : world.replication.queue(node, 0, 1000).orElseThrow()) {
                assertTrue(write.parked());
                world.change(new NodeChange.Release(node, write.position()));
            }
            world.calm();
        }
    }
}
