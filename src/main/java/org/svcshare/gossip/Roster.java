package org.svcshare.gossip;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jgroups.Address;
import org.jgroups.stack.IpAddress;
import org.jspecify.annotations.Nullable;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup.Forgotten;

/// Who is in the group, and who was. Only on the group's thread.
final class Roster {
    private static final int MOST_GONE = 1_000;
    private static final Duration REMEMBERED = Duration.ofDays(1);

    /// In the order of the view, which is the same on all members.
    private final Map<Address, Present> present = new LinkedHashMap<>();

    /// By id.
    private final Map<String, Member> gone = new LinkedHashMap<>();

    private final Map<Address, Boolean> saidGoodbye = new HashMap<>();

    private record Present(MemberAddress who, Address address, Instant since) {
        String at() {
            return who.at().printIpAddress();
        }

        Member member(Member.State state, Instant when, boolean self) {
            return new Member(
                    who.name(),
                    who.id(),
                    who.incarnation(),
                    at(),
                    state,
                    when,
                    who.version(),
                    self);
        }
    }

    /// The group is these from now on.
    List<GroupEvent> view(List<Address> view, Address self, Instant now) {
        var events = new ArrayList<GroupEvent>();
        var before = new LinkedHashMap<>(present);
        present.clear();
        for (Address address : view) {
            Present known = before.get(address);
            if (known != null) {
                present.put(address, known);
                continue;
            }
            MemberAddress.of(address)
                    .ifPresent(who -> present.put(address, new Present(who, address, now)));
        }
        before.forEach((address, was) -> {
            if (!present.containsKey(address)) {
                part(was, now).ifPresent(events::add);
            }
        });
        present.forEach((address, is) -> {
            if (!before.containsKey(address) && !address.equals(self)) {
                gone.remove(is.who.id());
                // One that was killed and is back before anybody noticed: first the end of its old
                // life, then its new one.
                present.values().stream()
                        .filter(old -> !old.equals(is) && old.who.id().equals(is.who.id()))
                        .filter(old -> old.who.incarnation() < is.who.incarnation())
                        .findFirst()
                        .ifPresent(old ->
                                events.add(
                                        new GroupEvent.MemberFailed(
                                                old.member(Member.State.FAILED, now, false))));
                events.add(
                        new GroupEvent.MemberJoined(
                                is.member(Member.State.ALIVE, is.since, false)));
            }
        });
        return events;
    }

    private Optional<GroupEvent> part(Present was, Instant now) {
        boolean left = saidGoodbye.remove(was.address) != null;
        if (present.values().stream().anyMatch(is -> is.who.id().equals(was.who.id()))) {
            return Optional.empty();
        }
        Member member = was.member(left ? Member.State.LEFT : Member.State.FAILED, now, false);
        gone.put(member.id(), member);
        if (gone.size() > MOST_GONE) {
            gone.remove(gone.keySet().iterator().next());
        }
        return Optional.of(
                left ? new GroupEvent.MemberLeft(member) : new GroupEvent.MemberFailed(member));
    }

    void saidGoodbye(Address address) {
        if (present.containsKey(address)) {
            saidGoodbye.put(address, true);
        }
    }

    /// Ids and names of the others; of two lives of one member, the later.
    Map<String, String> others(Address self) {
        var others = new HashMap<String, String>();
        String own = id(self).orElse("");
        present.values()
                .forEach(is -> {
                    if (!is.who.id().equals(own)) {
                        others.put(is.who.id(), is.who.name());
                    }
                });
        return others;
    }

    Optional<String> id(Address address) {
        return MemberAddress.of(address).map(MemberAddress::id);
    }

    /// Where to send what is for a member.
    @Nullable Address byId(String id) {
        return latest(is -> is.who.id().equals(id));
    }

    @Nullable Address byName(String name) {
        return latest(is -> is.who.name().equals(name));
    }

    /// Where to send what is for the others, or for one of them.
    ///
    /// @param name null for all others
    List<Address> addresses(Address self, @Nullable String name) {
        if (name != null) {
            Address one = byName(name);
            return one == null || one.equals(self) ? List.of() : List.of(one);
        }
        return present.keySet().stream().filter(address -> !address.equals(self)).toList();
    }

    /// Where the others are.
    List<IpAddress> places(Address self) {
        return present.values().stream()
                .filter(is -> !is.address.equals(self))
                .map(is -> is.who.at())
                .toList();
    }

    private @Nullable Address latest(java.util.function.Predicate<Present> wanted) {
        return present.values().stream()
                .filter(wanted)
                .max(Comparator.comparingLong(is -> is.who.incarnation()))
                .map(Present::address)
                .orElse(null);
    }

    /// Whether another member had this name before `self` came.
    boolean taken(String name, Address self) {
        String own = id(self).orElse("");
        for (Present is : present.values()) {
            if (is.address.equals(self)) {
                return false;
            }
            if (is.who.name().equals(name) && !is.who.id().equals(own)) {
                return true;
            }
        }
        return false;
    }

    /// A name with the lowest number behind it that nobody has.
    String freeName(String wanted) {
        for (int i = 2; ; i++) {
            String suffix = "-" + i;
            int length = Math.min(wanted.length(), MemberAddress.MAX_NAME_CHARS - suffix.length());
            String name = wanted.substring(0, length) + suffix;
            if (present.values().stream().noneMatch(is -> is.who.name().equals(name))) {
                return name;
            }
        }
    }

    /// Somebody who says to be this member and was started later, while this one lives.
    Optional<String> copyOf(Address self) {
        Present own = present.get(self);
        return own == null
                ? Optional.empty()
                : present.values().stream()
                        .filter(is -> is.who.id().equals(own.who.id()))
                        .filter(is -> is.who.incarnation() > own.who.incarnation())
                        .map(Present::at)
                        .findFirst();
    }

    /// This member first, then those who are there, then those who are gone, by name.
    List<Member> members(Address self) {
        var members = new ArrayList<Member>();
        String own = id(self).orElse("");
        present.values()
                .forEach(is -> {
                    boolean isSelf = is.address.equals(self);
                    if (isSelf || !is.who.id().equals(own)) {
                        members.add(is.member(Member.State.ALIVE, is.since, isSelf));
                    }
                });
        if (!present.containsKey(self)) {
            // On its way into the group.
            MemberAddress.of(self)
                    .map(who -> new Present(who, self, Instant.ofEpochMilli(who.incarnation())))
                    .ifPresent(is -> members.add(is.member(Member.State.ALIVE, is.since, true)));
        }
        members.addAll(gone.values());
        members.sort(
                Comparator.comparing((Member member) -> !member.self())
                        .thenComparing(member -> member.state() != Member.State.ALIVE)
                        .thenComparing(Member::name)
                        .thenComparing(Member::id));
        return members;
    }

    int size() {
        return present.size();
    }

    /// Forgets who is gone for long.
    void sweep(Instant now) {
        gone.values().removeIf(member -> member.since().plus(REMEMBERED).isBefore(now));
    }

    /// @return the id of who is to be forgotten by the others too
    Optional<String> gone(String name) {
        return gone.values().stream()
                .filter(member -> member.name().equals(name) || member.id().equals(name))
                .map(Member::id)
                .findFirst();
    }

    Forgotten judge(String name) {
        if (gone(name).isPresent()) {
            return Forgotten.DONE;
        }
        boolean alive =
                present.values().stream()
                        .anyMatch(is -> is.who.name().equals(name) || is.who.id().equals(name));
        return alive ? Forgotten.ALIVE : Forgotten.UNKNOWN;
    }

    void forget(String id) {
        gone.remove(id);
    }
}
