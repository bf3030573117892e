package org.svcshare.proxy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.OpenRefusal;
import org.svcshare.replica.ReplicaEffect;

/// How far each node has come, in a file that is mapped into memory: what is stored is with the
/// operating system at once, so that a killed process sends no node what it had answered. A power
/// cut may take the newest marks; the writes behind are sent again then, with the same keys.
///
/// Each node has a place of 16 bytes: which node it is (the position in the log at which it was
/// made), and the position up to which it has every write. Behind the places are refusals of 32
/// bytes: node, status, digest of the answer's body, and the position, 0 where there is none. For
/// one thread at a time.
final class CursorFile implements ReplicaLoop.Progress, AutoCloseable {
    private static final int PLACES = 256;
    private static final int PLACE_BYTES = 16;
    private static final int REFUSALS = 8192;
    private static final int REFUSAL_BYTES = 32;
    private static final long REFUSALS_AT = (long) PLACES * PLACE_BYTES;
    private static final int POSITION = 24;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    /// A mark is not there before the refusals that belong to it.
    private static final VarHandle IN_ORDER = LONG.varHandle();

    private final Arena arena;
    private final MemorySegment places;
    private final Map<NodeAddress, Integer> taken = new HashMap<>();
    private final Map<Refused, Integer> refusals = new HashMap<>();
    private final ArrayDeque<Integer> free = new ArrayDeque<>();

    private record Refused(long since, long position) {}

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
                            FileChannel.MapMode.READ_WRITE,
                            0,
                            REFUSALS_AT + (long) REFUSALS * REFUSAL_BYTES,
                            arena);
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
    @Override
    public void keep(Map<NodeAddress, Long> nodes) {
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
        refusals.entrySet()
                .removeIf(each -> {
                    boolean gone = !nodes.containsValue(each.getKey().since());
                    if (gone) {
                        places.set(LONG, refusalAt(each.getValue()) + POSITION, 0);
                        free.add(each.getValue());
                    }
                    return gone;
                });
    }

    @Override
    public void mark(NodeAddress node, long position) {
        Integer place = taken.get(node);
        if (place != null) {
            IN_ORDER.setRelease(places, at(place) + 8, position);
        }
    }

    /// What nodes refused, as it was last told.
    List<OpenRefusal> refusals() {
        var found = new ArrayList<OpenRefusal>();
        for (int i = 0; i < REFUSALS; i++) {
            long at = refusalAt(i);
            long position = places.get(LONG, at + POSITION);
            if (position != 0) {
                found.add(
                        new OpenRefusal(
                                places.get(LONG, at),
                                position,
                                (int) places.get(LONG, at + 8),
                                places.get(LONG, at + 16)));
            }
        }
        return found;
    }

    @Override
    public void forgetRefusals() {
        refusals.clear();
        free.clear();
        for (int i = 0; i < REFUSALS; i++) {
            places.set(LONG, refusalAt(i) + POSITION, 0);
            free.add(i);
        }
    }

    /// Where there is no room for it, nothing is known of it after a kill.
    @Override
    public void refused(ReplicaEffect.Refused refusal) {
        Integer place = taken.get(refusal.node());
        if (place == null) {
            return;
        }
        long since = places.get(LONG, at(place));
        var key = new Refused(since, refusal.position());
        Integer slot = refusals.getOrDefault(key, free.peek());
        if (slot == null) {
            return;
        }
        if (slot.equals(free.peek())) {
            free.remove();
            refusals.put(key, slot);
        }
        long at = refusalAt(slot);
        places.set(LONG, at, since);
        places.set(LONG, at + 8, (long) refusal.status());
        places.set(LONG, at + 16, refusal.digest());
        IN_ORDER.setRelease(places, at + POSITION, refusal.position());
    }

    @Override
    public void settled(NodeAddress node, long position) {
        Integer place = taken.get(node);
        if (place == null) {
            return;
        }
        Integer slot = refusals.remove(new Refused(places.get(LONG, at(place)), position));
        if (slot != null) {
            places.set(LONG, refusalAt(slot) + POSITION, 0);
            free.add(slot);
        }
    }

    private static long refusalAt(int slot) {
        return REFUSALS_AT + (long) slot * REFUSAL_BYTES;
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
