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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.ExitUtils;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.pool.PoolEngine.Figure;
import org.svcshare.pool.PoolEngine.Stale;

/// This node's part of the Raft group: who leads, who belongs to it, and the way into the log when
/// it is this node. For any thread.
final class RaftNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RaftNode.class);
    private static final Duration SHORTLY = Duration.ofMillis(10);
    private static final Duration FAREWELL = Duration.ofMillis(200);
    private static final Duration SNAPSHOT_LIMIT = Duration.ofMinutes(1);

    private final ClusterSettings settings;
    private final TableMachine machine;
    private final RaftGroupId group;
    private final RaftPeerId self;
    private final ClientId caller = ClientId.randomId();
    private final AtomicLong calls = new AtomicLong();
    private final Attention attention = new Attention();

    private final Contact contact = new Contact(System::nanoTime);

    /// Null until this node has begun, and when it has ended.
    private volatile @Nullable Begun begun;

    private boolean closed;
    private @Nullable Begun ending;
    private @Nullable Thread closing;

    private final AtomicInteger writing = new AtomicInteger();
    private volatile boolean handsOver;

    /// Where the group was when this node, since it began, first heard of that; below 0: it has
    /// not.
    private volatile long comeBackTo = -1;

    /// The term in which this node put its opening into the log, as leader.
    private volatile long openedTerm = -1;

    private record Begun(RaftServer server, RaftServer.Division division, RaftChanges changes) {
        /// Where requests go: by the server they would change the thread twice on their way.
        RaftClientAsynchronousProtocol desk() {
            return division instanceof RaftClientAsynchronousProtocol desk ? desk : server;
        }

        DivisionInfo info() {
            return division.getInfo();
        }
    }

    /// Of which nodes the group is.
    ///
    /// @param index of the log's entry that says so; below 0: none does yet
    /// @param settled whether that entry is decided, and no change under way
    record Configuration(long index, boolean settled, List<Member> members) {
        private static final Configuration NONE = new Configuration(-1, false, List.of());

        Configuration {
            members = List.copyOf(members);
        }

        Optional<Member> member(String id) {
            return members.stream().filter(member -> member.id().equals(id)).findFirst();
        }

        boolean has(String id) {
            return member(id).isPresent();
        }
    }

    RaftNode(ClusterSettings settings, TableMachine machine) {
        this.settings = settings;
        this.machine = machine;
        this.group = RaftGroupId.valueOf(settings.group());
        this.self = RaftPeerId.valueOf(settings.self());
    }

    /// Begins to work; until then nobody leads and nothing is taken.
    ///
    /// @param founders of which nodes the group is, as long as its log says nothing; none: it waits
    ///   for a leader that knows
    /// @throws IOException when the folder or the port cannot be used, or the log is damaged
    synchronized void begin(List<Member> founders) throws IOException {
        if (closed) {
            throw new IOException("it stops");
        }
        // A fault of its own must not end the process that it is embedded in.
        ExitUtils.disableSystemExit();
        free(settings.me());
        if (NodeFolder.inUse(settings.folder())) {
            throw new IOException(settings.folder() + " is in use by another svcshare");
        }
        RaftServer server =
                RaftServer.newBuilder()
                        .setServerId(self)
                        .setGroup(
                                RaftGroup.valueOf(
                                        group, founders.stream().map(RaftChanges::peer).toList()))
                        .setProperties(RaftTuning.of(settings, founders.size() == 1))
                        .setParameters(EagerGrpc.with(settings.sockets().ofRatis(), attention))
                        .setStateMachine(machine)
                        .setOption(RaftStorage.StartupOption.RECOVER)
                        .build();
        try {
            server.start();
            RaftServer.Division division = server.getDivision(group);
            begun = new Begun(server, division, new RaftChanges(server, division));
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

    boolean begun() {
        return begun != null;
    }

    /// Null until this node has begun, and when it has ended.
    @Nullable RaftChanges changes() {
        Begun now = begun;
        return now == null ? null : now.changes;
    }

    Configuration configuration() {
        RaftChanges now = changes();
        return now == null ? Configuration.NONE : now.configuration();
    }

    /// Whether this node leads, and has everything that was logged before it did.
    boolean leads() {
        Begun now = begun;
        return now != null && now.info().isLeaderReady();
    }

    /// Whether this node was elected, and nothing of its term is through yet.
    boolean begins() {
        Begun now = begun;
        return now != null && now.info().isLeader() && !now.info().isLeaderReady();
    }

    /// Whether it also has put its opening into the log: before that nothing is taken.
    boolean open() {
        Begun now = begun;
        return now != null
                && now.info().isLeaderReady()
                && openedTerm == now.info().getCurrentTerm();
    }

    /// The id of the node that leads, as far as known.
    Optional<String> leader() {
        Begun now = begun;
        return now == null
                ? Optional.empty()
                : Optional.ofNullable(now.info().getLeaderId()).map(RaftPeerId::toString);
    }

    /// Whether a follower does not have all that this leader has.
    boolean somebodyLags() {
        Begun now = begun;
        if (now == null) {
            return false;
        }
        long last = now.division.getRaftLog().getLastCommittedIndex();
        for (long match : now.info().getFollowerMatchIndices()) {
            if (match < last) {
                return true;
            }
        }
        return false;
    }

    /// Looks whether it still hears from those who decide, while that can be seen: of a leader that
    /// is gone nothing is known once there is an election.
    void lookAround() {
        RaftChanges now = changes();
        if (now != null) {
            try {
                now.contactMs().ifPresent(contact::was);
                if (comeBackTo < 0) {
                    comeBackTo = leader().map(now::decidedBy).orElse(-1L);
                }
            } catch (RuntimeException e) {
                // Its role changes just now; it is looked at again soon.
                LOG.debug("it cannot be told who leads", e);
            }
        }
    }

    /// At some time since then those who decide took something from this node, or answered it.
    void heardSince(long nanos) {
        contact.wasAt(nanos);
    }

    /// How many entries this node, which began anew, does not have yet of those that the others had
    /// then; 0 when it came back, below 0 when it does not know.
    long toComeBack() {
        if (comeBackTo < 0) {
            lookAround();
        }
        RaftChanges now = changes();
        return now == null || comeBackTo < 0 ? -1 : Math.max(0, comeBackTo - now.applied());
    }

    /// What a table that is made here by now may not have; empty without a table.
    Optional<Stale> stale() {
        lookAround();
        RaftChanges now = changes();
        return now == null
                ? Optional.empty()
                : Optional.of(
                        new Stale(contact.agoMs(), Math.max(0, now.decided() - now.applied())));
    }

    /// Up to which entry this node has the log.
    Question.Reply.Far howFar() {
        Begun now = begun;
        TermIndex last = now == null ? null : now.division.getRaftLog().getLastEntryTermIndex();
        return last == null
                ? new Question.Reply.Far(-1, -1)
                : new Question.Reply.Far(last.getTerm(), last.getIndex());
    }

    /// How this node stands in the group, in numbers.
    List<Figure> figures() {
        var figures = new ArrayList<Figure>();
        figures.add(
                new Figure("cluster.leader", "Whether this node leads the group", leads() ? 1 : 0));
        figures.add(
                new Figure(
                        "cluster.refused",
                        "Connections that ended since the other was not believed to be of the group",
                        settings.sockets().refused()));
        RaftChanges now = changes();
        if (now == null) {
            return figures;
        }
        figures.add(new Figure("cluster.term", "Elections of the group so far", now.term()));
        figures.add(
                new Figure(
                        "cluster.applied.index",
                        "Up to which entry of the log this node's table is made",
                        now.applied()));
        long last = now.committed();
        figures.add(
                new Figure(
                        "cluster.committed.index",
                        "Up to which entry this node knows that a majority has the log",
                        last));
        now.followers()
                .forEach((id, progress) ->
                        figures.add(
                                new Figure(
                                        "cluster.lag.entries",
                                        "How many entries of the log a node does not have yet; told"
                                                + " by the leader",
                                        Optional.of(id),
                                        Math.max(0, last - progress.match()))));
        return figures;
    }

    /// The term that this node is in; below 0 when it has not begun.
    long term() {
        Begun now = begun;
        return now == null ? -1 : now.info().getCurrentTerm();
    }

    /// Puts the first batch of this node's time as leader into the log.
    ///
    /// @param term of that time
    CompletableFuture<ByteBuffer> writeOpening(byte[] batch, long term) {
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
        return writeOpen(new OutgoingBatch(batch));
    }

    /// Puts a [SharedEntry] into the log, as [#write] does.
    ///
    /// @param term that is in it
    CompletableFuture<ByteBuffer> writeShared(byte[] entry, long term) {
        return leads(term)
                ? writeOpen(new OutgoingEntry(entry))
                : CompletableFuture.failedFuture(
                        new NotTakenException("it does not lead in term " + term));
    }

    private CompletableFuture<ByteBuffer> writeOpen(Outgoing outgoing) {
        writing.incrementAndGet();
        if (handsOver || !open()) {
            writing.decrementAndGet();
            return CompletableFuture.failedFuture(
                    new NotTakenException(handsOver ? "it hands over" : "it does not lead"));
        }
        CompletableFuture<ByteBuffer> written = write(outgoing);
        var _ = written.whenComplete((_, _) -> writing.decrementAndGet());
        return written;
    }

    /// Whether this node leads in that term, and takes something.
    boolean leads(long term) {
        return open() && openedTerm == term && term() == term;
    }

    /// Takes nothing more, or does so again: an entry that comes while it hands over would make the
    /// next leader one that lacks it, which nobody elects.
    void handsOver(boolean now) {
        handsOver = now;
    }

    /// Whether what was taken is still on its way into the log.
    boolean writes() {
        return writing.get() > 0;
    }

    private CompletableFuture<ByteBuffer> write(Outgoing batch) {
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

    /// A node brought something to this one.
    void asked(String by) {
        attention.asked(by);
    }

    /// Waits until this node's table has all that was answered anywhere before this call.
    CompletableFuture<Void> catchUp() {
        long since = System.nanoTime();
        return submit(Message.EMPTY, RaftClientRequest.readRequestType())
                .thenCompose(reply -> {
                    if (!reply.isSuccess()) {
                        return CompletableFuture.failedFuture(new IOException(why(reply, null)));
                    }
                    heardSince(since);
                    return CompletableFuture.completedFuture(null);
                });
    }

    /// Has the table and all that is shared written down, soon, so that Ratis' log gets shorter.
    void snapshot() {
        Begun now = begun;
        if (now != null) {
            var _ =
                    now.server.snapshotManagementAsync(
                            SnapshotManagementRequest.newCreate(
                                    caller,
                                    self,
                                    group,
                                    calls.incrementAndGet(),
                                    SNAPSHOT_LIMIT.toMillis(),
                                    // However few entries there are: they are long.
                                    1));
        }
    }

    private CompletableFuture<RaftClientReply> submit(
            Message message, RaftClientRequest.Type type) {
        Begun now = begun;
        if (now == null) {
            return CompletableFuture.failedFuture(new IOException("this node has not begun"));
        }
        try {
            return now.desk()
                    .submitClientRequestAsync(
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
    public synchronized void close() {
        closed = true;
        Begun now = begun;
        begun = null;
        if (now != null) {
            ending = now;
            closing = Thread.ofPlatform().name("raft-close").daemon().start(() -> end(now));
        }
        // Whoever was interrupted while it waited, the next one waits again.
        Begun last = ending;
        Thread end = closing;
        if (last != null && end != null) {
            await(end, last.info());
        }
    }

    private static void await(Thread end, DivisionInfo info) {
        try {
            while (end.isAlive() && info.getLifeCycleState() != LifeCycle.State.CLOSED) {
                end.join(SHORTLY);
            }
            end.join(FAREWELL);
            end.interrupt();
            end.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void end(Begun now) {
        try {
            now.server.close();
        } catch (IOException | RuntimeException e) {
            LOG.debug("while leaving the group", e);
        }
    }
}
