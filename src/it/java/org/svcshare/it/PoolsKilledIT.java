package org.svcshare.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.history.LockEvent;
import org.svcshare.history.LockLinearizability;

/// The pools of one node, killed again and again under load: what was granted or queued is there
/// afterwards (P3), nothing is granted twice (P1), and a lock can explain all that was seen.
///
/// `-Dpools.kills=200` for a longer run, `-Dpools.seed=N` for the same moments.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PoolsKilledIT {
    private static final int KILLS = Integer.getInteger("pools.kills", 6);
    private static final List<String> POOLS = List.of("p0", "p1");
    private static final int USERS_PER_POOL = 4;

    @TempDir private Path folder;

    private Svcshare serve(int port) throws IOException {
        return Svcshare.start(
                folder,
                Map.of(),
                "run",
                "--distributex",
                folder.resolve("distributex.yaml").toString(),
                "--http-port",
                String.valueOf(port));
    }

    @Test
    void given_load_when_the_server_is_killed_again_and_again_then_no_lock_is_lost_or_doubled()
            throws Exception {
        long seed = Long.getLong("pools.seed", System.nanoTime());
        var random = new Random(seed);
        Files.writeString(
                folder.resolve("distributex.yaml"),
                "pools:\n  - name: p0\n    expire: 300\n  - name: p1\n    expire: 300\n");
        int port = RealPart.freePort();
        Map<String, List<LockEvent>> histories = new HashMap<>();
        var goOn = new AtomicBoolean(true);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var users = new ArrayList<Future<?>>();
            Svcshare server = serve(port);
            try {
                for (String pool : POOLS) {
                    List<LockEvent> history = LockUser.history();
                    histories.put(pool, history);
                    for (int i = 0; i < USERS_PER_POOL; i++) {
                        var user = new LockUser(port, pool, history);
                        users.add(
                                threads.submit(() -> {
                                    user.use(goOn::get);
                                    return null;
                                }));
                    }
                }
                for (int i = 0; i < KILLS; i++) {
                    untilMore(histories, 40);
                    // Anywhere in a batch, not just after an answer.
                    TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
                    server.kill();
                    server = serve(port);
                }
                untilMore(histories, 40);
                goOn.set(false);
                for (Future<?> user : users) {
                    user.get(120, TimeUnit.SECONDS);
                }
            } catch (ExecutionException | AssertionError e) {
                throw new AssertionError(
                        "repeat with -Dpools.seed=" + seed + "\n" + server.printed(), e);
            } finally {
                goOn.set(false);
                server.close();
                users.forEach(user -> user.cancel(true));
            }
        }
        for (String pool : POOLS) {
            List<LockEvent> history = List.copyOf(histories.getOrDefault(pool, List.of()));
            assertTrue(history.size() > 40 * KILLS, pool + ": " + history.size());
            assertEquals(Optional.empty(), LockLinearizability.check(history), pool);
        }
    }

    private static void untilMore(Map<String, List<LockEvent>> histories, int more) {
        for (List<LockEvent> history : histories.values()) {
            int wanted = history.size() + more;
            Awaitility.await("the users go on")
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> history.size() >= wanted);
        }
    }
}
