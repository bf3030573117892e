package org.svcshare.pool;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.svcshare.pool.TicketView.State;

/// What a lock table must do, said as plainly as can be: one list, looked through for everything.
final class SimpleTable {
    static final class Entry {
        final Operation.Acquire asked;
        final long number;
        State state = State.WAITING;
        long fence;
        long dueMs;
        boolean heard = true;

        Entry(Operation.Acquire asked, long number) {
            this.asked = asked;
            this.number = number;
        }
    }

    final List<Entry> entries = new ArrayList<>();
    final Map<RequestId, Refusal> over = new HashMap<>();
    private final Map<String, Integer> slots;
    private long nowMs = Long.MIN_VALUE;
    private long lastNumber;
    private long lastFence;
    private long absentUntilMs = Long.MIN_VALUE;
    private long claimMs;

    SimpleTable(Map<String, Integer> slots) {
        this.slots = slots;
    }

    Outcome apply(Operation operation, long atMs) {
        nowMs = Math.max(nowMs, atMs);
        if (operation instanceof Operation.Restarted restarted) {
            restarted(restarted);
        }
        expire();
        return switch (operation) {
            case Operation.Acquire asked -> acquire(asked);
            case Operation.Renew renew -> renew(renew.id(), renew.leaseMs());
            case Operation.Claim claim -> claim(claim.id());
            case Operation.Unheard unheard -> unheard(unheard.id(), unheard.claimMs());
            case Operation.Release release -> release(release.id());
            case Operation.Force force -> force(force.ticket());
            default -> new Outcome.Done();
        };
    }

    private void restarted(Operation.Restarted restarted) {
        absentUntilMs = nowMs + restarted.graceMs();
        claimMs = restarted.claimMs();
        for (Entry entry : entries) {
            entry.dueMs = Math.max(entry.dueMs, absentUntilMs);
            entry.heard &= entry.state != State.WAITING;
        }
    }

    private void expire() {
        while (true) {
            Entry first = null;
            for (Entry entry : entries) {
                if (entry.dueMs < nowMs
                        && (first == null
                                || entry.dueMs < first.dueMs
                                || (entry.dueMs == first.dueMs && entry.number < first.number))) {
                    first = entry;
                }
            }
            if (first == null) {
                return;
            }
            if (first.state == State.HELD && first.asked.graceMs() > 0 && first.heard) {
                first.state = State.UNLOCKING;
                first.dueMs += first.asked.graceMs();
            } else {
                end(first, first.state == State.WAITING ? Refusal.TIMED_OUT : Refusal.EXPIRED);
            }
        }
    }

    private void end(Entry entry, Refusal how) {
        entries.remove(entry);
        over.put(entry.asked.id(), how);
        handOn(entry.asked.pool());
    }

    private void handOn(String pool) {
        for (Entry entry : List.copyOf(entries)) {
            if (entry.asked.pool().equals(pool) && entry.state == State.WAITING) {
                if (!free(pool, entry.asked.mode())) {
                    return;
                }
                hold(entry);
            }
        }
    }

    private boolean free(String pool, Mode mode) {
        Set<State> holding = Set.of(State.HELD, State.UNLOCKING);
        long alone =
                entries.stream()
                        .filter(e -> e.asked.pool().equals(pool) && holding.contains(e.state))
                        .filter(e -> e.asked.mode() == Mode.EXCLUSIVE)
                        .count();
        boolean shared =
                entries.stream()
                        .filter(e -> e.asked.pool().equals(pool) && holding.contains(e.state))
                        .anyMatch(e -> e.asked.mode() == Mode.SHARED);
        return (shared && mode == Mode.SHARED)
                || alone + (shared ? 1 : 0) < slots.getOrDefault(pool, 1);
    }

    private void hold(Entry entry) {
        entry.state = State.HELD;
        entry.fence = ++lastFence;
        long leaseMs = entry.asked.leaseMs();
        entry.dueMs =
                entry.heard
                        ? until(leaseMs)
                        : Math.max(nowMs, absentUntilMs)
                                + (leaseMs == 0 ? claimMs : Math.min(claimMs, leaseMs));
    }

    private long until(long leaseMs) {
        return leaseMs == 0 ? Long.MAX_VALUE : nowMs + leaseMs;
    }

    private Outcome acquire(Operation.Acquire asked) {
        for (Entry entry : entries) {
            if (entry.asked.id().equals(asked.id())) {
                return entry.asked.pool().equals(asked.pool()) && entry.asked.mode() == asked.mode()
                        ? claim(asked.id())
                        : new Outcome.Refused(Refusal.ID_REUSED);
            }
        }
        if (over.containsKey(asked.id())) {
            return new Outcome.Refused(over.get(asked.id()));
        }
        boolean waiters =
                entries.stream()
                        .anyMatch(e ->
                                e.asked.pool().equals(asked.pool()) && e.state == State.WAITING);
        boolean now = !waiters && free(asked.pool(), asked.mode());
        if (!now && asked.waitMs() == 0) {
            return new Outcome.Refused(Refusal.BUSY);
        }
        var entry = new Entry(asked, ++lastNumber);
        entries.add(entry);
        if (now) {
            hold(entry);
        } else {
            entry.dueMs = nowMs + asked.waitMs();
        }
        return standing(entry);
    }

    private Outcome standing(Entry entry) {
        return switch (entry.state) {
            case HELD -> new Outcome.Granted(entry.number, entry.fence, entry.dueMs);
            case UNLOCKING -> new Outcome.Refused(Refusal.EXPIRED);
            case WAITING ->
                    new Outcome.Queued(
                            entry.number,
                            (int)
                                    entries.stream()
                                            .filter(e ->
                                                    e.asked.pool().equals(entry.asked.pool())
                                                            && e.state == State.WAITING
                                                            && e.number < entry.number)
                                            .count(),
                            entry.dueMs);
        };
    }

    private Outcome renew(RequestId id, long leaseMs) {
        for (Entry entry : entries) {
            if (entry.asked.id().equals(id)) {
                entry.heard = true;
                if (entry.state == State.HELD) {
                    entry.dueMs = until(leaseMs);
                }
                return standing(entry);
            }
        }
        return new Outcome.Refused(over.getOrDefault(id, Refusal.UNKNOWN_TICKET));
    }

    private Outcome claim(RequestId id) {
        for (Entry entry : entries) {
            if (entry.asked.id().equals(id)) {
                return entry.heard ? standing(entry) : renew(id, entry.asked.leaseMs());
            }
        }
        return new Outcome.Refused(over.getOrDefault(id, Refusal.UNKNOWN_TICKET));
    }

    private Outcome unheard(RequestId id, long keptMs) {
        for (Entry entry : entries) {
            if (entry.asked.id().equals(id)) {
                if (entry.state == State.HELD) {
                    entry.heard = false;
                    entry.dueMs = Math.min(entry.dueMs, nowMs + keptMs);
                }
                return standing(entry);
            }
        }
        return new Outcome.Refused(Refusal.UNKNOWN_TICKET);
    }

    private Outcome release(RequestId id) {
        for (Entry entry : entries) {
            if (entry.asked.id().equals(id)) {
                end(entry, Refusal.RELEASED);
                return new Outcome.Released(true);
            }
        }
        Refusal how = over.getOrDefault(id, Refusal.UNKNOWN_TICKET);
        return how == Refusal.RELEASED || how == Refusal.TIMED_OUT
                ? new Outcome.Released(false)
                : new Outcome.Refused(how);
    }

    private Outcome force(long number) {
        for (Entry entry : entries) {
            if (entry.number == number) {
                end(entry, Refusal.FORCED);
                return new Outcome.Released(true);
            }
        }
        return new Outcome.Refused(Refusal.UNKNOWN_TICKET);
    }
}
