package org.svcshare.it;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/// Something that goes wrong again and again with a group that is used all the time, at moments
/// that a seed tells.
///
/// Takes a while, so it is run by continuous integration (`CI` in the environment), or when asked
/// for: `-Dgroup.rounds=N` does the same things N times, `-Dgroup.seed=N` at the same moments.
final class FaultRounds {
    /// Of which things that go wrong, where a test has several: a pattern for their names.
    static final String ONLY = System.getProperty("group.only", ".*");

    private static final int ROUNDS = Integer.getInteger("group.rounds", 1);

    /// Longer than what happens by itself between two batches, or two heartbeats.
    private static final int MOMENTS_US = 20_000;

    /// What goes wrong; it waits for `users` to go on again and again.
    interface Round {
        void go(NodeGroup group, LockUsers users) throws Exception;
    }

    private FaultRounds() {}

    static void assumeWanted() {
        Assumptions.assumeTrue(
                System.getenv("CI") != null || System.getProperty("group.rounds") != null,
                "only in CI, or with -Dgroup.rounds");
    }

    /// Whether there is time for what takes minutes by itself.
    static boolean soak() {
        return System.getProperty("group.rounds") != null;
    }

    /// Nothing that was granted or queued is lost or doubled (P1, P3), and at the end all is well.
    ///
    /// @param group whose nodes run
    static void run(NodeGroup group, Round round) throws Exception {
        long seed = Long.getLong("group.seed", System.nanoTime());
        var random = new Random(seed);
        try (var users = new LockUsers(group.addresses())) {
            for (int i = 0; i < ROUNDS; i++) {
                users.goOn();
                TimeUnit.MICROSECONDS.sleep(random.nextInt(MOMENTS_US));
                round.go(group, users);
            }
            users.goOn();
            group.awaitReady();
            users.finish();
        } catch (Exception | AssertionError e) {
            throw new AssertionError("repeat with -Dgroup.seed=" + seed + "\n" + group, e);
        }
    }
}
