package org.svcshare.cluster;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Optional;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.util.MD5FileUtil;

/// A snapshot on disk: whole or not there, with its digest beside it, which makes it count.
///
/// It is the table's bytes; where the group shares records, [#WITH_RECORDS] and the table's length
/// come before it, and the records behind it.
final class SnapshotFile {
    /// No table begins so.
    private static final int WITH_RECORDS = 0x53;

    private static final int BUFFER_BYTES = 1 << 16;

    private SnapshotFile() {}

    /// @param shared empty where nothing is shared
    static FileInfo write(Path file, byte[] table, Optional<SharedRecords.Copy> shared)
            throws IOException {
        MessageDigest digest = MD5FileUtil.newMD5();
        SyncedFile.write(
                file,
                to -> {
                    var through = new DataOutputStream(new DigestOutputStream(to, digest));
                    if (shared.isPresent()) {
                        through.writeByte(WITH_RECORDS);
                        through.writeInt(table.length);
                    }
                    through.write(table);
                    if (shared.isPresent()) {
                        shared.get().write(through);
                    }
                });
        // Not before: Ratis looks for what can be removed after each entry, and a digest of a
        // snapshot that is not there can be. A snapshot that has none is passed over at the start,
        // as if it were not there.
        MD5Hash hash = MD5Hash.newInstance(digest.digest());
        MD5FileUtil.saveMD5File(file.toFile(), hash);
        return new FileInfo(file, hash);
    }

    /// What is in a file.
    ///
    /// @param shared empty where nothing was shared
    record Content(ByteBuffer table, Optional<DataInputStream> shared, InputStream file)
            implements AutoCloseable {
        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    /// @throws IOException when it cannot be read, or is not what was written
    static Content open(Path file) throws IOException {
        MD5Hash wanted = MD5FileUtil.readStoredMd5ForFile(file.toFile());
        if (wanted != null && !wanted.equals(digest(file))) {
            throw new IOException(file + " is damaged: its digest is another one");
        }
        var from =
                new DataInputStream(
                        new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES));
        try {
            return content(from);
        } catch (IOException | RuntimeException e) {
            from.close();
            throw e;
        }
    }

    private static Content content(DataInputStream from) throws IOException {
        from.mark(1);
        if (from.read() != WITH_RECORDS) {
            from.reset();
            return new Content(ByteBuffer.wrap(from.readAllBytes()), Optional.empty(), from);
        }
        var table = new byte[from.readInt()];
        from.readFully(table);
        return new Content(ByteBuffer.wrap(table), Optional.of(from), from);
    }

    private static MD5Hash digest(Path file) throws IOException {
        MessageDigest digest = MD5FileUtil.newMD5();
        var piece = new byte[BUFFER_BYTES];
        try (InputStream from = Files.newInputStream(file)) {
            for (int got = from.read(piece); got >= 0; got = from.read(piece)) {
                digest.update(piece, 0, got);
            }
        }
        return MD5Hash.newInstance(digest.digest());
    }
}
