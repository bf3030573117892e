package org.svcshare.daemon;

import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.svcshare.lock.Answer;
import org.svcshare.lock.HeldLock;
import org.svcshare.lock.Stop;
import org.svcshare.lock.Why;

/// Whether the servers of a guard are one group: each of them has to know a lock that one of them
/// gave. Two that know nothing of each other would let two gates open. Thread-safe.
final class GuardGroup {
    private final GuardServer server;

    /// Those of which it is known; who is away is asked the next time.
    private final Set<GuardServer> known = new HashSet<>();

    GuardGroup(GuardServer server) {
        this.server = server;
    }

    /// @param lock one that was granted just now
    /// @param limit for all of them together
    /// @return what is the matter, for people; empty when nobody denies it
    Optional<String> stranger(HeldLock lock, Duration limit, Stop stop) {
        long until = System.nanoTime() + limit.toNanos();
        for (GuardServer each : server.each()) {
            Duration left = Duration.ofNanos(until - System.nanoTime());
            if (knows(each) || !left.isPositive()) {
                continue;
            }
            Answer answer =
                    each.client()
                            .see(
                                    server.pool(),
                                    lock.id(),
                                    left.dividedBy(server.each().size()),
                                    stop);
            if (answer instanceof Answer.Held) {
                learn(each);
            } else if (answer instanceof Answer.Refused(Why why, _) && strange(why)) {
                return Optional.of(
                        each.address()
                                + " knows nothing of the lock that "
                                + server.address()
                                + " gave: a guard needs servers of one group");
            }
        }
        return Optional.empty();
    }

    private static boolean strange(Why why) {
        return why == Why.UNKNOWN_TICKET || why == Why.NOT_OWNER || why == Why.UNKNOWN_POOL;
    }

    private synchronized boolean knows(GuardServer each) {
        return known.contains(each);
    }

    private synchronized void learn(GuardServer each) {
        known.add(each);
    }
}
