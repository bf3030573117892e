package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.retry.RetryPolicies;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.engine.EngineKit;

/// Somebody with a client of Ratis' own, where no certificates keep him out.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class StrangerAtRaftPortTest {
    @TempDir private Path folder;

    @Test
    void given_an_entry_that_is_no_batch_when_it_is_asked_for_then_it_does_not_get_into_the_log()
            throws Exception {
        try (var group = new TestGroup(folder, 1, EngineKit.RULES).startAll()) {
            ClusterPeer peer = group.peer(group.leader());
            var there =
                    RaftPeer.newBuilder()
                            .setId(peer.id())
                            .setAddress(new InetSocketAddress(peer.host(), peer.raftPort()))
                            .build();
            try (var stranger =
                    RaftClient.newBuilder()
                            .setProperties(new RaftProperties())
                            .setRetryPolicy(RetryPolicies.noRetry())
                            .setRaftGroup(RaftGroup.valueOf(RaftGroupId.valueOf(group.id()), there))
                            .build()) {
                assertThrows(
                        StateMachineException.class,
                        () -> stranger.io().send(Message.valueOf("rubbish")));
            }

            var at = new EngineKit(group.engine(group.leader()));
            assertEquals(1, at.granted("anna", "bench").ticket());
        }
    }
}
