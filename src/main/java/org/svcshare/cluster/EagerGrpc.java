package org.svcshare.cluster;

import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.grpc.server.GrpcLogAppender;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.apache.ratis.util.AwaitForSignal;
import org.jspecify.annotations.Nullable;

/// Ratis' gRPC, but a follower hears at once of what is committed, or at least soon, not with the
/// next entry or after half of an election timeout: nodes here answer from their own logs.
///
/// Public for Ratis, which finds it by its name.
public final class EagerGrpc implements RpcType {
    private static final String ATTENTION = "svcshare.attention";

    /// @param attention to whom "at once" goes
    static Parameters with(Parameters parameters, Attention attention) {
        parameters.put(ATTENTION, attention, Attention.class);
        return parameters;
    }

    @Override
    public String name() {
        return EagerGrpc.class.getName();
    }

    @Override
    public RpcFactory newFactory(Parameters parameters) {
        Attention attention = parameters.getNonNull(ATTENTION, Attention.class);
        return new GrpcFactory(parameters) {
            @Override
            public LogAppender newLogAppender(
                    RaftServer.Division server, LeaderState state, FollowerInfo follower) {
                return new Appender(server, state, follower, attention);
            }
        };
    }

    /// Sends an empty request when there is nothing else that could carry the news.
    private static final class Appender extends GrpcLogAppender {
        private final Attention attention;
        private final Bell bell = new Bell(this);
        private volatile long toldCommit = -1;

        /// When entries were last sent.
        private volatile long sentNanos = System.nanoTime() - Attention.SOON.toNanos();

        Appender(
                RaftServer.Division server,
                LeaderState state,
                FollowerInfo follower,
                Attention attention) {
            super(server, state, follower);
            this.attention = attention;
        }

        @Override
        public AwaitForSignal getEventAwaitForSignal() {
            return bell;
        }

        /// Ratis rings here for all that changes, several times for each entry. Who would find
        /// nothing to send is not woken.
        @Override
        public void notifyLogAppender() {
            if (!isRunning() || getWaitTimeMs() <= 0) {
                bell.signal();
            }
        }

        @Override
        public long getHeartbeatWaitTimeMs() {
            long regular = super.getHeartbeatWaitTimeMs();
            boolean owes = owesCommit();
            if (owes && attention.to(getFollower().getId().toString())) {
                return 0;
            }
            // The next entry mostly comes in this time, and carries it.
            long restNanos = sentNanos + Attention.SOON.toNanos() - System.nanoTime();
            if (restNanos > 0) {
                return Math.min(regular, 1 + restNanos / 1_000_000);
            }
            return owes ? 0 : regular;
        }

        /// Before the follower has confirmed its entries it does not believe what is committed.
        private boolean owesCommit() {
            long commit = getRaftLog().getLastCommittedIndex();
            return commit > toldCommit
                    && commit > getFollower().getCommitIndex()
                    && !hasAppendEntries()
                    && !hasPendingDataRequests();
        }

        @Override
        public @Nullable AppendEntriesRequestProto newAppendEntriesRequest(
                long callId, boolean heartbeat) throws RaftLogIOException {
            AppendEntriesRequestProto request = super.newAppendEntriesRequest(callId, heartbeat);
            if (request == null) {
                return null;
            }
            if (request.getEntriesCount() > 0 || request.hasPreviousLog()) {
                toldCommit = request.getLeaderCommit();
            }
            if (request.getEntriesCount() > 0) {
                sentNanos = System.nanoTime();
            }
            return request;
        }
    }
}
