package org.svcshare.proxy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.journal.Durability;
import org.svcshare.journal.Journal;
import org.svcshare.journal.JournalFullException;
import org.svcshare.journal.JournalSettings;
import org.svcshare.journal.LogWindow;
import org.svcshare.journal.PendingSnapshot;

/// The log on this machine's disk. One thread owns the journal: it takes all that waits, and one
/// sync makes it durable; what comes meanwhile makes the next batch.
final class JournalWriteLog implements WriteLog {
    private static final Logger LOG = LoggerFactory.getLogger(JournalWriteLog.class);
    private static final int SEGMENT_BYTES = 4 << 20;
    private static final int BATCH = 1024;
    private static final long LEAST_LOG_BYTES = 8L << 20;

    /// A log may grow to so many times the image before another one is written.
    private static final int LOG_PER_IMAGE = 4;

    private static final long PATIENCE_MS = 500;

    /// Hardly any node takes a write faster.
    private static final long WRITE_NANOS = 20_000;

    private static final long MOST_LINGER_NANOS = 1_000_000;

    /// What the thread is given.
    private sealed interface Work {
        record Append(Entry entry) implements Work {}

        record Read(long from, long mostBytes, Consumer<@Nullable Window> then) implements Work {}

        record Image(long upTo, ByteBuffer image) implements Work {}

        record Stop() implements Work {}
    }

    private final Journal journal;
    private final Executor owner;
    private final LinkedBlockingQueue<Work> queue;
    private final Thread thread;
    private final List<Entry> appended = new ArrayList<>();
    private @Nullable PendingSnapshot pending;
    private @Nullable Thread writer;
    private volatile @Nullable String trouble;
    private volatile long imageBytes;
    private volatile long end;
    private volatile long waiting;

    /// The log's thread alone.
    private long syncNanos;

    /// Written by the log's thread alone.
    private final AtomicLong loggedBytes = new AtomicLong();

    /// @param owner the thread that owns the replicas
    /// @param most how many entries may wait
    private JournalWriteLog(Journal journal, Executor owner, int most) {
        this.journal = journal;
        this.owner = owner;
        this.end = journal.lastIndex();
        queue = new LinkedBlockingQueue<>(most);
        thread = Thread.ofPlatform().name("replica-log").daemon(true).unstarted(this::run);
    }

    /// Opens the log of a folder and reads what is in it; [#start] begins to take more.
    ///
    /// @throws IOException when it cannot be used; the message is for people
    static JournalWriteLog open(
            Path folder, Durability durability, int mostRecordBytes, Executor owner, int most)
            throws IOException {
        var settings = new JournalSettings(SEGMENT_BYTES, mostRecordBytes, durability);
        return new JournalWriteLog(Journal.open(folder, settings), owner, most);
    }

    /// Reads all of it, before the start.
    ///
    /// @param image gets the image first, if there is one
    void read(Consumer<ByteBuffer> image, Reader reader) throws IOException {
        journal.snapshot().ifPresent(snapshot -> image.accept(snapshot.bytes()));
        long from = Math.max(journal.snapshotIndex() + 1, journal.firstIndex());
        try {
            journal.replay(from, (index, record) -> reader.record(index, RecordCodec.read(record)));
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "the log of writes has something that this program does not understand: "
                            + e.getMessage(),
                    e);
        }
    }

    void start() {
        thread.start();
    }

    @Override
    public boolean append(Entry entry) {
        return trouble == null && queue.offer(new Work.Append(entry));
    }

    @Override
    public void window(long from, long mostBytes, Consumer<@Nullable Window> then) {
        if (!queue.offer(new Work.Read(from, mostBytes, then))) {
            owner.execute(() -> then.accept(null));
        }
    }

    @Override
    public void image(long upTo, byte[] image) {
        if (!queue.offer(new Work.Image(upTo, ByteBuffer.wrap(image)))) {
            LOG.debug("no room for an image now");
        }
    }

    @Override
    public boolean wantsImage() {
        return loggedBytes.get() > Math.max(LEAST_LOG_BYTES, LOG_PER_IMAGE * imageBytes);
    }

    @Override
    public long end() {
        return end;
    }

    @Override
    public void waiting(long writes) {
        waiting = writes;
    }

    @Override
    public @Nullable String trouble() {
        return trouble;
    }

    @Override
    public void close() {
        try {
            queue.put(new Work.Stop());
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    // The log's own thread.

    private void run() {
        var batch = new ArrayList<Work>();
        boolean stop = false;
        while (!stop) {
            try {
                batch.add(queue.take());
                linger();
                queue.drainTo(batch, BATCH - 1);
            } catch (InterruptedException _) {
                stop = true;
            }
            for (Work work : batch) {
                switch (work) {
                    case Work.Append(Entry entry) -> append1(entry);
                    case Work.Read read -> {
                        sync();
                        read(read);
                    }
                    case Work.Image(long upTo, ByteBuffer image) -> {
                        sync();
                        write(upTo, image);
                    }
                    case Work.Stop() -> stop = true;
                }
            }
            batch.clear();
            sync();
        }
        end(queue);
    }

    /// While the nodes have enough to do, more is written at once: each sync costs the same.
    private void linger() {
        long enoughNanos = waiting * WRITE_NANOS - 2 * syncNanos;
        if (enoughNanos > 0) {
            LockSupport.parkNanos(Math.min(enoughNanos, MOST_LINGER_NANOS));
        }
    }

    private void append1(Entry entry) {
        String broken = trouble;
        if (broken != null) {
            entry.failed(broken);
        } else {
            try {
                entry.kept(journal.append(ByteBuffer.wrap(entry.record())));
                loggedBytes.addAndGet(entry.record().length);
            } catch (JournalFullException e) {
                entry.failed("no room for more writes on the disk: " + e.getMessage());
            } catch (IOException | IllegalArgumentException e) {
                fail(e);
                entry.failed("the log of writes has failed");
            }
        }
        appended.add(entry);
    }

    /// Makes what was appended durable, and tells of it.
    private void sync() {
        if (appended.isEmpty()) {
            return;
        }
        try {
            long beganNanos = System.nanoTime();
            force();
            syncNanos = System.nanoTime() - beganNanos;
            end = journal.lastIndex();
        } catch (IOException e) {
            fail(e);
            appended.forEach(entry -> entry.failed("the log of writes has failed"));
        }
        List<Entry> over = List.copyOf(appended);
        appended.clear();
        owner.execute(() -> over.forEach(JournalWriteLog::over));
        journal.spare()
                .ifPresent(next -> Thread.ofVirtual().name("replica spare").start(next::make));
    }

    private static void over(Entry entry) {
        try {
            entry.over();
        } catch (RuntimeException e) {
            LOG.error("a mistake of the program", e);
        }
    }

    /// Some file systems have no room even for bytes that were written before. What was appended
    /// can neither be acknowledged nor be taken back then, so everybody waits until there is room.
    private void force() throws IOException {
        for (boolean told = false; ; told = true) {
            try {
                journal.sync();
                return;
            } catch (JournalFullException e) {
                if (!told) {
                    LOG.error("writes stand still, the disk is full: {}", e.getMessage());
                }
                try {
                    Thread.sleep(PATIENCE_MS);
                } catch (InterruptedException _) {
                    throw new IOException("interrupted while the disk was full", e);
                }
            }
        }
    }

    private void fail(Exception e) {
        if (trouble == null) {
            trouble = "the log of writes has failed: " + e.getMessage();
            LOG.error("no more writes are taken: {}", e.getMessage(), e);
        }
    }

    private void read(Work.Read read) {
        LogWindow window;
        try {
            window = journal.window(Math.max(read.from(), journal.firstIndex()));
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("writes from {} on cannot be read: {}", read.from(), e.getMessage());
            owner.execute(() -> read.then().accept(null));
            return;
        }
        Thread.ofVirtual()
                .name("replica window")
                .start(() -> {
                    Window found = read(window, read.mostBytes());
                    owner.execute(() -> read.then().accept(found));
                });
    }

    private static @Nullable Window read(LogWindow window, long mostBytes) {
        var found = new ArrayList<Window.Found>();
        try {
            long next =
                    window.read(
                            mostBytes,
                            (index, record) -> {
                                if (RecordCodec.read(record)
                                        instanceof RecordCodec.Entry.Write(WriteRequest request)) {
                                    found.add(new Window.Found(index, request));
                                }
                            });
            return new Window(next, List.copyOf(found));
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("writes cannot be read from the log: {}", e.getMessage());
            return null;
        }
    }

    /// Writes an image in the background, if none is under way.
    private void write(long upTo, ByteBuffer image) {
        try {
            Thread by = writer;
            PendingSnapshot under = pending;
            if (by != null && by.isAlive()) {
                return;
            }
            if (under != null) {
                pending = null;
                journal.endSnapshot(under);
            }
            if (upTo < Math.max(1, journal.snapshotIndex()) || upTo > journal.syncedIndex()) {
                return;
            }
            PendingSnapshot begun = journal.beginSnapshot(upTo, image);
            pending = begun;
            loggedBytes.set(0);
            imageBytes = image.remaining();
            writer =
                    Thread.ofVirtual()
                            .name("replica image")
                            .start(() -> {
                                write(begun);
                                // So that what it stands for goes away soon.
                                queue.offer(new Work.Image(0, ByteBuffer.allocate(0)));
                            });
        } catch (IOException e) {
            LOG.warn("the log of writes was not made shorter: {}", e.getMessage());
        }
    }

    private static void write(PendingSnapshot begun) {
        try {
            begun.write();
        } catch (IOException e) {
            LOG.warn("the log of writes was not made shorter: {}", e.getMessage());
        } catch (IllegalStateException e) {
            LOG.debug("an image was given up", e);
        }
    }

    private void end(LinkedBlockingQueue<Work> rest) {
        try {
            Thread by = writer;
            if (by != null) {
                by.join();
            }
            PendingSnapshot under = pending;
            if (under != null) {
                journal.endSnapshot(under);
            }
            journal.close();
        } catch (IOException e) {
            LOG.warn("the log of writes did not close well: {}", e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        for (Work work = rest.poll(); work != null; work = rest.poll()) {
            switch (work) {
                case Work.Append(Entry entry) -> {
                    entry.failed("svcshare stops");
                    owner.execute(entry::over);
                }
                case Work.Read read -> owner.execute(() -> read.then().accept(null));
                case Work.Image _, Work.Stop() -> LOG.debug("too late");
            }
        }
    }
}
