package org.svcshare.cluster;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.journal.Durability;
import org.svcshare.journal.Journal;
import org.svcshare.journal.JournalDamagedException;
import org.svcshare.journal.JournalSettings;
import org.svcshare.journal.LogWindow;
import org.svcshare.journal.PendingSnapshot;
import org.svcshare.journal.RecordReader;
import org.svcshare.journal.SharedLog.Image;
import org.svcshare.journal.SharedLog.ShortenedException;
import org.svcshare.journal.Snapshot;

/// This node's copy of the records that the group shares: in a journal of its own, which is made
/// with the first of them.
///
/// All of it can be made anew out of Ratis' snapshot and log. So it need not be on the disk at
/// once, and what cannot be read at the start is thrown away.
///
/// Each record has its position before it. A journal that was made anew begins with one that only
/// fills the place of all that the image stands for; so positions and the journal's indexes differ
/// by a constant, which is kept with the image.
///
/// For any thread; one at a time appends.
final class RecordStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RecordStore.class);
    private static final int SEGMENT_BYTES = 8 << 20;
    static final int POSITION_BYTES = Long.BYTES;

    /// Before an image: up to where, and whether the journal was made anew.
    private static final int IMAGE_HEAD_BYTES = Long.BYTES + 1;

    static final JournalSettings SETTINGS =
            new JournalSettings(
                    SEGMENT_BYTES, SharedEntry.MOST_RECORD_BYTES + POSITION_BYTES, Durability.OS);

    private final Path folder;
    private final Runnable changed;

    /// Guards all below.
    private final Object lock = new Object();

    private final RecentRecords recent = new RecentRecords();

    /// Null until there is something to keep, and when it is closed.
    private @Nullable Journal journal;

    /// A record's position minus its index in the journal.
    private long offset;

    /// Whether the journal's first record only fills a place.
    private boolean anew;

    private long imageUpTo;
    private long bytes;

    /// The image on its way to the disk, whether that has ended, and the one after it.
    private @Nullable PendingSnapshot writing;

    private boolean written;
    private @Nullable Image next;

    /// How many copies are being made, for which nothing must be removed.
    private int copies;

    private boolean closed;

    /// Why nothing more can be kept; null while it can.
    private @Nullable IOException broken;

    private volatile long end;

    /// @param folder of its own; need not be there
    /// @param changed is told when there are more records, or another image, and must not block
    RecordStore(Path folder, Runnable changed) {
        this.folder = folder;
        this.changed = changed;
    }

    // Beginning.

    /// Goes on from what is in the folder. What is of no use there is thrown away.
    void open() throws IOException {
        synchronized (lock) {
            NodeFolder.remove(fresh());
            NodeFolder.remove(old());
            if (!Files.exists(folder)) {
                return;
            }
            try {
                take(Journal.open(folder, SETTINGS));
            } catch (JournalDamagedException | TornException e) {
                // Its message tells people to restore what is not needed.
                LOG.debug("shared records", e);
                LOG.warn("the shared records in {} are damaged, and are made anew", folder);
                drop();
            }
        }
    }

    /// Throws away what is in the folder.
    void discard() throws IOException {
        synchronized (lock) {
            NodeFolder.remove(fresh());
            NodeFolder.remove(old());
            drop();
        }
    }

    private Path fresh() {
        return folder.resolveSibling(folder.getFileName() + ".new");
    }

    private Path old() {
        return folder.resolveSibling(folder.getFileName() + ".old");
    }

    private void drop() throws IOException {
        forget();
        end = 0;
        NodeFolder.remove(folder);
    }

    private void forget() {
        Journal now = journal;
        journal = null;
        recent.clear();
        offset = 0;
        anew = false;
        imageUpTo = 0;
        bytes = 0;
        writing = null;
        written = false;
        next = null;
        if (now != null) {
            try {
                now.close();
            } catch (IOException e) {
                LOG.debug("while closing the shared records", e);
            }
        }
    }

    /// @throws TornException when it does not have what it should
    private void take(Journal found) throws IOException {
        journal = found;
        Optional<Snapshot> snapshot = found.snapshot();
        if (snapshot.isPresent()) {
            ByteBuffer head = snapshot.get().bytes();
            bytes = head.remaining();
            imageUpTo = head.getLong();
            anew = head.get() != 0;
            offset = imageUpTo - snapshot.get().index();
        }
        if (found.firstIndex() <= found.lastIndex()) {
            check(found, found.firstIndex());
            check(found, found.lastIndex());
        }
        bytes = found.sizeBytes();
        end = found.lastIndex() + offset;
    }

    private void check(Journal found, long at) throws IOException {
        found.window(at)
                .read(
                        1,
                        (index, record) -> {
                            long position = record.getLong();
                            boolean fills = !record.hasRemaining();
                            if (position != index + offset || fills != (anew && index == 1)) {
                                throw new TornException(
                                        "record %d in %s says that it is %d"
                                                .formatted(index + offset, folder, position));
                            }
                        });
    }

    /// The journal is sound, and yet not what it should be.
    private static final class TornException extends IOException {
        private static final long serialVersionUID = 1;

        TornException(String message) {
            super(message);
        }
    }

    // Growing, by one thread.

    /// The last record; 0 while there is none.
    long end() {
        return end;
    }

    /// Keeps a record that follows the last one; one that is here already is passed over. [#sync]
    /// has it read by others.
    void append(long position, ByteBuffer record) throws IOException {
        synchronized (lock) {
            Journal to = usable();
            long last = to == null ? 0 : to.lastIndex() + offset;
            if (position <= last) {
                return;
            }
            if (position != last + 1) {
                throw new IOException("record " + position + " after " + last);
            }
            ByteBuffer kept =
                    ByteBuffer.allocate(POSITION_BYTES + record.remaining())
                            .putLong(position)
                            .put(record.duplicate())
                            .flip();
            try {
                if (to == null) {
                    to = Journal.open(folder, SETTINGS);
                    journal = to;
                }
                to.append(kept);
            } catch (IOException e) {
                broken = e;
                throw e;
            }
            recent.add(position, kept.position(POSITION_BYTES).slice().asReadOnlyBuffer());
            bytes += kept.capacity();
        }
    }

    private @Nullable Journal usable() throws IOException {
        if (broken != null) {
            throw broken;
        }
        if (closed) {
            throw new IOException("the shared records are closed");
        }
        return journal;
    }

    /// Lets others read what was appended.
    void sync() throws IOException {
        synchronized (lock) {
            Journal to = usable();
            if (to == null) {
                return;
            }
            try {
                to.sync();
            } catch (IOException e) {
                broken = e;
                throw e;
            }
            end = to.lastIndex() + offset;
            to.spare().ifPresent(ahead -> Thread.ofVirtual().name("records").start(ahead::make));
        }
        changed.run();
    }

    /// About how much there is.
    long bytes() {
        synchronized (lock) {
            return bytes;
        }
    }

    // Shortening.

    /// Has an image stand for the records up to a position, some time soon.
    void shorten(Image image) {
        synchronized (lock) {
            Image waiting = next;
            if (image.upTo() > imageUpTo
                    && image.upTo() <= end
                    && (waiting == null || image.upTo() > waiting.upTo())) {
                next = image;
                write();
            }
        }
    }

    private void write() {
        Journal of = journal;
        Image image = next;
        if (of == null || image == null || writing != null || closed) {
            return;
        }
        next = null;
        if (image.upTo() <= imageUpTo) {
            return;
        }
        try {
            PendingSnapshot begun = of.beginSnapshot(image.upTo() - offset, headed(image, anew));
            writing = begun;
            written = false;
            Thread.ofVirtual().name("records image").start(() -> write(begun, image.upTo()));
        } catch (IOException e) {
            LOG.warn("the shared records were not made shorter: {}", e.toString());
        }
    }

    static ByteBuffer headed(Image image, boolean anew) {
        return ByteBuffer.allocate(IMAGE_HEAD_BYTES + image.bytes().remaining())
                .putLong(image.upTo())
                .put((byte) (anew ? 1 : 0))
                .put(image.bytes().duplicate())
                .flip();
    }

    private void write(PendingSnapshot begun, long upTo) {
        try {
            begun.write();
        } catch (IOException e) {
            LOG.warn("the shared records were not made shorter: {}", e.toString());
        } catch (IllegalStateException e) {
            LOG.debug("an image was given up", e);
        }
        synchronized (lock) {
            if (writing == begun) {
                written = true;
                endWriting(upTo);
            }
        }
        changed.run();
    }

    /// Nothing is removed while a copy is made; the last copy to end calls this, too.
    private void endWriting(long upTo) {
        Journal of = journal;
        PendingSnapshot over = writing;
        if (of == null || over == null || !written || copies > 0 || closed) {
            return;
        }
        writing = null;
        try {
            if (of.endSnapshot(over)) {
                imageUpTo = upTo;
                bytes = of.sizeBytes();
            }
        } catch (IOException e) {
            LOG.warn("the shared records were not made shorter: {}", e.toString());
        }
        write();
    }

    // Reading.

    /// See [org.svcshare.journal.SharedLog#image].
    Optional<Image> image() throws IOException {
        synchronized (lock) {
            Journal of = journal;
            Optional<Snapshot> snapshot = of == null ? Optional.empty() : of.snapshot();
            return snapshot.map(found -> {
                ByteBuffer from = found.bytes();
                long upTo = from.getLong();
                return new Image(
                        upTo, from.slice(IMAGE_HEAD_BYTES, from.limit() - IMAGE_HEAD_BYTES));
            });
        }
    }

    /// The first record that is still here, or the one to come.
    private long first(Journal of) {
        return Math.max(of.firstIndex(), anew ? 2 : 1) + offset;
    }

    /// See [org.svcshare.journal.SharedLog#read].
    long read(long from, long mostBytes, RecordReader reader) throws IOException {
        if (from < 1) {
            throw new IllegalArgumentException("record " + from);
        }
        var reading = new Reading(from, end, mostBytes, reader);
        while (reading.goesOn()) {
            long before = reading.next;
            try {
                step(reading);
            } catch (ShortenedException e) {
                if (reading.next > from) {
                    return reading.next;
                }
                throw e;
            } catch (IOException e) {
                // What it read from may have been removed meanwhile; then that is found out now.
                if (reading.foreign || !gone(reading.of, before)) {
                    throw e;
                }
            }
        }
        return reading.next;
    }

    private boolean gone(@Nullable Journal from, long position) throws IOException {
        synchronized (lock) {
            Journal now = usable();
            return now == null || !now.equals(from) || position < first(now);
        }
    }

    private void step(Reading reading) throws IOException {
        List<ByteBuffer> here;
        LogWindow window = null;
        long difference;
        synchronized (lock) {
            Journal of = usable();
            if (of == null || reading.next < first(of)) {
                throw new ShortenedException(reading.next);
            }
            reading.of = of;
            difference = offset;
            here = recent.from(reading.next, Math.min(reading.last, end), reading.leftBytes);
            if (here.isEmpty()) {
                window = of.window(reading.next - difference);
            }
        }
        if (window == null) {
            for (ByteBuffer record : here) {
                reading.one(reading.next, record);
            }
        } else {
            window.read(
                    Math.max(1, reading.leftBytes),
                    (index, record) -> {
                        long position = record.getLong();
                        if (position != index + difference || position != reading.next) {
                            throw new IOException(
                                    "record " + reading.next + " says that it is " + position);
                        }
                        if (reading.goesOn()) {
                            reading.one(position, record.slice());
                        }
                    });
        }
    }

    private static final class Reading {
        private final long first;
        private final long last;
        private final RecordReader reader;
        private long leftBytes;
        private long next;

        /// From where it last read.
        private @Nullable Journal of;

        /// Whether the reader itself failed.
        private boolean foreign;

        Reading(long from, long last, long mostBytes, RecordReader reader) {
            this.first = from;
            this.next = from;
            this.last = last;
            this.leftBytes = mostBytes;
            this.reader = reader;
        }

        boolean goesOn() {
            return next <= last && (leftBytes > 0 || next == first);
        }

        void one(long position, ByteBuffer record) throws IOException {
            leftBytes -= record.remaining();
            foreign = true;
            reader.record(position, record);
            foreign = false;
            next = position + 1;
        }
    }

    // Copies, for a node that has nothing.

    /// What there is at one moment; nothing of it is removed until it is closed.
    final class Copy implements AutoCloseable {
        private final long last;
        private boolean over;

        private Copy(long last) {
            this.last = last;
        }

        /// Writes it, a little at a time. What is written is on the disk here, too, when this
        /// returns.
        void write(DataOutputStream to) throws IOException {
            force();
            RecordCopy.write(image(), RecordStore.this::read, last, to);
        }

        @Override
        public void close() {
            synchronized (lock) {
                if (!over) {
                    over = true;
                    copies--;
                    PendingSnapshot waiting = writing;
                    if (waiting != null) {
                        endWriting(waiting.index() + offset);
                    }
                }
            }
        }
    }

    Copy copy() {
        synchronized (lock) {
            copies++;
            return new Copy(end);
        }
    }

    private void force() throws IOException {
        synchronized (lock) {
            Journal of = usable();
            if (of != null) {
                of.force();
            }
        }
    }

    /// Reads what [Copy#write] wrote, and keeps that instead of what there is, in one step whenever
    /// the power goes.
    ///
    /// @throws IOException when it cannot be read or kept; then all is as it was
    void replace(DataInputStream from) throws IOException {
        NodeFolder.remove(fresh());
        RecordCopy.read(from, fresh());
        synchronized (lock) {
            if (closed) {
                throw new IOException("the shared records are closed");
            }
            forget();
            broken = new IOException("the shared records are not whole");
            NodeFolder.remove(old());
            if (Files.exists(folder)) {
                SyncedFile.move(folder, old());
            }
            SyncedFile.move(fresh(), folder);
            take(Journal.open(folder, SETTINGS));
            broken = null;
            NodeFolder.remove(old());
        }
        changed.run();
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            Journal last = journal;
            journal = null;
            recent.clear();
            if (last != null) {
                try {
                    last.close();
                } catch (IOException e) {
                    LOG.warn("the shared records did not close well: {}", e.toString());
                }
            }
        }
    }
}
