package org.svcshare.pool;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Tickets by when the table has to look at them next: a binary heap in which each ticket knows its
/// place, so that a deadline can be moved or dropped without leaving anything behind.
///
/// Equal times go by ticket number: every copy of a table must do the same in the same order.
final class Deadlines {
    private static final int FIRST_ROOM = 16;

    private @Nullable Ticket[] heap = new @Nullable Ticket[FIRST_ROOM];
    private int size;

    /// @return null when nothing is due, ever
    @Nullable Ticket peek() {
        return heap[0];
    }

    /// Sets when a ticket is due; [Long#MAX_VALUE]: never.
    void set(Ticket ticket, long dueMs) {
        ticket.dueMs = dueMs;
        if (dueMs == Long.MAX_VALUE) {
            remove(ticket);
            return;
        }
        if (ticket.deadline < 0) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, size + (size >> 1));
            }
            place(ticket, size++);
        }
        up(ticket);
        down(ticket);
    }

    void remove(Ticket ticket) {
        int hole = ticket.deadline;
        if (hole < 0) {
            return;
        }
        ticket.deadline = -1;
        Ticket moved = at(--size);
        heap[size] = null;
        if (moved != ticket) {
            place(moved, hole);
            up(moved);
            down(moved);
        }
    }

    /// In no order; the heap must not be changed meanwhile.
    void forEach(Consumer<Ticket> each) {
        for (int i = 0; i < size; i++) {
            each.accept(at(i));
        }
    }

    private Ticket at(int index) {
        Ticket ticket = heap[index];
        if (ticket == null) {
            throw new IllegalStateException("no deadline at " + index + " of " + size);
        }
        return ticket;
    }

    private void place(Ticket ticket, int index) {
        heap[index] = ticket;
        ticket.deadline = index;
    }

    private void up(Ticket ticket) {
        int index = ticket.deadline;
        while (index > 0) {
            Ticket parent = at((index - 1) >>> 1);
            if (!earlier(ticket, parent)) {
                break;
            }
            int swap = parent.deadline;
            place(parent, index);
            index = swap;
        }
        place(ticket, index);
    }

    private void down(Ticket ticket) {
        int index = ticket.deadline;
        while (2 * index + 1 < size) {
            int child = 2 * index + 1;
            if (child + 1 < size && earlier(at(child + 1), at(child))) {
                child++;
            }
            Ticket below = at(child);
            if (!earlier(below, ticket)) {
                break;
            }
            place(below, index);
            index = child;
        }
        place(ticket, index);
    }

    private static boolean earlier(Ticket one, Ticket other) {
        return one.dueMs != other.dueMs ? one.dueMs < other.dueMs : one.number < other.number;
    }
}
