package org.svcshare.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// A snapshot's file, named after its index. Big-endian:
///
/// ```
/// 0  long  magic "svcssnap"
/// 8  int   format version, 1
/// 12 int   CRC-32C of everything else
/// 16 long  index
/// 24 long  length of the owner's bytes, which follow
/// ```
final class SnapshotFile {
    private static final int HEADER_BYTES = 32;
    private static final long MAGIC = 0x73766373736e6170L;
    private static final int VERSION = 1;
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})\\.snapshot");
    private static final int SLICE_BYTES = 1024 * 1024;
    private static final int FORCED_BYTES = 8 * SLICE_BYTES;

    private SnapshotFile() {}

    static String name(long index) {
        return "%016x.snapshot".formatted(index);
    }

    /// The index of the snapshot that has this name; empty for another file's name.
    static OptionalLong named(String name) {
        return Segment.index(NAME.matcher(name));
    }

    /// Writes and forces.
    ///
    /// Little by little: a force of the log waits for what the file system has gathered, and would
    /// wait for all of a large snapshot.
    ///
    /// @param goOn called between slices, throws to end it
    static void write(DiskFile file, Snapshot snapshot, Fate fate, String path, Runnable goOn)
            throws IOException {
        ByteBuffer bytes = snapshot.bytes();
        ByteBuffer header =
                ByteBuffer.allocate(HEADER_BYTES)
                        .putLong(MAGIC)
                        .putInt(VERSION)
                        .putInt(0)
                        .putLong(snapshot.index())
                        .putLong(bytes.remaining())
                        .flip();
        header.putInt(12, crc(header, bytes));
        Disk.write(file, header, 0);
        int unforced = 0;
        for (int at = 0; at < bytes.remaining(); at += SLICE_BYTES) {
            goOn.run();
            int length = Math.min(SLICE_BYTES, bytes.remaining() - at);
            Disk.write(file, bytes.slice(bytes.position() + at, length), HEADER_BYTES + (long) at);
            unforced += length;
            if (unforced >= FORCED_BYTES) {
                force(file, fate, path);
                unforced = 0;
            }
        }
        goOn.run();
        force(file, fate, path);
    }

    private static void force(DiskFile file, Fate fate, String path) throws IOException {
        try {
            file.force();
        } catch (ClosedByInterruptException e) {
            // Not the disk's failure, and nobody relies on this file yet.
            throw e;
        } catch (IOException e) {
            throw fate.failed(path + " could not be forced to the disk", e);
        }
    }

    /// @return null when the file is damaged
    static @Nullable Snapshot read(Disk disk, long index) throws IOException {
        try (DiskFile file = disk.open(name(index))) {
            long size = file.size();
            if (size < HEADER_BYTES || size > Integer.MAX_VALUE - 8) {
                return null;
            }
            ByteBuffer content = Disk.read(file, (int) size);
            ByteBuffer bytes = content.slice(HEADER_BYTES, content.limit() - HEADER_BYTES);
            boolean right =
                    content.getLong(0) == MAGIC
                            && content.getInt(8) == VERSION
                            && content.getLong(16) == index
                            && content.getLong(24) == bytes.limit()
                            && content.getInt(12) == crc(content, bytes);
            return right ? new Snapshot(index, bytes.asReadOnlyBuffer()) : null;
        }
    }

    static long sizeBytes(Snapshot snapshot) {
        return HEADER_BYTES + (long) snapshot.bytes().remaining();
    }

    private static int crc(ByteBuffer header, ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(header.slice(0, 12));
        crc.update(header.slice(16, HEADER_BYTES - 16));
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }
}
