package org.svcshare.gate;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/// How much one connection reads at a time: little at first, up to 256 KiB when it moves bulk, and
/// never more than the bandwidth limit has left.
///
/// Owned by the event loop of its channel.
final class ReadSizes implements RecvByteBufAllocator, RecvByteBufAllocator.ExtendedHandle {
    private static final int LEAST_BYTES = 16 * 1024;

    /// After so many full reads others on the loop get their turn.
    private static final int READS_PER_TURN = 4;

    private final NettyFlow flow;
    private final ReadBuffers buffers;
    private int sizeBytes = LEAST_BYTES;
    private int attempted;
    private int last;
    private int reads;

    ReadSizes(NettyFlow flow, ReadBuffers buffers) {
        this.flow = flow;
        this.buffers = buffers;
    }

    @Override
    public RecvByteBufAllocator.ExtendedHandle newHandle() {
        return this;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator unused) {
        return buffers.take(Math.min(sizeBytes, flow.allowanceBytes()));
    }

    @Override
    public int guess() {
        return sizeBytes;
    }

    @Override
    public void reset(ChannelConfig config) {
        reads = 0;
    }

    @Override
    public void incMessagesRead(int messages) {
        reads += messages;
    }

    @Override
    public void lastBytesRead(int bytes) {
        last = bytes;
        if (bytes < 0) {
            flow.endInSight();
        } else if (bytes == sizeBytes) {
            sizeBytes = Math.min(sizeBytes * 4, ReadBuffers.SIZE_BYTES);
        } else if (bytes < sizeBytes / 8) {
            sizeBytes = Math.max(sizeBytes / 2, LEAST_BYTES);
        }
    }

    @Override
    public int lastBytesRead() {
        return last;
    }

    @Override
    public void attemptedBytesRead(int bytes) {
        attempted = bytes;
    }

    @Override
    public int attemptedBytesRead() {
        return attempted;
    }

    @Override
    public boolean continueReading() {
        return last > 0 && last == attempted && reads < READS_PER_TURN && flow.takesMore();
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
        return continueReading();
    }

    @Override
    public void readComplete() {
        // The next turn starts with reset.
    }
}
