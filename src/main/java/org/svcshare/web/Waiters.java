package org.svcshare.web;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Effect;
import org.svcshare.pool.RequestId;

/// Who of this server wants to hear what becomes of which ticket, by request id: one look-up for
/// each grant, however many wait.
///
/// Requests come and go on the event loops, effects come on the engine's thread.
final class Waiters {
    private final ConcurrentHashMap<RequestId, Waiter> byId = new ConcurrentHashMap<>();
    private final LongSupplier nanos;
    private final Unheard unheard;

    /// One request that wants to hear of a ticket; several may want to hear of the same.
    abstract static class Waiter {
        final RequestId id;
        private @Nullable Waiter next;

        Waiter(RequestId id) {
            this.id = id;
        }

        /// Granted or ended; the last that it is told. On the engine's thread.
        ///
        /// @param alone whether nobody else is told
        abstract void told(Effect effect, boolean alone);

        /// The server stops. Any thread.
        abstract void dismissed();
    }

    /// Stands for a ticket that waits although nobody listens just now.
    private static final class Nobody extends Waiter {
        private final long sinceNanos;

        Nobody(RequestId id, long sinceNanos) {
            super(id);
            this.sinceNanos = sinceNanos;
        }

        @Override
        void told(Effect effect, boolean alone) {}

        @Override
        void dismissed() {}
    }

    /// Gets the tickets that were granted while nobody listened.
    interface Unheard {
        /// @param away for how long nobody has listened
        void granted(RequestId id, Duration away);
    }

    /// @param nanos a clock as [System#nanoTime]
    Waiters(LongSupplier nanos, Unheard unheard) {
        this.nanos = nanos;
        this.unheard = unheard;
    }

    /// How many tickets are looked after.
    int size() {
        return byId.size();
    }

    /// Before the engine is asked, so that no effect is missed.
    void join(Waiter waiter) {
        byId.compute(
                waiter.id,
                (_, first) -> {
                    waiter.next = first instanceof Nobody ? null : first;
                    return waiter;
                });
    }

    /// It has heard enough, and the ticket does not wait.
    void leave(Waiter waiter) {
        byId.computeIfPresent(waiter.id, (_, first) -> without(first, waiter));
    }

    /// It cannot listen any longer, and the ticket still waits. Nothing happens if it has been told
    /// meanwhile.
    void desert(Waiter waiter) {
        byId.computeIfPresent(
                waiter.id,
                (id, first) -> {
                    Waiter rest = without(first, waiter);
                    return rest == null ? new Nobody(id, nanos.getAsLong()) : rest;
                });
    }

    /// It does not want the ticket any longer.
    ///
    /// @return whether the ticket may be given back: nobody else listens, and it was not told yet
    boolean abandon(Waiter waiter) {
        boolean[] last = {false};
        byId.computeIfPresent(
                waiter.id,
                (_, first) -> {
                    Waiter rest = without(first, waiter);
                    last[0] = rest == null;
                    return rest;
                });
        return last[0];
    }

    @SuppressWarnings("ReferenceEquality") // this very request, not one like it
    private static @Nullable Waiter without(Waiter first, Waiter gone) {
        if (first == gone) {
            return first.next;
        }
        for (Waiter at = first; at.next != null; at = at.next) {
            if (at.next == gone) {
                at.next = gone.next;
                break;
            }
        }
        return first;
    }

    /// On the engine's thread.
    void on(Effect effect) {
        switch (effect) {
            case Effect.Granted _, Effect.Ended _ -> tell(effect);
            case Effect.Queued _, Effect.Renewed _, Effect.Unlocking _ -> {}
        }
    }

    private void tell(Effect effect) {
        Waiter first = byId.remove(effect.id());
        if (first instanceof Nobody nobody) {
            if (effect instanceof Effect.Granted) {
                unheard.granted(
                        effect.id(), Duration.ofNanos(nanos.getAsLong() - nobody.sinceNanos));
            }
            return;
        }
        boolean alone = first != null && first.next == null;
        for (Waiter at = first; at != null; ) {
            // It may join again as soon as it is told.
            Waiter next = at.next;
            at.told(effect, alone);
            at = next;
        }
    }

    /// The server stops: everybody who waits is sent away.
    void dismissAll() {
        for (Waiter first : byId.values()) {
            for (Waiter at = first; at != null; at = at.next) {
                at.dismissed();
            }
        }
    }
}
