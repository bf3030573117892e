package org.svcshare.proxy;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.config.Endpoint;
import org.svcshare.it.NodeGroup;
import org.svcshare.it.RealPart;

/// A group of three processes before two copies, written to at all three. `-Dreplica.kills=100`
/// kills as often as that, `-Dreplica.seed=N` repeats.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GroupReplicasIT {
    private static final int SIZE = 3;
    private static final int COPIES = 2;
    private static final int KILLS = Integer.getInteger("replica.kills", 3);
    private static final int MOMENTS_MS = 1_500;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir private Path folder;
    private final Map<String, Integer> ports = new HashMap<>();

    private NodeGroup group(Copies copies) throws IOException {
        var group = new NodeGroup(folder.resolve("group"), SIZE);
        String nodes =
                IntStream.range(0, COPIES)
                        .mapToObj(copy -> "{ node = \"" + copies.address(copy) + "\" }")
                        .collect(Collectors.joining(", "));
        for (String name : group.names()) {
            int port = RealPart.freePort();
            ports.put(name, port);
            group.node(name)
                    .set(
                            """
                            replica {
                              listen = "127.0.0.1:%d"
                              control.enabled = false
                              nodes = [ %s ]
                              health { every = 500ms, timeout = 2s }
                              writes { first-pause = 50ms, longest-pause = 500ms }
                            }
                            """
                                    .formatted(port, nodes));
        }
        return group.startAll();
    }

    private Endpoint at(String name) {
        return new Endpoint("127.0.0.1", Objects.requireNonNull(ports.get(name)));
    }

    @Test
    void
            given_load_on_all_nodes_when_leaders_are_killed_then_every_acknowledged_write_is_everywhere_in_one_order_once()
                    throws Exception {
        long seed = Long.getLong("replica.seed", System.nanoTime());
        var random = new Random(seed);
        int round = 0;
        try (var copies = Copies.start(folder, COPIES);
                var group = group(copies)) {
            var writers = new ArrayList<Writers>();
            try {
                for (String name : group.names()) {
                    writers.add(Writers.withKeys(at(name), 2, Writers.mixed()));
                }
                writers.forEach(Writers::start);
                for (; round < KILLS; round++) {
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(MOMENTS_MS));
                    String leader = group.leader();
                    group.kill(leader);
                    int[] before = writers.stream().mapToInt(Writers::count).toArray();
                    for (String other : group.others(leader)) {
                        int which = group.names().indexOf(other);
                        writers.get(which).awaitMore(before[which] + 5);
                    }
                    group.start(leader);
                    group.awaitReady();
                }
                for (Writers each : writers) {
                    each.stop();
                }
                copies.awaitEqual();

                var sent = new HashSet<String>();
                int acknowledged = 0;
                for (Writers each : writers) {
                    each.assertKept(copies.log(0), "copy 0");
                    sent.addAll(each.sent());
                    acknowledged += each.acknowledged().size();
                }
                long done =
                        copies.log(0).stream().filter(each -> sent.contains(each.digest())).count();
                assertEquals(done, acknowledged, writers::toString);
            } catch (Exception | AssertionError e) {
                throw new AssertionError("-Dreplica.seed=" + seed + ", round " + round, e);
            } finally {
                writers.forEach(Writers::close);
            }
        }
    }

    @Test
    void given_a_leader_that_is_cut_off_when_others_go_on_then_it_sends_nothing_more()
            throws Exception {
        try (var copies = Copies.start(folder, COPIES);
                var group = group(copies)) {
            String leader = group.leader();
            List<String> others = group.others(leader);
            try (var writers = Writers.withKeys(at(others.getFirst()), 3, Writers.mixed());
                    var cut = Writers.with(at(leader), 1, Writers.posting())) {
                writers.start();
                writers.awaitMore(20);
                others.forEach(other -> group.net().cut(leader, other));
                cut.start();
                writers.awaitMore(writers.count() + 20);
                cut.stop();
                group.net().heal();
                group.awaitReady();
                writers.stop();
                copies.awaitEqual();

                writers.assertKept(copies.log(0), "those of the majority");
                assertTrue(
                        cut.acknowledged().isEmpty()
                                || done(copies, cut.sent()) >= cut.acknowledged().size(),
                        cut::toString);
                await("all know the copies alike")
                        .atMost(LIMIT)
                        .until(() ->
                                group.names().stream()
                                        .allMatch(name ->
                                                group.node(name)
                                                                .get("/api/v1/nodes")
                                                                .split("\"in-step\"", -1)
                                                                .length
                                                        == COPIES + 1));
            }
        }
    }

    private static long done(Copies copies, Set<String> digests) {
        return copies.log(0).stream().filter(each -> digests.contains(each.digest())).count();
    }
}
