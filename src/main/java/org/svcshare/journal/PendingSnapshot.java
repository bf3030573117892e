package org.svcshare.journal;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/// A snapshot on its way to the disk. Made by [Journal#beginSnapshot], written by any one thread
/// with [#write], ended by the owner of the journal with [Journal#endSnapshot].
///
/// The two threads share nothing but this object, the disk's folder and whether the journal has
/// failed: the writing thread makes a file that nobody else knows, and the owner removes old
/// segments only after it is on the disk under its name. The log goes on in the meantime.
public final class PendingSnapshot {
    private enum State {
        FRESH,
        WRITING,
        ON_DISK,
        OVER
    }

    private final Disk disk;
    private final Fate fate;
    private final Snapshot snapshot;

    /// Held while slices are written, so that a close of the journal waits for the one at hand.
    private final ReentrantLock lock = new ReentrantLock();

    private volatile boolean unwanted;
    private State state = State.FRESH;

    PendingSnapshot(Disk disk, Fate fate, Snapshot snapshot) {
        this.disk = disk;
        this.fate = fate;
        this.snapshot = snapshot;
    }

    /// The last record that is in it.
    public long index() {
        return snapshot.index();
    }

    /// Writes it: a temporary file, forced, renamed, the folder forced. Blocks for as long as that
    /// takes. Once only. An interrupt ends it like a full disk.
    ///
    /// @throws JournalFullException when there is no room; nothing is left of it, and another may
    ///   be begun later
    /// @throws JournalFailedException when a force failed, now or before
    /// @throws IllegalStateException when the owner has ended it or closed the journal, or when it
    ///   was written before; nothing is left of it
    public void write() throws JournalFullException, JournalFailedException {
        lock.lock();
        try {
            if (state != State.FRESH) {
                throw new IllegalStateException("the snapshot is " + state);
            }
            state = State.WRITING;
            fate.check();
            put();
            state = State.ON_DISK;
        } finally {
            if (state == State.WRITING) {
                state = State.OVER;
            }
            lock.unlock();
        }
    }

    private void put() throws JournalFullException, JournalFailedException {
        String name = SnapshotFile.name(snapshot.index());
        String fresh = name + Segment.FRESH;
        boolean named = false;
        DiskFile file = null;
        try {
            file = disk.create(fresh);
            SnapshotFile.write(
                    file, snapshot, fate, disk.folder().resolve(fresh).toString(), this::goOn);
            disk.rename(fresh, name);
            named = true;
        } catch (JournalFailedException e) {
            throw e;
        } catch (IOException e) {
            throw new JournalFullException(
                    "the snapshot %s cannot be written: %s"
                            .formatted(disk.folder().resolve(name), e),
                    e);
        } finally {
            if (named) {
                Scraps.close(file, name);
            } else {
                Scraps.drop(disk, file, fresh);
            }
        }
        fate.forceFolder(disk);
    }

    private void goOn() {
        if (unwanted) {
            throw new IllegalStateException("the snapshot is not wanted any more");
        }
    }

    /// Ends it, waiting for a write under way to notice. Owner of the journal only.
    ///
    /// @return whether it is on the disk
    boolean end() {
        unwanted = true;
        lock.lock();
        try {
            boolean onDisk = state == State.ON_DISK;
            state = State.OVER;
            return onDisk;
        } finally {
            lock.unlock();
        }
    }

    Snapshot snapshot() {
        return snapshot;
    }
}
