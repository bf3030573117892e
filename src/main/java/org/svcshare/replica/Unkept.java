package org.svcshare.replica;

import java.util.IdentityHashMap;

/// Notes that are on their way into the log, and the write that each is about. Nobody passes a
/// write while the log could lose what has to be known of it: that a node lacks it.
final class Unkept {
    private final IdentityHashMap<ReplicaNote, Long> notes = new IdentityHashMap<>();

    void add(ReplicaNote note, long number) {
        notes.put(note, number);
    }

    /// @return whether it was one of these
    boolean remove(ReplicaNote note) {
        return notes.remove(note) != null;
    }

    boolean isEmpty() {
        return notes.isEmpty();
    }

    /// The first write that there is something to keep of; [Lane#NEVER] when there is none.
    long first() {
        long first = Lane.NEVER;
        for (long number : notes.values()) {
            first = Math.min(first, number);
        }
        return first;
    }
}
