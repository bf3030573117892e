package org.svcshare.proxy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.svcshare.replica.QueuedWrite;

/// Finds out what the writes in a queue are: the order knows their places, the log what they say.
/// For the thread that owns the replicas.
final class QueueReading {
    private final ReplicaLoop owner;
    private final List<QueuedWrite> wanted;
    private final Consumer<Optional<List<QueuedWrite>>> then;
    private final List<QueuedWrite> done = new ArrayList<>();

    QueueReading(
            ReplicaLoop owner,
            List<QueuedWrite> wanted,
            Consumer<Optional<List<QueuedWrite>>> then) {
        this.owner = owner;
        this.wanted = wanted;
        this.then = then;
    }

    void next() {
        while (done.size() < wanted.size()) {
            QueuedWrite write = wanted.get(done.size());
            WriteRequest request = owner.recent(write.position());
            if (request == null) {
                owner.fetch(write.position(), this::fetched);
                return;
            }
            done.add(with(write, request));
        }
        then.accept(Optional.of(List.copyOf(done)));
    }

    private void fetched(WriteLog.@Nullable Window window) {
        int before = done.size();
        if (window != null) {
            for (WriteLog.Window.Found found : window.found()) {
                if (done.size() < wanted.size()
                        && wanted.get(done.size()).position() == found.position()) {
                    done.add(with(wanted.get(done.size()), found.request()));
                }
            }
        }
        if (done.size() == before) {
            // What it says cannot be read; that it is there is known.
            done.add(wanted.get(before));
        }
        next();
    }

    private static QueuedWrite with(QueuedWrite write, WriteRequest request) {
        return new QueuedWrite(
                write.position(),
                request.method(),
                request.target(),
                write.bodyBytes(),
                write.at(),
                write.parked(),
                write.why(),
                write.status());
    }
}
