package org.svcshare.proxy;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.journal.SharedLog;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.ReplicaEffect;
import org.svcshare.replica.ReplicaNote;

/// One time of a node of a group: it looks on while the log is told, then perhaps leads, and is
/// over when it does not any more. For the thread that owns the replicas.
final class GroupStage {
    private static final long READ_BYTES = 1 << 20;

    private final SharedLog shared;
    private final GroupWriteLog log;
    private final ReplicaLoop loop;

    /// What is to be read next.
    private long next = 1;

    private boolean imageRead;

    /// Whether it cannot be gone on with.
    private boolean over;

    /// What was read at once.
    ///
    /// @param next what is to be read after it
    record Part(Optional<SharedLog.Image> image, List<Told> told, long next) {
        record Told(long position, long sizeBytes, RecordCodec.Entry entry) {}
    }

    GroupStage(
            ReplicaSettings settings,
            EventLoop owner,
            NodeConnector connector,
            Spool spool,
            SharedLog shared) {
        this.shared = shared;
        log = new GroupWriteLog(shared, owner, () -> over = true);
        loop = ReplicaLoop.of(settings, owner, log, new Marks(), true, connector, spool);
    }

    /// How far nodes are goes into the log: what a leader that is gone did not get to tell is sent
    /// again by the next, with the same keys. So is what a node refused while the log does not say
    /// what follows.
    private static final class Marks implements ReplicaLoop.Progress {
        private final Map<NodeAddress, Long> marks = new HashMap<>();
        private final Map<NodeAddress, TreeSet<Long>> refusals = new HashMap<>();

        @Override
        public void keep(Map<NodeAddress, Long> nodes) {
            marks.keySet().retainAll(nodes.keySet());
            refusals.keySet().retainAll(nodes.keySet());
        }

        @Override
        public void mark(NodeAddress node, long position) {
            marks.put(node, position);
        }

        @Override
        public void refused(ReplicaEffect.Refused refusal) {
            refusals.computeIfAbsent(refusal.node(), _ -> new TreeSet<>()).add(refusal.position());
        }

        @Override
        public void settled(NodeAddress node, long position) {
            refusals.getOrDefault(node, new TreeSet<>()).remove(position);
        }

        @Override
        public void flush(Predicate<ReplicaNote> keep) {
            marks.entrySet().removeIf(mark -> flushed(mark.getKey(), mark.getValue(), keep));
        }

        private boolean flushed(NodeAddress node, long position, Predicate<ReplicaNote> keep) {
            TreeSet<Long> open = refusals.get(node);
            return (open == null || open.isEmpty() || open.first() > position)
                    && keep.test(new ReplicaNote.Came(node, position));
        }
    }

    ReplicaLoop loop() {
        return loop;
    }

    @Override
    public String toString() {
        return "next %d of %d, term %d%s, %s, %s"
                .formatted(
                        next,
                        shared.end(),
                        term(),
                        over ? ", over" : "",
                        log.holds() ? "holds" : "does not hold",
                        loop.replication());
    }

    /// The term in which this node leads; 0 if it does not.
    long term() {
        return log.term();
    }

    boolean leads() {
        return log.term() != 0;
    }

    boolean over() {
        return over;
    }

    /// Whether all that this node has was told.
    boolean upToDate() {
        return has(shared.end());
    }

    /// Whether all up to a position was told.
    boolean has(long position) {
        return next > position;
    }

    /// Reads what comes next; blocks, so on a thread of its own, and no two at once.
    ///
    /// @throws SharedLog.ShortenedException when it has to be begun anew
    /// @throws IOException when it cannot be read
    Part read() throws IOException {
        Optional<SharedLog.Image> image = imageRead ? Optional.empty() : shared.image();
        long from = image.map(stands -> stands.upTo() + 1).orElse(next);
        var told = new ArrayList<Part.Told>();
        try {
            long behind =
                    shared.read(
                            from,
                            READ_BYTES,
                            (position, record) -> {
                                long sizeBytes = record.remaining();
                                told.add(
                                        new Part.Told(
                                                position, sizeBytes, RecordCodec.read(record)));
                            });
            return new Part(image, List.copyOf(told), behind);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "the group's log has something that this program does not understand: "
                            + e.getMessage(),
                    e);
        }
    }

    void tell(Part part) {
        if (part.image().isPresent()) {
            log.toldImage(part.image().get().bytes());
            loop.told(part.image().get().bytes());
        }
        imageRead = true;
        for (Part.Told each : part.told()) {
            log.told(each.sizeBytes());
            loop.told(each.position(), each.entry());
        }
        next = part.next();
    }

    /// This node leads, and all that the log has was told.
    void lead(long term) {
        log.leads(term);
        loop.begin();
    }

    /// It is over.
    ///
    /// @param why those who wait for a write are told
    void leave(@Nullable Refusal why) {
        over = true;
        if (why == null) {
            loop.close();
        } else {
            loop.leave(why);
        }
        log.close();
    }
}
