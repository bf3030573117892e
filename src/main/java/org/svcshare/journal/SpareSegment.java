package org.svcshare.journal;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Zeros for the next segment, made before it is wanted: filling a file takes tens of milliseconds,
/// and the owner of the journal would stand still for them. Begun by [Journal#spare], made by any
/// one thread with [#make]; the owner takes it when a segment is full, if it is there by then.
///
/// Nothing depends on it. The file has a name that the next start removes.
public final class SpareSegment {
    private static final Logger LOG = LoggerFactory.getLogger(SpareSegment.class);
    static final String NAME = "spare" + Segment.FRESH;
    private static final int STEP_BYTES = 1024 * 1024;

    private final Disk disk;
    private final int sizeBytes;

    /// Held while it is made.
    private final ReentrantLock lock = new ReentrantLock();

    private volatile boolean unwanted;

    private boolean begun;
    private @Nullable DiskFile whole;

    SpareSegment(Disk disk, int sizeBytes) {
        this.disk = disk;
        this.sizeBytes = sizeBytes;
    }

    /// Makes it. Blocks for as long as that takes. Once only; a second call does nothing. A disk
    /// that has no room, or fails, leaves nothing of it.
    public void make() {
        lock.lock();
        try {
            if (!begun && !unwanted) {
                begun = true;
                whole = filled();
            }
        } finally {
            lock.unlock();
        }
    }

    private @Nullable DiskFile filled() {
        DiskFile file = null;
        boolean done = false;
        try {
            file = disk.create(NAME);
            for (long at = 0; at < sizeBytes && !unwanted; at += STEP_BYTES) {
                Disk.zero(file, at, Math.min(sizeBytes, at + STEP_BYTES));
            }
            // It need not end the journal's life if this fails: then no record is in it.
            file.force();
            done = !unwanted;
        } catch (IOException e) {
            LOG.debug("no segment is made ahead", e);
        } finally {
            if (!done) {
                Scraps.drop(disk, file, NAME);
            }
        }
        return done ? file : null;
    }

    /// Owner of the journal only; does not wait.
    ///
    /// @return the file, all of it zeros on the disk, once; null when it is not ready, or too small
    @Nullable DiskFile take(int wantedBytes) {
        if (wantedBytes != sizeBytes || !lock.tryLock()) {
            return null;
        }
        try {
            DiskFile taken = whole;
            whole = null;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /// Ends it, waiting for a making under way to notice. Owner of the journal only.
    void end() {
        unwanted = true;
        lock.lock();
        try {
            if (whole != null) {
                Scraps.drop(disk, whole, NAME);
                whole = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /// Owner of the journal only.
    ///
    /// @return whether it is made, and is nothing to be taken
    boolean failed() {
        if (!lock.tryLock()) {
            return false;
        }
        try {
            return begun && whole == null;
        } finally {
            lock.unlock();
        }
    }
}
