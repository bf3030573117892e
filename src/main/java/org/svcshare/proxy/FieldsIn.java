package org.svcshare.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodePatch;

/// Takes fields one after another, as [FieldsOut] puts them.
///
/// Throws [java.nio.BufferUnderflowException] or [IllegalArgumentException] for what cannot be.
record FieldsIn(ByteBuffer buffer) {
    int u8() {
        return Byte.toUnsignedInt(buffer.get());
    }

    boolean flag() {
        return u8() != 0;
    }

    int i32() {
        return buffer.getInt();
    }

    long i64() {
        return buffer.getLong();
    }

    byte[] bytes() {
        int length = i32();
        if (length < 0 || length > buffer.remaining()) {
            throw new IllegalArgumentException("a field of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        buffer.get(bytes);
        return bytes;
    }

    String text() {
        return new String(bytes(), UTF_8);
    }

    String latin() {
        return new String(bytes(), ISO_8859_1);
    }

    NodeAddress address() {
        return new NodeAddress(text(), i32());
    }

    Node node() {
        return new Node(address(), i32(), flag(), flag(), flag(), i32());
    }

    /// They were validated when they came in.
    HttpHeaders headers() {
        int count = i32();
        HttpHeaders headers =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        for (int i = 0; i < count; i++) {
            String name = latin();
            headers.add(name, latin());
        }
        return headers;
    }

    NodePatch patch() {
        Optional<NodeAddress> address = flag() ? Optional.of(address()) : Optional.empty();
        return new NodePatch(address, number(), choice(), choice(), choice(), number());
    }

    private OptionalInt number() {
        return flag() ? OptionalInt.of(i32()) : OptionalInt.empty();
    }

    private Optional<Boolean> choice() {
        int value = u8();
        return value == 2 ? Optional.empty() : Optional.of(value == 1);
    }
}
