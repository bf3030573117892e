package org.svcshare.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svcshare.config.ReplicaSettings.Durability;
import org.svcshare.it.RealPart;
import org.svcshare.replica.NodeAddress;

/// Kills the proxy under load, again and again, on one folder: every acknowledged write is on every
/// node, in one order, once. `-Dproxy.kills=200` kills as often as that, `-Dproxy.seed=N` repeats.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ProxyKilledIT {
    private static final int ROUNDS = Integer.getInteger("proxy.kills", 4);
    private static final int MOMENTS_MS = 700;

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({"FSYNC, 1", "OS, 16"})
    void
            given_load_when_the_proxy_is_killed_then_every_acknowledged_write_is_everywhere_in_one_order_once(
                    Durability durability, int inFlight) throws Exception {
        long seed = Long.getLong("proxy.seed", System.nanoTime());
        var random = new Random(seed);
        String where = "-Dproxy.seed=" + seed + ", round ";
        int round = 0;
        int port = RealPart.freePort();
        try (var copies = Copies.start(folder, 3)) {
            List<NodeAddress> nodes = IntStream.range(0, 3).mapToObj(copies::address).toList();
            Path writes = folder.resolve("writes");
            ProxyProcess proxy = ProxyProcess.start(writes, port, durability, inFlight, nodes);
            try (var keyed = Writers.withKeys(proxy.at(), 6, Writers.mixed());
                    var bare = Writers.with(proxy.at(), 2, Writers.posting())) {
                keyed.start();
                bare.start();
                for (; round < ROUNDS; round++) {
                    int before = keyed.count();
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(MOMENTS_MS));
                    proxy.kill();
                    if (round % 5 == 3) {
                        copies.kill(round % 3);
                        copies.start(round % 3);
                    }
                    proxy = ProxyProcess.start(writes, port, durability, inFlight, nodes);
                    keyed.awaitMore(before + 10);
                }
                keyed.stop();
                bare.stop();
                copies.awaitEqual();

                keyed.assertKept(copies.log(0), "those with keys");
                bare.assertKept(copies.log(0), "those without");
                assertTrue(!bare.acknowledged().isEmpty(), bare::toString);
                // Those who repeat until they know are told of all that is done.
                Set<String> sent = keyed.sent();
                long done =
                        copies.log(0).stream().filter(each -> sent.contains(each.digest())).count();
                assertEquals(done, keyed.acknowledged().size(), keyed::toString);
            } catch (Exception | AssertionError e) {
                throw new AssertionError(where + round + "\n" + proxy.errors(), e);
            } finally {
                proxy.close();
            }
        }
    }
}
