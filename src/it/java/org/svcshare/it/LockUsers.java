package org.svcshare.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.svcshare.history.LockEvent;
import org.svcshare.history.LockLinearizability;

/// The load on a group to which bad things happen: users of a few locks, who go to the next node
/// when one does not answer. They always get on, and a lock can explain all that they saw.
final class LockUsers implements AutoCloseable {
    private static final List<String> POOLS = List.of("p0", "p1");
    private static final int USERS_PER_POOL = 4;

    /// What a user gives one node before going to the next.
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration LONGEST_REQUEST = Duration.ofMinutes(2);

    /// How many more things have to be done, so that it can be said that the group goes on.
    private static final int SOME = 40;

    private static final String LEASED = "leased";
    private static final Duration LEASE = Duration.ofSeconds(4);

    /// After a change of leader no lease ends for two seconds; the rest is for busy machines.
    private static final Duration LATE = Duration.ofSeconds(20);

    private final List<URI> nodes;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicBoolean goOn = new AtomicBoolean(true);
    private final Map<String, List<LockEvent>> histories = new TreeMap<>();
    private final List<Future<?>> users = new ArrayList<>();
    private int times;

    /// They begin at once.
    ///
    /// @param nodes where they can ask
    LockUsers(List<URI> nodes) {
        this.nodes = List.copyOf(nodes);
        for (String pool : POOLS) {
            List<LockEvent> history = LockUser.history();
            histories.put(pool, history);
            for (int i = 0; i < USERS_PER_POOL; i++) {
                var user = new LockUser(nodes, PATIENCE, pool, history);
                users.add(
                        threads.submit(() -> {
                            user.use(goOn::get);
                            return null;
                        }));
            }
        }
    }

    /// Waits until every pool got on by some more.
    void goOn() {
        times++;
        POOLS.forEach(pool -> {
            List<LockEvent> history = history(pool);
            int wanted = history.size() + SOME;
            try {
                Awaitility.await("the users go on")
                        .atMost(LIMIT)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> history.size() >= wanted || someDone());
            } catch (ConditionTimeoutException e) {
                throw new AssertionError(
                        pool + " stands still at " + history.size() + " of " + wanted, e);
            }
        });
    }

    /// Waits until a lease of another lock has ended, as long as it should.
    void letLeaseEnd() throws IOException, InterruptedException {
        List<LockEvent> history = histories.computeIfAbsent(LEASED, _ -> LockUser.history());
        Duration lasted = new LockUser(nodes, PATIENCE, LEASED, history).letEnd(LEASE);
        // That it is not too early is for those who look at the history.
        assertTrue(lasted.compareTo(LEASE.plus(LATE)) < 0, "a lease lasted " + lasted);
    }

    /// A user who ended has found something wrong; it is told at the end.
    private boolean someDone() {
        return users.stream().anyMatch(Future::isDone);
    }

    /// Lets them give back what they have, and looks whether a lock can explain what they saw.
    void finish() throws InterruptedException {
        goOn.set(false);
        for (Future<?> user : users) {
            try {
                user.get(LONGEST_REQUEST.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new AssertionError("a user of the locks: " + e, e);
            }
        }
        POOLS.forEach(pool ->
                assertTrue(history(pool).size() > SOME * times, () -> pool + " is hardly used"));
        histories.forEach((pool, history) ->
                assertEquals(Optional.empty(), LockLinearizability.check(history), pool));
    }

    private List<LockEvent> history(String pool) {
        return Objects.requireNonNull(histories.get(pool));
    }

    @Override
    public void close() {
        goOn.set(false);
        users.forEach(user -> user.cancel(true));
        threads.close();
    }
}
