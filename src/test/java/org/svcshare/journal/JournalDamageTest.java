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
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/// Every cut, every flipped bit, files that are missing: a log is right up to where it ends, and
/// where its end is not what a crash leaves it is refused.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class JournalDamageTest {
    private static final JournalSettings SETTINGS =
            new JournalSettings(512, 4096, Durability.FSYNC);
    private static final String FIRST = "0000000000000001.log";

    /// Three batches of different lengths: `a` and `b`, `c`, and last `d`, `e` and `f`.
    private static final List<String> WRITTEN =
            List.of("a".repeat(3), "b".repeat(40), "c".repeat(9), "d", "e".repeat(16), "f");

    private static final int PROVEN = 3;

    /// Where the records begin, and where the last ends.
    private static final int[] ENDS = {32, 64, 128, 168, 200, 240, 272};

    private static SimDisk disk() {
        return new SimDisk(new SplittableRandom(1), 64);
    }

    private static byte[] log(boolean closed) throws IOException {
        SimDisk disk = disk();
        Journal journal = disk.journal(SETTINGS);
        for (int i = 0; i < WRITTEN.size(); i++) {
            journal.append(bytes(WRITTEN.get(i)));
            if (i == 1 || i == 2 || i == 5) {
                journal.sync();
            }
        }
        if (closed) {
            journal.close();
        }
        return disk.bytes(FIRST);
    }

    /// Opens a log of these bytes; then appends to it, and to what that leaves, so that stale bytes
    /// would come alive.
    ///
    /// @return how many records were found; -1 when it was refused
    private static int opened(byte[] log, String what) throws IOException {
        SimDisk disk = disk();
        disk.put(FIRST, log);
        int found;
        try (Journal journal = disk.journal(SETTINGS)) {
            found = (int) journal.lastIndex();
            assertEquals(WRITTEN.subList(0, found), all(journal, 1), what);
        } catch (JournalDamagedException refused) {
            assertTrue(
                    String.valueOf(refused.getMessage()).contains("/sim/" + FIRST),
                    refused.getMessage());
            assertTrue(
                    String.valueOf(refused.getMessage()).contains("at byte"), refused.getMessage());
            assertTrue(
                    String.valueOf(refused.getMessage()).contains("move it away"),
                    refused.getMessage());
            assertTrue(Arrays.equals(log, disk.bytes(FIRST)), "changed: " + what);
            return -1;
        }
        for (int more = 1; more <= 3; more++) {
            try (Journal journal = disk.journal(SETTINGS)) {
                assertEquals(found + more - 1, journal.lastIndex(), what);
                journal.append(bytes("new" + more));
                journal.sync();
            }
        }
        try (Journal journal = disk.journal(SETTINGS)) {
            List<String> after = all(journal, 1);
            assertEquals(WRITTEN.subList(0, found), after.subList(0, found), what);
            assertEquals(List.of("new1", "new2", "new3"), after.subList(found, found + 3), what);
        }
        return found;
    }

    private static int wholeWithin(int bytes) {
        int whole = 0;
        while (whole < WRITTEN.size() && ENDS[whole] + 24 + WRITTEN.get(whole).length() <= bytes) {
            whole++;
        }
        return whole;
    }

    @Test
    void given_a_log_cut_at_any_byte_when_opened_then_the_whole_records_before_it_are_there()
            throws IOException {
        for (boolean closed : new boolean[] {true, false}) {
            byte[] log = log(closed);
            assertEquals(WRITTEN.size(), opened(log, "uncut"));
            for (int cut = 0; cut <= log.length; cut++) {
                int expected = cut < Segment.HEADER_BYTES ? -1 : wholeWithin(cut);
                assertEquals(expected, opened(Arrays.copyOf(log, cut), "cut at " + cut));
            }
        }
    }

    @Test
    void given_a_log_wiped_from_any_byte_on_when_opened_then_the_records_before_it_are_there()
            throws IOException {
        byte[] log = log(true);
        for (int cut = Segment.HEADER_BYTES; cut <= log.length; cut++) {
            byte[] wiped = Arrays.copyOf(Arrays.copyOf(log, cut), log.length);
            int found = opened(wiped, "wiped from " + cut);
            // A record whose last bytes were zeros anyway is whole; here none is.
            assertEquals(wholeWithin(cut), found);
        }
    }

    private static void flipEveryBit(boolean closed, IntFunction<Integer> expectedInRecord)
            throws IOException {
        byte[] log = log(closed);
        for (int bit = 0; bit < log.length * 8; bit++) {
            byte[] flipped = log.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            int expected = WRITTEN.size();
            if (bit / 8 < Segment.HEADER_BYTES) {
                expected = -1;
            }
            for (int record = 0; record < WRITTEN.size(); record++) {
                int from = ENDS[record];
                if (bit / 8 >= from && bit / 8 < from + 24 + WRITTEN.get(record).length()) {
                    expected = expectedInRecord.apply(record);
                }
            }
            assertEquals(expected, opened(flipped, "bit " + bit), "bit " + bit);
        }
    }

    @Test
    void given_a_flipped_bit_after_an_orderly_end_when_opened_then_no_record_is_lost_in_silence()
            throws IOException {
        flipEveryBit(true, record -> -1);
    }

    @Test
    void given_a_flipped_bit_after_a_kill_when_opened_then_only_the_last_batch_may_look_torn()
            throws IOException {
        flipEveryBit(false, record -> record < PROVEN ? -1 : record);
    }

    @Test
    void given_a_bad_record_with_later_ones_that_prove_it_when_opened_then_the_message_helps()
            throws IOException {
        byte[] log = log(false);
        log[70] ^= 1;
        SimDisk disk = disk();
        disk.put(FIRST, log);
        var refused = assertThrows(JournalDamagedException.class, () -> disk.journal(SETTINGS));
        assertEquals(
                "the journal in /sim is damaged: /sim/0000000000000001.log is wrong at byte 64:"
                        + " record 2 is not whole, but records up to 3 had been on the disk."
                        + " Nothing was changed. Restore the folder from a backup, or move it away"
                        + " to begin empty; then all that was kept in it is lost (records up to 3"
                        + " at least)",
                refused.getMessage());
    }

    /// Several segments and no snapshot.
    private static SimDisk segments(int records) throws IOException {
        SimDisk disk = disk();
        try (Journal journal = disk.journal(SETTINGS)) {
            for (int i = 1; i <= records; i++) {
                journal.append(bytes("record " + i));
            }
        }
        return disk;
    }

    private static String refusal(SimDisk disk) {
        return Objects.requireNonNull(
                assertThrows(JournalDamagedException.class, () -> disk.journal(SETTINGS))
                        .getMessage());
    }

    @Test
    void given_a_missing_segment_when_opened_then_it_is_refused() throws IOException {
        List<String> names = segments(50).names().stream().sorted().toList();
        assertTrue(names.size() >= 4, "" + names);
        for (String missing : names.subList(0, names.size() - 1)) {
            SimDisk disk = segments(50);
            disk.remove(missing);
            assertTrue(refusal(disk).contains("/sim/"), missing);
        }
    }

    @Test
    void given_damage_in_a_full_segment_when_opened_then_it_is_refused_and_named()
            throws IOException {
        SimDisk disk = segments(50);
        byte[] log = disk.bytes(FIRST);
        log[100] ^= 4;
        disk.put(FIRST, log);
        String refusal = refusal(disk);
        assertTrue(refusal.contains("/sim/" + FIRST + " is wrong at byte"), refusal);
    }

    @Test
    void given_a_segment_made_but_never_written_when_opened_then_it_is_used() throws IOException {
        SimDisk disk = segments(50);
        int before = disk.names().size();
        long next;
        try (Journal journal = disk.journal(SETTINGS)) {
            next = journal.lastIndex() + 1;
        }
        DiskFile made = Segment.make(disk, new Fate(), new Segment(next, 4711, 512), null);
        made.close();
        try (Journal journal = disk.journal(SETTINGS)) {
            assertEquals(next - 1, journal.lastIndex());
            assertEquals(next, journal.append(bytes("first in it")));
        }
        assertEquals(before + 1, disk.names().size());
        try (Journal journal = disk.journal(SETTINGS)) {
            assertEquals(List.of("first in it"), all(journal, next));
        }
    }

    @Test
    void given_an_unused_segment_when_a_record_is_too_large_for_it_then_it_is_replaced()
            throws IOException {
        SimDisk disk = disk();
        Segment.make(disk, new Fate(), new Segment(1, 4711, 512), null).close();
        String large = "x".repeat(900);
        try (Journal journal = disk.journal(SETTINGS)) {
            journal.append(bytes(large));
        }
        try (Journal journal = disk.journal(SETTINGS)) {
            assertEquals(List.of(large), all(journal, 1));
            assertEquals(List.of(FIRST), disk.names());
        }
    }

    @Test
    void given_half_written_files_when_opened_then_they_are_removed() throws IOException {
        SimDisk disk = segments(3);
        disk.put("0000000000000002.snapshot.new", new byte[] {1, 2, 3});
        disk.put("0000000000000004.log.new", new byte[100]);
        disk.put("README", new byte[] {1});
        try (Journal journal = disk.journal(SETTINGS)) {
            assertEquals(3, journal.lastIndex());
        }
        assertEquals(List.of(FIRST, "README"), disk.names());
    }

    /// With a snapshot of `upto`, and the files that it replaced still there.
    private static SimDisk withSnapshot(int records, long upto, boolean oldFilesToo)
            throws IOException {
        SimDisk disk = segments(records);
        SimDisk before = segments(records);
        try (Journal journal = disk.journal(SETTINGS)) {
            journal.snapshot(upto, bytes("up to " + upto));
        }
        if (oldFilesToo) {
            for (String name : before.names()) {
                disk.put(name, before.bytes(name));
            }
        }
        return disk;
    }

    @Test
    void given_a_damaged_snapshot_and_all_records_when_opened_then_the_log_is_enough()
            throws IOException {
        SimDisk disk = withSnapshot(50, 30, true);
        String name = disk.only(".snapshot");
        byte[] bytes = disk.bytes(name);
        bytes[bytes.length - 1] ^= 1;
        disk.put(name, bytes);
        try (Journal journal = disk.journal(SETTINGS)) {
            assertTrue(journal.snapshot().isEmpty());
            assertEquals(50, all(journal, 1).size());
        }
        assertTrue(disk.names().contains(name + ".unreadable"));
    }

    @Test
    void given_a_snapshot_with_any_byte_flipped_when_the_records_are_gone_then_it_is_refused()
            throws IOException {
        SimDisk disk = withSnapshot(50, 30, false);
        String name = disk.only(".snapshot");
        byte[] right = disk.bytes(name);
        for (int i = 0; i < right.length; i++) {
            byte[] wrong = right.clone();
            wrong[i] ^= (byte) 0x80;
            disk.put(name, wrong);
            assertTrue(refusal(disk).contains("/sim/" + name), "byte " + i);
            disk.put(name, Arrays.copyOf(right, i));
            assertTrue(refusal(disk).contains("/sim/" + name), "cut at " + i);
        }
        disk.remove(name);
        assertTrue(refusal(disk).contains("no file is there"));
    }

    @Test
    void given_an_older_snapshot_beside_a_damaged_one_when_opened_then_the_older_is_taken()
            throws IOException {
        SimDisk disk = segments(50);
        try (Journal journal = disk.journal(SETTINGS)) {
            journal.snapshot(30, bytes("thirty"));
        }
        String older = disk.only(".snapshot");
        byte[] thirty = disk.bytes(older);
        try (Journal journal = disk.journal(SETTINGS)) {
            journal.snapshot(31, bytes("thirty-one"));
        }
        String newer = disk.only(".snapshot");
        disk.put(older, thirty);
        disk.put(newer, new byte[40]);
        try (Journal journal = disk.journal(SETTINGS)) {
            Snapshot snapshot = journal.snapshot().orElseThrow();
            assertEquals("thirty", text(snapshot.bytes()));
            assertEquals("record 31", all(journal, 31).getFirst());
        }
        assertFalse(disk.names().contains(newer));
    }

    @Test
    void given_a_snapshot_and_a_log_that_ends_before_it_when_opened_then_it_is_refused()
            throws IOException {
        SimDisk disk = withSnapshot(50, 50, false);
        String log = disk.only(".log");
        byte[] bytes = disk.bytes(log);
        Arrays.fill(bytes, Segment.HEADER_BYTES, bytes.length, (byte) 0);
        disk.put(log, bytes);
        assertTrue(refusal(disk).contains("records up to 50"));
        disk.remove(log);
        assertTrue(refusal(disk).contains("no segment is there"));
    }

    @Test
    void given_a_payload_that_looks_like_a_record_when_torn_then_it_proves_nothing()
            throws IOException {
        // A head that would say that record 1 was on the disk, without the segment's salt.
        ByteBuffer forged = ByteBuffer.allocate(200);
        new Frames(0).put(forged, 24, 2, 1, bytes("forged"));
        SimDisk disk = disk();
        Journal journal = disk.journal(SETTINGS);
        journal.append(forged);
        journal.sync();
        byte[] log = disk.bytes(FIRST);
        log[40] ^= 1;
        disk.killed();
        disk.put(FIRST, log);
        try (Journal again = disk.journal(SETTINGS)) {
            assertEquals(0, again.lastIndex());
        }
    }

    @Test
    void given_a_file_that_is_no_segment_when_opened_then_it_is_refused() {
        for (IntFunction<byte[]> made :
                List.<IntFunction<byte[]>>of(byte[]::new, size -> new byte[0])) {
            SimDisk disk = disk();
            disk.put(FIRST, made.apply(512));
            assertTrue(refusal(disk).contains(FIRST + " is wrong at byte 0"));
        }
    }
}
