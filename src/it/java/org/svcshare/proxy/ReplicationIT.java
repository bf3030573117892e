package org.svcshare.proxy;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.replica.AnswerRule;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodeState;
import org.svcshare.replica.QueuedWrite;

/// Three copies of an application behind the proxy: one is killed, stopped, looked after, slow, or
/// of another opinion.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ReplicationIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /// What a write may take that waits for nobody who is away; a busy machine has its pauses.
    private static final Duration PROMPT = ProxySettings.NODE_TIMEOUT.dividedBy(2);

    @TempDir private Path folder;

    private static void assertPrompt(Writers writers) {
        assertTrue(writers.slowest().compareTo(PROMPT) < 0, writers::toString);
    }

    private TestProxy proxy(Copies copies) throws Exception {
        return new TestProxy(new ProxySettings().with(folder.resolve("writes"), copies.nodes()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16})
    void
            given_many_who_write_to_one_item_at_once_when_done_then_all_copies_did_the_same_in_one_order(
                    int inFlight) throws Exception {
        try (var copies = Copies.start(folder, 3);
                var proxy =
                        new TestProxy(
                                new ProxySettings()
                                        .inFlight(inFlight)
                                        .with(folder.resolve("writes"), copies.nodes()));
                var first = Writers.with(proxy.at(), 1, (_, _, body) -> put("one", body));
                var writers = Writers.with(proxy.at(), 16, Writers.appending("one"))) {
            first.run(1);
            writers.run(5_000);

            copies.awaitWrites(5_001, 0, 1, 2);
            copies.assertEqual();
            assertEquals(Map.of(200, 5_000L), writers.statuses(), writers::toString);
            writers.assertKept(copies.log(0), "copies");
            assertEquals(5_001, copies.writes(0));
            String key = copies.log(0).get(1).key();
            assertTrue(!key.isEmpty(), "the proxy gives each write a key");
        }
    }

    private static Writers.Request put(String item, String body) {
        return new Writers.Request("PUT", "/items/" + item, body);
    }

    @Test
    void given_three_copies_when_each_reads_then_an_acknowledged_write_is_read_from_all()
            throws Exception {
        try (var copies = Copies.start(folder, 3);
                var proxy =
                        new TestProxy(
                                new ProxySettings()
                                        .answer(AnswerRule.ALL)
                                        .with(folder.resolve("writes"), copies.nodes()));
                var writers = Writers.with(proxy.at(), 1, (_, _, body) -> put("one", body))) {
            writers.run(1);
            String body = writers.acknowledged().getFirst().request().body();
            for (int i = 0; i < 6; i++) {
                assertEquals(body, proxy.read("/items/one").body());
            }
            assertEquals(404, proxy.read("/items/none").statusCode());
        }
    }

    @Test
    void given_writers_when_a_copy_is_killed_and_comes_back_then_it_gets_what_it_missed()
            throws Exception {
        try (var copies = Copies.start(folder, 3);
                var proxy = proxy(copies);
                var writers = Writers.withKeys(proxy.at(), 8, Writers.mixed())) {
            writers.start();
            for (int copy : new int[] {2, 0, 1}) {
                int before = writers.count();
                await("writes").atMost(LIMIT).until(() -> writers.count() > before + 200);
                copies.kill(copy);
                int after = writers.count();
                await("writes without copy " + copy)
                        .atMost(LIMIT)
                        .until(() -> writers.count() > after + 500);
                copies.start(copy);
                int back = writers.count();
                await("writes with it again")
                        .atMost(LIMIT)
                        .until(() -> writers.count() > back + 200);
                // At full speed it might never be level with the others.
                writers.stop();
                await("copy " + copy + " has caught up")
                        .atMost(LIMIT)
                        .until(() -> proxy.inStep(copies.address(copy)));
                writers.start();
            }
            writers.stop();

            copies.awaitEqual();
            writers.assertKept(copies.log(0), "copies");
            assertPrompt(writers);
        }
    }

    @Test
    void given_a_copy_that_is_stopped_when_others_write_and_read_then_nobody_waits_for_it()
            throws Exception {
        try (var copies = Copies.start(folder, 3);
                var proxy = proxy(copies);
                var writers = Writers.with(proxy.at(), 8, Writers.posting())) {
            writers.run(100);
            copies.stop(1);
            try {
                writers.run(2_000);
                assertEquals(2_100, writers.acknowledged().size(), writers::toString);
                assertPrompt(writers);
                await("it counts as away")
                        .atMost(LIMIT)
                        .until(() -> !proxy.node(copies.address(1)).readable());
                for (int i = 0; i < 30; i++) {
                    long began = System.nanoTime();
                    assertEquals(200, proxy.read("/items/1").statusCode());
                    assertTrue(System.nanoTime() - began < PROMPT.toNanos(), "a read waits");
                }
            } finally {
                copies.goOn(1);
            }

            copies.awaitWrites(2_100, 0, 1, 2);
            copies.awaitEqual();
            writers.assertKept(copies.log(1), "the one that was stopped");
        }
    }

    @Test
    void given_a_copy_in_maintenance_when_it_is_over_then_it_gets_what_was_collected_in_order()
            throws Exception {
        try (var copies = Copies.start(folder, 3);
                var proxy = proxy(copies);
                var writers = Writers.with(proxy.at(), 4, Writers.posting())) {
            writers.run(50);
            copies.awaitWrites(50, 0, 1, 2);
            NodeAddress left = copies.address(2);
            proxy.maintenance(left, true);

            writers.run(500);
            copies.awaitWrites(550, 0, 1);
            assertEquals(50, copies.writes(2));
            await("all are seen to wait")
                    .atMost(LIMIT)
                    .until(() -> proxy.node(left).queueWrites() == 500);
            assertTrue(proxy.node(left).queueBytes() > 0);
            assertTrue(proxy.node(left).oldest().isPresent());
            List<QueuedWrite> queue = proxy.queue(left);
            assertEquals(500, queue.size());
            assertEquals(
                    Set.of("/items"), Set.copyOf(queue.stream().map(QueuedWrite::target).toList()));
            assertPrompt(writers);

            proxy.maintenance(left, false);
            copies.awaitWrites(550, 2);
            copies.awaitEqual();
            writers.assertKept(copies.log(2), "the one that was left alone");
            await("in step").atMost(LIMIT).until(() -> proxy.inStep(left));
        }
    }

    @Test
    void
            given_a_copy_that_refuses_what_others_take_when_written_then_it_is_parked_and_the_rest_goes_on()
                    throws Exception {
        try (var copies = Copies.start(folder, 3);
                var proxy = proxy(copies);
                var first = Writers.with(proxy.at(), 1, Writers.appending("other"));
                var rest = Writers.with(proxy.at(), 4, Writers.posting())) {
            NodeAddress odd = copies.address(2);
            copies.write(0, "PUT", "/items/other", "a");
            copies.write(1, "PUT", "/items/other", "a");

            first.run(1);
            rest.run(100);

            assertEquals(Map.of(200, 1L), first.statuses(), first::toString);
            assertEquals(100, rest.acknowledged().size(), rest::toString);
            copies.awaitWrites(100, 2);
            rest.assertKept(copies.log(2), "the odd one");
            await("parked").atMost(LIMIT).until(() -> proxy.node(odd).parked() == 1);
            QueuedWrite parked = proxy.queue(odd).getFirst();
            assertTrue(parked.parked());
            assertEquals(404, parked.status());
            assertEquals("/items/other", parked.target());
            await("the rest is through")
                    .atMost(LIMIT)
                    .until(() -> proxy.node(odd).queueWrites() == 0);
            assertEquals(NodeState.OUT_OF_STEP, proxy.node(odd).state());

            proxy.change(new NodeChange.Drop(odd, parked.position()));
            assertEquals(0, proxy.node(odd).parked());
            copies.write(
                    2, "PUT", "/items/other", first.acknowledged().getFirst().request().body());
            proxy.change(new NodeChange.InStep(odd));
            await("in step").atMost(LIMIT).until(() -> proxy.inStep(odd));
        }
    }

    @Test
    void given_a_slow_node_when_a_majority_is_enough_then_nobody_waits_for_it() throws Exception {
        try (var copies = Copies.start(folder, 2);
                var slow = new FaultyNode();
                var proxy =
                        new TestProxy(
                                new ProxySettings()
                                        .with(
                                                folder.resolve("writes"),
                                                with(copies, slow.address())));
                var writers = Writers.with(proxy.at(), 8, Writers.posting())) {
            slow.does(new FaultyNode.Fault.Slow(PROMPT));

            writers.run(1_000);

            assertEquals(Map.of(201, 1_000L), writers.statuses(), writers::toString);
            assertPrompt(writers);
            slow.does(new FaultyNode.Fault.None());
            await("the slow one has all").atMost(LIMIT).until(() -> slow.applied().size() == 1_000);
            copies.awaitEqual();
            assertEquals(copies.log(0), slow.applied());
        }
    }

    @Test
    void given_a_slow_node_when_all_have_to_answer_then_they_wait_for_it() throws Exception {
        try (var copies = Copies.start(folder, 2);
                var slow = new FaultyNode();
                var proxy =
                        new TestProxy(
                                new ProxySettings()
                                        .answer(AnswerRule.ALL)
                                        .with(
                                                folder.resolve("writes"),
                                                with(copies, slow.address())));
                var writers = Writers.with(proxy.at(), 1, Writers.posting())) {
            slow.does(new FaultyNode.Fault.Slow(Duration.ofMillis(300)));

            writers.run(2);

            assertEquals(Map.of(201, 2L), writers.statuses(), writers::toString);
            assertTrue(writers.slowest().compareTo(Duration.ofMillis(300)) >= 0, writers::toString);
            assertEquals(2, slow.applied().size());
        }
    }

    static List<Node> with(Copies copies, NodeAddress more) {
        return Stream.concat(copies.nodes().stream(), Stream.of(Copies.node(more))).toList();
    }

    @Test
    void given_a_client_that_repeats_a_write_when_it_has_a_key_then_it_is_done_once()
            throws Exception {
        try (var copies = Copies.start(folder, 3);
                var proxy = proxy(copies);
                var writers = Writers.withKeys(proxy.at(), 1, Writers.posting())) {
            writers.run(1);
            Writers.Write write = writers.acknowledged().getFirst();
            int again = writers.send(write);

            assertEquals(201, again);
            copies.awaitEqual();
            assertEquals(1, copies.writes(0));
            writers.assertKept(copies.log(0), "copies");
        }
    }
}
