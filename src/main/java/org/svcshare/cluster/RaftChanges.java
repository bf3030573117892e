package org.svcshare.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.client.impl.ClientProtoUtils;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.protocol.exceptions.ReconfigurationTimeoutException;
import org.apache.ratis.protocol.exceptions.TransferLeadershipException;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.pool.GroupChange;
import org.svcshare.pool.GroupRefusal;

/// Who belongs to the group as the Raft log has it, how far each is, and changes to that. For any
/// thread.
final class RaftChanges {
    private static final Logger LOG = LoggerFactory.getLogger(RaftChanges.class);

    /// How much later than the role itself the time of its first sign of a leader may begin in
    /// Ratis, on a busy machine and though there is none.
    private static final long SLACK_MS = 250;

    private final RaftServer server;
    private final RaftServer.Division division;
    private final ClientId caller = ClientId.randomId();
    private final AtomicLong calls = new AtomicLong();

    /// How far another node is, as this leader knows.
    ///
    /// @param heardMs how long ago it was heard; empty: not since this node leads
    /// @param match up to which entry it has this node's log
    /// @param commit up to which entry it knows that a majority has it; below 0: not known
    record Progress(OptionalLong heardMs, long match, long commit) {}

    RaftChanges(RaftServer server, RaftServer.Division division) {
        this.server = server;
        this.division = division;
    }

    // Nodes, as Ratis has them.

    static RaftPeer peer(Member member) {
        ClusterPeer peer = member.peer();
        return RaftPeer.newBuilder()
                .setId(peer.id())
                .setAddress(InetSocketAddress.createUnresolved(peer.host(), peer.raftPort()))
                .setClientAddress(
                        InetSocketAddress.createUnresolved(peer.host(), peer.handoverPort()))
                // There the greater leads, and nobody is below 0.
                .setPriority(GroupChange.OFF - member.priority())
                .build();
    }

    private static Member member(RaftPeer peer) {
        String log = peer.getAddress();
        String handover = peer.getClientAddress();
        int colon = log.lastIndexOf(':');
        String host = log.substring(0, colon);
        return new Member(
                new ClusterPeer(
                        peer.getId().toString(),
                        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                        Integer.parseInt(log.substring(colon + 1)),
                        Integer.parseInt(handover.substring(handover.lastIndexOf(':') + 1))),
                GroupChange.OFF - peer.getPriority());
    }

    // Looking.

    RaftNode.Configuration configuration() {
        RaftConfiguration conf = division.getRaftConf();
        var members = new ArrayList<Member>();
        conf.getCurrentPeers().forEach(peer -> members.add(member(peer)));
        long index = conf.getLogEntryIndex();
        boolean changing = !conf.getPreviousPeers().isEmpty();
        conf.getPreviousPeers().stream()
                .map(RaftChanges::member)
                .filter(old -> members.stream().noneMatch(now -> now.id().equals(old.id())))
                .toList()
                .forEach(members::add);
        boolean settled = index >= 0 && !changing && index <= committed();
        return new RaftNode.Configuration(index, settled, members);
    }

    long term() {
        return division.getInfo().getCurrentTerm();
    }

    long last() {
        return division.getRaftLog().getNextIndex() - 1;
    }

    long committed() {
        return division.getRaftLog().getLastCommittedIndex();
    }

    long applied() {
        return division.getInfo().getLastAppliedIndex();
    }

    /// Of the others, by name; only the leader knows.
    Map<String, Progress> followers() {
        Map<String, Long> commits = commits();
        var followers = new HashMap<String, Progress>();
        RoleInfoProto role = division.getInfo().getRoleInfoProto();
        List<ServerRpcProto> heard = role.getLeaderInfo().getFollowerInfoList();
        long leadsMs = role.getRoleElapsedTimeMs();
        long[] matches = division.getInfo().getFollowerMatchIndices();
        // Both are in the order of the leader's senders; of a change in between nobody is told.
        // There are none while it begins to lead or ends.
        if (matches == null || matches.length != heard.size()) {
            return followers;
        }
        for (int i = 0; i < matches.length; i++) {
            String id = heard.get(i).getId().getId().toStringUtf8();
            // Ratis begins as if all had been heard not long before: those that are gone, too.
            long elapsedMs = heard.get(i).getLastRpcElapsedTimeMs();
            followers.put(
                    id,
                    new Progress(
                            elapsedMs <= leadsMs
                                    ? OptionalLong.of(elapsedMs)
                                    : OptionalLong.empty(),
                            matches[i],
                            commits.getOrDefault(id, -1L)));
        }
        return followers;
    }

    /// Up to which entry anybody said that a majority has the log.
    long decided() {
        return Math.max(committed(), commits().values().stream().reduce(-1L, Math::max));
    }

    /// Up to which entry that node said that a majority has the log; below 0: nothing yet.
    long decidedBy(String id) {
        return commits().getOrDefault(id, -1L);
    }

    private Map<String, Long> commits() {
        var commits = new HashMap<String, Long>();
        for (CommitInfoProto info : division.getCommitInfos()) {
            commits.put(info.getServer().getId().toStringUtf8(), info.getCommitIndex());
        }
        return commits;
    }

    /// How long ago this node heard from the leader, or as leader from a majority; empty while
    /// nobody leads.
    OptionalLong contactMs() {
        RoleInfoProto role = division.getInfo().getRoleInfoProto();
        return switch (role.getRole()) {
            case LEADER -> majorityMs();
            case FOLLOWER, LISTENER -> {
                ServerRpcProto leader = role.getFollowerInfo().getLeaderInfo();
                boolean member = division.getRaftConf().getPeer(division.getId()) != null;
                long heardMs = leader.getLastRpcElapsedTimeMs();
                // One that asked in vain to be elected counts anew from then, though it still knows
                // who led; a node that is being let in does not count at all.
                boolean sinceThen = heardMs + SLACK_MS < role.getRoleElapsedTimeMs();
                yield leader.hasId() && member && sinceThen
                        ? OptionalLong.of(heardMs)
                        : OptionalLong.empty();
            }
            case CANDIDATE, UNRECOGNIZED -> OptionalLong.empty();
        };
    }

    private OptionalLong majorityMs() {
        Map<String, Progress> followers = followers();
        long[] heard =
                configuration().members().stream()
                        .map(member -> followers.get(member.id()))
                        .filter(Objects::nonNull)
                        .flatMapToLong(progress -> progress.heardMs().stream())
                        .sorted()
                        .toArray();
        int others = configuration().members().size() / 2;
        if (others == 0) {
            return OptionalLong.of(0);
        }
        return others <= heard.length ? OptionalLong.of(heard[others - 1]) : OptionalLong.empty();
    }

    // Changing.

    /// Decides that these are the nodes from now on; new ones first get what the others have.
    ///
    /// @return fails with a [GroupException]
    CompletableFuture<Void> configure(List<Member> members) {
        return submit(() ->
                server.setConfigurationAsync(
                        new SetConfigurationRequest(
                                caller,
                                server.getId(),
                                division.getGroup().getGroupId(),
                                calls.incrementAndGet(),
                                SetConfigurationRequest.Arguments.newBuilder()
                                        .setServersInNewConf(
                                                members.stream().map(RaftChanges::peer).toList())
                                        .build())));
    }

    /// Lets a node lead that nobody should lead before.
    ///
    /// @return fails with a [GroupException]
    CompletableFuture<Void> transfer(String id, Duration limit) {
        return hand(RaftPeerId.valueOf(id), limit);
    }

    /// Leads no longer: the others elect one.
    CompletableFuture<Void> stepDown(Duration limit) {
        return hand(null, limit);
    }

    /// Stands for election without asking first who would vote. Nothing happens when this node does
    /// not follow that leader, or lacks its last entries as far as it knows. May block for long.
    void stand(String after) {
        TermIndex last = division.getRaftLog().getLastEntryTermIndex();
        if (last == null) {
            return;
        }
        RaftGroupId group = division.getGroup().getGroupId();
        try {
            server.startLeaderElection(
                    StartLeaderElectionRequestProto.newBuilder()
                            .setServerRequest(
                                    ClientProtoUtils.toRaftRpcRequestProtoBuilder(
                                            RaftGroupMemberId.valueOf(
                                                    RaftPeerId.valueOf(after), group),
                                            division.getId()))
                            .setLeaderLastEntry(last.toProto())
                            .build());
        } catch (IOException | RuntimeException e) {
            LOG.debug("no election: {}", e.toString());
        }
    }

    private CompletableFuture<Void> hand(@Nullable RaftPeerId to, Duration limit) {
        return submit(() ->
                server.transferLeadershipAsync(
                        new TransferLeadershipRequest(
                                caller,
                                server.getId(),
                                division.getGroup().getGroupId(),
                                calls.incrementAndGet(),
                                to,
                                limit.toMillis())));
    }

    private interface Asking {
        CompletableFuture<RaftClientReply> ask() throws IOException;
    }

    private static CompletableFuture<Void> submit(Asking asking) {
        try {
            return asking.ask()
                    .handle((reply, failure) -> {
                        Throwable why =
                                failure != null
                                        ? failure
                                        : reply.isSuccess() ? null : reply.getException();
                        if (why != null) {
                            throw new CompletionException(refusal(why));
                        }
                        return null;
                    });
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(refusal(e));
        }
    }

    private static GroupException refusal(Throwable failure) {
        Throwable why =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        String text = String.valueOf(why.getMessage());
        return switch (why) {
            case ReconfigurationInProgressException _ ->
                    new GroupException(GroupRefusal.CHANGING, "another change is under way");
            case ReconfigurationTimeoutException _ ->
                    new GroupException(
                            GroupRefusal.NOT_CAUGHT_UP,
                            "nothing is heard of the new node: can it be reached from the leader,"
                                    + " at both of its ports?");
            case LeaderNotReadyException _ ->
                    new GroupException(GroupRefusal.NO_LEADER, "the leader begins only now");
            case TransferLeadershipException _ ->
                    new GroupException(GroupRefusal.NOT_REACHED, "it did not take over: " + text);
            // Also of one who does not lead any longer it may have been decided.
            default -> new GroupException(GroupRefusal.PERHAPS_DONE, text);
        };
    }
}
