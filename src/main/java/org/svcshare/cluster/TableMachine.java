package org.svcshare.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.engine.Bytes;
import org.svcshare.engine.Differences;
import org.svcshare.engine.TableCodec;
import org.svcshare.pool.Effect;
import org.svcshare.pool.LockTable;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableImage;
import org.svcshare.pool.TableView;

/// The lock table as the group's log makes it, and the records that the group shares. Ratis' own
/// thread applies the entries; what came of them is left for others, so that it never waits for
/// anybody.
final class TableMachine extends BaseStateMachine {
    private static final Logger LOG = LoggerFactory.getLogger(TableMachine.class);

    /// A disk that is full stays so for a while.
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final SimpleStateMachineStorage storage = new SimpleStateMachineStorage();
    private final long origin;
    private final GroupClock clock;
    private final SharedRecords shared;
    private final Consumer<Told> news;
    private final Consumer<String> stopped;
    private final Consumer<String> unwritable;
    private final Runnable turned;

    /// Guards the table: it is written by Ratis' thread and read by others.
    private final Object lock = new Object();

    private final LockTable table = new LockTable(this::happened);
    private final List<Effect> happened = new ArrayList<>();

    private volatile long nextDueMs = Long.MAX_VALUE;
    private volatile boolean stopping;

    /// The snapshot that is being written; written by Ratis' thread that applies.
    private volatile @Nullable FutureTask<?> writing;

    /// Until when none is tried after one that failed; that thread's, too.
    private long notBeforeNanos = System.nanoTime();

    /// @param origin which batches are this node's
    /// @param shared gets the entries that have records
    /// @param news is told what came of entries, in order, and must not block
    /// @param stopped is told when this node's part of the group has ended by itself
    /// @param unwritable is told when the group's log cannot be gone on with on this node
    /// @param turned is told when another leads, and must not block
    TableMachine(
            long origin,
            GroupClock clock,
            SharedRecords shared,
            Consumer<Told> news,
            Consumer<String> stopped,
            Consumer<String> unwritable,
            Runnable turned) {
        this.origin = origin;
        this.clock = clock;
        this.shared = shared;
        this.news = news;
        this.stopped = stopped;
        this.unwritable = unwritable;
        this.turned = turned;
    }

    /// Looks at the table; any thread. Entries are not applied meanwhile.
    <T> T look(Function<TableView, T> question) {
        synchronized (lock) {
            return question.apply(table.view(origin));
        }
    }

    /// Takes over a table from elsewhere, before there is a log.
    void begin(TableImage image) {
        synchronized (lock) {
            table.restore(image);
            nextDueMs = table.nextDueMs();
        }
        clock.heard(image.nowMs());
    }

    /// See [LockTable#nextDueMs]; any thread.
    long nextDueMs() {
        return nextDueMs;
    }

    // On the leader.

    /// Puts the time on a batch, before it goes into the log. Whoever reaches Ratis' port may ask
    /// it for an entry, too; what is not this program's own batch could end every node.
    @Override
    public TransactionContext startTransaction(RaftClientRequest request) {
        if (!(request.getMessage() instanceof Outgoing outgoing)) {
            return TransactionContext.newBuilder()
                    .setStateMachine(this)
                    .setClientRequest(request)
                    .setServerRole(RaftPeerRole.LEADER)
                    .build()
                    .setException(new IOException("batches come to the handing over only"));
        }
        return TransactionContext.newBuilder()
                .setStateMachine(this)
                .setClientRequest(request)
                .setServerRole(RaftPeerRole.LEADER)
                .setLogData(outgoing.entersLog(clock::nowMs))
                .build();
    }

    /// What it answers does not matter: that it is answered means that the table has everything
    /// that was in the log when it was asked.
    @Override
    public CompletableFuture<Message> query(Message request) {
        return CompletableFuture.completedFuture(Message.EMPTY);
    }

    // On every node, by Ratis' thread that applies.

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto entry = transaction.getLogEntry();
        ByteBuffer data = entry.getStateMachineLogEntry().getLogData().asReadOnlyByteBuffer();
        boolean asked = transaction.getServerRole() == RaftPeerRole.LEADER;
        if (SharedEntry.is(data)) {
            long reply = applyShared(entry, data);
            return CompletableFuture.completedFuture(
                    asked ? reply(reply, List.of()) : Message.EMPTY);
        }
        shared.logged(data.remaining());
        Batch.Stamped stamped = Batch.readStamped(data);
        Batch.Header batch = stamped.batch().header();
        List<Told.Step> steps = batch.term() == entry.getTerm() ? apply(stamped) : List.of();
        clock.heard(stamped.atMs());
        long index = entry.getIndex();
        news.accept(new Told.Applied(index, entry.getTerm(), batch, steps));
        updateLastAppliedTermIndex(entry.getTerm(), index);
        return CompletableFuture.completedFuture(asked ? reply(index, steps) : Message.EMPTY);
    }

    private long applyShared(LogEntryProto entry, ByteBuffer data) {
        long reply = SharedRecords.NOT_KEPT;
        try {
            reply = shared.apply(entry.getTerm(), data);
        } catch (IOException e) {
            LOG.debug("shared records", e);
            unwritable.accept(
                    "what the group shares cannot be written ("
                            + e.getMessage()
                            + "): see to the disk that cluster.folder is on, and restart this"
                            + " node");
        }
        updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
        return reply;
    }

    private List<Told.Step> apply(Batch.Stamped stamped) {
        var steps = new ArrayList<Told.Step>();
        long from = stamped.batch().header().origin();
        synchronized (lock) {
            for (Operation operation : stamped.batch().operations()) {
                Outcome outcome = table.apply(operation, stamped.atMs(), from);
                // Who is told reads it while the next operation adds to the list of its own.
                steps.add(new Told.Step(List.copyOf(happened), outcome));
                happened.clear();
            }
            nextDueMs = table.nextDueMs();
        }
        return steps;
    }

    private void happened(Effect effect) {
        happened.add(effect);
    }

    private static Message reply(long index, List<Told.Step> steps) {
        var to = new Bytes();
        to.i64(index);
        steps.forEach(step -> OutcomeCodec.write(step.outcome(), to));
        return Message.valueOf(UnsafeByteOperations.unsafeWrap(to.copy()));
    }

    // Snapshots.

    @Override
    public void initialize(RaftServer server, RaftGroupId group, RaftStorage raft)
            throws IOException {
        super.initialize(server, group, raft);
        storage.init(raft);
        shared.open(storage.loadLatestSnapshot() == null && !hasLog(raft));
        getLifeCycle().startAndTransition(this::load, IOException.class);
    }

    private static boolean hasLog(RaftStorage raft) throws IOException {
        try (Stream<Path> files = Files.list(raft.getStorageDir().getCurrentDir().toPath())) {
            return files.anyMatch(file -> String.valueOf(file.getFileName()).startsWith("log_"));
        }
    }

    /// A leader far ahead sends its table: Ratis' thread waits until it is there.
    @Override
    public void pause() {
        getLifeCycle().transition(LifeCycle.State.PAUSING);
        getLifeCycle().transition(LifeCycle.State.PAUSED);
    }

    @Override
    public void reinitialize() throws IOException {
        getLifeCycle().startAndTransition(this::load, IOException.class);
    }

    private void load() throws IOException {
        SingleFileSnapshotInfo snapshot = storage.loadLatestSnapshot();
        if (snapshot == null) {
            return;
        }
        Path file = snapshot.getFile().getPath();
        var unseen = new ArrayList<Effect>();
        try (SnapshotFile.Content content = SnapshotFile.open(file)) {
            synchronized (lock) {
                replace(TableCodec.read(content.table()), unseen);
                nextDueMs = table.nextDueMs();
                clock.heard(table.view().nowMs());
            }
            if (content.shared().isPresent()) {
                shared.restore(content.shared().get());
            } else {
                shared.restoreNothing();
            }
        } catch (RuntimeException e) {
            throw new IOException(
                    file + " has something that this program does not understand: " + e, e);
        }
        TermIndex at = snapshot.getTermIndex();
        setLastAppliedTermIndex(at);
        news.accept(new Told.Replaced(at.getIndex(), unseen));
        LOG.atInfo().addKeyValue("index", at.getIndex()).log("pools restored from a snapshot");
    }

    private void replace(TableImage now, List<Effect> unseen) {
        TableImage before = table.image();
        table.restore(now);
        Set<RequestId> known =
                before.tickets().stream()
                        .map(TableImage.TicketImage::id)
                        .collect(Collectors.toUnmodifiableSet());
        Differences.tell(before, now, known, false, unseen::add);
    }

    /// Ratis' thread that applies asks again after each entry until there is a new one; meanwhile
    /// the table is written down on another thread.
    @Override
    public long takeSnapshot() throws IOException {
        TermIndex at = getLastAppliedTermIndex();
        if (at == null || at.getIndex() < 0) {
            return RaftLog.INVALID_LOG_INDEX;
        }
        FutureTask<?> running = writing;
        if (running == null && System.nanoTime() - notBeforeNanos < 0) {
            return RaftLog.INVALID_LOG_INDEX;
        }
        if (running == null && shared.isLarge() && (stopping || !shared.wantsSnapshot())) {
            // The log is read again sooner than all of that is written down and read.
            return RaftLog.INVALID_LOG_INDEX;
        }
        if (running == null) {
            TableImage image = look(_ -> table.image());
            Optional<SharedRecords.Copy> records = sharedNow();
            running =
                    new FutureTask<>(() -> {
                        write(image, records, at);
                        return null;
                    });
            writing = running;
            Thread.ofVirtual().name("snapshot").start(running);
        }
        return stopping || running.isDone() ? written(running) : RaftLog.INVALID_LOG_INDEX;
    }

    /// Whether [#takeSnapshot] should be asked though there are not many entries: what is shared
    /// makes them long. Any thread.
    boolean wantsSnapshot() {
        FutureTask<?> running = writing;
        return running == null ? shared.wantsSnapshot() : running.isDone();
    }

    /// Writes the table down at once, and returns when it is on the disk.
    void writeDown() throws IOException {
        TermIndex at = getLastAppliedTermIndex();
        if (at == null) {
            throw new IOException("there is no log yet that a table could belong to");
        }
        write(look(_ -> table.image()), sharedNow(), at);
    }

    private Optional<SharedRecords.Copy> sharedNow() {
        return shared.used() ? Optional.of(shared.copy()) : Optional.empty();
    }

    private void write(TableImage image, Optional<SharedRecords.Copy> records, TermIndex at)
            throws IOException {
        Path file = storage.getSnapshotFile(at.getTerm(), at.getIndex()).toPath();
        try {
            storage.updateLatestSnapshot(
                    new SingleFileSnapshotInfo(
                            SnapshotFile.write(file, TableCodec.write(image), records), at));
        } finally {
            records.ifPresent(SharedRecords.Copy::close);
        }
    }

    /// @return the index of the latest snapshot, which may be a later one that came from the leader
    ///   meanwhile: to say less than before would end the node
    private long written(FutureTask<?> running) throws IOException {
        writing = null;
        try {
            running.get();
        } catch (ExecutionException e) {
            notBeforeNanos = System.nanoTime() + PAUSE.toNanos();
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the table was written down", e);
        }
        return Objects.requireNonNull(storage.getLatestSnapshot()).getIndex();
    }

    /// From now on a snapshot is waited for: the last one makes the next start short.
    void stopping() {
        stopping = true;
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return storage;
    }

    @Override
    public @Nullable SingleFileSnapshotInfo getLatestSnapshot() {
        return storage.getLatestSnapshot();
    }

    // What else Ratis tells.

    @Override
    public void notifyLeaderReady() {
        turned.run();
    }

    @Override
    public void notifyLeaderChanged(RaftGroupMemberId self, RaftPeerId leader) {
        turned.run();
    }

    @Override
    public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto failed) {
        LOG.debug("the log of the group", cause);
        Throwable first = cause;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        unwritable.accept(
                "the log of the group cannot be written ("
                        + first.getMessage()
                        + "): see to the disk that cluster.folder is on, and restart this node");
    }

    @Override
    public void notifyServerShutdown(RoleInfoProto role, boolean all) {
        stopped.accept("this node's part of the group has stopped");
    }
}
