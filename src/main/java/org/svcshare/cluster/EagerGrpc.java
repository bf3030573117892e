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
        private volatile long toldCommit = -1;

        /// Since when there is news that nothing carried; 0 without any.
        private volatile long owedNanos;

        Appender(
                RaftServer.Division server,
                LeaderState state,
                FollowerInfo follower,
                Attention attention) {
            super(server, state, follower);
            this.attention = attention;
        }

        @Override
        public long getHeartbeatWaitTimeMs() {
            long regular = super.getHeartbeatWaitTimeMs();
            if (!owesCommit()) {
                owedNanos = 0;
                return regular;
            }
            if (attention.to(getFollower().getId().toString())) {
                return 0;
            }
            long now = System.nanoTime();
            if (owedNanos == 0) {
                owedNanos = now;
            }
            long owedMs = (now - owedNanos) / 1_000_000;
            return Math.min(regular, Math.max(0, Attention.SOON.toMillis() - owedMs));
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
        public AppendEntriesRequestProto newAppendEntriesRequest(long callId, boolean heartbeat)
                throws RaftLogIOException {
            AppendEntriesRequestProto request = super.newAppendEntriesRequest(callId, heartbeat);
            if (request != null && (request.getEntriesCount() > 0 || request.hasPreviousLog())) {
                toldCommit = request.getLeaderCommit();
            }
            return request;
        }
    }
}
