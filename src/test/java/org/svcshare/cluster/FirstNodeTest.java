package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.engine.EngineKit;
import org.svcshare.engine.Engines;
import org.svcshare.engine.JournalTable;
import org.svcshare.pool.Effect;
import org.svcshare.pool.LockTable;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.TableImage;
import org.svcshare.pool.TicketView;

/// From the journal of one machine to a group.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class FirstNodeTest {
    @TempDir private Path folder;

    private EngineKit journal() throws IOException {
        return new EngineKit(
                Engines.journal(
                        folder.resolve("journal"), EngineKit.RULES, Duration.ZERO, Duration.ZERO));
    }

    private static Map<String, Long> files(Path folder) throws IOException {
        var files = new TreeMap<String, Long>();
        try (var all = Files.list(folder)) {
            for (Path file : all.toList()) {
                files.put(
                        file.getFileName() + " " + Files.getLastModifiedTime(file),
                        Files.size(file));
            }
        }
        return files;
    }

    private static List<Long> numbers(EngineKit at) {
        return at.look(view ->
                view.tickets(Optional.of("bench"), 100).stream().map(TicketView::ticket).toList());
    }

    @Test
    void given_a_journal_when_a_group_begins_with_it_then_two_others_have_it_all_too()
            throws Exception {
        long fence;
        List<Long> before;
        try (var at = journal()) {
            at.granted("gone", "seats");
            at.release("gone", "seats");
            fence = at.granted("anna", "bench").fence();
            at.acquire("bob", "bench");
            at.acquire("carl", "bench");
            before = numbers(at);
            IOException used =
                    assertThrows(
                            IOException.class, () -> JournalTable.read(folder.resolve("journal")));
            assertTrue(String.valueOf(used.getMessage()).contains("in use"), used::toString);
        }
        Map<String, Long> journal = files(folder.resolve("journal"));
        TableImage table = JournalTable.read(folder.resolve("journal"));

        try (var group = new TestGroup(folder.resolve("group"), 1, EngineKit.RULES)) {
            Files.createDirectories(folder.resolve("group"));
            ClusterSettings settings = group.settings("n0", List.of(group.peer("n0")), List.of());
            FirstNode.make(settings, table);
            try (var all = Files.walk(settings.folder())) {
                assertTrue(all.anyMatch(f -> f.getFileName().toString().startsWith("snapshot.")));
            }
            assertEquals(journal, files(folder.resolve("journal")));
            assertThrows(IOException.class, () -> FirstNode.make(settings, table));

            group.startAll();
            group.join(TestGroup.free("n1"), "n0");
            group.awaitReady();
            group.join(TestGroup.free("n2"), "n0");
            group.awaitReady();
            group.stop("n0");
            group.awaitReady();

            var after = new EngineKit(group.engine("n2"));
            assertEquals(List.of("anna", "bob", "carl"), after.queue("bench"));
            assertEquals(before, numbers(after));
            // The same ids.
            assertEquals(fence, after.granted("anna", "bench").fence());
            assertEquals(new Outcome.Released(false), after.release("gone", "seats"));
            after.release("anna", "bench");
            assertTrue(after.await(Effect.Granted.class, "bob").fence() > fence);
        }
    }

    @Test
    void given_something_in_the_folder_when_a_group_is_to_begin_there_then_it_stays()
            throws Exception {
        try (var group = new TestGroup(folder, 1, EngineKit.RULES)) {
            Files.createDirectories(group.folder("n0"));
            Path there = Files.writeString(group.folder("n0").resolve("something"), "mine");
            ClusterSettings settings = group.settings("n0", List.of(group.peer("n0")), List.of());
            var table = new LockTable(_ -> {}).image();
            IOException no = assertThrows(IOException.class, () -> FirstNode.make(settings, table));
            assertTrue(String.valueOf(no.getMessage()).contains("not empty"), no::toString);
            assertEquals("mine", Files.readString(there));
            assertFalse(Files.exists(folder.resolve("n0.new")));
        }
    }
}
