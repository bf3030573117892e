package org.svcshare.gate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import org.jspecify.annotations.Nullable;

/// One direction of a plain connection: reads, writes straight through, and counts what the kernel
/// of the destination took.
///
/// Nothing is read while something waits to be written, so memory does not grow behind a slow
/// reader. One read for each turn, so that nobody waits long. Owned by the event loop of its pair.
final class PlainFlow implements Lane.Parked {
    private final PlainPair pair;
    private final Meter meter;
    private final PlainBuffers buffers;
    private @Nullable PlainSide from;
    private @Nullable PlainSide to;
    private @Nullable ByteBuffer rest;
    private boolean finished;

    PlainFlow(PlainPair pair, Meter meter, PlainBuffers buffers) {
        this.pair = pair;
        this.meter = meter;
        this.buffers = buffers;
    }

    void connect(PlainSide source, PlainSide destination) {
        from = source;
        to = destination;
    }

    /// The end of the stream was read, and everything before it was written.
    boolean finished() {
        return finished;
    }

    /// The source has something, or the end of its stream; harmless when it has not.
    void readable() {
        PlainSide source = from;
        PlainSide destination = to;
        if (source == null || destination == null || rest != null || finished) {
            return;
        }
        ByteBuffer buffer = null;
        try {
            if (!pair.mayPass()) {
                return;
            }
            if (!meter.mayRead()) {
                source.unwant(SelectionKey.OP_READ);
                meter.park(this);
                return;
            }
            buffer = buffers.take(meter.allowanceBytes(buffers.mostBytes()));
            int bytes = source.channel().read(buffer);
            if (bytes > 0) {
                pair.touched();
                meter.read(bytes);
                if (!pair.mayPass()) {
                    return;
                }
                meter.moved(destination.channel().write(buffer.flip()));
                if (buffer.hasRemaining()) {
                    rest = buffers.hold(buffer);
                    buffer = null;
                    source.unwant(SelectionKey.OP_READ);
                    destination.want(SelectionKey.OP_WRITE);
                }
            } else if (bytes < 0 && pair.mayPass()) {
                finished = true;
                source.unwant(SelectionKey.OP_READ);
                pair.finished(destination);
            }
        } catch (IOException _) {
            // One side reset the connection; the other shall hear of it.
            pair.reset();
        } finally {
            if (buffer != null) {
                buffers.give(buffer);
            }
        }
    }

    /// The destination has room again.
    void writable() {
        PlainSide source = from;
        PlainSide destination = to;
        ByteBuffer left = rest;
        if (source == null || destination == null || left == null) {
            return;
        }
        if (!pair.mayPass()) {
            return;
        }
        try {
            int bytes = destination.channel().write(left);
            meter.moved(bytes);
            if (bytes > 0) {
                pair.touched();
            }
            if (!left.hasRemaining()) {
                drop();
                destination.unwant(SelectionKey.OP_WRITE);
                source.want(SelectionKey.OP_READ);
            }
        } catch (IOException _) {
            pair.reset();
        }
    }

    /// The bandwidth limit allows the next read.
    @Override
    public void requestRead() {
        PlainSide source = from;
        if (source == null || pair.over()) {
            return;
        }
        try {
            source.want(SelectionKey.OP_READ);
        } catch (IOException _) {
            pair.reset();
            return;
        }
        readable();
    }

    /// Forgets what waits to be written.
    void drop() {
        ByteBuffer left = rest;
        rest = null;
        if (left != null) {
            buffers.free(left);
        }
    }
}
