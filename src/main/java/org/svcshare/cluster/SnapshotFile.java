package org.svcshare.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.util.MD5FileUtil;

/// A snapshot on disk: whole or not there, with its digest beside it.
final class SnapshotFile {
    private SnapshotFile() {}

    static FileInfo write(Path file, byte[] content) throws IOException {
        MD5Hash digest = MD5Hash.newInstance(MD5FileUtil.newMD5().digest(content));
        // First the digest: a snapshot under its own name is complete.
        MD5FileUtil.saveMD5File(file.toFile(), digest);
        SyncedFile.write(file, content);
        return new FileInfo(file, digest);
    }

    /// @throws IOException when it cannot be read, or is not what was written
    static ByteBuffer read(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        MD5Hash wanted = MD5FileUtil.readStoredMd5ForFile(file.toFile());
        if (wanted != null
                && !wanted.equals(MD5Hash.newInstance(MD5FileUtil.newMD5().digest(content)))) {
            throw new IOException(file + " is damaged: its digest is another one");
        }
        return ByteBuffer.wrap(content);
    }
}
