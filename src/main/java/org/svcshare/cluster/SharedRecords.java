package org.svcshare.cluster;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.journal.SharedLog.Image;

/// What the group's log makes of its shared entries: which record has which position, the same on
/// every node. What it comes to is in the [RecordStore], which after a start has more than was
/// applied here anew.
///
/// For Ratis' thread that applies, except where it is said otherwise.
final class SharedRecords {
    private static final Logger LOG = LoggerFactory.getLogger(SharedRecords.class);

    /// As a reply: it counts for nothing.
    static final long NOT_TAKEN = -1;

    /// As a reply: it is in the log, and this node could not keep it.
    static final long NOT_KEPT = -2;

    /// As a reply: a piece came in, and there is no position yet.
    static final long TAKEN = 0;

    /// A log that is not longer is not worth a snapshot, however few entries it has.
    private static final int LEAST_LOG_BYTES = 64 << 20;

    /// A snapshot has all records, so the log may grow to so many times as much before the next
    /// one: all that is written down is a part of what was logged.
    private static final int LOG_PER_SNAPSHOT = 2;

    private static final long LARGE_BYTES = 32 << 20;

    private final RecordStore store;

    /// The last position that was given.
    private long end;

    private @Nullable Pieces record;
    private @Nullable Pieces image;

    /// How much was applied since the last snapshot of Ratis, or the start.
    private final AtomicLong loggedBytes = new AtomicLong();

    SharedRecords(RecordStore store) {
        this.store = store;
    }

    /// Goes on from what the node has.
    ///
    /// @param fresh whether it has no log; then nothing else can be of the same group
    void open(boolean fresh) throws IOException {
        if (fresh) {
            store.discard();
        } else {
            store.open();
        }
    }

    /// @param term in which it was logged
    /// @return the position of the first of its records, or one of the numbers above
    /// @throws IOException when this node cannot keep it; it counts all the same
    long apply(long term, ByteBuffer bytes) throws IOException {
        logged(bytes.remaining());
        SharedEntry entry;
        try {
            entry = SharedEntry.read(bytes);
        } catch (RuntimeException e) {
            LOG.error("an entry with records cannot be read", e);
            return NOT_TAKEN;
        }
        if (entry.term() != term) {
            return NOT_TAKEN;
        }
        return switch (entry.content()) {
            case SharedEntry.Content.Records(List<ByteBuffer> records) -> {
                record = null;
                yield keep(records);
            }
            case SharedEntry.Content.Piece piece ->
                    piece.image() ? image(term, piece) : record(term, piece);
        };
    }

    private long keep(List<ByteBuffer> records) throws IOException {
        long first = end + 1;
        end += records.size();
        long position = first;
        for (ByteBuffer each : records) {
            store.append(position, each);
            position++;
        }
        store.sync();
        return first;
    }

    private long record(long term, SharedEntry.Content.Piece piece) throws IOException {
        Pieces now = Pieces.with(record, term, piece);
        record = now;
        if (now == null) {
            return NOT_TAKEN;
        }
        if (!now.complete()) {
            return TAKEN;
        }
        record = null;
        return keep(List.of(now.whole()));
    }

    private long image(long term, SharedEntry.Content.Piece piece) {
        Pieces now = Pieces.with(image, term, piece);
        image = now;
        if (now == null) {
            return NOT_TAKEN;
        }
        if (now.complete()) {
            image = null;
            store.shorten(new Image(now.of(), now.whole().asReadOnlyBuffer()));
        }
        return TAKEN;
    }

    // Snapshots of Ratis.

    /// An entry was applied.
    void logged(int bytes) {
        loggedBytes.addAndGet(bytes);
    }

    /// Whether there ever was something.
    boolean used() {
        return end > 0 || record != null || store.end() > 0;
    }

    /// Whether Ratis' log has so much more than a snapshot would that one should be made. Any
    /// thread.
    boolean wantsSnapshot() {
        long logged = loggedBytes.get();
        return logged > LEAST_LOG_BYTES && logged > LOG_PER_SNAPSHOT * store.bytes();
    }

    /// Whether it takes long to write it down.
    boolean isLarge() {
        return store.bytes() > LARGE_BYTES;
    }

    /// What there is now, to be written on another thread.
    Copy copy() {
        loggedBytes.set(0);
        return new Copy(end, record, store.copy());
    }

    record Copy(long end, @Nullable Pieces record, RecordStore.Copy records)
            implements AutoCloseable {
        void write(DataOutputStream to) throws IOException {
            to.writeLong(end);
            to.writeBoolean(record != null);
            if (record != null) {
                to.writeLong(record.term());
                to.writeLong(record.of());
                to.writeInt(record.next());
                to.writeInt(record.whole().limit());
                var come = new byte[record.bytes()];
                record.whole().get(0, come);
                to.write(come);
            }
            records.write(to);
        }

        @Override
        public void close() {
            records.close();
        }
    }

    /// Goes back to a snapshot in which nothing was shared.
    void restoreNothing() {
        end = 0;
        record = null;
        image = null;
    }

    /// Goes back to a snapshot. The store, which may have more, is made anew only if it has less.
    void restore(DataInputStream from) throws IOException {
        restoreNothing();
        end = from.readLong();
        record = from.readBoolean() ? pieces(from) : null;
        if (store.end() < end) {
            store.replace(from);
            LOG.atInfo().addKeyValue("end", end).log("shared records restored from a snapshot");
        }
        if (store.end() < end) {
            throw new IOException(
                    "a snapshot of %d shared records has %d".formatted(end, store.end()));
        }
    }

    private static Pieces pieces(DataInputStream from) throws IOException {
        long term = from.readLong();
        long of = from.readLong();
        int number = from.readInt();
        int sizeBytes = from.readInt();
        if (sizeBytes < 0 || sizeBytes > SharedEntry.MOST_RECORD_BYTES) {
            throw new IOException("a record of " + sizeBytes + " bytes in a snapshot");
        }
        var pieces = new Pieces(term, of, number, ByteBuffer.allocate(sizeBytes));
        var come = new byte[pieces.bytes()];
        from.readFully(come);
        pieces.whole().put(0, come);
        return pieces;
    }
}
