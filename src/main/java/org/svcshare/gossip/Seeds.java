package org.svcshare.gossip;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jgroups.PhysicalAddress;
import org.jgroups.stack.IpAddress;
import org.svcshare.config.Endpoint;

/// Where to ask to be let in. Names are looked up again and again, on a thread that may wait.
final class Seeds {
    private final List<Endpoint> endpoints;
    private final List<IpAddress> remembered;

    /// @param own where this member is reached; that it is its own seed is usual and no use
    /// @param remembered where others were last, to be asked as well
    Seeds(List<Endpoint> endpoints, Endpoint own, List<IpAddress> remembered) {
        this.endpoints = endpoints.stream().filter(one -> !one.equals(own)).toList();
        this.remembered = List.copyOf(remembered);
    }

    /// Whether the settings name nobody else.
    boolean none() {
        return endpoints.isEmpty();
    }

    /// Whether there is nobody to be asked: then this member is the first of its group.
    boolean nobody() {
        return endpoints.isEmpty() && remembered.isEmpty();
    }

    @Override
    public String toString() {
        return endpoints.stream().map(Endpoint::toString).collect(Collectors.joining(", "));
    }

    /// Looks all names up; may take as long as the system's resolver likes.
    ///
    /// @param then gets the addresses, and the names that are unknown
    void resolve(BiConsumer<List<PhysicalAddress>, List<String>> then) {
        Set<PhysicalAddress> found = new LinkedHashSet<>(remembered);
        var unknown = new ArrayList<String>();
        for (Endpoint endpoint : endpoints) {
            try {
                Arrays.stream(InetAddress.getAllByName(endpoint.host()))
                        .map(address -> new IpAddress(address, endpoint.port()))
                        .forEach(found::add);
            } catch (UnknownHostException _) {
                unknown.add(endpoint.host());
            }
        }
        then.accept(List.copyOf(found), unknown);
    }
}
