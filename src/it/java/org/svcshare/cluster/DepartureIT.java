package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.engine.EngineKit;
import org.svcshare.engine.EngineKit.Reply;
import org.svcshare.pool.Mode;
import org.svcshare.pool.Operation;
import org.svcshare.pool.RequestId;

/// What the others notice of a leader that is stopped.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class DepartureIT {
    /// So long that a pause for it stands out on any machine.
    private static final Duration ELECTION = Duration.ofMillis(2_500);

    private static final Duration SHORT = Duration.ofMillis(1_500);

    @TempDir private Path folder;

    private TestGroup group(int nodes) throws Exception {
        var group = new TestGroup(folder, nodes, EngineKit.RULES);
        group.electionTimeout = ELECTION;
        group.patience = Duration.ofSeconds(30);
        return group;
    }

    /// Takes a lock and gives it back, again and again, at one node.
    private static final class Client {
        final AtomicInteger done = new AtomicInteger();
        final AtomicInteger failed = new AtomicInteger();
        final AtomicLong longestNanos = new AtomicLong();
        private final AtomicBoolean over = new AtomicBoolean();
        private final Thread thread;

        Client(String name, ClusterEngine engine) {
            var at = new EngineKit(engine);
            thread = Thread.ofVirtual().start(() -> run(name, at));
        }

        private void run(String name, EngineKit at) {
            for (int i = 0; !over.get(); i++) {
                var id = new RequestId(name.hashCode(), i);
                long began = System.nanoTime();
                var asking =
                        new Operation.Acquire(
                                id, name, name, "", Mode.EXCLUSIVE, 60_000, 60_000, 0, false);
                Reply taken = EngineKit.get(at.propose(asking));
                Reply given = EngineKit.get(at.propose(new Operation.Release(id, name)));
                long nanos = System.nanoTime() - began;
                longestNanos.accumulateAndGet(nanos, Math::max);
                boolean fine =
                        taken.failure().equals(Reply.NO_FAILURE)
                                && given.failure().equals(Reply.NO_FAILURE);
                (fine ? done : failed).incrementAndGet();
            }
        }

        void awaitMore(int more) {
            int before = done.get();
            Awaitility.await("it goes on")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> done.get() >= before + more);
        }

        void end() throws InterruptedException {
            over.set(true);
            thread.join();
        }
    }

    /// Stops this leader while the others are busy.
    private static void stopUnnoticed(TestGroup group, String leader) throws Exception {
        var clients = new ArrayList<Client>();
        try {
            for (String node : group.nodes()) {
                if (!node.equals(leader)) {
                    clients.add(new Client(node, group.engine(node)));
                }
            }
            // A node that was just started may still get what it missed.
            clients.forEach(client -> client.awaitMore(20));
            clients.forEach(client -> client.longestNanos.set(0));

            group.stop(leader);

            clients.forEach(client -> client.awaitMore(20));
        } finally {
            for (Client client : clients) {
                client.end();
            }
        }
        for (Client client : clients) {
            Duration longest = Duration.ofNanos(client.longestNanos.get());
            assertEquals(0, client.failed.get());
            assertTrue(longest.compareTo(SHORT) < 0, "a pause of " + longest);
        }
    }

    @Test
    void given_load_when_leaders_are_restarted_then_nobody_waits_for_an_election()
            throws Exception {
        try (var group = group(3).startAll()) {
            for (int round = 0; round < 2; round++) {
                String leader = group.leader();

                stopUnnoticed(group, leader);

                group.start(leader);
                assertNotEquals(leader, group.leader());
            }
        }
    }

    /// Ratis hands over only to who should lead no less. The others see that its process is gone.
    @Test
    void given_one_that_should_lead_before_all_others_when_it_stops_then_nobody_waits_either()
            throws Exception {
        try (var group = group(3)) {
            group.priorities.put("n0", 1);
            group.startAll();
            Awaitility.await("n0 leads")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> group.leader().equals("n0"));

            stopUnnoticed(group, "n0");
        }
    }

    @Test
    void given_nobody_who_could_lead_when_the_leader_stops_then_that_does_not_take_longer()
            throws Exception {
        try (var group = group(3).startAll()) {
            String leader = group.leader();
            for (String node : List.copyOf(group.nodes())) {
                if (!node.equals(leader)) {
                    group.stop(node);
                }
            }
            long began = System.nanoTime();

            group.stop(leader);

            Duration took = Duration.ofNanos(System.nanoTime() - began);
            assertTrue(took.compareTo(ELECTION.multipliedBy(2)) < 0, took.toString());
        }
    }

    @Test
    void given_a_group_of_one_when_it_stops_then_nobody_is_waited_for() throws Exception {
        try (var group = group(1).startAll()) {
            long began = System.nanoTime();

            group.stop(group.leader());

            Duration took = Duration.ofNanos(System.nanoTime() - began);
            assertTrue(took.compareTo(ELECTION) < 0, took.toString());
        }
    }
}
