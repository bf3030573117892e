package org.svcshare.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.svcshare.cluster.RaftChanges.Progress;
import org.svcshare.pool.GroupChange.NewNode;
import org.svcshare.pool.GroupView;
import org.svcshare.pool.GroupView.Role;
import org.svcshare.pool.PoolEngine;

/// What this node knows of the group: as its leader a lot, otherwise its own part. For any thread.
///
/// @param status of this node's engine
/// @param waiting how many requests wait here for the leader
record GroupSight(
        ClusterSettings settings,
        RaftNode node,
        Supplier<PoolEngine.Status> status,
        IntSupplier waiting) {
    private static final int HEARD_ELECTIONS = 4;

    /// How long nothing may be heard of a node that counts as there: some heartbeats.
    Duration patience() {
        return settings.electionTimeout().multipliedBy(HEARD_ELECTIONS);
    }

    boolean heard(Progress progress) {
        OptionalLong ago = progress.heardMs();
        return ago.isPresent() && ago.getAsLong() <= patience().toMillis();
    }

    /// Of which nodes this one, as leader, heard a moment ago; itself too.
    Set<String> reachable() {
        RaftChanges raft = node.changes();
        Map<String, Progress> followers = raft == null ? Map.of() : raft.followers();
        Set<String> reachable =
                followers.entrySet().stream()
                        .filter(follower -> heard(follower.getValue()))
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toSet());
        reachable.add(settings.self());
        return reachable;
    }

    /// How far a node is that gets what the others have, for people.
    String progress(String id) {
        RaftChanges raft = node.changes();
        Progress progress = raft == null ? null : raft.followers().get(id);
        if (raft == null || progress == null || !heard(progress)) {
            return "nothing is heard of " + id;
        }
        return id + " has " + (progress.match() + 1) + " of " + (raft.last() + 1) + " entries";
    }

    GroupView view(String changing, Optional<Member> joining) {
        PoolEngine.Status now = status.get();
        RaftNode.Configuration at = node.configuration();
        RaftChanges raft = node.changes();
        Map<String, Progress> followers =
                raft != null && node.leads() ? raft.followers() : Map.of();
        String leader = node.leader().orElse("");
        var nodes = new ArrayList<GroupView.Node>();
        for (Member member : at.members()) {
            Role role = member.id().equals(leader) ? Role.LEADER : Role.FOLLOWER;
            nodes.add(
                    raft != null && member.id().equals(settings.self())
                            ? own(member, role, raft)
                            : other(member, role, raft, followers.get(member.id())));
        }
        joining.filter(member -> !at.has(member.id()))
                .ifPresent(member ->
                        nodes.add(other(member, Role.JOINING, raft, followers.get(member.id()))));
        nodes.sort(Comparator.comparing(GroupView.Node::name));
        return new GroupView(
                settings.name(),
                settings.group().toString(),
                settings.self(),
                Optional.of(leader).filter(id -> !id.isEmpty()),
                raft == null ? 0 : raft.term(),
                now.ready(),
                now.ready() ? "" : now.why(),
                node.leads(),
                waiting.getAsInt(),
                changing,
                nodes);
    }

    private static GroupView.Node own(Member member, Role role, RaftChanges raft) {
        return node(
                member,
                role,
                true,
                OptionalLong.of(0),
                index(raft.last()),
                index(raft.committed()),
                index(raft.applied()),
                role == Role.LEADER ? OptionalLong.of(0) : OptionalLong.empty());
    }

    private GroupView.Node other(
            Member member, Role role, @Nullable RaftChanges raft, @Nullable Progress progress) {
        if (raft == null || progress == null) {
            return node(
                    member,
                    role,
                    false,
                    OptionalLong.empty(),
                    OptionalLong.empty(),
                    OptionalLong.empty(),
                    OptionalLong.empty(),
                    OptionalLong.empty());
        }
        return node(
                member,
                role,
                heard(progress),
                progress.heardMs(),
                index(progress.match()),
                index(progress.commit()),
                OptionalLong.empty(),
                OptionalLong.of(Math.max(0, raft.last() - progress.match())));
    }

    /// Empty as long as there is none.
    private static OptionalLong index(long index) {
        return index < 0 ? OptionalLong.empty() : OptionalLong.of(index);
    }

    private static GroupView.Node node(
            Member member,
            Role role,
            boolean reachable,
            OptionalLong heardMs,
            OptionalLong match,
            OptionalLong commit,
            OptionalLong applied,
            OptionalLong lag) {
        ClusterPeer peer = member.peer();
        return new GroupView.Node(
                peer.id(),
                new NewNode(peer.id(), peer.host(), peer.raftPort()).address(),
                new NewNode(peer.id(), peer.host(), peer.handoverPort()).address(),
                member.priority(),
                role,
                reachable,
                heardMs,
                match,
                commit,
                applied,
                lag);
    }

    /// What the leader told, and of this node what only it knows.
    static GroupView merged(GroupView own, GroupView told) {
        List<GroupView.Node> nodes =
                told.nodes().stream()
                        .map(node -> node.name().equals(own.self()) ? withApplied(node, own) : node)
                        .toList();
        return new GroupView(
                own.name(),
                own.id(),
                own.self(),
                told.leader(),
                told.term(),
                own.ready(),
                own.why(),
                true,
                own.waiting(),
                told.changing(),
                nodes);
    }

    private static GroupView.Node withApplied(GroupView.Node told, GroupView own) {
        OptionalLong applied =
                own.nodes().stream()
                        .filter(node -> node.name().equals(told.name()))
                        .findFirst()
                        .map(GroupView.Node::applied)
                        .orElse(OptionalLong.empty());
        return new GroupView.Node(
                told.name(),
                told.address(),
                told.handover(),
                told.priority(),
                told.role(),
                told.reachable(),
                told.heardMs(),
                told.match(),
                told.commit(),
                applied,
                told.lag());
    }
}
