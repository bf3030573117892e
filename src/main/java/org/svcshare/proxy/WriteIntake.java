package org.svcshare.proxy;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.svcshare.replica.ReplicaEvent;
import org.svcshare.replica.RequestKind;

/// A write's way from its client into the log. For the thread that owns the replicas.
final class WriteIntake {
    private final HeardLog log;
    private final WriteDesk desk;
    private final WriteLookup lookup;
    private final NodeBoard board;
    private final Recent recent;
    private final Spool spool;
    private final Consumer<ReplicaEvent> tell;

    /// Bodies in files, by the position of their write.
    private final NavigableMap<Long, String> spooled = new TreeMap<>();

    private boolean stopped;

    /// What those are told who wait for what goes on elsewhere.
    private @Nullable Refusal left;

    /// @param tell is told what is in the log
    WriteIntake(
            HeardLog log,
            WriteDesk desk,
            WriteLookup lookup,
            NodeBoard board,
            Recent recent,
            Spool spool,
            Consumer<ReplicaEvent> tell) {
        this.log = log;
        this.desk = desk;
        this.lookup = lookup;
        this.board = board;
        this.recent = recent;
        this.spool = spool;
        this.tell = tell;
    }

    /// A write whose body is here.
    void take(WriteRequest request, WriteClient client) {
        Refusal refusal = refusal();
        if (refusal != null) {
            unspool(request);
            client.refused(refusal);
            return;
        }
        Optional<KeyTable.Known> known = desk.known(request);
        if (known.isPresent()) {
            unspool(request);
            int outcome = lookup.outcome(known.get().position, request);
            desk.again(request, known.get(), outcome, client);
            return;
        }
        WriteDesk.Waiting waits = desk.begin(request, client);
        if (!log.append(RecordCodec.write(request), entry -> written(entry, waits))) {
            unspool(request);
            desk.failed(waits, desk.tooMuch());
        }
    }

    private @Nullable Refusal refusal() {
        String trouble = stopped ? "svcshare stops" : log.trouble();
        if (trouble != null) {
            return Refusal.later(
                    HttpResponseStatus.SERVICE_UNAVAILABLE, "No writes are taken", trouble);
        }
        if (desk.full()) {
            return desk.tooMuch();
        }
        return board.active().findAny().isPresent()
                ? null
                : Refusal.later(
                        HttpResponseStatus.SERVICE_UNAVAILABLE,
                        "No node",
                        "there is no active node to write to");
    }

    private void written(WriteLog.Entry entry, WriteDesk.Waiting waits) {
        WriteRequest request = waits.request;
        String failure = entry.failure();
        if (failure != null) {
            unspool(request);
            desk.failed(waits, WriteDesk.notTaken(failure));
            return;
        }
        Refusal gone = left;
        if (gone != null) {
            // It got into the log while another one began to lead.
            desk.failed(waits, gone);
            return;
        }
        long position = entry.position();
        recent.add(position, request);
        desk.written(waits, position);
        request.file().ifPresent(file -> spooled.put(position, file));
        RequestKind kind = RequestKind.of(request.method());
        board.active().forEach(route -> route.tally().given(kind));
        tell.accept(new ReplicaEvent.Written(position, request.sizeBytes(), true));
    }

    /// Bodies in files of writes that are in the log, by the position of their write.
    NavigableMap<Long, String> spooled() {
        return spooled;
    }

    private void unspool(WriteRequest request) {
        request.file().ifPresent(file -> remove(List.of(file)));
    }

    private void remove(Collection<String> files) {
        Thread.ofVirtual().name("replica spool").start(() -> files.forEach(spool::remove));
    }

    /// Bodies of writes up to here are of no use any more.
    void doneUpTo(long position) {
        recent.doneUpTo(position);
        var over = spooled.headMap(position, true);
        if (!over.isEmpty()) {
            remove(List.copyOf(over.values()));
            over.clear();
        }
    }

    /// Takes no more.
    void stop() {
        stopped = true;
    }

    /// The same where another goes on: those who wait are told so.
    void leave(Refusal why) {
        left = why;
        desk.leave(why);
    }
}
