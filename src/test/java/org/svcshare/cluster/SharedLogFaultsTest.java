package org.svcshare.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.cluster.LogKit.Fate;
import org.svcshare.engine.EngineKit;
import org.svcshare.journal.SharedLog;

/// What a group keeps of its shared log when nodes end and come back.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(180)
final class SharedLogFaultsTest {
    @TempDir private Path folder;

    /// Appends all the time, at whoever leads.
    private static final class Load implements AutoCloseable {
        private final TestGroup group;
        private final List<Thread> threads = new ArrayList<>();
        private final AtomicInteger numbers = new AtomicInteger();
        private volatile boolean over;

        /// By position.
        final Map<Long, String> reported = new ConcurrentSkipListMap<>();

        final Set<String> surelyNot = ConcurrentHashMap.newKeySet();
        final Set<String> twice = ConcurrentHashMap.newKeySet();

        Load(TestGroup group, int count) {
            this.group = group;
            for (int i = 0; i < count; i++) {
                threads.add(Thread.ofVirtual().start(this::run));
            }
        }

        private void run() {
            while (!over) {
                for (ClusterEngine node : group.running().values()) {
                    SharedLog log = node.sharedLog();
                    if (log.standing().leads()) {
                        one(log);
                    }
                }
                LockSupport.parkNanos(1_000_000);
            }
        }

        private void one(SharedLog log) {
            int number = numbers.incrementAndGet();
            // Now and then one that is cut into pieces.
            String record = "r" + number + (number % 100 == 0 ? " ".repeat(1_500_000) : "");
            Fate fate = LogKit.append(log, record).join();
            if (fate.position() > 0 && reported.put(fate.position(), "r" + number) != null) {
                twice.add(fate + " " + number);
            } else if (fate.surelyNot()) {
                surelyNot.add("r" + number);
            }
        }

        void go(int more) {
            int wanted = reported.size() + more;
            LogKit.await("records", () -> reported.size() >= wanted);
        }

        @Override
        public void close() {
            over = true;
            LogKit.await("the end", () -> threads.stream().noneMatch(Thread::isAlive));
        }
    }

    private static List<String> all(SharedLog log) throws IOException {
        return LogKit.texts(log, 1, log.end()).stream().map(String::strip).toList();
    }

    private static void check(TestGroup group, Load load) throws IOException {
        assertEquals(Set.of(), load.twice);
        SharedLog log = LogKit.leading(group);
        // So that all have all.
        long end = LogKit.append(log, "after " + log.end()).join().position();
        List<String> records = all(log);
        assertEquals(end, records.size());
        assertEquals(records.size(), new HashSet<>(records).size(), "one is in it twice");
        load.reported.forEach((position, record) ->
                assertEquals(record, records.get((int) (position - 1)), "at " + position));
        records.forEach(record -> assertFalse(load.surelyNot.contains(record), record));
        for (ClusterEngine node : group.running().values()) {
            LogKit.await("all", () -> node.sharedLog().end() == end);
            assertEquals(records, all(node.sharedLog()));
        }
    }

    @Test
    void given_records_under_way_when_leaders_end_and_come_back_then_nothing_reported_is_lost()
            throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll()) {
            var load = new Load(group, 20);
            try (load) {
                for (int i = 0; i < 4; i++) {
                    load.go(200);
                    String leader = group.leader();
                    group.stop(leader);
                    load.go(100);
                    group.start(leader);
                }
            }
            check(group, load);
        }
    }

    @Test
    void given_a_store_that_is_lost_when_started_again_then_it_is_made_of_snapshot_and_log()
            throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll()) {
            var load = new Load(group, 5);
            try (load) {
                load.go(500);
                String away = group.follower();
                group.stop(away);
                NodeFolder.remove(group.folder(away).resolve("shared"));
                load.go(100);
                group.start(away);
                load.go(100);
            }
            check(group, load);
            String last = group.follower();
            group.stop(last);
            NodeFolder.remove(group.folder(last).resolve("shared"));
            group.start(last);
            check(group, load);
        }
    }

    @Test
    void given_a_folder_of_another_life_when_a_node_is_new_then_its_records_are_thrown_away()
            throws Exception {
        try (var group = new TestGroup(folder, 1, EngineKit.RULES).startAll()) {
            LogKit.append(LogKit.leading(group), "of before").join();
            group.stop("n0");
            try (var files = Files.list(group.folder("n0"))) {
                for (Path file : files.filter(f -> !f.endsWith("shared")).toList()) {
                    NodeFolder.remove(file);
                }
            }
            group.startAll();

            SharedLog log = LogKit.leading(group);
            assertEquals(0, log.end());
            assertEquals(new Fate(1, false, ""), LogKit.append(log, "of now").join());
            assertEquals(List.of("of now"), all(log));
        }
    }

    @Test
    void given_a_leader_when_the_others_end_then_it_holds_no_longer_than_its_lease()
            throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll()) {
            String leader = group.leader();
            SharedLog log = LogKit.leading(group);
            long term = log.standing().term();
            var told = new AtomicInteger();
            log.listen(told::incrementAndGet);
            assertEquals(1_000, log.lease().toMillis());
            LogKit.await("a proof", () -> log.holds(term));
            assertFalse(log.holds(term - 1));
            assertFalse(log.holds(term + 1));
            // It is renewed as long as somebody asks.
            long until = System.nanoTime() + 2 * log.lease().toNanos();
            LogKit.await(
                    "longer than a lease",
                    () -> {
                        assertTrue(log.holds(term));
                        return System.nanoTime() - until > 0;
                    });
            for (String node : group.nodes()) {
                if (!node.equals(leader)) {
                    assertFalse(group.engine(node).sharedLog().holds(term));
                }
            }
            int before = told.get();
            List<String> others =
                    group.nodes().stream().filter(node -> !node.equals(leader)).toList();
            others.forEach(group::stop);
            long gone = System.nanoTime();
            LogKit.await("the end of the lease", () -> !log.holds(term));
            assertTrue(System.nanoTime() - gone < 3 * log.lease().toNanos());
            LogKit.await("nobody leads", () -> !log.standing().leads());
            LogKit.await("news", () -> told.get() > before);
            assertTrue(LogKit.append(log, term, "no".getBytes(UTF_8)).join().surelyNot());
            for (String node : others) {
                group.start(node);
            }
            SharedLog next = LogKit.leading(group);
            assertTrue(next.standing().term() > term);
            assertFalse(log.holds(term));
        }
    }

    @Test
    void given_a_disk_that_takes_no_records_when_one_comes_then_the_node_ends_its_part()
            throws Exception {
        try (var group = new TestGroup(folder, 1, EngineKit.RULES).startAll()) {
            SharedLog log = LogKit.leading(group);
            Files.writeString(group.folder("n0").resolve("shared"), "in the way");

            Fate fate = LogKit.append(log, "no").join();

            assertEquals(0, fate.position());
            assertFalse(fate.surelyNot(), fate::toString);
            LogKit.await(
                    "the end",
                    () ->
                            group.engine("n0")
                                    .status()
                                    .why()
                                    .contains("what the group shares cannot be written"));
            LogKit.await("nobody leads", () -> !log.standing().leads());
            group.stop("n0");
            Files.delete(group.folder("n0").resolve("shared"));
            group.startAll();
            assertEquals(List.of("no"), all(LogKit.leading(group)));
        }
    }

    @Test
    void given_records_under_way_when_the_node_is_closed_then_all_are_told() throws Exception {
        try (var group = new TestGroup(folder, 1, EngineKit.RULES).startAll()) {
            SharedLog log = LogKit.leading(group);
            var fates = new ArrayList<java.util.concurrent.CompletableFuture<Fate>>();
            for (int i = 0; i < 20_000; i++) {
                fates.add(LogKit.append(log, "record " + i));
            }
            group.stop("n0");
            int found = 0;
            for (var fate : fates) {
                found += fate.join().position() > 0 ? 1 : 0;
            }
            assertTrue(LogKit.append(log, "late").join().surelyNot());
            group.startAll();
            assertTrue(LogKit.leading(group).end() >= found);
        }
    }
}
