package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.SizeInBytes;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.engine.TableCodec;
import org.svcshare.pool.LockTable;

/// Snapshots with and without records.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class SnapshotFileTest {
    @TempDir private Path temp;

    private final byte[] table = TableCodec.write(new LockTable(_ -> {}).image());

    private SharedRecords records(String folder) throws IOException {
        var records = new SharedRecords(new RecordStore(temp.resolve(folder), () -> {}));
        records.open(false);
        return records;
    }

    private static ByteBuffer entry(byte[] bytes) {
        return ByteBuffer.wrap(bytes);
    }

    private Path write(SharedRecords records) throws IOException {
        Path file = temp.resolve("snapshot");
        try (SharedRecords.Copy copy = records.copy()) {
            SnapshotFile.write(file, table, Optional.of(copy));
        }
        return file;
    }

    /// As an earlier version wrote it, and as this one does where nothing is shared.
    @Test
    void given_a_table_alone_when_read_then_there_are_no_records() throws IOException {
        Path file = temp.resolve("snapshot");
        Files.write(file, table);
        try (SnapshotFile.Content content = SnapshotFile.open(file)) {
            assertEquals(ByteBuffer.wrap(table), content.table());
            assertTrue(content.shared().isEmpty());
            TableCodec.read(content.table());
        }
        SnapshotFile.write(file, table, Optional.empty());
        assertArrayEquals(table, Files.readAllBytes(file));
    }

    @Test
    void given_records_and_a_piece_of_one_when_restored_then_it_goes_on_where_it_was()
            throws IOException {
        var whole = ByteBuffer.allocate(2 * SharedEntry.MOST_BYTES + 5);
        Arrays.fill(whole.array(), (byte) 'x');
        SharedRecords before = records("before");
        assertFalse(before.used());
        List<ByteBuffer> three = List.of(whole.slice(0, 1), whole.slice(0, 2), whole.slice(0, 3));
        assertEquals(1, before.apply(4, entry(SharedEntry.records(4, three))));
        assertEquals(4, before.apply(4, entry(SharedEntry.records(4, three))));
        assertEquals(
                SharedRecords.NOT_TAKEN, before.apply(5, entry(SharedEntry.records(4, three))));
        assertEquals(
                SharedRecords.TAKEN,
                before.apply(4, entry(SharedEntry.piece(4, false, 9, 0, whole))));
        assertEquals(
                SharedRecords.TAKEN,
                before.apply(4, entry(SharedEntry.piece(4, false, 9, 1, whole))));
        Path file = write(before);

        SharedRecords after = records("after");
        try (SnapshotFile.Content content = SnapshotFile.open(file)) {
            assertEquals(ByteBuffer.wrap(table), content.table());
            after.restore(content.shared().orElseThrow());
        }
        assertEquals(7, after.apply(4, entry(SharedEntry.piece(4, false, 9, 2, whole))));
        assertEquals(7, before.apply(4, entry(SharedEntry.piece(4, false, 9, 2, whole))));
        assertEquals(8, after.apply(4, entry(SharedEntry.records(4, three))));
        assertEquals(8, before.apply(4, entry(SharedEntry.records(4, three))));
        assertEquals(
                SharedRecords.NOT_TAKEN,
                after.apply(4, entry(SharedEntry.piece(4, false, 9, 2, whole))));
        // Back again: what is there already is passed over.
        try (SnapshotFile.Content content = SnapshotFile.open(file)) {
            after.restore(content.shared().orElseThrow());
        }
        assertEquals(7, after.apply(4, entry(SharedEntry.piece(4, false, 9, 2, whole))));
        assertEquals(8, after.apply(4, entry(SharedEntry.records(4, three))));
    }

    /// Ratis does so after each entry while a snapshot is written.
    @Test
    void given_old_snapshots_removed_meanwhile_when_written_then_each_has_its_digest()
            throws Exception {
        var raft =
                RaftStorage.newBuilder()
                        .setDirectory(temp.resolve("raft").toFile())
                        .setOption(RaftStorage.StartupOption.RECOVER)
                        .setStorageFreeSpaceMin(SizeInBytes.ONE_KB)
                        .build();
        raft.initialize();
        var storage = new SimpleStateMachineStorage();
        storage.init(raft);
        Files.createDirectories(raft.getStorageDir().getStateMachineDir().toPath());
        var over = new AtomicBoolean();
        Thread removing =
                Thread.ofPlatform()
                        .start(() -> {
                            while (!over.get()) {
                                remove(storage);
                            }
                        });
        try {
            for (int i = 1; i <= 30; i++) {
                Path file = storage.getSnapshotFile(1, i).toPath();
                SnapshotFile.write(file, table, Optional.empty());

                SingleFileSnapshotInfo found = storage.loadLatestSnapshot();
                assertEquals(i, found == null ? 0 : found.getIndex());
                assertTrue(Files.exists(file.resolveSibling(file.getFileName() + ".md5")));
            }
        } finally {
            over.set(true);
            removing.join();
            raft.close();
        }
    }

    private static void remove(SimpleStateMachineStorage storage) {
        try {
            storage.cleanupOldSnapshots(
                    new SnapshotRetentionPolicy() {
                        @Override
                        public int getNumSnapshotsRetained() {
                            return 2;
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void given_a_damaged_file_when_opened_then_it_is_refused() throws IOException {
        SharedRecords records = records("shared");
        records.apply(4, entry(SharedEntry.records(4, List.of(ByteBuffer.allocate(9)))));
        Path file = write(records);
        byte[] content = Files.readAllBytes(file);
        content[content.length - 3] ^= 1;
        Files.write(file, content);

        assertThrows(IOException.class, () -> SnapshotFile.open(file).close());
    }

    @Test
    void given_rubbish_in_the_log_when_applied_then_it_counts_for_nothing() throws IOException {
        SharedRecords records = records("shared");
        byte[] bytes = SharedEntry.records(4, List.of(ByteBuffer.allocate(9)));
        bytes[16] = 77;

        assertEquals(SharedRecords.NOT_TAKEN, records.apply(4, entry(bytes)));
        assertFalse(records.used());
    }
}
