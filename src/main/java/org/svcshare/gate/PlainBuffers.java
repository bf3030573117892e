package org.svcshare.gate;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/// The large buffers that one event loop reads into, again and again.
///
/// Bytes per system call decide the speed of a bulk transfer, and a large buffer per connection
/// would decide the memory; so nearly always one is enough. What a slow reader leaves behind is
/// kept until it reads on. Owned by its event loop.
final class PlainBuffers {
    static final int SIZE_BYTES = 256 * 1024;

    /// A remainder up to here moves to a buffer of its own, to give the large one back.
    private static final int SMALL_REST_BYTES = 64 * 1024;

    private static final int KEPT = 8;

    /// With more than this behind slow readers, everybody reads little at a time.
    private static final long MUCH_HELD_BYTES = 32L * 1024 * 1024;

    private static final int LITTLE_BYTES = 16 * 1024;

    private final ArrayDeque<ByteBuffer> spare = new ArrayDeque<>(KEPT);
    private long heldBytes;

    /// How much a read may bring at most.
    int mostBytes() {
        return heldBytes > MUCH_HELD_BYTES ? LITTLE_BYTES : SIZE_BYTES;
    }

    /// @return a direct buffer with exactly that much room; give it back when done
    ByteBuffer take(int limitBytes) {
        ByteBuffer buffer = spare.poll();
        if (buffer == null) {
            buffer = ByteBuffer.allocateDirect(SIZE_BYTES);
        }
        return buffer.clear().limit(limitBytes);
    }

    void give(ByteBuffer buffer) {
        if (spare.size() < KEPT) {
            spare.push(buffer);
        }
    }

    /// Holds what could not be written yet; takes over a buffer that was taken here.
    ByteBuffer hold(ByteBuffer buffer) {
        ByteBuffer held = buffer;
        if (buffer.remaining() <= SMALL_REST_BYTES) {
            held = ByteBuffer.allocateDirect(buffer.remaining()).put(buffer).flip();
            give(buffer);
        }
        heldBytes += held.capacity();
        return held;
    }

    /// What was held is written, or of no use any more.
    void free(ByteBuffer held) {
        heldBytes -= held.capacity();
        if (held.capacity() == SIZE_BYTES) {
            give(held);
        }
    }
}
