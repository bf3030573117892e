package org.svcshare.proxy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A log that is gone with the process. For the thread that owns the replicas, except where a call
/// may come from any thread.
final class MemoryWriteLog implements WriteLog {
    private final Executor owner;
    private final TreeMap<Long, byte[]> writes = new TreeMap<>();
    private volatile long end;
    private long bytes;

    MemoryWriteLog(Executor owner) {
        this.owner = owner;
    }

    @Override
    public boolean append(Entry entry) {
        owner.execute(() -> {
            long position = end + 1;
            end = position;
            writes.put(position, entry.record());
            bytes += entry.record().length;
            entry.kept(position);
            entry.over();
        });
        return true;
    }

    @Override
    public void window(long from, long mostBytes, Consumer<@Nullable Window> then) {
        owner.execute(() -> then.accept(read(from, mostBytes)));
    }

    private Window read(long from, long mostBytes) {
        var found = new ArrayList<Window.Found>();
        long left = mostBytes;
        long next = from;
        for (var each : writes.tailMap(from, true).entrySet()) {
            if (left <= 0 && !found.isEmpty()) {
                break;
            }
            next = each.getKey() + 1;
            left -= each.getValue().length;
            if (RecordCodec.read(ByteBuffer.wrap(each.getValue()))
                    instanceof RecordCodec.Entry.Write(WriteRequest request)) {
                found.add(new Window.Found(each.getKey(), request));
            }
        }
        return new Window(next, List.copyOf(found));
    }

    @Override
    public void image(long upTo, byte[] image) {
        writes.headMap(upTo, true).clear();
        bytes = 0;
    }

    @Override
    public boolean wantsImage() {
        return bytes > 1 << 20;
    }

    @Override
    public long end() {
        return end;
    }

    @Override
    public @Nullable String trouble() {
        return null;
    }

    @Override
    public void close() {
        // Nothing is kept.
    }
}
