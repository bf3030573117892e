package org.svcshare.proxy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.replica.ReplicaEvent;
import org.svcshare.replica.ReplicaNote;
import org.svcshare.replica.Replication;

/// Gets into the log what has become of writes. For the thread that owns the replicas.
final class NoteKeeping {
    private static final Logger LOG = LoggerFactory.getLogger(NoteKeeping.class);
    private static final int REFUSED = 400;

    private final HeardLog log;
    private final WriteDesk desk;
    private final Replication replication;
    private final Consumer<ReplicaEvent> tell;

    /// Nobody waits for these, and they would be of no use soon.
    private final List<ReplicaNote.Agreed> idle = new ArrayList<>();

    /// What there was no room for, in its order.
    private final ArrayDeque<ReplicaNote> held = new ArrayDeque<>();

    /// @param tell is told what is kept
    NoteKeeping(
            HeardLog log, WriteDesk desk, Replication replication, Consumer<ReplicaEvent> tell) {
        this.log = log;
        this.desk = desk;
        this.replication = replication;
        this.tell = tell;
    }

    void keep(ReplicaNote note) {
        boolean now =
                !(note instanceof ReplicaNote.Agreed(long position, int status))
                        || desk.agreed(position, status)
                        || status >= REFUSED;
        if (now) {
            append(note);
        } else {
            idle.add((ReplicaNote.Agreed) note);
        }
    }

    private void append(ReplicaNote note) {
        if (!held.isEmpty() || !appendNow(note)) {
            held.add(note);
        }
    }

    private boolean appendNow(ReplicaNote note) {
        return log.append(
                RecordCodec.note(note),
                entry -> {
                    if (entry.failure() != null && log.trouble() == null) {
                        held.add(note);
                        return;
                    }
                    // A log that has failed for good is not waited for.
                    if (entry.failure() != null) {
                        LOG.warn("not written down: {}", note);
                    }
                    tell.accept(new ReplicaEvent.Kept(note));
                });
    }

    /// How far a node has come; the next one says it as well.
    ///
    /// @return false when there is no room for one now
    boolean mark(ReplicaNote note) {
        return log.append(
                RecordCodec.note(note),
                entry -> {
                    if (entry.failure() != null) {
                        LOG.debug("not written down: {}", note);
                    }
                });
    }

    /// Tries what there was no room for.
    void again() {
        while (!held.isEmpty() && appendNow(held.element())) {
            held.remove();
        }
    }

    /// Most outcomes are of no use any more by then, as every node has the write.
    void flush() {
        if (idle.isEmpty()) {
            return;
        }
        long done = replication.doneUpTo(log.heard());
        for (ReplicaNote.Agreed note : idle) {
            if (note.position() > done) {
                append(note);
            }
        }
        idle.clear();
    }
}
