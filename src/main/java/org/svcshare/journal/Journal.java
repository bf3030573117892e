package org.svcshare.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// An append-only log in a folder of its own. Records are bytes; each gets the next index, from 1
/// on.
///
/// [#append] only takes a record into memory, [#sync] writes and forces all that was appended
/// since, so that many share one force. A snapshot stands for all records up to an index, which are
/// then removed, segment by segment.
///
/// What a sync has returned for is found again by the next process: all of it, in order, and
/// nothing else but perhaps records that were appended behind. Damage that a crash does not explain
/// is refused. One limit: damage inside the last batch before a crash cannot be told from a batch
/// that was never synced, and is cut like one.
///
/// For one thread at a time, the owner; only [PendingSnapshot#write] and [SpareSegment#make] may
/// run elsewhere. Do not interrupt the owner: an interrupt during a write closes the file, and with
/// it the journal.
public final class Journal implements AutoCloseable {
    private final Disk disk;
    private final JournalSettings settings;
    private final LongSupplier salts;
    private final Fate fate;
    private final ArrayDeque<Segment> sealed = new ArrayDeque<>();

    private @Nullable Tail tail;
    private @Nullable PendingSnapshot pending;
    private @Nullable SpareSegment spare;
    private boolean closed;

    private long lastIndex;

    /// Up to here sync has returned, or recovery found.
    private long syncedIndex;

    /// Up to here the disk has it; with [Durability#OS] that is less.
    private long forcedIndex;

    private long snapshotIndex;
    private long snapshotBytes;

    private Journal(Disk disk, JournalSettings settings, LongSupplier salts, Fate fate) {
        this.disk = disk;
        this.settings = settings;
        this.salts = salts;
        this.fate = fate;
    }

    /// Opens the journal of a folder, which is made if need be; recovers what the last process
    /// left.
    ///
    /// @throws JournalDamagedException when going on would lose records in silence
    /// @throws IOException when the folder cannot be used, or another process uses it
    public static Journal open(Path folder, JournalSettings settings) throws IOException {
        return open(RealDisk.open(folder), settings, new SecureRandom()::nextLong);
    }

    /// Opens the journal of a folder to read what is in it. Nothing there is changed.
    ///
    /// @throws JournalDamagedException when records are lost
    /// @throws IOException when it cannot be read, or another process uses it
    public static Journal look(Path folder) throws IOException {
        Path real = folder.toRealPath();
        if (RealDisk.inUse(real)) {
            throw new IOException(
                    "the journal in " + folder + " is in use by a svcshare that runs: stop it");
        }
        return open(new ReadOnlyDisk(real), JournalSettings.usual(), () -> 0);
    }

    /// @param salts draws a number for each segment that nobody can guess
    static Journal open(Disk disk, JournalSettings settings, LongSupplier salts)
            throws IOException {
        boolean opened = false;
        try {
            var journal = new Journal(disk, settings, salts, new Fate());
            journal.recover();
            opened = true;
            return journal;
        } finally {
            if (!opened) {
                Scraps.close(disk, disk.folder().toString());
            }
        }
    }

    private void recover() throws IOException {
        Recovery.Found found = Recovery.run(disk, fate);
        sealed.addAll(found.sealed());
        tail = found.tail();
        lastIndex = found.last();
        syncedIndex = found.last();
        forcedIndex = found.last();
        snapshotIndex = found.snapshotIndex();
        snapshotBytes = found.snapshotBytes();
    }

    /// The newest snapshot, read from the disk anew; empty when there is none. After opening, take
    /// this and then [#replay] from the index behind it.
    ///
    /// @throws JournalDamagedException when it is no longer what was written
    public Optional<Snapshot> snapshot() throws IOException {
        check();
        if (snapshotIndex == 0) {
            return Optional.empty();
        }
        Snapshot snapshot = SnapshotFile.read(disk, snapshotIndex);
        if (snapshot == null) {
            throw new JournalDamagedException(
                    disk.folder().resolve(SnapshotFile.name(snapshotIndex)) + " is damaged");
        }
        return Optional.of(snapshot);
    }

    /// Reads synced records, oldest first, from the disk.
    ///
    /// @param from the first one wanted, not below [#firstIndex]; one above the last reads nothing
    /// @throws JournalDamagedException when they are no longer what was written
    public void replay(long from, RecordReader reader) throws IOException {
        check();
        if (from < firstIndex()) {
            throw new IllegalArgumentException(
                    "record %d is gone; the first is %d".formatted(from, firstIndex()));
        }
        RecordReader wanted =
                (index, payload) -> {
                    if (index >= from && index <= syncedIndex) {
                        reader.record(index, payload);
                    }
                };
        long next = Long.MAX_VALUE;
        Tail newest = tail;
        if (newest != null) {
            next = newest.segment().first();
        }
        var older = sealed.iterator();
        Segment segment = older.hasNext() ? older.next() : null;
        while (segment != null) {
            Segment following = older.hasNext() ? older.next() : null;
            long end = following == null ? next : following.first();
            if (end > from) {
                try (DiskFile file = disk.open(segment.name())) {
                    read(segment, Disk.read(file, segment.sizeBytes()), end - 1, wanted);
                }
            }
            segment = following;
        }
        if (newest != null && syncedIndex >= from) {
            read(newest.segment(), newest.written(), syncedIndex, wanted);
        }
    }

    /// The records from an index on, up to the end of their segment or the last one that was
    /// synced, for some other thread to read.
    ///
    /// @param from from [#firstIndex] to [#syncedIndex]
    public LogWindow window(long from) throws JournalFailedException {
        check();
        if (from < firstIndex() || from > syncedIndex) {
            throw new IllegalArgumentException(
                    "records from %d; there are %d to %d"
                            .formatted(from, firstIndex(), syncedIndex));
        }
        Tail newest = tail;
        if (newest != null && from >= newest.segment().first()) {
            return new LogWindow(disk, newest.segment(), newest.end(), from, syncedIndex);
        }
        Segment holds = null;
        long behind = newest == null ? syncedIndex + 1 : newest.segment().first();
        for (var older = sealed.descendingIterator(); older.hasNext() && holds == null; ) {
            Segment segment = older.next();
            if (segment.first() <= from) {
                holds = segment;
            } else {
                behind = segment.first();
            }
        }
        if (holds == null) {
            throw new IllegalStateException("no segment has record " + from);
        }
        return new LogWindow(disk, holds, holds.sizeBytes(), from, behind - 1);
    }

    private void read(Segment segment, ByteBuffer content, long last, RecordReader reader)
            throws IOException {
        Scan scan = Scan.of(segment, content, reader);
        if (scan.last() < last) {
            throw new JournalDamagedException(
                    "%s is wrong at byte %d: record %d is not whole"
                            .formatted(
                                    disk.folder().resolve(segment.name()),
                                    scan.end(),
                                    scan.last() + 1));
        }
    }

    /// Takes a record into memory; [#sync] makes it durable. Touches the disk only when a segment
    /// is full: then what waits is synced and the next segment is made, which takes as long as
    /// writing a segment of zeros does unless a [#spare] one is there.
    ///
    /// @param payload from its position to its limit, which stay as they are; may be empty
    /// @return its index
    /// @throws JournalFullException when it was not taken, since there is no room for another
    ///   segment; what was taken before may still be synced. Each attempt tries the disk anew, so
    ///   leave some time between them.
    /// @throws IllegalArgumentException when it is longer than the settings allow
    public long append(ByteBuffer payload) throws JournalFullException, JournalFailedException {
        check();
        int length = payload.remaining();
        if (length > settings.maxRecordBytes()) {
            throw new IllegalArgumentException(
                    "a record of %,d bytes; at most %,d are taken"
                            .formatted(length, settings.maxRecordBytes()));
        }
        Tail into = tail;
        if (into == null || !into.fits(length)) {
            into = roll(length);
        }
        into.add(lastIndex + 1, Math.toIntExact(lastIndex + 1 - forcedIndex), payload);
        lastIndex++;
        return lastIndex;
    }

    /// All records must be on the disk before the next segment is made: its being there proves
    /// them.
    private Tail roll(int length) throws JournalFullException, JournalFailedException {
        Tail full = tail;
        if (full != null) {
            writeAndForce(full);
        }
        long size = Segment.HEADER_BYTES + Frames.span(length);
        var segment =
                new Segment(
                        lastIndex + 1,
                        salts.getAsLong(),
                        (int) Math.max(settings.segmentBytes(), size));
        var made =
                new Tail(
                        disk,
                        fate,
                        segment,
                        Segment.make(disk, fate, segment, spare(segment.sizeBytes())),
                        Segment.HEADER_BYTES);
        if (full != null) {
            full.close();
            // One that never had a record has the same name and is replaced.
            if (!full.isEmpty()) {
                sealed.add(full.segment());
            }
        }
        tail = made;
        return made;
    }

    /// What should be made before it is wanted, by some other thread: there is something once the
    /// newest segment is half full.
    public Optional<SpareSegment> spare() {
        Tail newest = tail;
        boolean wanted =
                !closed
                        && newest != null
                        && newest.end() >= newest.segment().sizeBytes() / 2
                        && spare == null;
        if (!wanted) {
            return Optional.empty();
        }
        var begun = new SpareSegment(disk, settings.segmentBytes());
        spare = begun;
        return Optional.of(begun);
    }

    /// The file that was made ahead, if it is of this size and ready; one that could not be made is
    /// forgotten, so that another is tried.
    private @Nullable DiskFile spare(int sizeBytes) {
        SpareSegment ahead = spare;
        if (ahead == null) {
            return null;
        }
        DiskFile file = ahead.take(sizeBytes);
        if (file != null || ahead.failed()) {
            spare = null;
        }
        return file;
    }

    /// Makes all that was appended durable, as [JournalSettings#durability] says: one write and one
    /// force, or nothing when nothing waits.
    ///
    /// @throws JournalFullException when the file system has no room even for bytes of a file that
    ///   was filled before (some never overwrite in place); the records stay taken, and the next
    ///   sync writes them
    public void sync() throws JournalFullException, JournalFailedException {
        check();
        Tail written = tail;
        if (written == null || syncedIndex == lastIndex) {
            return;
        }
        switch (settings.durability()) {
            case FSYNC -> writeAndForce(written);
            case OS -> {
                written.write();
                syncedIndex = lastIndex;
            }
        }
    }

    /// Puts all that was appended on the disk, also with [Durability#OS]: before somebody gives up
    /// what it could be made of anew.
    public void force() throws JournalFullException, JournalFailedException {
        check();
        Tail written = tail;
        if (written != null) {
            writeAndForce(written);
        }
    }

    private void writeAndForce(Tail written) throws JournalFullException, JournalFailedException {
        if (forcedIndex == lastIndex) {
            return;
        }
        written.write();
        written.force();
        syncedIndex = lastIndex;
        forcedIndex = lastIndex;
    }

    /// Begins a snapshot; another must not be under way. The owner has it written by some other
    /// thread ([PendingSnapshot#write]) while it goes on appending, and then calls [#endSnapshot].
    ///
    /// @param upto the last record that is in it: synced, and not before that of the last snapshot
    /// @param bytes from position to limit; must not change until the snapshot is ended
    public PendingSnapshot beginSnapshot(long upto, ByteBuffer bytes)
            throws JournalFullException, JournalFailedException {
        check();
        if (pending != null) {
            throw new IllegalStateException(
                    "the snapshot of %d is not ended".formatted(pending.index()));
        }
        if (upto < Math.max(1, snapshotIndex) || upto > syncedIndex) {
            throw new IllegalArgumentException(
                    "a snapshot of %d; %d to %d is possible"
                            .formatted(upto, Math.max(1, snapshotIndex), syncedIndex));
        }
        if (tail != null && forcedIndex < upto) {
            // A snapshot must not be on the disk before its records are: it proves them.
            writeAndForce(tail);
        }
        var begun = new PendingSnapshot(disk, fate, new Snapshot(upto, bytes.asReadOnlyBuffer()));
        pending = begun;
        return begun;
    }

    /// Ends a snapshot. Once it is on the disk, what it stands for is removed: older snapshots, and
    /// segments all of whose records are in it, except the newest segment. One that is not is
    /// forgotten, and given up if it is still being written.
    ///
    /// @return whether it is on the disk
    public boolean endSnapshot(PendingSnapshot snapshot) throws IOException {
        check();
        if (snapshot != pending) {
            throw new IllegalArgumentException("the snapshot of " + snapshot.index() + " is over");
        }
        pending = null;
        if (!snapshot.end()) {
            return false;
        }
        snapshotIndex = snapshot.index();
        snapshotBytes = SnapshotFile.sizeBytes(snapshot.snapshot());
        for (String name : disk.names()) {
            OptionalLong older = SnapshotFile.named(name);
            if (older.isPresent() && older.getAsLong() < snapshotIndex) {
                Scraps.drop(disk, name);
            }
        }
        while (!sealed.isEmpty() && behind(sealed.getFirst()) <= snapshotIndex + 1) {
            Scraps.drop(disk, sealed.removeFirst().name());
        }
        return true;
    }

    /// The first index of the segment behind.
    private long behind(Segment oldest) {
        return sealed.stream()
                .skip(1)
                .findFirst()
                .map(Segment::first)
                .orElseGet(() -> tail == null ? oldest.first() : tail.segment().first());
    }

    /// Writes a snapshot on the owner's thread.
    public void snapshot(long upto, ByteBuffer bytes) throws IOException {
        PendingSnapshot snapshot = beginSnapshot(upto, bytes);
        try {
            snapshot.write();
        } finally {
            if (!fate.failed()) {
                endSnapshot(snapshot);
            }
        }
    }

    /// The oldest record that [#replay] can give; the one to come when there is none.
    public long firstIndex() {
        if (!sealed.isEmpty()) {
            return sealed.getFirst().first();
        }
        return tail == null ? lastIndex + 1 : tail.segment().first();
    }

    /// The last record that was appended, synced or not; 0 when there never was one.
    public long lastIndex() {
        return lastIndex;
    }

    /// The last record that [#sync] has returned for, or that was found at the opening.
    public long syncedIndex() {
        return syncedIndex;
    }

    /// The last record that is in the newest snapshot; 0 when there is none.
    public long snapshotIndex() {
        return snapshotIndex;
    }

    /// What the files take: segments in full, and the newest snapshot.
    public long sizeBytes() {
        long segments = sealed.stream().mapToLong(Segment::sizeBytes).sum();
        return segments + snapshotBytes + (tail == null ? 0 : tail.segment().sizeBytes());
    }

    /// Syncs what waits, to the disk in either mode, and gives the folder to others. A snapshot
    /// that is being written is given up. A second call does nothing.
    ///
    /// @throws IOException when what waits could not be synced; closed it is all the same
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        if (pending != null) {
            pending.end();
        }
        if (spare != null) {
            spare.end();
        }
        Tail last = tail;
        try {
            if (last != null && !fate.failed()) {
                writeAndForce(last);
                last.mark(lastIndex + 1);
            }
        } finally {
            if (last != null) {
                last.close();
            }
            disk.close();
        }
    }

    private void check() throws JournalFailedException {
        if (closed) {
            throw new IllegalStateException("the journal in " + disk.folder() + " is closed");
        }
        fate.check();
    }
}
