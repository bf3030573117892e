package org.svcshare.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// A disk that loses power, fills up and fails, as unkindly as POSIX allows: of what was not forced
/// any page may be there, missing or torn, and any change of names may be there or not.
///
/// A failed force is like Linux': some pages were written, all count as clean afterwards.
final class SimDisk implements Disk {
    /// Thrown out of whatever the journal was doing when the power went.
    static final class PowerCut extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final RandomGenerator chance;
    private final int pageBytes;
    private Map<String, Content> names = new TreeMap<>();
    private Map<String, Content> forcedNames = new TreeMap<>();
    private final List<Change> unforced = new ArrayList<>();

    private long capacityBytes = Long.MAX_VALUE;
    private long stepsToCut = Long.MAX_VALUE;
    private long forcesToFailure = Long.MAX_VALUE;
    private boolean shortWrites;
    private boolean locked;
    private int forces;
    private int writes;

    SimDisk(RandomGenerator chance, int pageBytes) {
        this.chance = chance;
        this.pageBytes = pageBytes;
    }

    private sealed interface Change {
        void apply(Map<String, Content> names);

        record Put(String name, Content content) implements Change {
            @Override
            public void apply(Map<String, Content> names) {
                names.put(name, content);
            }
        }

        /// Any change may be missing, but a rename is one of that file, not of the name.
        record Move(String from, String to, Content content) implements Change {
            @Override
            public void apply(Map<String, Content> names) {
                names.remove(from);
                names.put(to, content);
            }
        }

        record Drop(String name) implements Change {
            @Override
            public void apply(Map<String, Content> names) {
                names.remove(name);
            }
        }
    }

    private static final class Content {
        byte[] now = new byte[0];
        byte[] forced = new byte[0];
        final BitSet dirty = new BitSet();
    }

    // What tests do to it.

    void fillUp(long moreBytes) {
        capacityBytes = used() + moreBytes;
    }

    void makeRoom() {
        capacityBytes = Long.MAX_VALUE;
    }

    /// The power goes before the step after `steps` more.
    void cutPowerAfter(long steps) {
        stepsToCut = steps;
    }

    /// The force after `forces` more fails.
    void failForceAfter(long forces) {
        forcesToFailure = forces;
    }

    void writeShort(boolean on) {
        shortWrites = on;
    }

    int forces() {
        return forces;
    }

    int writes() {
        return writes;
    }

    byte[] bytes(String name) {
        return content(name).now.clone();
    }

    void put(String name, byte[] bytes) {
        var content = new Content();
        content.now = bytes.clone();
        content.forced = bytes.clone();
        names.put(name, content);
        forcedNames.put(name, content);
    }

    /// The process is gone, the system goes on.
    void killed() {
        locked = false;
        calm();
    }

    /// The process is gone, and what was not forced perhaps too.
    void powerWasCut() {
        locked = false;
        calm();
        boolean inOrder = chance.nextBoolean();
        for (Change change : unforced) {
            if (chance.nextBoolean()) {
                change.apply(forcedNames);
            } else if (inOrder) {
                break;
            }
        }
        unforced.clear();
        names = new TreeMap<>(forcedNames);
        for (Content content : names.values()) {
            content.now = survivors(content);
            content.forced = content.now.clone();
            content.dirty.clear();
        }
    }

    private void calm() {
        makeRoom();
        stepsToCut = Long.MAX_VALUE;
        forcesToFailure = Long.MAX_VALUE;
    }

    private byte[] survivors(Content content) {
        int size = chance.nextBoolean() ? content.now.length : content.forced.length;
        byte[] bytes = Arrays.copyOf(content.forced, size);
        for (int page = 0; page * pageBytes < size; page++) {
            if (content.dirty.get(page)) {
                int from = page * pageBytes;
                int until = Math.min(size, Math.min(from + pageBytes, content.now.length));
                int kept =
                        switch (chance.nextInt(3)) {
                            case 0 -> 0;
                            case 1 -> until - from;
                            default -> chance.nextInt(Math.max(1, until - from + 1));
                        };
                if (kept > 0) {
                    System.arraycopy(content.now, from, bytes, from, Math.min(kept, until - from));
                }
            }
        }
        return bytes;
    }

    private long used() {
        return names.values().stream().mapToLong(content -> content.now.length).sum();
    }

    private void step() {
        if (stepsToCut-- <= 0) {
            stepsToCut = 0;
            throw new PowerCut();
        }
    }

    private Content content(String name) {
        Content content = names.get(name);
        if (content == null) {
            throw new IllegalArgumentException(name);
        }
        return content;
    }

    /// For one process: what a second one would see of the lock.
    SimDisk lock() throws IOException {
        if (locked) {
            throw new IOException("in use");
        }
        locked = true;
        return this;
    }

    @Override
    public Path folder() {
        return Path.of("/sim");
    }

    @Override
    public List<String> names() {
        step();
        return List.copyOf(names.keySet());
    }

    @Override
    public DiskFile open(String name) throws IOException {
        step();
        Content content = names.get(name);
        if (content == null) {
            throw new NoSuchFileException(name);
        }
        return new Open(content);
    }

    @Override
    public DiskFile create(String name) {
        var content = new Content();
        change(new Change.Put(name, content));
        return new Open(content);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Content moved = names.get(from);
        if (moved == null) {
            throw new NoSuchFileException(from);
        }
        change(new Change.Move(from, to, moved));
    }

    @Override
    public void remove(String name) {
        change(new Change.Drop(name));
    }

    private void change(Change change) {
        step();
        change.apply(names);
        unforced.add(change);
    }

    @Override
    public void forceFolder() throws IOException {
        step();
        countForce();
        unforced.clear();
        forcedNames = new TreeMap<>(names);
    }

    private void countForce() throws IOException {
        forces++;
        if (forcesToFailure-- <= 0) {
            forcesToFailure = Long.MAX_VALUE;
            throw new IOException("Input/output error");
        }
    }

    @Override
    public boolean full(IOException failure) {
        return "No space left on device".equals(failure.getMessage());
    }

    @Override
    public void close() {
        locked = false;
    }

    private final class Open implements DiskFile {
        private final Content content;

        Open(Content content) {
            this.content = content;
        }

        @Override
        public long size() {
            return content.now.length;
        }

        @Override
        public int read(ByteBuffer into, long position) {
            step();
            int length = Math.min(into.remaining(), content.now.length - (int) position);
            if (length <= 0) {
                return -1;
            }
            into.put(content.now, (int) position, length);
            return length;
        }

        @Override
        public int write(ByteBuffer bytes, long position) throws IOException {
            step();
            writes++;
            int wanted = bytes.remaining();
            int length =
                    shortWrites && wanted > 1 && chance.nextBoolean()
                            ? 1 + chance.nextInt(wanted - 1)
                            : wanted;
            int at = (int) position;
            long growth = Math.max(0, at + length - content.now.length);
            long room = Math.max(0, capacityBytes - used());
            if (growth > room) {
                length -= (int) (growth - room);
            }
            if (length <= 0) {
                throw new IOException("No space left on device");
            }
            if (at + length > content.now.length) {
                content.now = Arrays.copyOf(content.now, at + length);
            }
            bytes.get(content.now, at, length);
            for (int page = at / pageBytes; page * pageBytes < at + length; page++) {
                content.dirty.set(page);
                if (chance.nextInt(16) == 0) {
                    writeBack(page);
                }
            }
            return length;
        }

        /// The system does so whenever it likes.
        private void writeBack(int page) {
            int from = page * pageBytes;
            int until = Math.min(from + pageBytes, content.now.length);
            if (content.forced.length < until) {
                content.forced = Arrays.copyOf(content.forced, until);
            }
            System.arraycopy(content.now, from, content.forced, from, until - from);
            content.dirty.clear(page);
        }

        @Override
        public void force() throws IOException {
            step();
            boolean failing = forcesToFailure <= 0;
            for (int page = content.dirty.nextSetBit(0);
                    page >= 0;
                    page = content.dirty.nextSetBit(page + 1)) {
                if (!failing || chance.nextBoolean()) {
                    writeBack(page);
                }
            }
            content.dirty.clear();
            if (!failing && content.forced.length != content.now.length) {
                content.forced = Arrays.copyOf(content.forced, content.now.length);
            }
            countForce();
        }

        @Override
        public void close() {
            // Closing forces nothing.
        }
    }

    /// Opens a journal on it, with salts of its chance.
    Journal journal(JournalSettings settings) throws IOException {
        return Journal.open(lock(), settings, chance::nextLong);
    }

    /// The only file whose name ends so.
    String only(String ending) {
        List<String> found = names.keySet().stream().filter(name -> name.endsWith(ending)).toList();
        if (found.size() != 1) {
            throw new IllegalStateException("" + names.keySet());
        }
        return found.getFirst();
    }
}
