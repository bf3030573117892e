package org.svcshare.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.journal.Durability;
import org.svcshare.journal.Journal;
import org.svcshare.journal.JournalFullException;
import org.svcshare.journal.JournalSettings;

/// A journal on a real file system of 1 MiB; skipped where none may be mounted.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class JournalOnFullDiskIT {
    private static final JournalSettings SETTINGS =
            new JournalSettings(300_000, 600_000, Durability.FSYNC);

    @TempDir Path temp;

    @Test
    void given_a_small_disk_when_it_is_full_then_nothing_is_lost_and_room_is_enough_to_go_on()
            throws Exception {
        try (var disk = new SmallDisk(temp.resolve("small"), 1)) {
            fill(disk.folder());
        }
    }

    private static void fill(Path mounted) throws IOException {
        Path folder = mounted.resolve("journal");
        long synced;
        try (Journal journal = Journal.open(folder, SETTINGS)) {
            assertThrows(JournalFullException.class, () -> appendMany(journal));
            synced = journal.lastIndex();
            assertTrue(synced > 100, "" + synced);
            journal.sync();
            ByteBuffer large = ByteBuffer.allocate(500_000);
            assertThrows(JournalFullException.class, () -> journal.snapshot(synced, large));
            assertNull(JournalWriter.wrong(journal));

            journal.snapshot(synced, JournalWriter.summary(synced).limit(8));
            assertEquals(synced + 1, append(journal));
            journal.sync();
        }
        try (Journal journal = Journal.open(folder, SETTINGS)) {
            assertEquals(synced + 1, journal.lastIndex());
            assertEquals(synced, journal.snapshotIndex());
        }
    }

    private static void appendMany(Journal journal) throws IOException {
        while (journal.lastIndex() < 100_000) {
            append(journal);
            journal.sync();
        }
    }

    private static long append(Journal journal) throws IOException {
        return journal.append(ByteBuffer.wrap(JournalWriter.record(journal.lastIndex() + 1)));
    }
}
