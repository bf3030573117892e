package org.svcshare.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Bytes that do not change. Ordered as unsigned numbers, the shorter first where one begins as the
/// other.
public final class Value implements Comparable<Value> {
    public static final Value EMPTY = new Value(new byte[0]);

    private final byte[] bytes;

    private Value(byte[] bytes) {
        this.bytes = bytes;
    }

    /// @param bytes copied
    public static Value of(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new Value(bytes.clone());
    }

    public static Value text(String text) {
        return text.isEmpty() ? EMPTY : new Value(text.getBytes(UTF_8));
    }

    public int sizeBytes() {
        return bytes.length;
    }

    /// A copy.
    public byte[] bytes() {
        return bytes.clone();
    }

    /// As UTF-8; what is none of it becomes the replacement character.
    public String text() {
        return new String(bytes, UTF_8);
    }

    @Override
    public int compareTo(Value other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Value value && Arrays.equals(bytes, value.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /// The length alone: values may be secrets, and this gets into logs.
    @Override
    public String toString() {
        return bytes.length + " bytes";
    }
}
