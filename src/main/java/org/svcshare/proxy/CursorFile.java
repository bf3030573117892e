package org.svcshare.proxy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.svcshare.replica.NodeAddress;

/// How far each node has come, in a file that is mapped into memory: what is stored is with the
/// operating system at once, so that a killed process sends no node what it had answered. A power
/// cut may take the newest marks; the writes behind are sent again then, with the same keys.
///
/// Each node has a place of 16 bytes: which node it is (the position in the log at which it was
/// made), and the position up to which it has every write. For one thread at a time.
final class CursorFile implements AutoCloseable {
    private static final int PLACES = 256;
    private static final int PLACE_BYTES = 16;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final Arena arena;
    private final MemorySegment places;
    private final Map<NodeAddress, Integer> taken = new HashMap<>();

    private CursorFile(Arena arena, MemorySegment places) {
        this.arena = arena;
        this.places = places;
    }

    static CursorFile open(Path file) throws IOException {
        Arena arena = Arena.ofShared();
        try (var channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE)) {
            var mapped =
                    channel.map(
                            FileChannel.MapMode.READ_WRITE, 0, (long) PLACES * PLACE_BYTES, arena);
            return new CursorFile(arena, mapped);
        }
    }

    /// Where a node was when it was last marked.
    ///
    /// @param since which node it is
    /// @return 0 when it is not known
    long read(long since) {
        for (int place = 0; place < PLACES; place++) {
            if (places.get(LONG, at(place)) == since) {
                return places.get(LONG, at(place) + 8);
            }
        }
        return 0;
    }

    /// Gives each node a place of its own, and frees the others.
    ///
    /// @param nodes which node is at which address
    void keep(Map<NodeAddress, Long> nodes) {
        taken.clear();
        var used = new boolean[PLACES];
        nodes.forEach((node, since) -> {
            for (int place = 0; place < PLACES; place++) {
                if (places.get(LONG, at(place)) == since) {
                    taken.put(node, place);
                    used[place] = true;
                }
            }
        });
        nodes.forEach((node, since) -> {
            int free = 0;
            while (!taken.containsKey(node)) {
                if (!used[free]) {
                    used[free] = true;
                    // Never somebody else's mark under this one's name.
                    places.set(LONG, at(free) + 8, 0);
                    places.set(LONG, at(free), since);
                    taken.put(node, free);
                }
                free++;
            }
        });
        for (int place = 0; place < PLACES; place++) {
            if (!used[place]) {
                places.set(LONG, at(place), 0);
            }
        }
    }

    void mark(NodeAddress node, long position) {
        Integer place = taken.get(node);
        if (place != null) {
            places.set(LONG, at(place) + 8, position);
        }
    }

    private static long at(int place) {
        return (long) place * PLACE_BYTES;
    }

    /// Has it on the disk.
    void force() {
        places.force();
    }

    @Override
    public void close() {
        places.force();
        arena.close();
    }
}
