package org.svcshare.proxy;

import io.netty.channel.EventLoop;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.svcshare.replica.Replication;
import org.svcshare.replica.WriteView;

/// Finds a write by the name that its client was told. For the thread that owns the replicas.
final class WriteLookup {
    /// How many read from the disk at once.
    private static final int MOST_READING = 8;

    private static final long PAUSE_MS = 50;
    private static final int MOST_DIGITS = 18;

    private final EventLoop loop;
    private final WriteLog log;
    private final Recent recent;
    private final WriteDesk desk;
    private final Replication replication;
    private int reading;

    WriteLookup(
            EventLoop loop, WriteLog log, Recent recent, WriteDesk desk, Replication replication) {
        this.loop = loop;
        this.log = log;
        this.recent = recent;
        this.desk = desk;
        this.replication = replication;
    }

    /// Where in the log the write of a name is; 0 where it is none. Any thread.
    static long position(String id) {
        int dash = id.indexOf('-');
        boolean form =
                dash >= 1
                        && dash <= MOST_DIGITS
                        && id.chars().limit(dash).allMatch(c -> c >= '0' && c <= '9');
        return form ? Long.parseLong(id.substring(0, dash)) : 0;
    }

    /// @param position of the name, in the log
    void look(String id, long position, Consumer<Optional<WriteView>> then) {
        WriteRequest request = recent.get(position);
        if (request != null) {
            then.accept(view(id, position, request));
        } else if (reading >= MOST_READING) {
            var _ = loop.schedule(() -> look(id, position, then), PAUSE_MS, TimeUnit.MILLISECONDS);
        } else {
            reading++;
            log.window(
                    position,
                    1,
                    window -> {
                        reading--;
                        then.accept(view(id, position, window));
                    });
        }
    }

    private Optional<WriteView> view(String id, long position, WriteLog.@Nullable Window window) {
        if (window == null || window.found().isEmpty()) {
            return Optional.empty();
        }
        WriteLog.Window.Found first = window.found().getFirst();
        return first.position() == position
                ? view(id, position, first.request())
                : Optional.empty();
    }

    /// What the nodes agreed on; 0 while that is not known, or no longer.
    int outcome(long position, WriteRequest request) {
        int known = replication.outcome(position).orElse(0);
        return known == 0 ? desk.outcome(position, request) : known;
    }

    /// Whoever guesses a position does not know the rest of the name.
    private Optional<WriteView> view(String id, long position, WriteRequest request) {
        if (!request.id(position).equals(id)) {
            return Optional.empty();
        }
        return Optional.of(
                new WriteView(
                        position,
                        request.method(),
                        request.target(),
                        Instant.ofEpochMilli(request.atMs()),
                        outcome(position, request),
                        replication.everywhere(position),
                        replication.statuses(position)));
    }
}
