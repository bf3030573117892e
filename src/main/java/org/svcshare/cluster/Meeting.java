package org.svcshare.cluster;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.svcshare.cluster.Question.Reply.Me;
import org.svcshare.cluster.Question.Stage;

/// What a founder with an empty folder makes of what the other founders say of themselves.
final class Meeting {
    sealed interface Verdict {
        /// It has no place in the group yet.
        ///
        /// @param surelyNew whether it may write down that it never was in the group
        /// @param why for people
        record Outside(boolean surelyNew, String why) implements Verdict {}

        /// It was in the group, and has lost what it had.
        record Lost() implements Verdict {}

        /// It has a place.
        ///
        /// @param founders with whom; none: the others know
        record Begin(List<Member> founders) implements Verdict {
            public Begin {
                founders = List.copyOf(founders);
            }
        }
    }

    private Meeting() {}

    /// @param stage of this node, [Stage#EMPTY] or [Stage#NEW]
    /// @param met the others, as far as they answer
    static Verdict verdict(ClusterSettings settings, Stage stage, Map<String, Me> met) {
        for (Me other : met.values()) {
            if (!other.members().isEmpty()) {
                return late(settings, stage, other);
            }
        }
        var missing = new ArrayList<String>();
        boolean allWroteDown = stage == Stage.NEW;
        for (ClusterPeer peer : settings.others()) {
            Me other = met.get(peer.id());
            if (other == null) {
                missing.add(peer.id());
                continue;
            }
            String wrong = wrong(settings, peer, other);
            if (!wrong.isEmpty()) {
                return new Verdict.Outside(false, wrong);
            }
            allWroteDown &= other.stage() == Stage.NEW;
        }
        if (!missing.isEmpty()) {
            return new Verdict.Outside(
                    false,
                    "the first start of the group waits for all its nodes; missing: "
                            + String.join(", ", missing));
        }
        List<Member> founders = founders(settings, met);
        try {
            GroupRules.mayLead(founders);
        } catch (GroupException e) {
            return new Verdict.Outside(false, "cluster.priority: " + e.why());
        }
        return allWroteDown
                ? new Verdict.Begin(founders)
                : new Verdict.Outside(true, "the group begins");
    }

    /// The others have begun.
    private static Verdict late(ClusterSettings settings, Stage stage, Me other) {
        if (!other.knows(settings.self())) {
            return other.settled()
                    ? new Verdict.Outside(
                            true,
                            "the group has begun without this node; on a node of it run: svcshare"
                                    + " cluster add "
                                    + settings.self()
                                    + "="
                                    + settings.address())
                    : new Verdict.Outside(false, "the others begin, or change just now");
        }
        if (stage == Stage.EMPTY) {
            return new Verdict.Lost();
        }
        var peers = new HashSet<ClusterPeer>();
        other.members().forEach(member -> peers.add(member.peer()));
        // Without this node those who began may be too few to elect a leader, who would tell it.
        return new Verdict.Begin(
                peers.equals(new HashSet<>(settings.peers())) ? other.members() : List.of());
    }

    /// @return empty when it is the expected one
    private static String wrong(ClusterSettings settings, ClusterPeer peer, Me other) {
        if (!other.node().equals(peer.id())) {
            return "at "
                    + peer.host()
                    + ":"
                    + peer.raftPort()
                    + " is node "
                    + other.node()
                    + ", not "
                    + peer.id();
        }
        if (other.stage() == Stage.REMOVED || other.stage() == Stage.MEMBER) {
            return "node " + peer.id() + " was in a group before: empty its folder";
        }
        return new HashSet<>(other.founders()).equals(new HashSet<>(settings.peers()))
                ? ""
                : "node "
                        + peer.id()
                        + " has other cluster.peers: they must be the same on all nodes of a new"
                        + " group";
    }

    private static List<Member> founders(ClusterSettings settings, Map<String, Me> met) {
        return settings.peers().stream()
                .map(peer -> {
                    Me other = met.get(peer.id());
                    return new Member(peer, other == null ? settings.priority() : other.priority());
                })
                .toList();
    }
}
