package org.svcshare.proxy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svcshare.proxy.Routing.Route;
import org.svcshare.replica.NodeAddress;

/// Which node the next read goes to: the first usable one, or each in turn by its weight (the
/// smooth way of nginx: a node of weight 2 is not asked twice in a row where that can be helped).
/// One for each event loop.
final class Picker {
    private final boolean roundRobin;

    /// What each node is owed, by address.
    private final Map<NodeAddress, long[]> credit = new HashMap<>();

    Picker(boolean roundRobin) {
        this.roundRobin = roundRobin;
    }

    /// @param tried nodes that have failed this request already
    /// @param position in the log that the node must have reached; 0 for any
    /// @return null when there is none
    @Nullable Route pick(Routing routing, Set<NodeAddress> tried, long position) {
        Route route = among(routing.preferred(), tried, position);
        return route == null ? among(routing.others(), tried, position) : route;
    }

    private @Nullable Route among(List<Route> routes, Set<NodeAddress> tried, long position) {
        Route best = null;
        long[] most = {Long.MIN_VALUE};
        long total = 0;
        for (Route route : routes) {
            if (tried.contains(route.address()) || route.passed() < position) {
                continue;
            }
            if (!roundRobin) {
                return route;
            }
            long[] owed = credit.computeIfAbsent(route.address(), _ -> new long[1]);
            owed[0] += route.weight();
            total += route.weight();
            if (owed[0] > most[0]) {
                most = owed;
                best = route;
            }
        }
        most[0] -= total;
        return best;
    }
}
