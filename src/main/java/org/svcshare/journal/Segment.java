package org.svcshare.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// One file of the log, named after the first index it has room for. It begins, big-endian, with
///
/// ```
/// 0  long  magic "svcs.log"
/// 8  int   format version, 1
/// 12 int   CRC-32C of the first 12 bytes and the 16 below
/// 16 long  first index
/// 24 long  salt of the records' checksums
/// ```
///
/// and has records from byte 32 on, zeros behind them. It gets its name only once all of it is on
/// the disk, and only after all records before it are; so a segment with a name proves them.
///
/// @param first index of the first record, whether it is written yet or not
/// @param sizeBytes of the file
record Segment(long first, long salt, int sizeBytes) {
    static final int HEADER_BYTES = 32;
    static final String FRESH = ".new";
    private static final long MAGIC = 0x737663732e6c6f67L;
    private static final int VERSION = 1;
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})\\.log");

    String name() {
        return name(first);
    }

    static String name(long first) {
        return "%016x.log".formatted(first);
    }

    /// The first index of the segment that has this name; empty for another file's name.
    static OptionalLong named(String name) {
        return index(NAME.matcher(name));
    }

    static OptionalLong index(Matcher name) {
        long index = name.matches() ? Long.parseUnsignedLong(name.group(1), 16) : 0;
        return index >= 1 ? OptionalLong.of(index) : OptionalLong.empty();
    }

    /// Makes the file, all of it zeros but the header; it is on the disk under its name when this
    /// returns, or it does not exist.
    ///
    /// @param spare a file of this size that has zeros on the disk, if there is one; not closed
    ///   here unless it fails
    static DiskFile make(Disk disk, Fate fate, Segment segment, @Nullable DiskFile spare)
            throws JournalFullException, JournalFailedException {
        String fresh = spare == null ? segment.name() + FRESH : SpareSegment.NAME;
        DiskFile file = spare;
        boolean made = false;
        try {
            if (file == null) {
                file = disk.create(fresh);
                Disk.zero(file, HEADER_BYTES, segment.sizeBytes);
            }
            Disk.write(file, segment.header(), 0);
            fate.force(file, disk.folder().resolve(fresh).toString());
            disk.rename(fresh, segment.name());
            made = true;
        } catch (JournalFailedException e) {
            throw e;
        } catch (IOException e) {
            throw new JournalFullException(
                    "the next segment %s of %,d bytes cannot be made, nothing more is taken: %s"
                            .formatted(disk.folder().resolve(segment.name()), segment.sizeBytes, e),
                    e);
        } finally {
            if (!made) {
                Scraps.drop(disk, file, fresh);
            }
        }
        fate.forceFolder(disk);
        return file;
    }

    private ByteBuffer header() {
        ByteBuffer header =
                ByteBuffer.allocate(HEADER_BYTES)
                        .putLong(MAGIC)
                        .putInt(VERSION)
                        .putInt(0)
                        .putLong(first)
                        .putLong(salt)
                        .flip();
        return header.putInt(12, crc(header));
    }

    /// What the header of a file says.
    ///
    /// @return null when it is none
    static @Nullable Segment read(ByteBuffer content) {
        if (content.limit() < HEADER_BYTES
                || content.getLong(0) != MAGIC
                || content.getInt(12) != crc(content)
                || content.getInt(8) != VERSION) {
            return null;
        }
        return new Segment(content.getLong(16), content.getLong(24), content.limit());
    }

    private static int crc(ByteBuffer header) {
        var crc = new CRC32C();
        crc.update(header.slice(0, 12));
        crc.update(header.slice(16, 16));
        return (int) crc.getValue();
    }
}
