package org.svcshare.proxy;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.journal.Durability;
import org.svcshare.replica.NodeAddress;

/// The state of replicas that are this machine's alone: the log of writes, how far each node is,
/// and long bodies; and how it is brought back.
final class LocalState implements ReplicaState {
    private static final int HEADERS_BYTES = 1 << 20;

    private final ReplicaSettings settings;
    private final EventLoop owner;
    private final WriteLog log;
    private final @Nullable CursorFile cursors;
    private final Spool spool;
    private final ReplicaLoop loop;
    private final boolean fresh;

    private LocalState(
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
        if (settings.writes().durability() == ReplicaSettings.Durability.MEMORY) {
            var log = new MemoryWriteLog(owner);
            var loop =
                    ReplicaLoop.of(
                            settings,
                            owner,
                            log,
                            ReplicaLoop.Progress.NONE,
                            false,
                            connector,
                            spool);
            spool.keep(loop.spooled());
            return new LocalState(settings, owner, log, null, spool, loop, true);
        }
        JournalWriteLog journal = journal(settings, owner, folder);
        @Nullable CursorFile cursors = null;
        boolean read = false;
        try {
            cursors = CursorFile.open(folder.resolve("cursors"));
            var loop = ReplicaLoop.of(settings, owner, journal, cursors, false, connector, spool);
            journal.read(loop::told, loop::told);
            loop.passed(cursors::read);
            loop.refusals(cursors.refusals());
            spool.keep(loop.spooled());
            boolean fresh = journal.end() == 0;
            journal.start();
            read = true;
            return new LocalState(settings, owner, journal, cursors, spool, loop, fresh);
        } finally {
            if (!read) {
                journal.start();
                journal.close();
                if (cursors != null) {
                    cursors.close();
                }
            }
        }
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

    @Override
    public ReplicaOwner owner() {
        return loop;
    }

    @Override
    public Spool spool() {
        return spool;
    }

    @Override
    public ReplicaSettings settings() {
        return settings;
    }

    @Override
    public void health(NodeAddress node, Optional<String> trouble) {
        loop.health(node, trouble);
    }

    @Override
    public void begin(HealthChecks checks) {
        // The nodes are there to be seen when this returns.
        owner.submit(
                        () -> {
                            loop.watch(checks::nodes, checks::failed);
                            loop.begin();
                            checks.start();
                        })
                .awaitUninterruptibly(PATIENCE.toMillis());
        if (fresh) {
            ReplicaState.takeNodes(settings.nodes(), loop);
        }
    }

    @Override
    public void stop(Duration limit) {
        loop.stop(limit);
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
