package org.svcshare.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.svcshare.journal.Records.all;
import static org.svcshare.journal.Records.bytes;
import static org.svcshare.journal.Records.text;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a journal promises, on a real folder.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class JournalTest {
    private static final JournalSettings SMALL = new JournalSettings(256, 4096, Durability.FSYNC);

    @TempDir Path temp;

    private Path folder() {
        return temp.resolve("deep").resolve("journal");
    }

    private List<String> files(String ending) throws IOException {
        try (Stream<Path> found = Files.list(folder())) {
            return found.map(file -> "" + file.getFileName())
                    .filter(name -> name.endsWith(ending))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void given_records_when_opened_again_then_they_are_there_in_order() throws IOException {
        try (Journal journal = Journal.open(folder(), JournalSettings.usual())) {
            assertEquals(1, journal.append(bytes("one")));
            assertEquals(2, journal.append(bytes("")));
            journal.sync();
            assertEquals(3, journal.append(bytes("three")));
            assertEquals(2, journal.syncedIndex());
            assertEquals(List.of("one", ""), all(journal, 1));
        }
        try (Journal journal = Journal.open(folder(), JournalSettings.usual())) {
            assertEquals(3, journal.lastIndex());
            assertEquals(List.of("one", "", "three"), all(journal, 1));
            assertEquals(List.of("three"), all(journal, 3));
            assertEquals(List.of(), all(journal, 4));
            assertEquals(4, journal.append(bytes("four")));
        }
    }

    @Test
    void given_a_journal_when_nothing_is_appended_then_it_takes_no_room() throws IOException {
        try (Journal journal = Journal.open(folder(), JournalSettings.usual())) {
            journal.sync();
            assertEquals(0, journal.sizeBytes());
            assertEquals(1, journal.firstIndex());
            assertEquals(0, journal.lastIndex());
            assertEquals(List.of("lock"), files(""));
        }
    }

    @Test
    void given_an_appended_buffer_when_it_is_changed_and_sent_again_then_nothing_mixes()
            throws IOException {
        try (Journal journal = Journal.open(folder(), SMALL)) {
            ByteBuffer buffer = bytes("..first..").position(2).limit(7);
            journal.append(buffer);
            assertEquals(2, buffer.position());
            assertEquals(7, buffer.limit());
            buffer.put(2, (byte) 'F');
            journal.append(buffer);
            journal.sync();
            assertEquals(List.of("first", "First"), all(journal, 1));
        }
    }

    @Test
    void given_full_segments_when_replayed_then_the_records_cross_them() throws IOException {
        try (Journal journal = Journal.open(folder(), SMALL)) {
            var expected = new ArrayList<String>();
            for (int i = 1; i <= 40; i++) {
                journal.append(bytes("record " + i));
                expected.add("record " + i);
            }
            journal.sync();
            assertEquals(expected, all(journal, 1));
            assertEquals(expected.subList(20, 40), all(journal, 21));
            assertEquals(8, files(".log").size());
            assertEquals(8 * 256, journal.sizeBytes());
        }
    }

    @Test
    void given_a_record_larger_than_a_segment_when_appended_then_it_has_one_of_its_own()
            throws IOException {
        String large = "x".repeat(3000);
        try (Journal journal = Journal.open(folder(), SMALL)) {
            journal.append(bytes(large));
            journal.append(bytes("small"));
            journal.append(bytes(large));
            journal.sync();
        }
        try (Journal journal = Journal.open(folder(), SMALL)) {
            assertEquals(List.of(large, "small", large), all(journal, 1));
            assertEquals(3, files(".log").size());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> journal.append(ByteBuffer.allocate(4097)));
            assertEquals(4, journal.append(ByteBuffer.allocate(4096)));
        }
    }

    @Test
    void given_a_large_batch_when_synced_then_the_buffer_grows_with_it() throws IOException {
        String record = "y".repeat(100_000);
        try (Journal journal = Journal.open(folder(), JournalSettings.usual())) {
            for (int i = 0; i < 30; i++) {
                journal.append(bytes(record));
            }
            journal.sync();
            journal.append(bytes("z"));
            journal.sync();
            List<String> found = all(journal, 1);
            assertEquals(31, found.size());
            assertTrue(found.subList(0, 30).stream().allMatch(record::equals));
            assertEquals("z", found.getLast());
        }
    }

    @Test
    void given_a_snapshot_when_it_is_on_disk_then_what_it_stands_for_is_removed()
            throws IOException {
        try (Journal journal = Journal.open(folder(), SMALL)) {
            for (int i = 1; i <= 40; i++) {
                journal.append(bytes("record " + i));
            }
            journal.sync();
            journal.snapshot(10, bytes("ten"));
            journal.snapshot(30, bytes("thirty"));

            assertEquals(List.of("%016x.snapshot".formatted(30)), files(".snapshot"));
            assertTrue(journal.firstIndex() > 24 && journal.firstIndex() <= 31);
            assertEquals(3, files(".log").size());
            long first = journal.firstIndex();
            assertThrows(IllegalArgumentException.class, () -> all(journal, first - 1));
        }
        try (Journal journal = Journal.open(folder(), SMALL)) {
            Snapshot snapshot = journal.snapshot().orElseThrow();
            assertEquals(30, snapshot.index());
            assertEquals("thirty", text(snapshot.bytes()));
            assertEquals(10, all(journal, 31).size());
            journal.snapshot(40, bytes("all"));
            assertEquals(1, files(".log").size());
            assertEquals(41, journal.append(bytes("next")));
        }
        try (Journal journal = Journal.open(folder(), SMALL)) {
            assertEquals(40, journal.snapshotIndex());
            assertEquals(List.of("next"), all(journal, 41));
        }
    }

    @Test
    void given_a_snapshot_under_way_when_another_thread_writes_it_then_the_log_goes_on()
            throws Exception {
        byte[] large = new byte[20 * 1024 * 1024];
        large[large.length - 1] = 7;
        try (Journal journal = Journal.open(folder(), SMALL)) {
            journal.append(bytes("one"));
            journal.sync();
            PendingSnapshot pending = journal.beginSnapshot(1, ByteBuffer.wrap(large));
            var failure = new ArrayList<Throwable>();
            Thread writer =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    pending.write();
                                } catch (IOException | RuntimeException e) {
                                    failure.add(e);
                                }
                            });
            do {
                journal.append(bytes("more"));
                journal.sync();
            } while (writer.isAlive());
            writer.join();
            assertEquals(List.of(), failure);
            assertThrows(
                    IllegalStateException.class, () -> journal.beginSnapshot(1, bytes("again")));
            assertTrue(journal.endSnapshot(pending));
        }
        try (Journal journal = Journal.open(folder(), SMALL)) {
            assertEquals(1, journal.snapshotIndex());
            assertEquals(ByteBuffer.wrap(large), journal.snapshot().orElseThrow().bytes());
        }
    }

    @Test
    void given_an_interrupted_thread_when_it_writes_a_snapshot_then_only_that_is_lost()
            throws IOException {
        try (Journal journal = Journal.open(folder(), SMALL)) {
            journal.append(bytes("one"));
            journal.sync();
            PendingSnapshot pending = journal.beginSnapshot(1, bytes("s"));
            Thread.currentThread().interrupt();
            assertThrows(JournalFullException.class, pending::write);
            assertTrue(Thread.interrupted());
            assertFalse(journal.endSnapshot(pending));
            journal.append(bytes("two"));
            journal.sync();
            journal.snapshot(2, bytes("s"));
        }
    }

    @Test
    void given_a_snapshot_that_is_not_written_when_the_journal_ends_it_then_nothing_is_left()
            throws IOException {
        Journal journal = Journal.open(folder(), SMALL);
        journal.append(bytes("one"));
        journal.sync();
        assertFalse(journal.endSnapshot(journal.beginSnapshot(1, bytes("given up"))));
        PendingSnapshot late = journal.beginSnapshot(1, bytes("late"));
        journal.close();

        assertThrows(IllegalStateException.class, late::write);
        assertEquals(List.of("0000000000000001.log", "lock"), files(""));
    }

    @Test
    void given_a_snapshot_of_records_that_are_not_synced_when_begun_then_it_is_refused()
            throws IOException {
        try (Journal journal = Journal.open(folder(), SMALL)) {
            journal.append(bytes("one"));
            assertThrows(IllegalArgumentException.class, () -> journal.snapshot(1, bytes("s")));
            assertThrows(IllegalArgumentException.class, () -> journal.snapshot(0, bytes("s")));
            journal.sync();
            journal.append(bytes("two"));
            journal.sync();
            journal.snapshot(2, bytes("s"));
            assertThrows(IllegalArgumentException.class, () -> journal.snapshot(1, bytes("s")));
        }
    }

    @Test
    void given_a_journal_in_use_when_opened_again_then_the_message_names_it() throws IOException {
        try (Journal journal = Journal.open(folder(), SMALL)) {
            journal.append(bytes("mine"));
            IOException refused =
                    assertThrows(IOException.class, () -> Journal.open(folder(), SMALL));
            assertTrue(
                    String.valueOf(refused.getMessage())
                            .contains("" + folder().toRealPath().resolve("lock")),
                    refused.getMessage());
        }
        try (Journal journal = Journal.open(folder(), SMALL)) {
            assertEquals(List.of("mine"), all(journal, 1));
        }
    }

    @Test
    void given_a_journal_when_made_then_it_is_the_owners_alone() throws IOException {
        try (Journal journal = Journal.open(folder(), SMALL)) {
            journal.append(bytes("secret"));
            journal.sync();
            journal.snapshot(1, bytes("secret"));
            assertEquals(
                    "rwx------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(folder())));
            for (String name : files("")) {
                assertEquals(
                        "rw-------",
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(folder().resolve(name))),
                        name);
            }
        }
    }

    @Test
    void given_a_closed_journal_when_used_then_it_says_so() throws IOException {
        Journal journal = Journal.open(folder(), SMALL);
        journal.close();
        journal.close();
        assertThrows(IllegalStateException.class, () -> journal.append(bytes("x")));
        assertThrows(IllegalStateException.class, journal::sync);
    }

    @Test
    void given_settings_out_of_bounds_when_made_then_they_are_refused() {
        assertThrows(
                IllegalArgumentException.class, () -> new JournalSettings(255, 1, Durability.OS));
        assertThrows(
                IllegalArgumentException.class, () -> new JournalSettings(256, 0, Durability.OS));
    }
}
