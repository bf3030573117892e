package org.svcshare.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.cluster.LogKit.Fate;
import org.svcshare.engine.EngineKit;
import org.svcshare.journal.SharedLog;
import org.svcshare.pool.Outcome;

/// The log that a group shares, at its nodes.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(120)
final class SharedLogTest {
    @TempDir private Path folder;

    private static List<String> numbered(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(i -> "record " + i).toList();
    }

    private static void append(SharedLog log, int from, int to) {
        var fates = new ArrayList<CompletableFuture<Fate>>();
        for (int i = from; i <= to; i++) {
            fates.add(LogKit.append(log, "record " + i));
        }
        for (int i = from; i <= to; i++) {
            assertEquals(new Fate(i, false, ""), fates.get(i - from).join());
        }
    }

    @Test
    void given_three_nodes_when_the_leader_appends_then_all_have_it_in_one_order()
            throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll()) {
            SharedLog log = LogKit.leading(group);
            var told = new AtomicInteger();
            group.engine(group.follower()).sharedLog().listen(told::incrementAndGet);

            append(log, 1, 2_000);

            for (ClusterEngine node : group.running().values()) {
                assertEquals(numbered(1, 2_000), LogKit.texts(node.sharedLog(), 1, 2_000));
                assertEquals(List.of(), LogKit.texts(node.sharedLog(), 2_001, 2_000));
                assertEquals(2_001, node.sharedLog().read(2_001, 1, (_, _) -> {}));
            }
            LogKit.await("news", () -> told.get() > 0);
        }
    }

    @Test
    void given_a_node_that_does_not_lead_when_it_appends_then_it_surely_is_not_in_the_log()
            throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll()) {
            SharedLog log = LogKit.leading(group);
            SharedLog other = group.engine(group.follower()).sharedLog();

            assertFalse(other.standing().leads());
            assertEquals(log.standing().leader(), other.standing().leader());
            assertTrue(LogKit.append(other, "no").join().surelyNot());
            assertTrue(
                    LogKit.append(log, log.standing().term() - 1, "no".getBytes(UTF_8))
                            .join()
                            .surelyNot());

            append(log, 1, 1);
            assertEquals(numbered(1, 1), LogKit.texts(other, 1, 1));
        }
    }

    @Test
    void given_locks_and_records_at_once_when_started_again_then_both_are_there() throws Exception {
        try (var group = new TestGroup(folder, 1, EngineKit.RULES).startAll()) {
            var locks = new EngineKit(group.engine("n0"));
            var names = new ArrayList<String>();
            for (int i = 1; i <= 60; i++) {
                append(LogKit.leading(group), 5 * i - 4, 5 * i);
                locks.acquire("w" + i, "bench");
                names.add("w" + i);
            }
            group.stop("n0");
            group.startAll();

            SharedLog after = LogKit.leading(group);
            assertEquals(300, after.end());
            assertEquals(numbered(1, 300), LogKit.texts(after, 1, 300));
            append(after, 301, 310);
            var back = new EngineKit(group.engine("n0"));
            assertEquals(names, back.queue("bench"));
            assertEquals(new Outcome.Released(true), back.release("w1", "bench"));
        }
    }

    @Test
    void given_a_long_record_when_it_is_appended_then_it_is_one_record_everywhere()
            throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll()) {
            SharedLog log = LogKit.leading(group);
            long term = log.standing().term();
            var fates = new ArrayList<CompletableFuture<Fate>>();
            int[] sizes = {3 << 20, 5, 1 << 20, (1 << 20) - 4, log.mostRecordBytes(), 7, 2 << 20};
            for (int i = 0; i < sizes.length; i++) {
                var record = new byte[sizes[i]];
                Arrays.fill(record, (byte) i);
                record[sizes[i] - 1] = 99;
                fates.add(LogKit.append(log, term, record));
            }
            for (int i = 0; i < sizes.length; i++) {
                assertEquals(new Fate(i + 1, false, ""), fates.get(i).join());
            }
            assertThrows(
                    IllegalArgumentException.class,
                    () -> LogKit.append(log, term, new byte[log.mostRecordBytes() + 1]));
            for (ClusterEngine node : group.running().values()) {
                SharedLog copy = node.sharedLog();
                LogKit.await("all", () -> copy.end() == sizes.length);
                var seen = new AtomicInteger();
                copy.read(
                        1,
                        Long.MAX_VALUE,
                        (position, record) -> {
                            int i = seen.getAndIncrement();
                            assertEquals(i + 1, position);
                            assertEquals(sizes[i], record.remaining());
                            assertEquals(sizes[i] > 1 ? i : 99, record.get(0));
                            assertEquals(99, record.get(sizes[i] - 1));
                        });
                assertEquals(sizes.length, seen.get());
            }
        }
    }

    @Test
    void given_a_node_that_was_away_when_the_log_was_purged_then_it_gets_all_records()
            throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll()) {
            append(LogKit.leading(group), 1, 10);
            String away = group.follower();
            group.stop(away);
            var locks = new EngineKit(group.engine(group.leader()));
            SharedLog log = LogKit.leading(group);
            for (int i = 1; i <= 100; i++) {
                append(log, 10 * i + 1, 10 * i + 10);
                locks.acquire("w" + i, "bench");
            }
            group.start(away);
            SharedLog back = group.engine(away).sharedLog();
            assertEquals(numbered(1, 1_010), LogKit.texts(back, 1, 1_010));
            append(LogKit.leading(group), 1_011, 1_020);
            assertEquals(numbered(1, 1_020), LogKit.texts(back, 1, 1_020));
        }
    }

    @Test
    void given_an_image_when_the_log_is_shortened_then_it_stands_for_the_records_everywhere()
            throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll()) {
            SharedLog log = LogKit.leading(group);
            var large = new byte[3_000_000];
            Arrays.fill(large, (byte) 7);
            append(log, 1, 500);
            log.shorten(log.standing().term(), 400, large);
            for (ClusterEngine node : group.running().values()) {
                SharedLog copy = node.sharedLog();
                LogKit.await("an image", () -> copy.image().isPresent());
                SharedLog.Image image = copy.image().orElseThrow();
                assertEquals(400, image.upTo());
                assertEquals(ByteBuffer.wrap(large), image.bytes());
                assertEquals(numbered(401, 500), LogKit.texts(copy, 401, 500));
            }
            // A node that comes without anything begins with the image.
            ClusterPeer late = TestGroup.free("n9");
            var locks = new EngineKit(group.engine(group.leader()));
            for (int i = 1; i <= 100; i++) {
                locks.acquire("w" + i, "bench");
            }
            group.join(late, group.leader());
            group.awaitReady();
            SharedLog copy = group.engine("n9").sharedLog();
            assertEquals(numbered(401, 500), LogKit.texts(copy, 401, 500));
            assertEquals(400, copy.image().orElseThrow().upTo());
            assertThrows(SharedLog.ShortenedException.class, () -> copy.read(400, 1, (_, _) -> {}));
            append(LogKit.leading(group), 501, 510);
            assertEquals(numbered(401, 510), LogKit.texts(copy, 401, 510));
            group.stop("n9");
            group.join(late, group.leader("n9"));
            group.awaitReady();
            SharedLog again = group.engine("n9").sharedLog();
            assertEquals(numbered(401, 510), LogKit.texts(again, 401, 510));
            assertThrows(
                    SharedLog.ShortenedException.class, () -> again.read(400, 1, (_, _) -> {}));
        }
    }

    @Test
    void given_few_long_entries_when_the_log_has_more_than_the_store_then_it_is_made_shorter()
            throws Exception {
        try (var group = new TestGroup(folder, 1, EngineKit.RULES)) {
            group.snapshotEvery = 100_000;
            group.startAll();
            SharedLog log = LogKit.leading(group);
            long term = log.standing().term();
            var record = new byte[8_000_000];
            for (int i = 1; i <= 10; i++) {
                assertEquals(i, LogKit.append(log, term, record).join().position());
            }
            log.shorten(term, 10, new byte[] {1});
            LogKit.await("an image", () -> log.image().isPresent());
            LogKit.await(
                    "a snapshot",
                    () -> {
                        try (var files = Files.walk(group.folder("n0"))) {
                            return files.anyMatch(
                                    file -> file.toString().matches(".*/snapshot\\.\\d+_\\d+"));
                        }
                    });
            group.stop("n0");
            group.startAll();
            assertEquals(10, LogKit.leading(group).end());
        }
    }

    @Test
    void given_nothing_shared_when_snapshots_are_made_then_they_are_as_before() throws Exception {
        try (var group = new TestGroup(folder, 1, EngineKit.RULES).startAll()) {
            var locks = new EngineKit(group.engine("n0"));
            for (int i = 1; i <= 100; i++) {
                locks.acquire("w" + i, "bench");
            }
            assertFalse(Files.exists(group.folder("n0").resolve("shared")));
        }
    }
}
