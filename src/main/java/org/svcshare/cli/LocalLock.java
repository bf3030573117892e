package org.svcshare.cli;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.svcshare.lock.LockClient;

/// A lock among the commands of one user on one machine: the kernel's lock on a file per pool.
///
/// It goes with the process that has it, so a file that is left behind means nothing; it is never
/// deleted, since somebody may be waiting at it.
final class LocalLock implements AutoCloseable {
    private static final Set<OpenOption> OPEN =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    private static final int LONGEST_NAME = 200;

    private final FileChannel channel;

    private LocalLock(FileChannel channel) {
        this.channel = channel;
    }

    /// The folder: `SVCSHARE_LOCK_FOLDER`, or `svcshare/locks` among the user's state files.
    static Path folder(Surroundings surroundings) {
        String named = surroundings.variable("SVCSHARE_LOCK_FOLDER");
        if (!named.isEmpty()) {
            return Path.of(named);
        }
        String xdg = surroundings.variable("XDG_STATE_HOME");
        Path state = xdg.isEmpty() ? surroundings.home().resolve(".local/state") : Path.of(xdg);
        return state.resolve("svcshare").resolve("locks");
    }

    /// The same until a signal comes.
    ///
    /// @return empty also when one came
    static Optional<LocalLock> waiting(
            String pool, Duration wait, Surroundings surroundings, Inbox inbox) throws IOException {
        if (!inbox.waitingAtFile(true)) {
            return Optional.empty();
        }
        try {
            return take(folder(surroundings), pool, wait);
        } catch (InterruptedException _) {
            return Optional.empty();
        } finally {
            inbox.waitingAtFile(false);
            // It has done its work, if it came.
            boolean _ = Thread.interrupted();
        }
    }

    /// Waits for the lock; another thread ends the wait by interrupting this one.
    ///
    /// @return empty when it was not obtained in time
    /// @throws IOException when there can be no such file
    static Optional<LocalLock> take(Path folder, String pool, Duration wait)
            throws IOException, InterruptedException {
        Files.createDirectories(folder);
        FileChannel channel = FileChannel.open(folder.resolve(name(pool)), OPEN);
        boolean kept = false;
        try {
            kept = channel.tryLock() != null || await(channel, wait);
            return kept ? Optional.of(new LocalLock(channel)) : Optional.empty();
        } finally {
            if (!kept) {
                channel.close();
            }
        }
    }

    /// The kernel keeps those who wait in line, but knows no time limit: so a thread waits, and
    /// closing the channel ends that.
    private static boolean await(FileChannel channel, Duration wait)
            throws IOException, InterruptedException {
        if (wait.isZero()) {
            return false;
        }
        var told = new SynchronousQueue<Optional<IOException>>();
        Thread.ofPlatform()
                .daemon()
                .name("local-lock")
                .start(() -> {
                    try {
                        Optional<IOException> failure = lock(channel);
                        if (!told.offer(failure, 1, TimeUnit.SECONDS)) {
                            channel.close();
                        }
                    } catch (InterruptedException | IOException _) {
                        // Nobody waits any longer.
                    }
                });
        Optional<IOException> failure =
                told.poll(Math.min(wait.toNanos(), Long.MAX_VALUE / 2), TimeUnit.NANOSECONDS);
        if (failure == null) {
            return false;
        }
        if (failure.isPresent()) {
            throw failure.get();
        }
        return true;
    }

    private static Optional<IOException> lock(FileChannel channel) {
        try {
            FileLock lock = channel.lock();
            return lock.isValid() ? Optional.empty() : Optional.of(new ClosedChannelException());
        } catch (IOException e) {
            return Optional.of(e);
        }
    }

    private static String name(String pool) {
        String encoded = LockClient.encode(pool);
        if (encoded.length() <= LONGEST_NAME) {
            // The dot in front would hide `..` and `.`, which are no names for a file.
            return "pool-" + encoded + ".lock";
        }
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(pool.getBytes(StandardCharsets.UTF_8));
            return "pool-" + HexFormat.of().formatHex(digest) + ".lock";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
