package org.svcshare.cluster;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Files that are there as a whole or not at all, whenever the power goes.
final class SyncedFile {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final long FORCED_BYTES = 8 << 20;

    private SyncedFile() {}

    /// Writes what is to be in a file.
    @FunctionalInterface
    interface Content {
        void write(OutputStream to) throws IOException;
    }

    /// Writes a file, or replaces it, in one step; it is on the disk when this returns.
    static void write(Path file, byte[] content) throws IOException {
        write(file, to -> to.write(content));
    }

    /// As above; nobody sees the file before its content is complete.
    static void write(Path file, Content content) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".tmp");
        try (var channel =
                FileChannel.open(
                        draft,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            var to = new BufferedOutputStream(new Forced(channel), BUFFER_BYTES);
            content.write(to);
            to.flush();
            channel.force(true);
        }
        move(draft, file);
    }

    /// Renames a file or folder, or replaces a file, in one step; it is on the disk when this
    /// returns.
    static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        try (var folder = FileChannel.open(to.resolveSibling("."), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    /// Little by little: who forces another file meanwhile waits for what the file system has
    /// gathered.
    private static final class Forced extends OutputStream {
        private final FileChannel channel;
        private long unforced;

        Forced(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            ByteBuffer rest = ByteBuffer.wrap(bytes, from, length);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            unforced += length;
            if (unforced >= FORCED_BYTES) {
                channel.force(false);
                unforced = 0;
            }
        }
    }
}
