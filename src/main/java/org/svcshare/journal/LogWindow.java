package org.svcshare.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A part of a log that some other thread than the owner of the journal is to read: the records of
/// one segment from an index on that were synced when the window was made ([Journal#window]).
///
/// The segment may go away meanwhile, when a snapshot comes to stand for it; then the reading
/// fails.
public final class LogWindow {
    private final Disk disk;
    private final Segment segment;
    private final int end;
    private final long from;
    private final long last;

    LogWindow(Disk disk, Segment segment, int end, long from, long last) {
        this.disk = disk;
        this.segment = segment;
        this.end = end;
        this.from = from;
        this.last = last;
    }

    /// Reads records, oldest first; blocks. Any thread, any number of times.
    ///
    /// @param mostBytes ends the reading once the payloads that were read have so many; at least
    ///   one is read
    /// @return the index behind the last one that was read
    /// @throws JournalDamagedException when they are no longer what was written
    /// @throws IOException when they cannot be read
    public long read(long mostBytes, RecordReader reader) throws IOException {
        var reading = new Reading(mostBytes, reader);
        try (DiskFile file = disk.open(segment.name())) {
            Scan scan = Scan.of(segment, Disk.read(file, end), reading);
            if (scan.last() < last) {
                throw new JournalDamagedException(
                        "%s is wrong at byte %d: record %d is not whole"
                                .formatted(
                                        disk.folder().resolve(segment.name()),
                                        scan.end(),
                                        scan.last() + 1));
            }
        } catch (Enough _) {
            return reading.next;
        }
        return last + 1;
    }

    private final class Reading implements RecordReader {
        private final RecordReader reader;
        private long leftBytes;
        private long next = from;

        Reading(long mostBytes, RecordReader reader) {
            leftBytes = mostBytes;
            this.reader = reader;
        }

        @Override
        public void record(long index, ByteBuffer payload) throws IOException {
            if (index < from) {
                return;
            }
            if (index > last || (leftBytes <= 0 && index > from)) {
                throw new Enough();
            }
            leftBytes -= payload.remaining();
            next = index + 1;
            reader.record(index, payload);
        }
    }

    /// Ends a scan.
    private static final class Enough extends IOException {
        private static final long serialVersionUID = 1;

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
}
