package org.svcshare.proxy;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.journal.Durability;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodePatch;
import org.svcshare.replica.ReplicaEffect;
import org.svcshare.replica.ReplicaNote;
import org.svcshare.replica.ReplicaRules;
import org.svcshare.replica.Replication;

/// What outlives a process: the log of writes, how far each node is, and long bodies; and how it is
/// brought back.
final class ReplicaState implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaState.class);
    private static final int HEADERS_BYTES = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ReplicaSettings settings;
    private final EventLoop owner;
    private final WriteLog log;
    private final @Nullable CursorFile cursors;
    private final Spool spool;
    private final ReplicaLoop loop;
    private final boolean fresh;

    /// What the replicas do, before there is who carries it out.
    private static final class Effects {
        @Nullable ReplicaLoop loop;

        void accept(ReplicaEffect effect) {
            ReplicaLoop carriesOut = loop;
            if (carriesOut == null) {
                throw new IllegalStateException("too early for " + effect);
            }
            carriesOut.carryOut(effect);
        }
    }

    private ReplicaState(
            ReplicaSettings settings,
            EventLoop owner,
            WriteLog log,
            @Nullable CursorFile cursors,
            Spool spool,
            ReplicaLoop loop,
            boolean fresh) {
        this.settings = settings;
        this.owner = owner;
        this.log = log;
        this.cursors = cursors;
        this.spool = spool;
        this.loop = loop;
        this.fresh = fresh;
    }

    /// @throws IOException when something cannot be used; the message is for people
    static ReplicaState open(ReplicaSettings settings, EventLoop owner, NodeConnector connector)
            throws IOException {
        Path folder = Files.createDirectories(settings.folder());
        Spool spool = Spool.open(folder.resolve("bodies"));
        var keys = new KeyTable(settings.writes().keysLive().toMillis());
        var desk = new WriteDesk(settings.limits().underWay(), keys);
        var effects = new Effects();
        var replication = new Replication(rules(settings), effects::accept);
        var spooled = new TreeMap<Long, String>();
        var links = new NodeLinks(settings, owner, connector, spool);
        WriteLog log;
        @Nullable CursorFile cursors = null;
        boolean fresh = true;
        if (settings.writes().durability() == ReplicaSettings.Durability.MEMORY) {
            log = new MemoryWriteLog(owner);
        } else {
            JournalWriteLog journal = journal(settings, owner, folder);
            boolean read = false;
            try {
                new Reading(replication, desk, spooled).read(journal);
                cursors = CursorFile.open(folder.resolve("cursors"));
                CursorFile marks = cursors;
                replication
                        .marks()
                        .forEach((node, since) ->
                                replication.restorePassed(node, since, marks.read(since)));
                read = true;
            } finally {
                if (!read) {
                    journal.start();
                    journal.close();
                }
            }
            fresh = journal.end() == 0;
            journal.start();
            log = journal;
        }
        spool.keep(Set.copyOf(spooled.values()));
        var loop =
                new ReplicaLoop(
                        owner,
                        log,
                        progress(cursors),
                        desk,
                        new NodeBoard(settings, replication),
                        replication,
                        links,
                        spool,
                        spooled);
        effects.loop = loop;
        links.of(loop);
        return new ReplicaState(settings, owner, log, cursors, spool, loop, fresh);
    }

    private static JournalWriteLog journal(ReplicaSettings settings, EventLoop owner, Path folder)
            throws IOException {
        int record = settings.limits().memoryBodyBytes() + HEADERS_BYTES;
        return JournalWriteLog.open(
                folder.resolve("writes"),
                settings.writes().durability() == ReplicaSettings.Durability.FSYNC
                        ? Durability.FSYNC
                        : Durability.OS,
                record,
                owner,
                2 * settings.limits().underWay() + 1024);
    }

    private static ReplicaLoop.Progress progress(@Nullable CursorFile cursors) {
        return new ReplicaLoop.Progress() {
            @Override
            public void keep(Map<NodeAddress, Long> nodes) {
                if (cursors != null) {
                    cursors.keep(nodes);
                }
            }

            @Override
            public void mark(NodeAddress node, long position) {
                if (cursors != null) {
                    cursors.mark(node, position);
                }
            }
        };
    }

    private static ReplicaRules rules(ReplicaSettings settings) {
        ReplicaSettings.Writes writes = settings.writes();
        return new ReplicaRules(
                writes.answer(),
                writes.timeout(),
                writes.timeout().dividedBy(4),
                writes.parkRefused(),
                writes.refusedFor(),
                writes.firstPause(),
                writes.longestPause(),
                writes.inFlight(),
                settings.limits().queueWrites(),
                settings.limits().parked());
    }

    /// Brings the replicas back from a log.
    private record Reading(Replication replication, WriteDesk desk, Map<Long, String> spooled) {
        void read(JournalWriteLog journal) throws IOException {
            long[] at = {0};
            journal.read(
                    image -> {
                        ReplicaNote.Image all = Images.read(image, desk.keys());
                        at[0] = all.at();
                        replication.restore(all);
                    },
                    (position, entry) -> {
                        switch (entry) {
                            case RecordCodec.Entry.Write(WriteRequest request) ->
                                    write(position, request);
                            case RecordCodec.Entry.Change(NodeChange change) -> {
                                if (position > at[0]) {
                                    replication.restoreChange(change, position);
                                }
                            }
                            case RecordCodec.Entry.Note(ReplicaNote note) -> {
                                if (note instanceof ReplicaNote.Agreed(long of, int status)) {
                                    desk.restoreOutcome(of, status);
                                }
                                if (position > at[0]) {
                                    replication.restore(note);
                                }
                            }
                        }
                    });
        }

        private void write(long position, WriteRequest request) {
            replication.restoreWrite(position, request.sizeBytes(), request.atMs());
            request.file().ifPresent(file -> spooled.put(position, file));
            desk.restoreWrite(position, request);
        }
    }

    ReplicaLoop loop() {
        return loop;
    }

    Spool spool() {
        return spool;
    }

    /// Goes on; of a log that is new the nodes of the settings are taken.
    void begin(HealthChecks checks) {
        // The nodes are there to be seen when this returns.
        owner.submit(
                        () -> {
                            loop.begin(checks::nodes, checks::failed);
                            checks.start();
                        })
                .awaitUninterruptibly(PATIENCE.toMillis());
        if (!fresh || settings.nodes().isEmpty()) {
            return;
        }
        var patches = new LinkedHashMap<NodeAddress, NodePatch>();
        for (Node node : settings.nodes()) {
            patches.put(node.address(), NodePatch.of(node));
        }
        var done = new CountDownLatch(1);
        loop.change(
                new NodeChange.PutAll(patches),
                result -> {
                    if (!(result instanceof NodeChange.Result.Done)) {
                        LOG.error("the nodes of the settings were not taken: {}", result);
                    }
                    done.countDown();
                });
        try {
            if (!done.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.error("the nodes of the settings were not taken within {}", PATIENCE);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        owner.submit(loop::close).awaitUninterruptibly(PATIENCE.toMillis());
        log.close();
        owner.submit(
                        () -> {
                            if (cursors != null) {
                                cursors.close();
                            }
                        })
                .awaitUninterruptibly(PATIENCE.toMillis());
    }
}
