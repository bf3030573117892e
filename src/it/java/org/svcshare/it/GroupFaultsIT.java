package org.svcshare.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.svcshare.history.LockEvent;
import org.svcshare.history.LockLinearizability;

/// Pools on a group of real processes to which bad things happen under load: users who go to the
/// next node when one does not answer always get on, nothing that was granted or queued is lost or
/// doubled (P1, P3), and a lock can explain all that was seen.
///
/// Takes minutes, so it is run by continuous integration (`CI` in the environment), or when asked
/// for: `-Dgroup.rounds=N` does the same things N times, `-Dgroup.seed=N` at the same moments.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GroupFaultsIT {
    private static final int ROUNDS = Integer.getInteger("group.rounds", 1);
    private static final List<String> POOLS = List.of("p0", "p1");
    private static final int USERS_PER_POOL = 4;

    /// What a user gives one node before going to the next.
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private static final Duration SLOW = Duration.ofMillis(20);

    /// How many more things have to be done, so that it can be said that the group goes on.
    private static final int SOME = 40;

    @TempDir private Path folder;

    /// What happens while `goesOn` is waited for again and again.
    interface Round {
        void go(NodeGroup group, Runnable goesOn) throws Exception;
    }

    static Stream<Named<Round>> faults() {
        return Stream.of(
                Named.of("leader killed", GroupFaultsIT::leaderKilled),
                Named.of("follower killed", GroupFaultsIT::followerKilled),
                Named.of("all killed", GroupFaultsIT::allKilled),
                Named.of("leader stopped", GroupFaultsIT::leaderStopped),
                Named.of("leader cut off", GroupFaultsIT::leaderCutOff),
                Named.of("leader unheard", GroupFaultsIT::leaderUnheard),
                Named.of("leader deaf", GroupFaultsIT::leaderDeaf),
                Named.of("one line cut", GroupFaultsIT::oneLineCut),
                Named.of("slow lines", GroupFaultsIT::slowLines),
                Named.of("rolling restart", GroupFaultsIT::rollingRestart));
    }

    private static void leaderKilled(NodeGroup group, Runnable goesOn) throws Exception {
        String leader = group.leader();
        group.kill(leader);
        goesOn.run();
        group.start(leader);
    }

    private static void followerKilled(NodeGroup group, Runnable goesOn) throws Exception {
        String follower = group.others(group.leader()).getFirst();
        group.kill(follower);
        goesOn.run();
        group.start(follower);
    }

    private static void allKilled(NodeGroup group, Runnable goesOn) throws Exception {
        List<String> all = group.running();
        for (String node : all) {
            group.kill(node);
        }
        for (String node : all) {
            group.start(node);
        }
        goesOn.run();
    }

    private static void leaderStopped(NodeGroup group, Runnable goesOn) throws Exception {
        String leader = group.leader();
        group.process(leader).signal("STOP");
        try {
            goesOn.run();
        } finally {
            group.process(leader).signal("CONT");
        }
    }

    private static void leaderCutOff(NodeGroup group, Runnable goesOn) {
        String leader = group.leader();
        group.others(leader).forEach(other -> group.net.cut(leader, other));
        goesOn.run();
        group.net.heal();
    }

    private static void leaderUnheard(NodeGroup group, Runnable goesOn) {
        String leader = group.leader();
        group.others(leader).forEach(other -> group.net.silence(leader, other));
        goesOn.run();
        group.net.heal();
    }

    private static void leaderDeaf(NodeGroup group, Runnable goesOn) {
        String leader = group.leader();
        group.others(leader).forEach(other -> group.net.silence(other, leader));
        goesOn.run();
        group.net.heal();
    }

    private static void oneLineCut(NodeGroup group, Runnable goesOn) {
        String leader = group.leader();
        group.net.cut(leader, group.others(leader).getFirst());
        goesOn.run();
        group.net.heal();
    }

    private static void slowLines(NodeGroup group, Runnable goesOn) {
        for (String from : group.running()) {
            group.others(from).forEach(to -> group.net.delay(from, to, SLOW));
        }
        goesOn.run();
        group.net.heal();
    }

    private static void rollingRestart(NodeGroup group, Runnable goesOn) throws Exception {
        for (String node : group.running()) {
            assertEquals(0, group.stop(node), group::toString);
            goesOn.run();
            group.start(node);
            group.awaitReady();
        }
    }

    @ParameterizedTest
    @MethodSource("faults")
    void given_load_when_something_bad_happens_then_no_lock_is_lost_or_doubled(Round fault)
            throws Exception {
        Assumptions.assumeTrue(
                System.getenv("CI") != null || System.getProperty("group.rounds") != null,
                "only in CI, or with -Dgroup.rounds");
        long seed = Long.getLong("group.seed", System.nanoTime());
        var random = new Random(seed);
        Map<String, List<LockEvent>> histories = new TreeMap<>();
        var goOn = new AtomicBoolean(true);
        var users = new ArrayList<Future<?>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var group = new NodeGroup(folder, 3).startAll()) {
            try {
                for (String pool : POOLS) {
                    List<LockEvent> history = LockUser.history();
                    histories.put(pool, history);
                    for (int i = 0; i < USERS_PER_POOL; i++) {
                        var user = new LockUser(group.ports(), PATIENCE, pool, history);
                        users.add(
                                threads.submit(() -> {
                                    user.use(goOn::get);
                                    return null;
                                }));
                    }
                }
                for (int i = 0; i < ROUNDS; i++) {
                    untilMore(histories, users);
                    TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
                    fault.go(group, () -> untilMore(histories, users));
                }
                untilMore(histories, users);
                group.awaitReady();
                goOn.set(false);
                for (Future<?> user : users) {
                    user.get(120, TimeUnit.SECONDS);
                }
            } catch (ExecutionException | AssertionError e) {
                throw new AssertionError("repeat with -Dgroup.seed=" + seed + "\n" + group, e);
            } finally {
                goOn.set(false);
                users.forEach(user -> user.cancel(true));
            }
        }
        histories.forEach((pool, history) -> {
            assertTrue(history.size() > SOME * ROUNDS, pool + ": " + history.size());
            assertEquals(Optional.empty(), LockLinearizability.check(history), pool);
        });
    }

    /// Waits until every pool got on by some more.
    private static void untilMore(Map<String, List<LockEvent>> histories, List<Future<?>> users) {
        histories.forEach((pool, history) -> {
            int wanted = history.size() + SOME;
            try {
                Awaitility.await("the users go on")
                        .atMost(Duration.ofSeconds(60))
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> history.size() >= wanted || someDone(users));
            } catch (ConditionTimeoutException e) {
                throw new AssertionError(
                        pool + " stands still at " + history.size() + " of " + wanted, e);
            }
        });
    }

    /// A user who ended has found something wrong; the test looks at it later.
    private static boolean someDone(List<Future<?>> users) {
        return users.stream().anyMatch(Future::isDone);
    }
}
