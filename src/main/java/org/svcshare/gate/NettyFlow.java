package org.svcshare.gate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import java.io.IOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// One direction of a connection: reads, writes straight through, and counts what the kernel of the
/// destination took.
///
/// Nothing is read while something waits to be written, so memory does not grow behind a slow
/// reader. Bytes that come unasked (TLS reads for itself) wait in order. Owned by the event loop of
/// its pair; the count may be read by anybody.
final class NettyFlow implements Lane.Parked {
    /// The plain text of one TLS record, so that each is counted by itself. A little less than
    /// allowed (RFC 8446 section 5.1), because the JDK splits a full one and its count comes late.
    static final int RECORD_BYTES = 15 * 1024;

    private final NettyPair pair;
    private final NettyRelay relay;
    private final Meter meter;
    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>(0);

    private @Nullable NioStream from;
    private @Nullable NioStream to;
    private boolean sealed;
    private int inFlight;
    private long inFlightBytes;
    private @Nullable Rest rest;
    private boolean reading;
    private boolean endInSight;
    private boolean ended;
    private boolean finished;

    NettyFlow(NettyPair pair, NettyRelay relay, Meter meter) {
        this.pair = pair;
        this.relay = relay;
        this.meter = meter;
    }

    boolean comesFrom(NioStream channel) {
        return channel.equals(from);
    }

    void from(NioStream source) {
        from = source;
    }

    /// Both sides are there: what came early goes out, then reading begins.
    ///
    /// @param sealed the destination takes its bytes through TLS
    void connect(NioStream source, NioStream destination, boolean sealed) {
        if (!source.equals(from)) {
            // An earlier candidate may have ended.
            endInSight = false;
        }
        from = source;
        to = destination;
        this.sealed = sealed;
        proceed();
    }

    /// Takes over the reference to `bytes`.
    void received(ByteBuf bytes) {
        pair.touched();
        meter.read(bytes.readableBytes());
        if (pair.over()) {
            bytes.release();
        } else if (to == null || inFlight > 0 || !waiting.isEmpty()) {
            waiting.add(bytes);
        } else {
            write(to, bytes);
        }
    }

    /// The next read found, or will find, the end of the stream: no need to ask again.
    void endInSight() {
        endInSight = true;
    }

    void readComplete() {
        reading = false;
        if (to != null && inFlight == 0 && waiting.isEmpty()) {
            requestRead();
        }
    }

    /// The end of the stream was read.
    void ended() {
        if (!ended) {
            ended = true;
            proceed();
        }
    }

    boolean takesMore() {
        return !pair.over() && to != null && inFlight == 0 && waiting.isEmpty() && meter.mayRead();
    }

    /// How much the next read may bring.
    int allowanceBytes() {
        return meter.allowanceBytes(ReadBuffers.SIZE_BYTES);
    }

    @Override
    public void requestRead() {
        NioStream source = from;
        if (reading || ended || endInSight || source == null || pair.over()) {
            return;
        }
        if (!meter.mayRead()) {
            meter.park(this);
            return;
        }
        reading = true;
        source.read();
    }

    /// Counts what the kernel took of an unfinished write, and drops the rest: nothing is counted
    /// later.
    void settle() {
        ChannelOutboundBuffer queue = to == null ? null : to.unsafe().outboundBuffer();
        Rest unfinished = rest;
        if (unfinished != null && queue != null && queue.current() != null) {
            unfinished.reached(queue.currentProgress());
        } else if (sealed && inFlight > 0 && queue != null) {
            // Netty may tell us later what it handed over already. A record that the kernel has a
            // part of counts; whole ones still queued do not.
            long queuedBytes = queue.totalPendingWriteBytes() / RECORD_BYTES * RECORD_BYTES;
            meter.moved(Math.max(0, inFlightBytes - queuedBytes));
        }
        rest = null;
        for (ByteBuf bytes; (bytes = waiting.poll()) != null; ) {
            bytes.release();
        }
    }

    private void proceed() {
        NioStream destination = to;
        if (destination == null) {
            return;
        }
        while (inFlight == 0 && !pair.over()) {
            ByteBuf next = waiting.poll();
            if (next == null) {
                break;
            }
            write(destination, next);
        }
        if (inFlight > 0 || pair.over()) {
            return;
        }
        if (ended) {
            finish(destination);
        } else {
            requestRead();
        }
    }

    private void finish(NioStream destination) {
        if (!finished) {
            finished = true;
            pair.shutOutput(destination, sealed);
        }
    }

    private void write(NioStream destination, ByteBuf bytes) {
        if (sealed) {
            while (bytes.readableBytes() > RECORD_BYTES) {
                queue(destination, bytes.readRetainedSlice(RECORD_BYTES));
            }
            queue(destination, bytes);
            destination.flush();
            return;
        }
        if (bytes.hasMemoryAddress()) {
            try {
                meter.moved(destination.write(bytes));
            } catch (IOException _) {
                // The destination reset the connection; the source shall hear of it.
                bytes.release();
                pair.reset();
                return;
            }
        }
        if (!bytes.isReadable()) {
            bytes.release();
            return;
        }
        rest = queue(destination, relay.buffers().rest(bytes));
        destination.flush();
    }

    private Rest queue(NioStream destination, ByteBuf bytes) {
        var written = new Rest(bytes.readableBytes());
        inFlight++;
        inFlightBytes += bytes.readableBytes();
        var promise = destination.newProgressivePromise();
        promise.addListener(written);
        var _ = destination.write(bytes, promise);
        return written;
    }

    /// A write that Netty finishes when the destination has room again.
    private final class Rest implements ChannelProgressiveFutureListener {
        private final long length;
        private long counted;

        Rest(long length) {
            this.length = length;
        }

        void reached(long progress) {
            meter.moved(progress - counted);
            counted = Math.max(counted, progress);
        }

        @Override
        public void operationProgressed(
                ChannelProgressiveFuture future, long progress, long total) {
            if (!pair.over()) {
                reached(progress);
            }
        }

        @Override
        public void operationComplete(ChannelProgressiveFuture future) {
            if (pair.over()) {
                return;
            }
            inFlight--;
            inFlightBytes -= length;
            if (!future.isSuccess()) {
                pair.reset();
                return;
            }
            reached(length);
            pair.touched();
            if (inFlight == 0) {
                rest = null;
                proceed();
            }
        }
    }
}
