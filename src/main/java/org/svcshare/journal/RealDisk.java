package org.svcshare.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A folder of the real disk, locked against other processes. Files are the owner's alone (0600), a
/// folder that is made here too (0700).
final class RealDisk implements Disk {
    private static final Logger LOG = LoggerFactory.getLogger(RealDisk.class);
    private static final String LOCK = "lock";

    /// Below this a failed write is taken for a full disk, whatever language its message is in.
    private static final long LITTLE_BYTES = 1024 * 1024;

    /// The folders locked by this process. Static, because what it guards belongs to the process: a
    /// POSIX lock ends when the process closes any of its channels on the file (fcntl(2)), so a
    /// second opening must be refused before it touches the file.
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final FileChannel lockFile;

    private RealDisk(Path folder, FileChannel lockFile) {
        this.folder = folder;
        this.lockFile = lockFile;
    }

    /// Makes the folder if need be, and locks it.
    ///
    /// @throws IOException with a message for people when it cannot be used, or is in use
    static RealDisk open(Path folder) throws IOException {
        Path real;
        try {
            make(folder.toAbsolutePath());
            real = folder.toRealPath();
        } catch (IOException e) {
            throw new IOException("cannot make the journal folder " + folder + ": " + e, e);
        }
        Path lockPath = real.resolve(LOCK);
        String inUse =
                "the journal folder %s is in use: its lock file %s is held by this or another"
                                .formatted(real, lockPath)
                        + " process; end that one, or give each a folder of its own";
        if (!HELD.add(real)) {
            throw new IOException(inUse);
        }
        boolean held = false;
        try {
            FileChannel lockFile = channel(lockPath, StandardOpenOption.CREATE);
            try {
                held = locked(lockFile);
            } finally {
                if (!held) {
                    lockFile.close();
                }
            }
            if (!held) {
                throw new IOException(inUse);
            }
            return new RealDisk(real, lockFile);
        } finally {
            if (!held) {
                HELD.remove(real);
            }
        }
    }

    /// Whether this or another process has locked a folder.
    ///
    /// @param real without links
    static boolean inUse(Path real) throws IOException {
        Path lockPath = real.resolve(LOCK);
        if (!HELD.add(real)) {
            return true;
        }
        try {
            if (!Files.exists(lockPath)) {
                return false;
            }
            // A shared one shows as much, and keeps a process that begins out for an instant only.
            try (FileChannel file = FileChannel.open(lockPath, StandardOpenOption.READ);
                    FileLock seen = file.tryLock(0, Long.MAX_VALUE, true)) {
                return seen == null;
            }
        } finally {
            HELD.remove(real);
        }
    }

    private static boolean locked(FileChannel file) throws IOException {
        try {
            return file.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            LOG.debug("locked by another part of this process", e);
            return false;
        }
    }

    private static void make(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path parent = folder.getParent();
        if (parent != null) {
            make(parent);
        }
        Files.createDirectory(folder, permissions(folder, "rwx------"));
        if (parent != null) {
            force(parent);
        }
    }

    private static FileAttribute<?>[] permissions(Path path, String which) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(which))
                }
                : new FileAttribute<?>[0];
    }

    private static FileChannel channel(Path path, OpenOption... how) throws IOException {
        Set<OpenOption> options =
                new HashSet<>(Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
        options.addAll(List.of(how));
        return FileChannel.open(path, options, permissions(path, "rw-------"));
    }

    private static void force(Path folder) throws IOException {
        try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
            entries.force(true);
        }
    }

    @Override
    public Path folder() {
        return folder;
    }

    @Override
    public List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(Path::getFileName)
                    .filter(Objects::nonNull)
                    .map(Path::toString)
                    .toList();
        }
    }

    @Override
    public DiskFile open(String name) throws IOException {
        return new RealFile(channel(folder.resolve(name)));
    }

    @Override
    public DiskFile create(String name) throws IOException {
        return new RealFile(
                channel(
                        folder.resolve(name),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        try {
            Files.move(folder.resolve(from), folder.resolve(to), StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException(folder + " is on a file system without atomic renames", e);
        }
    }

    @Override
    public void remove(String name) throws IOException {
        Files.deleteIfExists(folder.resolve(name));
    }

    @Override
    public void forceFolder() throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            force(folder);
        } catch (ClosedByInterruptException e) {
            // The channel was for this call alone, so it can be done again.
            interrupted = Thread.interrupted();
            force(folder);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean full(IOException failure) {
        String message = String.valueOf(failure.getMessage());
        if (message.contains("No space left") || message.contains("quota")) {
            return true;
        }
        try {
            // The system's messages come in the user's language.
            return Files.getFileStore(folder).getUsableSpace() < LITTLE_BYTES;
        } catch (IOException e) {
            LOG.debug("room in {}", folder, e);
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            lockFile.close();
        } finally {
            HELD.remove(folder);
        }
    }

    private record RealFile(FileChannel channel) implements DiskFile {
        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return channel.read(into, position);
        }

        @Override
        public int write(ByteBuffer bytes, long position) throws IOException {
            return channel.write(bytes, position);
        }

        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
