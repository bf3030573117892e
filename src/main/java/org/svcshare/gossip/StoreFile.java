package org.svcshare.gossip;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.journal.Durability;
import org.svcshare.journal.Journal;
import org.svcshare.journal.JournalSettings;
import org.svcshare.journal.PendingSnapshot;
import org.svcshare.store.Entry;
import org.svcshare.store.StoreEffect.Kept;

/// What a member keeps over its restarts, in a [Journal].
///
/// What was synced survives the kill of the process. A power cut may take the last moments; the
/// other members have them, and one that was alone did not lose what it had told somebody.
///
/// Only on the group's thread.
final class StoreFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreFile.class);
    private static final int SEGMENT_BYTES = 1 << 20;
    private static final int MAX_RECORD_BYTES = 1 << 20;
    private static final long LEAST_LOG_BYTES = 8L << 20;
    private static final int LOG_PER_IMAGE = 4;
    private static final int STORED = 1;
    private static final int DROPPED = 2;
    private static final int KNOWN = 3;
    private static final int FORGOTTEN = 4;

    private final Journal journal;
    private long loggedBytes;
    private long imageBytes;
    private boolean troubled;
    private @Nullable PendingSnapshot pending;
    private @Nullable Thread writer;

    private StoreFile(Journal journal) {
        this.journal = journal;
    }

    /// @throws IOException when the folder cannot be used or what is in it is damaged; the message
    ///   says what to do
    static StoreFile open(Path folder) throws IOException {
        Files.createDirectories(folder);
        return new StoreFile(
                Journal.open(
                        folder,
                        new JournalSettings(SEGMENT_BYTES, MAX_RECORD_BYTES, Durability.OS)));
    }

    /// Everything that was kept, oldest first.
    void replay(Consumer<Kept> each) throws IOException {
        var image = journal.snapshot();
        if (image.isPresent()) {
            ByteBuffer bytes = image.get().bytes();
            imageBytes = bytes.remaining();
            while (bytes.hasRemaining()) {
                each.accept(read(bytes));
            }
        }
        long from = Math.max(journal.snapshotIndex() + 1, journal.firstIndex());
        journal.replay(
                from,
                (_, record) -> {
                    loggedBytes += record.remaining();
                    each.accept(read(record.duplicate()));
                });
    }

    void keep(Kept kept) {
        byte[] record = bytes(kept);
        try {
            journal.append(ByteBuffer.wrap(record));
            loggedBytes += record.length;
            troubled = false;
        } catch (IOException e) {
            trouble(e);
        }
    }

    /// @param all what a snapshot must hold, if one is due
    void sync(Supplier<List<Kept>> all) {
        try {
            journal.sync();
            if (loggedBytes > Math.max(LEAST_LOG_BYTES, LOG_PER_IMAGE * imageBytes) && !busy()) {
                image(all.get());
            }
        } catch (IOException e) {
            trouble(e);
        }
    }

    /// Whether what is written now is not kept: a full disk, most likely.
    boolean troubled() {
        return troubled;
    }

    private void trouble(IOException e) {
        if (!troubled) {
            LOG.error("the store is not kept over a restart: {}", e.getMessage());
        }
        troubled = true;
    }

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

    private void image(List<Kept> all) throws IOException {
        var image = new ByteArrayOutputStream();
        for (Kept kept : all) {
            image.writeBytes(bytes(kept));
        }
        PendingSnapshot begun =
                journal.beginSnapshot(journal.lastIndex(), ByteBuffer.wrap(image.toByteArray()));
        pending = begun;
        imageBytes = image.size();
        loggedBytes = 0;
        writer =
                Thread.ofVirtual()
                        .name("gossip snapshot")
                        .start(() -> {
                            try {
                                begun.write();
                            } catch (IOException | IllegalStateException e) {
                                LOG.warn("no snapshot of the store: {}", e.toString());
                            }
                        });
    }

    private static byte[] bytes(Kept kept) {
        var bytes = new ByteArrayOutputStream(64);
        try (var out = new DataOutputStream(bytes)) {
            switch (kept) {
                case Kept.Stored(Entry entry) -> {
                    out.writeByte(STORED);
                    FrameCodec.entry(out, entry);
                }
                case Kept.Dropped(String key) -> {
                    out.writeByte(DROPPED);
                    FrameCodec.text(out, key);
                }
                case Kept.Known(String writer, long stamp) -> {
                    out.writeByte(KNOWN);
                    FrameCodec.id(out, writer);
                    out.writeLong(stamp);
                }
                case Kept.Forgotten(String writer) -> {
                    out.writeByte(FORGOTTEN);
                    FrameCodec.id(out, writer);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    private static Kept read(ByteBuffer in) {
        try {
            int kind = in.get();
            return switch (kind) {
                case STORED -> new Kept.Stored(FrameCodec.entry(in));
                case DROPPED -> new Kept.Dropped(FrameCodec.text(in, Entry.MAX_KEY_BYTES));
                case KNOWN -> new Kept.Known(FrameCodec.id(in), FrameCodec.stamp(in));
                case FORGOTTEN -> new Kept.Forgotten(FrameCodec.id(in));
                default -> throw new IllegalStateException("kind " + kind);
            };
        } catch (BufferUnderflowException e) {
            throw new IllegalStateException("a record of the store is not whole", e);
        }
    }

    @Override
    public void close() throws IOException {
        journal.close();
    }
}
