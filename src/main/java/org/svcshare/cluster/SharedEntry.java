package org.svcshare.cluster;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// An entry of the group's log that has records of [org.svcshare.journal.SharedLog] instead of
/// operations. Where a [Batch] has the time, which is never below 0, it has [#MARK].
///
/// @param term of the leader that wrote it: in the log of a later one it counts for nothing
record SharedEntry(long term, Content content) {
    private static final long MARK = -1;
    private static final byte RECORDS = 1;
    private static final byte PIECE = 2;
    private static final byte IMAGE = 3;
    private static final int HEAD_BYTES = 2 * Long.BYTES + 1;

    /// Most bytes that records have together in one, and a piece of something long has.
    static final int MOST_BYTES = 1 << 20;

    static final int MOST_RECORD_BYTES = 16 << 20;
    static final int MOST_IMAGE_BYTES = 256 << 20;
    private static final int MOST_RECORDS = 1 << 16;

    sealed interface Content {
        /// Each of them whole.
        record Records(List<ByteBuffer> records) implements Content {
            public Records {
                records = List.copyOf(records);
            }
        }

        /// A piece of something that is too long for one entry; the others are in entries behind
        /// it, in their order.
        ///
        /// @param of which record in this term; for an image up to which position it goes
        /// @param number from 0
        /// @param sizeBytes of the whole
        record Piece(boolean image, long of, int number, int sizeBytes, ByteBuffer bytes)
                implements Content {}
    }

    static boolean is(ByteBuffer entry) {
        return entry.remaining() >= HEAD_BYTES && entry.getLong(entry.position()) == MARK;
    }

    /// How much room a record takes.
    static int span(ByteBuffer record) {
        return Integer.BYTES + record.remaining();
    }

    static byte[] records(long term, Collection<ByteBuffer> records) {
        int bytes = records.stream().mapToInt(SharedEntry::span).sum();
        ByteBuffer to = head(term, RECORDS, Integer.BYTES + bytes).putInt(records.size());
        records.forEach(record -> to.putInt(record.remaining()).put(record.duplicate()));
        return bytes(to);
    }

    /// @param whole what a piece is cut out of, the last one perhaps shorter than the others
    static byte[] piece(long term, boolean image, long of, int number, ByteBuffer whole) {
        int from = number * MOST_BYTES;
        int length = Math.min(MOST_BYTES, whole.remaining() - from);
        return bytes(
                head(term, image ? IMAGE : PIECE, Long.BYTES + 2 * Integer.BYTES + length)
                        .putLong(of)
                        .putInt(number)
                        .putInt(whole.remaining())
                        .put(whole.slice(whole.position() + from, length)));
    }

    /// Into how many pieces something so long is cut.
    static int pieces(int sizeBytes) {
        return Math.max(1, Math.ceilDiv(sizeBytes, MOST_BYTES));
    }

    private static ByteBuffer head(long term, byte kind, int moreBytes) {
        return ByteBuffer.allocate(HEAD_BYTES + moreBytes).putLong(MARK).putLong(term).put(kind);
    }

    /// Of a buffer that was allocated above, and filled.
    @SuppressWarnings("ByteBufferBackingArray")
    private static byte[] bytes(ByteBuffer full) {
        return full.array();
    }

    /// @throws RuntimeException when the bytes are none of an entry
    static SharedEntry read(ByteBuffer from) {
        if (from.getLong() != MARK) {
            throw new IllegalArgumentException("an entry with a time");
        }
        long term = from.getLong();
        byte kind = from.get();
        return new SharedEntry(
                term,
                switch (kind) {
                    case RECORDS -> readRecords(from);
                    case PIECE -> readPiece(from, false, MOST_RECORD_BYTES);
                    case IMAGE -> readPiece(from, true, MOST_IMAGE_BYTES);
                    default -> throw new IllegalArgumentException("no entry: " + kind);
                });
    }

    private static Content readRecords(ByteBuffer from) {
        int count = from.getInt();
        if (count < 1 || count > MOST_RECORDS) {
            throw new IllegalArgumentException(count + " records");
        }
        var records = new ArrayList<ByteBuffer>(count);
        for (int i = 0; i < count; i++) {
            int length = from.getInt();
            records.add(from.slice(from.position(), length));
            from.position(from.position() + length);
        }
        return new Content.Records(records);
    }

    private static Content readPiece(ByteBuffer from, boolean image, int mostBytes) {
        long of = from.getLong();
        int number = from.getInt();
        int sizeBytes = from.getInt();
        if (sizeBytes < 0 || sizeBytes > mostBytes || number < 0 || number >= pieces(sizeBytes)) {
            throw new IllegalArgumentException("piece " + number + " of " + sizeBytes + " bytes");
        }
        int length = Math.min(MOST_BYTES, sizeBytes - number * MOST_BYTES);
        if (from.remaining() != length) {
            throw new IllegalArgumentException("a piece of " + from.remaining() + " bytes");
        }
        return new Content.Piece(image, of, number, sizeBytes, from.slice());
    }
}
