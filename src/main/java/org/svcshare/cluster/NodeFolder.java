package org.svcshare.cluster;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/// Where a node keeps its part of the group's log.
public final class NodeFolder {
    /// What Ratis has locked while it uses a folder.
    private static final String LOCK = "in_use.lock";

    private NodeFolder() {}

    /// Where a node keeps the records that the group shares.
    static Path shared(Path folder) {
        return folder.resolve("shared");
    }

    /// Whether another process uses it, which it alone may do.
    public static boolean inUse(Path folder) {
        try (Stream<Path> files = Files.walk(folder, 2)) {
            return files.filter(file -> file.endsWith(LOCK)).anyMatch(NodeFolder::locked);
        } catch (IOException e) {
            return false;
        }
    }

    /// Removes a folder with all that is in it, if it is there.
    static void remove(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }

    private static boolean locked(Path file) {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock == null;
        } catch (OverlappingFileLockException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
