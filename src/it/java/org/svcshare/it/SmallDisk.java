package org.svcshare.it;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Assumptions;

/// A file system of its own that can be full.
final class SmallDisk implements AutoCloseable {
    private static final int PAGE = 4096;
    private static final String BALLAST = "ballast";

    private final Path at;

    /// Ends the test as skipped where none may be mounted.
    SmallDisk(Path at, int sizeMb) throws IOException {
        this.at = Files.createDirectories(at);
        Assumptions.assumeTrue(
                SystemCommand.ran(
                        "mount",
                        "-t",
                        "tmpfs",
                        "-o",
                        "size=" + sizeMb + "m",
                        "svcshare",
                        at.toString()),
                "nothing can be mounted here");
    }

    Path folder() {
        return at;
    }

    /// From now on nothing fits on it.
    void fill() throws IOException {
        try (var to =
                FileChannel.open(
                        at.resolve(BALLAST),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.APPEND)) {
            while (room() > 0) {
                to.write(ByteBuffer.allocate(PAGE));
            }
        } catch (IOException e) {
            if (room() > 0) {
                throw e;
            }
        }
    }

    private long room() throws IOException {
        return Files.getFileStore(at).getUsableSpace();
    }

    /// There is room again.
    void free() throws IOException {
        Files.delete(at.resolve(BALLAST));
    }

    @Override
    public void close() throws IOException {
        if (!SystemCommand.ran("umount", at.toString())) {
            throw new IOException("cannot unmount " + at);
        }
    }
}
