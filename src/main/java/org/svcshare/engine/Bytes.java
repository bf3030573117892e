package org.svcshare.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/// Bytes that grow as they are written; big-endian.
public final class Bytes {
    private static final int FIRST_ROOM = 1024;

    private ByteBuffer buffer = ByteBuffer.allocate(FIRST_ROOM);

    public void clear() {
        buffer.clear();
    }

    public int size() {
        return buffer.position();
    }

    public Bytes u8(int value) {
        room(1).put((byte) value);
        return this;
    }

    public Bytes flag(boolean value) {
        return u8(value ? 1 : 0);
    }

    public Bytes i32(int value) {
        room(Integer.BYTES).putInt(value);
        return this;
    }

    public Bytes i64(long value) {
        room(Long.BYTES).putLong(value);
        return this;
    }

    /// At most 65,535 bytes of UTF-8.
    public Bytes text(String value) {
        byte[] utf8 = value.getBytes(UTF_8);
        if (utf8.length > 0xffff) {
            throw new IllegalArgumentException("a text of " + utf8.length + " bytes");
        }
        room(Short.BYTES + utf8.length).putShort((short) utf8.length).put(utf8);
        return this;
    }

    /// What was written, to be read once before anything else is written.
    public ByteBuffer written() {
        return buffer.duplicate().flip();
    }

    public byte[] copy() {
        var copy = new byte[buffer.position()];
        buffer.duplicate().flip().get(copy);
        return copy;
    }

    private ByteBuffer room(int sizeBytes) {
        if (buffer.remaining() < sizeBytes) {
            var bigger =
                    ByteBuffer.allocate(
                            Math.max(2 * buffer.capacity(), buffer.position() + sizeBytes));
            buffer = bigger.put(buffer.flip());
        }
        return buffer;
    }

    /// Reads what [#text] wrote.
    public static String text(ByteBuffer from) {
        var utf8 = new byte[Short.toUnsignedInt(from.getShort())];
        from.get(utf8);
        return new String(utf8, UTF_8);
    }

    public static boolean flag(ByteBuffer from) {
        byte value = from.get();
        if (value != 0 && value != 1) {
            throw new IllegalArgumentException("no flag: " + value);
        }
        return value == 1;
    }
}
