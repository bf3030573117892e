package org.svcshare.gossip;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.PhysicalAddress;
import org.jgroups.View;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.Discovery;
import org.jgroups.protocols.PingData;
import org.jgroups.protocols.PingHeader;
import org.jgroups.protocols.TCPPING;
import org.jgroups.util.NameCache;
import org.jgroups.util.Responses;
import org.jspecify.annotations.Nullable;

/// Finds others by asking at seeds, and at members that were lost.
///
/// A group that is whole asks nobody: each member asks the seeds that are not in its view, and who
/// asked or spoke to it from outside, and the coordinator those that went without a goodbye. Who is
/// asked names its coordinator too. So one seed, whichever it is, is enough for both sides to hear
/// of each other, which the library wants before it merges two groups. (The library's own discovery
/// asks everybody all the time, which grows with the square of the members.)
final class SeedDiscovery extends Discovery {
    private static final int MOST_LOST = 1_000;
    private static final int MOST_CALLERS = 256;
    private static final long CALLED_NANOS = Duration.ofSeconds(15).toNanos();
    private static final long QUIET_NANOS = Duration.ofSeconds(75).toNanos();
    private static final long SOUGHT_NANOS = Duration.ofDays(1).toNanos();

    private volatile List<PhysicalAddress> seeds = List.of();
    private volatile Set<PhysicalAddress> here = Set.of();

    /// Since when, by address.
    private final Map<Address, Long> lost = new LinkedHashMap<>();

    private final Set<Address> leaving = new HashSet<>();

    /// Who asked here, and when first.
    private final Map<PhysicalAddress, Long> callers = new LinkedHashMap<>();

    SeedDiscovery() {
        setId(ClassConfigurator.getProtocolId(TCPPING.class));
    }

    /// Asks there from now on.
    void ask(List<PhysicalAddress> at) {
        seeds = List.copyOf(at);
    }

    /// It said goodbye: nobody looks for it when it is gone.
    void leaves(Address member) {
        synchronized (lost) {
            leaving.add(member);
        }
    }

    /// Nobody looks for that member any more.
    ///
    /// @param memberId as in [MemberAddress]
    void forget(String memberId) {
        synchronized (lost) {
            lost.keySet()
                    .removeIf(member ->
                            MemberAddress.of(member)
                                    .filter(who -> who.id().equals(memberId))
                                    .isPresent());
        }
    }

    @Override
    public boolean isDynamic() {
        return true;
    }

    @Override
    public Object down(Event event) {
        if (event.getType() == Event.VIEW_CHANGE) {
            View next = event.getArg();
            View before = view;
            Set<PhysicalAddress> places = new LinkedHashSet<>();
            next.getMembers()
                    .forEach(member -> {
                        PhysicalAddress at = MemberAddress.whereIs(member);
                        if (at != null) {
                            places.add(at);
                        }
                    });
            here = places;
            lose(before, next);
        }
        return super.down(event);
    }

    private void lose(View before, View next) {
        synchronized (lost) {
            long now = System.nanoTime();
            if (before != null) {
                before.getMembers().stream()
                        .filter(member -> !next.containsMember(member))
                        .filter(member -> !leaving.contains(member))
                        .forEach(member -> lost.put(member, now));
            }
            next.getMembers().forEach(lost::remove);
            leaving.retainAll(next.getMembers());
            callers.clear();
            lost.values().removeIf(since -> now - since > SOUGHT_NANOS);
            while (lost.size() > MOST_LOST) {
                lost.remove(lost.keySet().iterator().next());
            }
        }
    }

    @Override
    public void discoveryRequestReceived(Address from, String name, PhysicalAddress at) {
        super.discoveryRequestReceived(from, name, at);
        // Who is in our view asks only when we are not in its own any more.
        called(at);
    }

    /// Somebody takes this member for one of its group although they do not see each other in their
    /// views: it is asked for a while. Any thread.
    ///
    /// @param at null when that is not known
    void called(@Nullable PhysicalAddress at) {
        // Two that see each other in the end would go on asking, so a caller counts once in a
        // while.
        if (at != null) {
            synchronized (lost) {
                if (callers.size() < MOST_CALLERS) {
                    callers.putIfAbsent(at, System.nanoTime());
                }
            }
        }
    }

    @Override
    protected void findMembers(List<Address> members, boolean initial, Responses responses) {
        Set<PhysicalAddress> asked = new LinkedHashSet<>(seeds);
        synchronized (lost) {
            if (!initial && is_coord) {
                lost.keySet()
                        .forEach(member -> {
                            PhysicalAddress at = MemberAddress.whereIs(member);
                            if (at != null) {
                                asked.add(at);
                            }
                        });
            }
        }
        PhysicalAddress own = MemberAddress.whereIs(local_addr);
        asked.remove(own);
        if (!initial) {
            asked.removeAll(here);
        }
        synchronized (lost) {
            long now = System.nanoTime();
            callers.values().removeIf(when -> now - when > QUIET_NANOS);
            callers.forEach((at, when) -> {
                if (now - when < CALLED_NANOS) {
                    asked.add(at);
                }
            });
        }
        var self = new PingData(local_addr, false, NameCache.get(local_addr), own);
        if (members != null && members.size() <= max_members_in_discovery_request) {
            self.mbrs(members);
        }
        var header =
                new PingHeader(PingHeader.GET_MBRS_REQ)
                        .clusterName(cluster_name)
                        .initialDiscovery(initial);
        for (PhysicalAddress at : asked) {
            Message question =
                    new BytesMessage(at)
                            .setFlag(Message.Flag.DONT_BUNDLE, Message.Flag.OOB)
                            .setFlag(Message.TransientFlag.DONT_LOOPBACK)
                            .putHeader(id, header)
                            .setArray(marshal(self));
            // Each on its own: one that cannot be reached takes the time of a connection.
            timer.execute(() -> down_prot.down(question), false);
        }
    }

    @Override
    protected void sendDiscoveryResponse(List<PingData> found, Address asker) {
        Address coordinator = current_coord;
        if (coordinator == null || coordinator.equals(local_addr)) {
            super.sendDiscoveryResponse(found, asker);
            return;
        }
        var both = new ArrayList<>(found);
        both.add(
                new PingData(
                                coordinator,
                                true,
                                NameCache.get(coordinator),
                                MemberAddress.whereIs(coordinator))
                        .coord(true));
        super.sendDiscoveryResponse(both, asker);
    }
}
