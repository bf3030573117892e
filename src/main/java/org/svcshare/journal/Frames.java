package org.svcshare.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// How a record lies in a segment, big-endian, each beginning at a multiple of 8:
///
/// ```
/// 0  int   CRC-32C of the segment's salt and the next 20 bytes
/// 4  int   length of the payload; -1: a mark, which has none
/// 8  long  index
/// 16 int   back: how far below the index the newest record is that was on the disk for certain
///          when this one was appended; 1 or more
/// 20 int   CRC-32C of the payload
/// 24       the payload, then zeros up to a multiple of 8
/// ```
///
/// The head has a checksum of its own so that heads are found again behind bad bytes without
/// knowing where one begins. The salt is drawn for each segment, so nobody can put something into a
/// payload that looks like a head.
///
/// `back` tells damage from a torn end. Pages of a batch that was never synced may reach the disk
/// in any order, so an intact record behind a bad one proves nothing by itself; one that says that
/// the bad one had been on the disk does. A mark says it of the last record.
///
/// Not thread-safe.
final class Frames {
    static final int HEAD_BYTES = 24;
    static final int ALIGNMENT = 8;
    private static final int MARK = -1;
    private static final int SALT_BYTES = 8;
    private static final int CHECKED_BYTES = HEAD_BYTES - 4;

    private final CRC32C crc = new CRC32C();

    /// The salt, and room for a head.
    private final ByteBuffer salted = ByteBuffer.allocate(SALT_BYTES + CHECKED_BYTES);

    Frames(long salt) {
        salted.putLong(0, salt);
    }

    /// What a head says.
    ///
    /// @param length of the payload in bytes; -1 for a mark
    record Head(int length, long index, int back, int payloadCrc) {
        /// The newest record that was on the disk for certain when this one was appended.
        long proves() {
            return index - back;
        }

        boolean isMark() {
            return length == MARK;
        }
    }

    /// Bytes that a record takes in a segment; a long, since the sum may pass an int.
    static long span(int length) {
        return (HEAD_BYTES + (long) length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /// Puts a record at `at`, without the padding.
    void put(ByteBuffer out, int at, long index, int back, ByteBuffer payload) {
        int length = payload.remaining();
        out.put(at + HEAD_BYTES, payload, payload.position(), length);
        putHead(out, at, new Head(length, index, back, crc(out, at + HEAD_BYTES, length)));
    }

    /// A mark: every record below `next` is on the disk. Lies where the next record will.
    ByteBuffer mark(long next) {
        ByteBuffer out = ByteBuffer.allocate(HEAD_BYTES);
        putHead(out, 0, new Head(MARK, next, 1, 0));
        return out;
    }

    private void putHead(ByteBuffer out, int at, Head head) {
        salted.putInt(SALT_BYTES, head.length)
                .putLong(SALT_BYTES + 4, head.index)
                .putInt(SALT_BYTES + 12, head.back)
                .putInt(SALT_BYTES + 16, head.payloadCrc);
        out.putInt(at, saltedCrc()).put(at + 4, salted, SALT_BYTES, CHECKED_BYTES);
    }

    /// The head at `at`, or null when there is none.
    @Nullable Head head(ByteBuffer in, int at) {
        if (at > in.limit() - HEAD_BYTES) {
            return null;
        }
        int length = in.getInt(at + 4);
        long index = in.getLong(at + 8);
        int back = in.getInt(at + 16);
        if (length < MARK || index < 1 || back < 1 || back > index) {
            return null;
        }
        salted.put(SALT_BYTES, in, at + 4, CHECKED_BYTES);
        return saltedCrc() == in.getInt(at)
                ? new Head(length, index, back, in.getInt(at + 20))
                : null;
    }

    /// Whether the payload that belongs to the head at `at` is all there, and right.
    boolean isWhole(ByteBuffer in, int at, Head head) {
        return !head.isMark()
                && at + HEAD_BYTES + (long) head.length <= in.limit()
                && crc(in, at + HEAD_BYTES, head.length) == head.payloadCrc;
    }

    private int saltedCrc() {
        crc.reset();
        crc.update(salted.array());
        return (int) crc.getValue();
    }

    private int crc(ByteBuffer in, int at, int length) {
        crc.reset();
        crc.update(in.slice(at, length));
        return (int) crc.getValue();
    }
}
