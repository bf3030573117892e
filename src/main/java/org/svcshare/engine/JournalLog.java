package org.svcshare.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.journal.Journal;
import org.svcshare.journal.JournalFullException;
import org.svcshare.journal.JournalSettings;
import org.svcshare.journal.PendingSnapshot;
import org.svcshare.journal.Snapshot;

/// Batches in a [Journal]: what was answered survives a kill and a power cut.
final class JournalLog implements BatchLog {
    private static final Logger LOG = LoggerFactory.getLogger(JournalLog.class);
    private static final long LEAST_LOG_BYTES = 64L * 1024 * 1024;

    /// A log may grow to so many times the table before the table is written down again.
    private static final int LOG_PER_IMAGE = 4;

    private static final long PATIENCE_MS = 500;

    /// An attempt on a full disk writes zeros until it fails: not for every batch.
    private static final long FULL_FOR_NANOS = 1_000_000_000;

    private final Journal journal;
    private @Nullable PendingSnapshot pending;
    private @Nullable Thread writer;
    private long loggedBytes;
    private long imageBytes;
    private @Nullable FullException full;
    private long fullSinceNanos;

    /// @throws IOException when the folder cannot be used or holds something damaged; the message
    ///   says what to do
    JournalLog(Path folder, JournalSettings settings) throws IOException {
        this(Journal.open(folder, settings));
    }

    JournalLog(Journal journal) {
        this.journal = journal;
    }

    @Override
    public String kind() {
        return "journal";
    }

    @Override
    public Optional<ByteBuffer> image() throws IOException {
        return journal.snapshot().map(Snapshot::bytes);
    }

    @Override
    public void replay(Consumer<ByteBuffer> each) throws IOException {
        // Segments may still have records that the snapshot has as well.
        long from = journal.snapshotIndex() + 1;
        journal.replay(Math.max(from, journal.firstIndex()), (index, batch) -> each.accept(batch));
    }

    @Override
    public void append(ByteBuffer batch) throws IOException {
        FullException before = full;
        if (before != null && System.nanoTime() - fullSinceNanos < FULL_FOR_NANOS) {
            throw before;
        }
        try {
            journal.append(batch);
            full = null;
        } catch (JournalFullException e) {
            fullSinceNanos = System.nanoTime();
            var now = new FullException("no room for more locks on the disk: " + e.getMessage(), e);
            full = now;
            throw now;
        }
        loggedBytes += batch.remaining();
        sync();
        journal.spare()
                .ifPresent(next -> Thread.ofVirtual().name("pools journal").start(next::make));
    }

    /// Some file systems have no room even for bytes that were written before. The batch is taken
    /// by then: it can neither be answered nor be taken back, so everybody waits until there is
    /// room.
    private void sync() throws IOException {
        for (boolean told = false; ; told = true) {
            try {
                journal.sync();
                return;
            } catch (JournalFullException e) {
                if (!told) {
                    LOG.error("the pools stand still, the disk is full: {}", e.getMessage());
                }
                pause();
            }
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(PATIENCE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the disk was full", e);
        }
    }

    @Override
    public boolean wantsImage() throws IOException {
        return !busy() && loggedBytes > Math.max(LEAST_LOG_BYTES, LOG_PER_IMAGE * imageBytes);
    }

    /// Whether an image is still being written.
    private boolean busy() throws IOException {
        PendingSnapshot under = pending;
        Thread by = writer;
        if (under == null || by == null) {
            return false;
        }
        if (by.isAlive()) {
            return true;
        }
        pending = null;
        journal.endSnapshot(under);
        return false;
    }

    @Override
    public void image(byte[] table) throws IOException {
        if (busy() || journal.lastIndex() <= journal.snapshotIndex()) {
            return;
        }
        PendingSnapshot begun = journal.beginSnapshot(journal.lastIndex(), ByteBuffer.wrap(table));
        pending = begun;
        imageBytes = table.length;
        loggedBytes = 0;
        writer = Thread.ofVirtual().name("pools snapshot").start(() -> write(begun));
    }

    private static void write(PendingSnapshot begun) {
        try {
            begun.write();
        } catch (IOException e) {
            LOG.warn("the pools were not written down, the log goes on growing: {}", e.toString());
        } catch (IllegalStateException e) {
            LOG.debug("the pools were not written down", e);
        }
    }

    @Override
    public void finish(byte[] table) throws IOException {
        if (!busy() && journal.lastIndex() > journal.snapshotIndex()) {
            journal.snapshot(journal.lastIndex(), ByteBuffer.wrap(table));
        }
    }

    @Override
    public void close() throws IOException {
        journal.close();
    }
}
