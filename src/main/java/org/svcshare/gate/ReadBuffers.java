package org.svcshare.gate;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.jspecify.annotations.Nullable;

/// The large buffers that one event loop reads into, again and again.
///
/// Bytes per system call decide the speed of a bulk transfer, and a large buffer per connection
/// would decide the memory; so the loop owns a few, and one is free again as soon as the other side
/// took everything. The reference count tells: ours is the last one. Owned by its event loop.
final class ReadBuffers {
    static final int SIZE_BYTES = 256 * 1024;

    /// A remainder up to here moves to a buffer of its own, to give the large one back.
    private static final int SMALL_REST_BYTES = 64 * 1024;

    private static final int KEPT = 8;

    private final @Nullable ByteBuf[] kept = new @Nullable ByteBuf[KEPT];

    /// For remainders, and when slow readers hold all large buffers.
    private final ByteBufAllocator others =
            new PooledByteBufAllocator(true, 0, 1, 8192, 6, 0, 0, false);

    /// @param limitBytes how much room the buffer has to have, at most [#SIZE_BYTES]
    /// @return an empty direct buffer with exactly that room; release it when done
    ByteBuf take(int limitBytes) {
        for (int i = 0; i < KEPT; i++) {
            ByteBuf buffer = kept[i];
            if (buffer == null) {
                buffer = UnpooledByteBufAllocator.DEFAULT.directBuffer(SIZE_BYTES, SIZE_BYTES);
                kept[i] = buffer;
            }
            if (buffer.refCnt() == 1) {
                // Netty reads up to the capacity, so a limit is a later start.
                int start = SIZE_BYTES - limitBytes;
                return buffer.setIndex(start, start).retain();
            }
        }
        return others.directBuffer(limitBytes, limitBytes);
    }

    /// Moves a small remainder out of a large buffer; takes over the reference.
    ByteBuf rest(ByteBuf buffer) {
        if (buffer.readableBytes() > SMALL_REST_BYTES || buffer.capacity() < SIZE_BYTES) {
            return buffer;
        }
        ByteBuf small = others.directBuffer(buffer.readableBytes());
        small.writeBytes(buffer);
        buffer.release();
        return small;
    }

    void free() {
        for (int i = 0; i < KEPT; i++) {
            ByteBuf buffer = kept[i];
            if (buffer != null) {
                kept[i] = null;
                buffer.release();
            }
        }
    }
}
