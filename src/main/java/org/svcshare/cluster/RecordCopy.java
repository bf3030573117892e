package org.svcshare.cluster;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import org.svcshare.journal.Journal;
import org.svcshare.journal.RecordReader;
import org.svcshare.journal.SharedLog.Image;

/// All of a group's shared records in one stream, for a node that has nothing: the image if there
/// is one, and the records behind it.
final class RecordCopy {
    private static final int PIECE_BYTES = 1 << 20;
    private static final int READ_BYTES = 8 << 20;

    private RecordCopy() {}

    /// Where the records come from.
    interface Source {
        /// @return where to go on
        long read(long from, long mostBytes, RecordReader reader) throws IOException;
    }

    /// Writes it, a little at a time.
    ///
    /// @param last the last record
    static void write(Optional<Image> image, Source records, long last, DataOutputStream to)
            throws IOException {
        to.writeBoolean(image.isPresent());
        long next = 1;
        if (image.isPresent()) {
            to.writeLong(image.get().upTo());
            to.writeInt(image.get().bytes().remaining());
            write(image.get().bytes(), to);
            next = image.get().upTo() + 1;
        }
        to.writeLong(next);
        to.writeLong(last);
        while (next <= last) {
            next =
                    records.read(
                            next,
                            READ_BYTES,
                            (position, record) -> {
                                if (position <= last) {
                                    to.writeInt(record.remaining());
                                    write(record, to);
                                }
                            });
        }
    }

    private static void write(ByteBuffer bytes, DataOutputStream to) throws IOException {
        var piece = new byte[Math.min(bytes.remaining(), PIECE_BYTES)];
        while (bytes.hasRemaining()) {
            int length = Math.min(piece.length, bytes.remaining());
            bytes.get(piece, 0, length);
            to.write(piece, 0, length);
        }
    }

    /// Reads what [#write] wrote into a journal of its own.
    ///
    /// @param folder of that; it is not there yet
    static void read(DataInputStream from, Path folder) throws IOException {
        try (Journal made = Journal.open(folder, RecordStore.SETTINGS)) {
            long first = 1;
            if (from.readBoolean()) {
                first = image(from, made) + 1;
            }
            if (from.readLong() != first) {
                throw new IOException("records that do not follow the image");
            }
            long last = from.readLong();
            int unsynced = 0;
            for (long position = first; position <= last; position++) {
                ByteBuffer record =
                        bytes(from, SharedEntry.MOST_RECORD_BYTES, RecordStore.POSITION_BYTES);
                made.append(record.putLong(0, position));
                unsynced += record.capacity();
                if (unsynced >= PIECE_BYTES) {
                    made.sync();
                    unsynced = 0;
                }
            }
        }
    }

    /// @return up to which position the image goes
    private static long image(DataInputStream from, Journal made) throws IOException {
        long upTo = from.readLong();
        ByteBuffer image = bytes(from, SharedEntry.MOST_IMAGE_BYTES, 0);
        made.append(ByteBuffer.allocate(RecordStore.POSITION_BYTES).putLong(0, upTo));
        made.sync();
        made.snapshot(1, RecordStore.headed(new Image(upTo, image), true));
        return upTo;
    }

    private static ByteBuffer bytes(DataInputStream from, int mostBytes, int before)
            throws IOException {
        int length = from.readInt();
        if (length < 0 || length > mostBytes) {
            throw new IOException("something of " + length + " bytes in a copy of records");
        }
        var all = new byte[before + length];
        from.readFully(all, before, length);
        return ByteBuffer.wrap(all);
    }
}
