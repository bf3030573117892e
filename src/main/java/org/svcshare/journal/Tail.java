package org.svcshare.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The segment that is being written: what is in the file, and the records that wait in memory for
/// the next sync. Belongs to the owner of the journal.
final class Tail {
    private static final Logger LOG = LoggerFactory.getLogger(Tail.class);
    private static final int USUAL_BYTES = 64 * 1024;

    /// A larger buffer is given back once it is written.
    private static final int KEPT_BYTES = 1024 * 1024;

    private final Disk disk;
    private final Fate fate;
    private final Segment segment;
    private final DiskFile file;
    private final Frames frames;
    private int end;
    private ByteBuffer waiting = ByteBuffer.allocateDirect(USUAL_BYTES);

    /// @param end where the records in the file end
    Tail(Disk disk, Fate fate, Segment segment, DiskFile file, int end) {
        this.disk = disk;
        this.fate = fate;
        this.segment = segment;
        this.file = file;
        this.frames = new Frames(segment.salt());
        this.end = end;
    }

    Segment segment() {
        return segment;
    }

    /// Where the records in the file end; those that wait come behind.
    int end() {
        return end;
    }

    /// Neither written nor waiting.
    boolean isEmpty() {
        return end == Segment.HEADER_BYTES && waiting.position() == 0;
    }

    boolean fits(int length) {
        return end + (long) waiting.position() + Frames.span(length) <= segment.sizeBytes();
    }

    /// Takes a record that [#fits].
    void add(long index, int back, ByteBuffer payload) {
        int at = waiting.position();
        int span = (int) Frames.span(payload.remaining());
        if (span > waiting.capacity() - at) {
            int wanted = Math.max(at + span, (int) Math.min(2L * at, segment.sizeBytes()));
            waiting = ByteBuffer.allocateDirect(wanted).put(waiting.flip());
        }
        waiting.putLong(at + span - Frames.ALIGNMENT, 0);
        frames.put(waiting, at, index, back, payload);
        waiting.position(at + span);
    }

    /// Writes what waits. A write that failed is done again from its begin the next time, with the
    /// same bytes in the same place.
    void write() throws JournalFullException, JournalFailedException {
        int bytes = waiting.position();
        if (bytes == 0) {
            return;
        }
        try {
            Disk.write(file, waiting.duplicate().flip(), end);
        } catch (IOException e) {
            if (disk.full(e)) {
                throw new JournalFullException("%s cannot be written: %s".formatted(path(), e), e);
            }
            throw fate.failed(path() + " cannot be written", e);
        }
        end += bytes;
        waiting.clear();
        if (waiting.capacity() > KEPT_BYTES) {
            waiting = ByteBuffer.allocateDirect(USUAL_BYTES);
        }
    }

    void force() throws JournalFailedException {
        fate.force(file, path());
    }

    /// Writes that every record below `next` is on the disk, when there is room. Nothing depends on
    /// it; without it damage in the last batch looks like a torn end.
    void mark(long next) {
        if (end + Frames.HEAD_BYTES > segment.sizeBytes()) {
            return;
        }
        try {
            Disk.write(file, frames.mark(next), end);
        } catch (IOException e) {
            LOG.debug("no mark in {}", path(), e);
        }
    }

    ByteBuffer written() throws IOException {
        return Disk.read(file, end);
    }

    void close() {
        Scraps.close(file, segment.name());
    }

    private String path() {
        return disk.folder().resolve(segment.name()).toString();
    }
}
