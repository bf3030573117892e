package org.svcshare.bot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.turn.KeptState;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The folder in which a bot keeps what outlives its process. Every file is replaced in one step:
/// written beside, synced, renamed; so a crash leaves the old content or the new.
///
/// One process at a time: the folder is locked. Methods block on the disk; may be called from any
/// thread.
public final class StateFolder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateFolder.class);
    private static final String TURN = "turn.json";
    private static final String PAUSED = "paused.json";
    private static final long MOST_BYTES = 4 * 1024 * 1024;

    /// The folders locked by this process. Static, because what it guards belongs to the process: a
    /// POSIX lock ends when the process closes any of its channels on the file (fcntl(2)), so a
    /// second opening must be refused before it touches the file.
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path folder;

    /// As [#HELD] has it.
    private final Path real;

    private final JsonMapper json = JsonMapper.shared();
    private final FileChannel lockFile;
    private final FileLock lock;

    private StateFolder(Path folder, Path real, FileChannel lockFile, FileLock lock) {
        this.folder = folder;
        this.real = real;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /// Creates the folder if need be, and locks it.
    ///
    /// @throws IOException with a message for people when it cannot be used, or is in use, by
    ///   another process or by this one
    public static StateFolder open(Path folder) throws IOException {
        Path real;
        try {
            Files.createDirectories(folder);
            real = folder.toRealPath();
        } catch (IOException e) {
            throw new IOException("cannot create the state folder " + folder + ": " + e, e);
        }
        if (!HELD.add(real)) {
            throw inUse(folder);
        }
        StateFolder opened = null;
        try {
            opened = lock(folder, real);
            return opened;
        } finally {
            if (opened == null) {
                HELD.remove(real);
            }
        }
    }

    private static StateFolder lock(Path folder, Path real) throws IOException {
        FileChannel file =
                FileChannel.open(
                        real.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = file.tryLock();
        } catch (OverlappingFileLockException e) {
            LOG.debug("locked by this process", e);
        } finally {
            if (lock == null) {
                file.close();
            }
        }
        if (lock == null) {
            throw inUse(folder);
        }
        return new StateFolder(folder, real, file, lock);
    }

    private static IOException inUse(Path folder) {
        return new IOException(
                "the state folder "
                        + folder
                        + " is in use by another svcshare; set state-folder to one of its own");
    }

    /// What the last process kept; [KeptState#NONE] when there is nothing, or nothing legible: then
    /// the file is put aside.
    public KeptState loadTurn() {
        JsonNode node = read(TURN);
        if (node == null) {
            return KeptState.NONE;
        }
        try {
            var used = new TreeMap<Long, Long>();
            node.path("usedBytesByDay")
                    .properties()
                    .forEach(day ->
                            used.put(
                                    Long.parseLong(day.getKey()),
                                    Math.max(0, day.getValue().asLong(0))));
            String until = node.path("haltedUntil").asString("");
            return new KeptState(
                    Math.max(0, node.path("turn").asLong(0)),
                    until.isEmpty() ? null : Instant.parse(until),
                    node.path("haltedForever").asBoolean(false),
                    Math.max(0, node.path("forceLeftBytes").asLong(0)),
                    used);
        } catch (RuntimeException e) {
            putAside(TURN, e);
            return KeptState.NONE;
        }
    }

    /// On disk when it returns.
    public void saveTurn(KeptState state) throws IOException {
        ObjectNode node = json.createObjectNode();
        node.put("turn", state.turn());
        Instant until = state.haltedUntil();
        if (until != null) {
            node.put("haltedUntil", until.toString());
        }
        node.put("haltedForever", state.haltedForever());
        node.put("forceLeftBytes", state.forceLeftBytes());
        ObjectNode used = node.putObject("usedBytesByDay");
        state.usedBytesByDay().forEach((day, bytes) -> used.put(day.toString(), bytes));
        write(TURN, node);
    }

    /// Which items of the client program this bot stopped.
    public Set<String> loadPaused() {
        var ids = new LinkedHashSet<String>();
        JsonNode node = read(PAUSED);
        if (node != null) {
            node.forEach(id -> ids.add(id.asString("")));
        }
        return ids;
    }

    /// On disk when it returns.
    public void savePaused(Set<String> ids) throws IOException {
        var node = json.createArrayNode();
        ids.forEach(node::add);
        write(PAUSED, node);
    }

    private @Nullable JsonNode read(String name) {
        Path file = folder.resolve(name);
        try {
            if (!Files.exists(file)) {
                return null;
            }
            if (Files.size(file) > MOST_BYTES) {
                throw new IOException("larger than " + MOST_BYTES + " bytes");
            }
            return json.readTree(Files.readString(file));
        } catch (IOException | JacksonException e) {
            putAside(name, e);
            return null;
        }
    }

    private void putAside(String name, Exception why) {
        Path file = folder.resolve(name);
        Path aside = folder.resolve(name + ".unreadable");
        LOG.warn("{} cannot be read and is put aside as {}: {}", file, aside, why.toString());
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warn("{} could not be put aside: {}", file, e.toString());
        }
    }

    private synchronized void write(String name, JsonNode node) throws IOException {
        Path file = folder.resolve(name);
        Path fresh = folder.resolve(name + ".new");
        try (var out =
                FileChannel.open(
                        fresh,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(json.writeValueAsBytes(node));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        try {
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException(folder + " is on a file system without atomic renames", e);
        }
    }

    @Override
    public synchronized void close() {
        if (!lockFile.isOpen()) {
            return;
        }
        try {
            lock.release();
            lockFile.close();
        } catch (IOException e) {
            LOG.debug("lock of {}", folder, e);
        } finally {
            HELD.remove(real);
        }
    }
}
