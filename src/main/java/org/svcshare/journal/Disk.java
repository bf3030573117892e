package org.svcshare.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// The few things that a journal asks of a disk, for one folder; so that tests can have one that
/// fills up, fails and loses power. May be used by several threads.
interface Disk extends Closeable {
    /// For messages.
    Path folder();

    /// The files there are, in no order.
    List<String> names() throws IOException;

    DiskFile open(String name) throws IOException;

    /// Makes an empty file, in place of an existing one of that name.
    DiskFile create(String name) throws IOException;

    /// In one step; replaces a file that has the new name. Durable after [#forceFolder].
    void rename(String from, String to) throws IOException;

    /// Durable after [#forceFolder].
    void remove(String name) throws IOException;

    /// Returns when made, renamed and removed names are on the disk.
    void forceFolder() throws IOException;

    /// Whether a write failed for want of room.
    boolean full(IOException failure);

    /// Whether what is written is kept; otherwise somebody only looks.
    default boolean keeps() {
        return true;
    }

    /// Gives the folder to others.
    @Override
    void close() throws IOException;

    /// Writes all of it; `bytes` keeps its position.
    static void write(DiskFile file, ByteBuffer bytes, long position) throws IOException {
        ByteBuffer rest = bytes.duplicate();
        long at = position;
        while (rest.hasRemaining()) {
            int written = file.write(rest, at);
            if (written <= 0) {
                throw new IOException("the disk took no bytes");
            }
            at += written;
        }
    }

    /// Writes zeros from `from` up to `until`.
    static void zero(DiskFile file, long from, long until) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(256 * 1024, until - from));
        for (long at = from; at < until; at += zeros.limit()) {
            zeros.limit((int) Math.min(zeros.capacity(), until - at));
            write(file, zeros, at);
        }
    }

    /// Reads the bytes up to `until`, or fewer when the file is shorter.
    static ByteBuffer read(DiskFile file, int until) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(until);
        while (all.hasRemaining()) {
            // In pieces: the JDK keeps a direct buffer as large as the largest read, per thread.
            int end = Math.min(until, all.position() + 1024 * 1024);
            int got = file.read(all.limit(end), all.position());
            all.limit(until);
            if (got < 0) {
                break;
            }
        }
        return all.flip();
    }
}
