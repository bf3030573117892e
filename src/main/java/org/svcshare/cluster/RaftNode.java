package org.svcshare.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.ExitUtils;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.pool.PoolEngine.Figure;

/// This node's part of the Raft group: who leads, and the way into the log when it is this node.
/// For any thread.
final class RaftNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RaftNode.class);
    private static final Duration SHORTLY = Duration.ofMillis(10);
    private static final Duration FAREWELL = Duration.ofMillis(200);

    private final RaftServer server;
    private final RaftGroupId group;
    private final RaftPeerId self;
    private final DivisionInfo info;
    private final ClientId caller = ClientId.randomId();
    private final AtomicLong calls = new AtomicLong();

    /// The term in which this node put its opening into the log, as leader.
    private volatile long openedTerm = -1;

    private RaftNode(RaftServer server, RaftGroupId group, RaftPeerId self) throws IOException {
        this.server = server;
        this.group = group;
        this.self = self;
        this.info = server.getDivision(group).getInfo();
    }

    /// @throws IOException when the folder or the port cannot be used, or the log is damaged
    static RaftNode start(ClusterSettings settings, TableMachine machine) throws IOException {
        // A fault of its own must not end the process that it is embedded in.
        ExitUtils.disableSystemExit();
        free(settings.me());
        if (NodeFolder.inUse(settings.folder())) {
            throw new IOException(settings.folder() + " is in use by another svcshare");
        }
        RaftGroupId group = RaftGroupId.valueOf(settings.group());
        RaftPeerId self = RaftPeerId.valueOf(settings.self());
        RaftServer server =
                RaftServer.newBuilder()
                        .setServerId(self)
                        .setGroup(
                                RaftGroup.valueOf(
                                        group,
                                        settings.peers().stream().map(RaftNode::peer).toList()))
                        .setProperties(RaftTuning.of(settings))
                        .setParameters(settings.sockets().ofRatis())
                        .setStateMachine(machine)
                        .setOption(RaftStorage.StartupOption.RECOVER)
                        .build();
        try {
            server.start();
            return new RaftNode(server, group, self);
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /// Ratis would take a port that is in use for the end of the world.
    private static void free(ClusterPeer me) throws IOException {
        try (var probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(me.host(), me.raftPort()));
        } catch (IOException e) {
            throw me.cannotListen(me.raftPort(), e);
        }
    }

    private static RaftPeer peer(ClusterPeer peer) {
        return RaftPeer.newBuilder()
                .setId(peer.id())
                .setAddress(InetSocketAddress.createUnresolved(peer.host(), peer.raftPort()))
                .build();
    }

    /// Whether this node leads, and has everything that was logged before it did.
    boolean leads() {
        return info.isLeaderReady();
    }

    /// Whether it also has put its opening into the log: before that nothing is taken.
    boolean open() {
        return leads() && openedTerm == info.getCurrentTerm();
    }

    /// The id of the node that leads, as far as known.
    Optional<String> leader() {
        RaftPeerId leader = info.getLeaderId();
        return leader == null ? Optional.empty() : Optional.of(leader.toString());
    }

    /// Whether a follower does not have all that this leader has.
    boolean somebodyLags() throws IOException {
        long last = server.getDivision(group).getRaftLog().getLastCommittedIndex();
        for (long match : info.getFollowerMatchIndices()) {
            if (match < last) {
                return true;
            }
        }
        return false;
    }

    /// How this node stands in the group, in numbers.
    List<Figure> figures() {
        var figures = new ArrayList<Figure>();
        figures.add(
                new Figure("cluster.leader", "Whether this node leads the group", leads() ? 1 : 0));
        figures.add(
                new Figure("cluster.term", "Elections of the group so far", info.getCurrentTerm()));
        figures.add(
                new Figure(
                        "cluster.applied.index",
                        "Up to which entry of the log this node's table is made",
                        info.getLastAppliedIndex()));
        try {
            long last = server.getDivision(group).getRaftLog().getLastCommittedIndex();
            figures.add(
                    new Figure(
                            "cluster.committed.index",
                            "Up to which entry this node knows that a majority has the log",
                            last));
            figures.addAll(lags(last));
        } catch (IOException e) {
            LOG.debug("no numbers of the group: {}", e.toString());
        }
        return figures;
    }

    private List<Figure> lags(long last) {
        var lags = new ArrayList<Figure>();
        List<ServerRpcProto> followers =
                info.getRoleInfoProto().getLeaderInfo().getFollowerInfoList();
        long[] matches = info.getFollowerMatchIndices();
        for (int i = 0; matches != null && i < Math.min(matches.length, followers.size()); i++) {
            lags.add(
                    new Figure(
                            "cluster.lag.entries",
                            "How many entries of the log a node does not have yet; told by the"
                                    + " leader",
                            Optional.of(followers.get(i).getId().getId().toStringUtf8()),
                            Math.max(0, last - matches[i])));
        }
        return lags;
    }

    /// Puts the first batch of this node's time as leader into the log.
    CompletableFuture<ByteBuffer> writeOpening(byte[] batch) {
        long term = info.getCurrentTerm();
        var outgoing = new OutgoingBatch(batch);
        CompletableFuture<ByteBuffer> written = write(outgoing);
        if (outgoing.perhapsLogged()) {
            openedTerm = term;
        }
        return written;
    }

    /// Puts a batch into the log. Batches that one thread writes get there in that order.
    ///
    /// @return the reply of [TableMachine]; fails with [NotTakenException], or with another when it
    ///   is not known whether it was logged
    CompletableFuture<ByteBuffer> write(byte[] batch) {
        return open()
                ? write(new OutgoingBatch(batch))
                : CompletableFuture.failedFuture(new NotTakenException("it does not lead"));
    }

    private CompletableFuture<ByteBuffer> write(OutgoingBatch batch) {
        var result = new CompletableFuture<ByteBuffer>();
        var _ =
                submit(batch, RaftClientRequest.writeRequestType())
                        .whenComplete((reply, failure) -> {
                            if (reply != null && reply.isSuccess()) {
                                result.complete(
                                        reply.getMessage().getContent().asReadOnlyByteBuffer());
                                return;
                            }
                            String why = why(reply, failure);
                            result.completeExceptionally(
                                    batch.perhapsLogged()
                                            ? new IOException(why)
                                            : new NotTakenException(why));
                        });
        return result;
    }

    /// Waits until this node's table has all that was answered anywhere before this call.
    CompletableFuture<Void> catchUp() {
        return submit(Message.EMPTY, RaftClientRequest.readRequestType())
                .thenCompose(reply ->
                        reply.isSuccess()
                                ? CompletableFuture.completedFuture(null)
                                : CompletableFuture.failedFuture(
                                        new IOException(why(reply, null))));
    }

    private CompletableFuture<RaftClientReply> submit(
            Message message, RaftClientRequest.Type type) {
        try {
            return server.submitClientRequestAsync(
                    RaftClientRequest.newBuilder()
                            .setClientId(caller)
                            .setServerId(self)
                            .setGroupId(group)
                            .setCallId(calls.incrementAndGet())
                            .setMessage(message)
                            .setType(type)
                            .build());
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static String why(@Nullable RaftClientReply reply, @Nullable Throwable failure) {
        return String.valueOf(failure == null && reply != null ? reply.getException() : failure);
    }

    /// When its files are closed Ratis waits three seconds for each connection that another node
    /// keeps busy. Nothing depends on that: it is told not to.
    @Override
    public void close() {
        Thread closing = Thread.ofPlatform().name("raft-close").daemon().start(this::end);
        try {
            while (closing.isAlive() && info.getLifeCycleState() != LifeCycle.State.CLOSED) {
                closing.join(SHORTLY);
            }
            closing.join(FAREWELL);
            closing.interrupt();
            closing.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void end() {
        try {
            server.close();
        } catch (IOException | RuntimeException e) {
            LOG.debug("while leaving the group", e);
        }
    }
}
