package org.svcshare.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.svcshare.pool.GroupChange;
import org.svcshare.pool.GroupRefusal;

/// Which changes of a group make sense. Each gives the members as they would be then.
///
/// @param members as they are
record GroupRules(List<Member> members) {
    private static final int MOST = 15;

    Member member(String name) throws GroupException {
        return members.stream()
                .filter(member -> member.id().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new GroupException(
                                GroupRefusal.UNKNOWN_NODE,
                                "there is no node " + name + "; there are " + names(members)));
    }

    static String names(List<Member> members) {
        return members.stream().map(Member::id).sorted().collect(Collectors.joining(", "));
    }

    List<Member> add(Member node) throws GroupException {
        free(node, members);
        if (members.size() >= MOST) {
            throw new GroupException(
                    GroupRefusal.TOO_MANY_NODES, "a group has at most " + MOST + " nodes");
        }
        return with(members, node);
    }

    private static void free(Member node, List<Member> among) throws GroupException {
        for (Member member : among) {
            if (member.id().equals(node.id())) {
                throw new GroupException(
                        GroupRefusal.NODE_EXISTS,
                        "there is a node "
                                + node.id()
                                + " already; if it has lost its disk, give it another name: svcshare"
                                + " cluster replace "
                                + node.id()
                                + " NEW=HOST:PORT");
            }
            if (member.sameAddress(node)) {
                throw new GroupException(
                        GroupRefusal.NODE_EXISTS,
                        "node " + member.id() + " is at that address, or one port beside it");
            }
        }
    }

    private static List<Member> with(List<Member> members, Member node) throws GroupException {
        var next = new ArrayList<>(members);
        next.add(node);
        mayLead(next);
        return next;
    }

    List<Member> remove(String name, Set<String> reachable) throws GroupException {
        member(name);
        if (members.size() == 1) {
            throw new GroupException(
                    GroupRefusal.LAST_NODE, name + " is the only node: nobody would be left");
        }
        List<Member> next = without(name);
        majority(next, reachable);
        mayLead(next);
        return next;
    }

    List<Member> without(String name) {
        return members.stream().filter(member -> !member.id().equals(name)).toList();
    }

    /// Whether this node belongs to the group, at this address.
    boolean has(Member node) {
        return members.stream().anyMatch(member -> member.peer().equals(node.peer()));
    }

    List<Member> replace(String old, Member node, Set<String> reachable) throws GroupException {
        member(old);
        List<Member> rest = without(old);
        free(node, rest);
        if (node.id().equals(old)) {
            throw new GroupException(
                    GroupRefusal.NODE_EXISTS, "the new node needs another name than " + old);
        }
        if (!rest.isEmpty()) {
            majority(rest, reachable);
        }
        return with(rest, node);
    }

    /// A change counts once a majority of those who will be left has it.
    private static void majority(List<Member> next, Set<String> reachable) throws GroupException {
        List<Member> there =
                next.stream().filter(member -> reachable.contains(member.id())).toList();
        if (there.size() <= next.size() / 2) {
            throw new GroupException(
                    GroupRefusal.NO_MAJORITY,
                    "of the nodes that would be left ("
                            + names(next)
                            + ") only "
                            + names(there)
                            + " can be reached: the group would stand still");
        }
    }

    /// With more than half of them off, a majority may be there of which nobody should lead.
    static void mayLead(List<Member> next) throws GroupException {
        List<Member> off = next.stream().filter(Member::off).toList();
        if (off.size() > next.size() / 2) {
            throw new GroupException(
                    GroupRefusal.TOO_MANY_OFF,
                    "of "
                            + next.size()
                            + " nodes at most "
                            + next.size() / 2
                            + " may be off, and there would be "
                            + off.size()
                            + ": "
                            + names(off));
        }
    }

    List<Member> prefer(String name, int priority) throws GroupException {
        Member changed = new Member(member(name).peer(), priority);
        List<Member> next =
                members.stream().map(each -> each.id().equals(name) ? changed : each).toList();
        mayLead(next);
        return next;
    }

    void transfer(String name, Set<String> reachable) throws GroupException {
        Member to = member(name);
        if (to.off()) {
            throw new GroupException(
                    GroupRefusal.NOT_FIRST,
                    name + " is off: it leads only when no other can (svcshare cluster priority)");
        }
        int first = members.stream().mapToInt(Member::priority).min().orElse(GroupChange.USUAL);
        if (to.priority() > first) {
            throw new GroupException(
                    GroupRefusal.NOT_FIRST,
                    name
                            + " has the priority "
                            + to.priority()
                            + ", and who has "
                            + first
                            + " would take over again: change that first (svcshare cluster"
                            + " priority)");
        }
        if (!reachable.contains(name)) {
            throw new GroupException(
                    GroupRefusal.NOT_REACHED, name + " has not been heard for a while");
        }
    }
}
