package org.svcshare.proxy;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.svcshare.proxy.Copies.Applied;
import org.svcshare.proxy.FaultyNode.Fault;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodeState;
import org.svcshare.replica.QueuedWrite;

/// One of three nodes misbehaves in each way that it can: nothing that was acknowledged is lost,
/// the order stays, each write is done once, and the others do not wait.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class FaultsIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration PROMPT = ProxySettings.NODE_TIMEOUT.dividedBy(2);
    private static final int WRITES = 300;

    @TempDir private Path folder;

    static Stream<Fault> passingFaults() {
        return Stream.of(
                new Fault.CutInRequest(),
                new Fault.CutBeforeAnswer(),
                new Fault.CutInAnswer(),
                new Fault.Slow(Duration.ofMillis(300)),
                new Fault.Status(500),
                new Fault.Status(503),
                new Fault.Garbage(),
                new Fault.Silent(),
                new Fault.ClosedAtOnce());
    }

    @ParameterizedTest
    @MethodSource("passingFaults")
    void given_a_fault_for_a_while_when_it_is_over_then_the_node_has_all_in_order_and_once(
            Fault fault) throws Exception {
        goThrough(fault, 1);
    }

    /// Without such as refuse one write and take the next, which is then out of order: that is what
    /// more than one in flight costs.
    static Stream<Fault> faultsOfConnections() {
        return passingFaults().filter(fault -> !(fault instanceof Fault.Status));
    }

    @EnabledIfSystemProperty(named = "it.all", matches = ".*", disabledReason = "with -Dit.all")
    @ParameterizedTest
    @MethodSource("faultsOfConnections")
    void given_many_writes_in_flight_and_a_fault_when_it_is_over_then_the_node_has_all_in_order(
            Fault fault) throws Exception {
        goThrough(fault, 16);
    }

    private void goThrough(Fault fault, int inFlight) throws Exception {
        try (var copies = Copies.start(folder, 2);
                var faulty = new FaultyNode();
                var proxy =
                        new TestProxy(
                                new ProxySettings()
                                        .inFlight(inFlight)
                                        .with(
                                                folder.resolve("writes"),
                                                ReplicationIT.with(copies, faulty.address())));
                var writers = Writers.with(proxy.at(), 4, Writers.posting())) {
            writers.run(WRITES);
            faulty.does(fault);
            writers.run(WRITES);
            await("it misbehaves").atMost(LIMIT).until(() -> faulty.committed() > 0);
            assertEquals(2 * WRITES, writers.acknowledged().size(), writers::toString);
            assertTrue(writers.slowest().compareTo(PROMPT) < 0, writers::toString);

            faulty.does(new Fault.None());
            writers.run(WRITES);

            assertEquals(3 * WRITES, writers.acknowledged().size(), writers::toString);
            copies.awaitWrites(3 * WRITES, 0, 1);
            copies.assertEqual();
            writers.assertKept(copies.log(0), "copies");
            await("the faulty one has all; " + proxy.node(faulty.address()))
                    .atMost(LIMIT)
                    .until(() -> faulty.applied().size() >= 3 * WRITES);
            assertEquals(copies.log(0), faulty.applied());
            await("in step").atMost(LIMIT).until(() -> proxy.inStep(faulty.address()));
        }
    }

    /// Each write is sent more than once to the one that cuts, and always with the same key.
    @Test
    void given_a_node_that_cuts_each_answer_once_when_tried_again_then_the_key_is_the_same()
            throws Exception {
        try (var copies = Copies.start(folder, 2);
                var faulty = new FaultyNode();
                var proxy =
                        new TestProxy(
                                new ProxySettings()
                                        .with(
                                                folder.resolve("writes"),
                                                ReplicationIT.with(copies, faulty.address())));
                var writers = Writers.with(proxy.at(), 1, Writers.posting())) {
            for (int i = 0; i < 20; i++) {
                faulty.does(new Fault.CutBeforeAnswer(), 1);
                writers.run(1);
                int done = i + 1;
                await("it has it").atMost(LIMIT).until(() -> faulty.applied().size() == done);
                await("it was tried again")
                        .atMost(LIMIT)
                        .until(() -> faulty.writes().size() == 2 * done);
            }
            copies.awaitEqual();
            assertEquals(copies.log(0), faulty.applied());
            assertEquals(
                    20,
                    new HashSet<>(faulty.writes().stream().map(FaultyNode.Got::key).toList())
                            .size());
        }
    }

    @Test
    void given_a_node_that_refuses_for_good_when_it_takes_again_then_the_rest_is_there_in_order()
            throws Exception {
        try (var copies = Copies.start(folder, 2);
                var faulty = new FaultyNode();
                var proxy =
                        new TestProxy(
                                new ProxySettings()
                                        .with(
                                                folder.resolve("writes"),
                                                ReplicationIT.with(copies, faulty.address())));
                var writers = Writers.with(proxy.at(), 4, Writers.posting())) {
            faulty.does(new Fault.Status(409), 10);
            writers.run(WRITES);

            copies.awaitWrites(WRITES, 0, 1);
            await("ten are parked")
                    .atMost(LIMIT)
                    .until(() -> proxy.node(faulty.address()).parked() == 10);
            await("the rest is there")
                    .atMost(LIMIT)
                    .until(() -> faulty.applied().size() == WRITES - 10);
            List<Applied> log = copies.log(0);
            assertEquals(log.subList(10, WRITES), faulty.applied());
            assertEquals(NodeState.OUT_OF_STEP, proxy.node(faulty.address()).state());
            List<QueuedWrite> parked = proxy.queue(faulty.address());
            assertEquals(10, parked.size());
            assertTrue(parked.stream().allMatch(write -> write.parked() && write.status() == 409));

            for (QueuedWrite write : parked) {
                proxy.change(new NodeChange.Release(faulty.address(), write.position()));
            }
            await("they are released")
                    .atMost(LIMIT)
                    .until(() ->
                            proxy.node(faulty.address()).parked() == 0
                                    && faulty.applied().size() == WRITES);
            assertEquals(Set.copyOf(log), Set.copyOf(faulty.applied()));
            assertTrue(writers.slowest().compareTo(PROMPT) < 0, writers::toString);
        }
    }

    @Test
    void given_a_node_that_fails_for_long_what_others_do_when_that_is_too_long_then_it_is_parked()
            throws Exception {
        try (var copies = Copies.start(folder, 2);
                var faulty = new FaultyNode();
                var proxy =
                        new TestProxy(
                                new ProxySettings()
                                        .refusedFor(Duration.ofSeconds(2))
                                        .with(
                                                folder.resolve("writes"),
                                                ReplicationIT.with(copies, faulty.address())));
                var writers = Writers.with(proxy.at(), 4, Writers.posting())) {
            faulty.does(new Fault.Status(500));
            writers.run(20);
            await("one is parked")
                    .atMost(LIMIT)
                    .until(() -> proxy.node(faulty.address()).parked() > 0);
            faulty.does(new Fault.None());
            await("the rest is there")
                    .atMost(LIMIT)
                    .until(() ->
                            faulty.applied().size() + proxy.node(faulty.address()).parked() == 20);
            copies.awaitEqual();
            List<Applied> log = copies.log(0);
            int parked = proxy.node(faulty.address()).parked();
            assertEquals(log.subList(parked, 20), faulty.applied());
        }
    }

    @Test
    void given_all_nodes_but_one_away_when_written_then_what_is_acknowledged_is_everywhere_at_last()
            throws Exception {
        try (var copies = Copies.start(folder, 3);
                var proxy =
                        new TestProxy(
                                new ProxySettings()
                                        .with(folder.resolve("writes"), copies.nodes()));
                var writers = Writers.withKeys(proxy.at(), 4, Writers.mixed())) {
            writers.run(100);
            copies.kill(0);
            copies.kill(1);
            await("they count as away")
                    .atMost(LIMIT)
                    .until(() ->
                            !proxy.node(copies.address(0)).readable()
                                    && !proxy.node(copies.address(1)).readable());
            writers.run(500);
            copies.start(0);
            copies.start(1);
            writers.run(100);

            copies.awaitEqual();
            writers.assertKept(copies.log(0), "copies");
            assertEquals(700, writers.answered().size(), writers::toString);
        }
    }
}
