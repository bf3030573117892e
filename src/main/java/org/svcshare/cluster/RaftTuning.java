package org.svcshare.cluster;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/// How Ratis is set for a lock table: little state, many small entries, caches that do not grow.
final class RaftTuning {
    private static final SizeInBytes SEGMENT = SizeInBytes.valueOf("8MB");

    /// Who is alone has nobody to wait for.
    private static final TimeDuration AT_ONCE = ms(20);

    /// How long a node that is being added may be silent.
    private static final TimeDuration NEW_NODE_SILENT = ms(10_000);

    private static final TimeDuration NEVER = TimeDuration.valueOf(36_500, TimeUnit.DAYS);

    private RaftTuning() {}

    /// @param alone whether the group has no other node
    static RaftProperties of(ClusterSettings settings, boolean alone) {
        var to = new RaftProperties();
        RaftServerConfigKeys.setStorageDir(to, List.of(settings.folder().toFile()));
        RaftConfigKeys.Rpc.setType(to, new EagerGrpc());
        GrpcConfigKeys.Server.setHost(to, settings.me().host());
        GrpcConfigKeys.Server.setPort(to, settings.me().raftPort());
        elections(settings, alone, to);
        log(to);
        snapshots(settings, to);
        // As old as it may be: ours are told apart by their ids.
        RaftServerConfigKeys.RetryCache.setExpiryTime(to, ms(5_000));
        RaftServerConfigKeys.Read.setOption(to, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
        return to;
    }

    private static void elections(ClusterSettings settings, boolean alone, RaftProperties to) {
        TimeDuration least = ms(settings.electionTimeout().toMillis());
        TimeDuration most = ms(2 * settings.electionTimeout().toMillis());
        RaftServerConfigKeys.Rpc.setTimeoutMin(to, least);
        RaftServerConfigKeys.Rpc.setTimeoutMax(to, most);
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(to, alone ? AT_ONCE : least);
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(
                to, alone ? AT_ONCE.add(AT_ONCE) : most);
        RaftServerConfigKeys.LeaderElection.setPreVote(to, true);
        RaftServerConfigKeys.setStagingTimeout(to, NEW_NODE_SILENT);
        // By default a machine that slept for a minute would leave its group until restarted.
        RaftServerConfigKeys.setCloseThreshold(to, NEVER);
    }

    private static void log(RaftProperties to) {
        RaftServerConfigKeys.Log.setSegmentSizeMax(to, SEGMENT);
        RaftServerConfigKeys.Log.setPreallocatedSize(to, SEGMENT);
        RaftServerConfigKeys.Log.setSegmentCacheNumMax(to, 2);
        RaftServerConfigKeys.Log.setSegmentCacheSizeMax(to, SizeInBytes.valueOf("32MB"));
        // Written and synced before it is answered, one after the other.
        RaftServerConfigKeys.Log.setUnsafeFlushEnabled(to, false);
        RaftServerConfigKeys.Log.setAsyncFlushEnabled(to, false);
        // Would sync each request by itself, and change the thread twice before that.
        RaftServerConfigKeys.Log.setAppendEntriesComposeEnabled(to, false);
        // Would write another entry, synced and sent to all, for each one that is committed.
        RaftServerConfigKeys.Log.setLogMetadataEnabled(to, false);
        // The pages say 10 ms, the code 1 ms, and both are too long.
        RaftServerConfigKeys.Log.Appender.setWaitTimeMin(to, ms(0));
    }

    private static void snapshots(ClusterSettings settings, RaftProperties to) {
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(to, true);
        RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(to, settings.snapshotEvery());
        RaftServerConfigKeys.Snapshot.setRetentionFileNum(to, 2);
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(to, true);
        RaftServerConfigKeys.Log.setPurgeGap(to, 1);
    }

    private static TimeDuration ms(long ms) {
        return TimeDuration.valueOf(ms, TimeUnit.MILLISECONDS);
    }
}
