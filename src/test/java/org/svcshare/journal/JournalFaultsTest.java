package org.svcshare.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.svcshare.journal.Records.all;
import static org.svcshare.journal.Records.bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/// Full and failing disks.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class JournalFaultsTest {
    private static final JournalSettings SETTINGS =
            new JournalSettings(256, 4096, Durability.FSYNC);

    private final SimDisk disk = new SimDisk(new SplittableRandom(7), 64);

    private static String record(int number) {
        return "record %02d".formatted(number) + "x".repeat(31);
    }

    @Test
    void given_a_batch_when_synced_then_it_is_one_write_and_one_force() throws IOException {
        var usual = new JournalSettings(65536, 4096, Durability.FSYNC);
        try (Journal journal = disk.journal(usual)) {
            journal.append(bytes("first"));
            journal.sync();
            int forces = disk.forces();
            int writes = disk.writes();
            for (int i = 0; i < 512; i++) {
                journal.append(bytes("r".repeat(60)));
            }
            assertEquals(writes, disk.writes());
            journal.sync();
            journal.sync();
            assertEquals(writes + 1, disk.writes());
            assertEquals(forces + 1, disk.forces());
        }
    }

    @Test
    void given_a_segment_made_ahead_when_the_next_is_wanted_then_only_its_header_is_written()
            throws IOException {
        Journal journal = disk.journal(SETTINGS);
        assertTrue(journal.spare().isEmpty());
        journal.append(bytes(record(1)));
        journal.append(bytes(record(2)));
        journal.sync();
        SpareSegment spare = journal.spare().orElseThrow();
        assertTrue(journal.spare().isEmpty(), "one at a time");
        spare.make();
        spare.make();
        journal.append(bytes(record(3)));
        journal.sync();
        int writes = disk.writes();
        journal.append(bytes(record(4)));
        assertEquals(writes + 1, disk.writes());
        journal.sync();
        disk.powerWasCut();
        try (Journal again = disk.journal(SETTINGS)) {
            assertEquals(List.of(record(1), record(2), record(3), record(4)), all(again, 1));
        }
    }

    @Test
    void given_no_room_for_a_segment_ahead_when_made_then_nothing_is_left_and_it_is_tried_again()
            throws IOException {
        Journal journal = disk.journal(SETTINGS);
        journal.append(bytes(record(1)));
        journal.append(bytes(record(2)));
        journal.sync();
        disk.fillUp(100);
        SpareSegment spare = journal.spare().orElseThrow();
        spare.make();
        assertFalse(disk.names().contains(SpareSegment.NAME));
        disk.makeRoom();
        journal.append(bytes(record(3)));
        journal.append(bytes(record(4)));
        journal.append(bytes(record(5)));
        journal.sync();
        assertTrue(journal.spare().isPresent());
        journal.close();
        assertEquals(List.of(), disk.names().stream().filter(n -> n.endsWith(".new")).toList());
    }

    @Test
    void given_a_segment_made_ahead_when_the_journal_is_closed_then_nothing_is_left()
            throws IOException {
        Journal journal = disk.journal(SETTINGS);
        journal.append(bytes(record(1)));
        journal.append(bytes(record(2)));
        journal.sync();
        SpareSegment spare = journal.spare().orElseThrow();
        spare.make();
        assertTrue(disk.names().contains(SpareSegment.NAME));
        journal.close();
        spare.make();
        assertFalse(disk.names().contains(SpareSegment.NAME));
    }

    @Test
    void given_no_wish_for_the_disk_when_forced_then_a_power_cut_takes_nothing()
            throws IOException {
        var quick = new JournalSettings(65536, 4096, Durability.OS);
        Journal journal = disk.journal(quick);
        journal.force();
        journal.append(bytes("one"));
        journal.sync();
        journal.append(bytes("two"));
        int forces = disk.forces();
        journal.force();
        assertEquals(2, journal.syncedIndex());
        assertEquals(forces + 1, disk.forces());
        journal.force();
        assertEquals(forces + 1, disk.forces());
        journal.append(bytes("three"));
        journal.sync();
        disk.powerWasCut();
        try (Journal again = disk.journal(quick)) {
            assertEquals(List.of("one", "two"), all(again, 1).subList(0, 2));
        }
    }

    @Test
    void given_no_wish_for_the_disk_when_synced_then_nothing_is_forced_and_a_kill_takes_nothing()
            throws IOException {
        var quick = new JournalSettings(65536, 4096, Durability.OS);
        Journal journal = disk.journal(quick);
        journal.append(bytes("one"));
        int forces = disk.forces();
        journal.sync();
        journal.append(bytes("two"));
        journal.sync();
        assertEquals(2, journal.syncedIndex());
        assertEquals(forces, disk.forces());
        disk.killed();
        try (Journal again = disk.journal(quick)) {
            assertEquals(List.of("one", "two"), all(again, 1));
        }
    }

    @Test
    void given_a_full_disk_when_the_next_segment_is_wanted_then_only_that_record_is_not_taken()
            throws IOException {
        Journal journal = disk.journal(SETTINGS);
        for (int i = 1; i <= 3; i++) {
            journal.append(bytes(record(i)));
        }
        disk.fillUp(100);
        var full = assertThrows(JournalFullException.class, () -> journal.append(bytes(record(4))));
        assertTrue(
                String.valueOf(full.getMessage()).contains("/sim/0000000000000004.log"),
                full.getMessage());
        assertThrows(JournalFullException.class, () -> journal.append(bytes(record(4))));
        assertEquals(3, journal.lastIndex());
        journal.sync();
        assertEquals(List.of("0000000000000001.log"), disk.names());

        disk.makeRoom();
        assertEquals(4, journal.append(bytes("after all")));
        journal.sync();
        disk.powerWasCut();
        try (Journal again = disk.journal(SETTINGS)) {
            assertEquals(List.of(record(1), record(2), record(3), "after all"), all(again, 1));
        }
    }

    @Test
    void given_a_disk_full_from_the_start_when_room_is_made_then_the_first_record_is_taken()
            throws IOException {
        disk.fillUp(0);
        try (Journal journal = disk.journal(SETTINGS)) {
            assertThrows(JournalFullException.class, () -> journal.append(bytes("x")));
            assertEquals(0, journal.lastIndex());
            disk.makeRoom();
            assertEquals(1, journal.append(bytes("x")));
        }
    }

    @Test
    void given_a_full_disk_when_a_snapshot_is_written_then_the_log_goes_on_without()
            throws IOException {
        Journal journal = disk.journal(SETTINGS);
        journal.append(bytes("one"));
        journal.sync();
        disk.fillUp(1000);
        assertThrows(
                JournalFullException.class, () -> journal.snapshot(1, ByteBuffer.allocate(5000)));
        assertEquals(0, journal.snapshotIndex());
        assertEquals(List.of("0000000000000001.log"), disk.names());
        journal.append(bytes("two"));
        journal.sync();
        disk.makeRoom();
        journal.snapshot(2, ByteBuffer.allocate(5000));
        assertEquals(2, journal.snapshotIndex());
        journal.close();
    }

    @Test
    void given_a_failed_force_when_anything_is_called_then_it_throws_for_ever() throws IOException {
        Journal journal = disk.journal(SETTINGS);
        journal.append(bytes("one"));
        journal.sync();
        journal.append(bytes("two"));
        disk.failForceAfter(0);
        assertThrows(JournalFailedException.class, journal::sync);

        assertThrows(JournalFailedException.class, journal::sync);
        assertThrows(JournalFailedException.class, () -> journal.append(bytes("three")));
        assertThrows(JournalFailedException.class, () -> journal.snapshot(1, bytes("s")));
        assertThrows(JournalFailedException.class, () -> all(journal, 1));
        assertEquals(1, journal.syncedIndex());
        int writes = disk.writes();
        journal.close();
        assertEquals(writes, disk.writes());
    }

    @Test
    void given_a_failed_force_when_started_again_then_what_was_found_survives_a_power_cut()
            throws IOException {
        for (int seed = 0; seed < 200; seed++) {
            var sim = new SimDisk(new SplittableRandom(seed), 64);
            Journal journal = sim.journal(SETTINGS);
            journal.append(bytes("one"));
            journal.sync();
            journal.append(bytes("two, on several pages of the disk".repeat(4)));
            sim.failForceAfter(0);
            assertThrows(JournalFailedException.class, journal::sync);
            sim.killed();
            assertEquals(2, sim.journal(SETTINGS).lastIndex());
            sim.powerWasCut();
            try (Journal again = sim.journal(SETTINGS)) {
                assertEquals(2, again.lastIndex(), "seed " + seed);
            }
        }
    }

    @Test
    void given_a_failed_force_of_a_snapshot_when_the_log_is_used_then_it_has_failed_too()
            throws IOException {
        Journal journal = disk.journal(SETTINGS);
        journal.append(bytes("one"));
        journal.sync();
        PendingSnapshot pending = journal.beginSnapshot(1, bytes("s"));
        disk.failForceAfter(0);
        assertThrows(JournalFailedException.class, pending::write);
        assertThrows(JournalFailedException.class, () -> journal.append(bytes("two")));
        assertFalse(disk.names().contains("0000000000000001.snapshot.new"));
    }

    @Test
    void given_a_torn_batch_when_a_shorter_one_is_written_over_it_then_no_old_record_comes_alive()
            throws IOException {
        Journal journal = disk.journal(SETTINGS);
        journal.append(bytes("one"));
        journal.sync();
        journal.append(bytes("lost"));
        journal.append(bytes("stale"));
        journal.sync();
        disk.killed();
        byte[] log = disk.bytes("0000000000000001.log");
        log[Segment.HEADER_BYTES + 32 + 4] ^= 1;
        disk.put("0000000000000001.log", log);

        Journal again = disk.journal(SETTINGS);
        assertEquals(1, again.lastIndex());
        again.append(bytes("next"));
        again.sync();
        disk.killed();
        try (Journal third = disk.journal(SETTINGS)) {
            assertEquals(List.of("one", "next"), all(third, 1));
        }
    }
}
