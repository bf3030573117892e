package org.apache.ratis.util;

import java.io.File;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// A file that is there as a whole or as it was before, and on the disk when this is closed.
///
/// It stands in for the class of this name in Ratis 3.3.0, before which it is found. That one also
/// puts a file in its place that could not be written: on a full disk the next election left a node
/// an empty `raft-meta`, without the term and the vote that it must not forget, so that it could
/// not start again. Nor does it see to it that the new name is on the disk.
///
/// For one thread.
public final class AtomicFileOutputStream extends FilterOutputStream {
    public static final String TMP_EXTENSION = ".tmp";

    private final Path file;
    private final Path draft;
    private boolean whole = true;
    private boolean closed;

    public static File getTemporaryFile(File file) {
        return new File(file.getParentFile(), file.getName() + TMP_EXTENSION);
    }

    public AtomicFileOutputStream(File file) throws IOException {
        this(file, getTemporaryFile(file));
    }

    public AtomicFileOutputStream(File file, File draft) throws IOException {
        super(
                FileUtils.newOutputStreamForceAtClose(
                        draft,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE));
        this.file = file.getAbsoluteFile().toPath();
        this.draft = draft.getAbsoluteFile().toPath();
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        boolean before = whole;
        whole = false;
        out.write(bytes, from, count);
        whole = before;
    }

    @Override
    public void flush() throws IOException {
        boolean before = whole;
        whole = false;
        out.flush();
        whole = before;
    }

    public boolean isClosed() {
        return closed;
    }

    /// Puts the file in its place.
    ///
    /// @throws IOException when that cannot be done, or something could not be written before: the
    ///   file is as it was then
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (OutputStream to = out) {
            if (!whole) {
                throw new IOException(draft + " could not be written");
            }
            to.flush();
        } catch (IOException e) {
            discard(e);
            throw e;
        }
        try {
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            discard(e);
            throw e;
        }
        try (var folder = FileChannel.open(file.resolveSibling("."), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    private void discard(IOException why) {
        try {
            Files.deleteIfExists(draft);
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    /// Leaves the file as it was.
    public void abort() {
        whole = false;
        try {
            close();
        } catch (IOException _) {
            // As wanted.
        }
    }
}
