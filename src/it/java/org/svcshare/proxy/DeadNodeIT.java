package org.svcshare.proxy;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.config.ReplicaSettings.Durability;
import org.svcshare.replica.NodeAddress;

/// Very many writes for a node that is dead: they take the proxy's disk and not its memory, and the
/// node gets all of them when it is back.
@EnabledIfSystemProperty(named = "it.all", matches = ".*", disabledReason = "with -Dit.all")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class DeadNodeIT {
    private static final int WRITES = 100_000;
    private static final int BYTES = 256;

    /// 160 bytes for each write, less than its body.
    private static final long BOUND_BYTES = 16L * 1024 * 1024;

    private static final Duration LIMIT = Duration.ofMinutes(5);

    @TempDir private Path folder;

    @Test
    void given_many_writes_for_a_dead_node_when_it_comes_then_it_gets_all_and_memory_was_not_taken()
            throws Exception {
        try (var copies = Copies.start(folder, 3)) {
            List<NodeAddress> nodes = IntStream.range(0, 3).mapToObj(copies::address).toList();
            try (var proxy =
                            ProxyProcess.start(
                                    folder.resolve("writes"),
                                    0,
                                    Durability.FSYNC,
                                    16,
                                    nodes,
                                    "-Xmx128m");
                    var writers = Writers.with(proxy.at(), 32, Writers.posting(BYTES))) {
                writers.run(5_000);
                copies.awaitWrites(5_000, 0, 1, 2);
                copies.kill(2);
                writers.run(1_000);
                long before = proxy.heapUsed();

                writers.run(WRITES);
                copies.awaitWrites(WRITES + 6_000, 0, 1);
                long grown = proxy.heapUsed() - before;
                System.out.println(
                        "heap used: "
                                + before / 1024
                                + " KiB, and "
                                + grown / 1024
                                + " KiB more with "
                                + WRITES
                                + " writes for a dead node");
                assertEquals(WRITES + 6_000, writers.acknowledged().size(), writers::toString);

                copies.start(2);
                await("it has all").atMost(LIMIT).until(() -> copies.writes(2) == WRITES + 6_000);
                copies.assertEqual();
                writers.assertKept(copies.log(2), "the one that was dead");
                assertTrue(grown < BOUND_BYTES, "heap grew by " + grown + " bytes");
            }
        }
    }
}
