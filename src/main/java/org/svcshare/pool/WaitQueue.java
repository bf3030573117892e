package org.svcshare.pool;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Waiters in the order in which they came.
///
/// Adding, taking the first and removing from the middle take constant time; a place in the queue
/// is found by counting chunks instead of waiters. One waiter costs little more than its reference.
final class WaitQueue {
    private static final int CHUNK = 128;

    /// Most queues are short.
    private static final int FIRST_CHUNK = 8;

    /// A run of waiters. Those that left from the middle leave a hole.
    static final class Chunk {
        private final @Nullable Ticket[] tickets;
        private int begin;
        private int end;
        private int live;
        private @Nullable Chunk before;
        private @Nullable Chunk after;

        private Chunk(int room) {
            tickets = new @Nullable Ticket[room];
        }
    }

    private @Nullable Chunk first;
    private @Nullable Chunk last;
    private int size;

    int size() {
        return size;
    }

    void add(Ticket ticket) {
        Chunk chunk = last;
        if (chunk == null || chunk.end == chunk.tickets.length) {
            chunk = new Chunk(last == null ? FIRST_CHUNK : CHUNK);
            chunk.before = last;
            if (last == null) {
                first = chunk;
            } else {
                last.after = chunk;
            }
            last = chunk;
        }
        chunk.tickets[chunk.end++] = ticket;
        chunk.live++;
        ticket.chunk = chunk;
        size++;
    }

    /// @return null when nobody waits
    @Nullable Ticket peek() {
        Chunk chunk = first;
        if (chunk == null) {
            return null;
        }
        // Chunks without anybody are unlinked at once, so that there is one here.
        while (chunk.tickets[chunk.begin] == null) {
            chunk.begin++;
        }
        return chunk.tickets[chunk.begin];
    }

    void remove(Ticket ticket) {
        Chunk chunk = ticket.chunk;
        if (chunk == null) {
            throw new IllegalStateException("ticket " + ticket.number + " does not wait");
        }
        chunk.tickets[place(chunk, ticket)] = null;
        ticket.chunk = null;
        chunk.live--;
        size--;
        if (chunk.live == 0) {
            unlink(chunk);
        }
    }

    /// @return how many are before a waiter
    int ahead(Ticket ticket) {
        Chunk chunk = ticket.chunk;
        if (chunk == null) {
            return 0;
        }
        int ahead = 0;
        for (int i = chunk.begin; chunk.tickets[i] != ticket; i++) {
            ahead += chunk.tickets[i] == null ? 0 : 1;
        }
        for (Chunk other = chunk.before; other != null; other = other.before) {
            ahead += other.live;
        }
        return ahead;
    }

    void forEach(Consumer<Ticket> each) {
        for (Chunk chunk = first; chunk != null; chunk = chunk.after) {
            for (int i = chunk.begin; i < chunk.end; i++) {
                Ticket ticket = chunk.tickets[i];
                if (ticket != null) {
                    each.accept(ticket);
                }
            }
        }
    }

    private static int place(Chunk chunk, Ticket ticket) {
        int i = chunk.begin;
        while (chunk.tickets[i] != ticket) {
            i++;
        }
        return i;
    }

    private void unlink(Chunk chunk) {
        if (chunk.before == null) {
            first = chunk.after;
        } else {
            chunk.before.after = chunk.after;
        }
        if (chunk.after == null) {
            last = chunk.before;
        } else {
            chunk.after.before = chunk.before;
        }
    }
}
