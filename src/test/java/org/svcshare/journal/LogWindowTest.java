package org.svcshare.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.svcshare.journal.Records.bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Reading a log beside its owner.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LogWindowTest {
    /// Segments of 256 bytes hold six records of this test.
    private static final JournalSettings SMALL = new JournalSettings(256, 4096, Durability.FSYNC);

    @TempDir Path folder;

    private static Journal filled(Path folder, int records) throws IOException {
        Journal journal = Journal.open(folder, SMALL);
        for (int i = 1; i <= records; i++) {
            journal.append(bytes("r" + i));
        }
        journal.sync();
        return journal;
    }

    @Test
    void given_many_segments_when_read_window_by_window_then_all_records_come_once_in_order()
            throws IOException {
        try (Journal journal = filled(folder, 40)) {
            var read = new ArrayList<String>();
            for (long next = 3; next <= 40; ) {
                next =
                        journal.window(next)
                                .read(
                                        5,
                                        (index, payload) -> {
                                            String text =
                                                    StandardCharsets.UTF_8
                                                            .decode(payload)
                                                            .toString();
                                            assertEquals("r" + index, text);
                                            read.add(text);
                                        });
            }
            assertEquals(38, read.size());
            assertEquals("r3", read.getFirst());
            assertEquals("r40", read.getLast());
        }
    }

    @Test
    void given_a_bound_when_one_record_is_longer_then_that_one_is_read_all_the_same()
            throws IOException {
        try (Journal journal = filled(folder, 3)) {
            var read = new ArrayList<Long>();
            assertEquals(2, journal.window(1).read(1, (index, _) -> read.add(index)));
            assertEquals(List.of(1L), read);
        }
    }

    @Test
    void given_records_that_are_not_synced_when_read_then_they_are_not_there() throws IOException {
        try (Journal journal = filled(folder, 2)) {
            journal.append(bytes("later"));
            var read = new ArrayList<Long>();
            assertEquals(3, journal.window(1).read(1000, (index, _) -> read.add(index)));
            assertEquals(List.of(1L, 2L), read);
            assertThrows(IllegalArgumentException.class, () -> journal.window(3));
        }
    }

    @Test
    void given_a_snapshot_that_stands_for_them_when_read_then_it_fails() throws IOException {
        try (Journal journal = filled(folder, 40)) {
            LogWindow window = journal.window(1);
            journal.snapshot(40, ByteBuffer.allocate(1));
            assertThrows(IOException.class, () -> window.read(1000, (_, _) -> {}));
            assertThrows(IllegalArgumentException.class, () -> journal.window(1));
        }
    }
}
