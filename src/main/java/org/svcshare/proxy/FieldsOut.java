package org.svcshare.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodePatch;

/// Puts fields one after another, big-endian; texts have their length before them.
final class FieldsOut {
    private byte[] array;
    private ByteBuffer buffer;

    FieldsOut(int sizeBytes) {
        array = new byte[sizeBytes];
        buffer = ByteBuffer.wrap(array);
    }

    private ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) {
            int at = buffer.position();
            array = Arrays.copyOf(array, Math.max(array.length * 2, at + bytes));
            buffer = ByteBuffer.wrap(array).position(at);
        }
        return buffer;
    }

    void u8(int value) {
        room(1).put((byte) value);
    }

    void flag(boolean value) {
        u8(value ? 1 : 0);
    }

    void i32(int value) {
        room(4).putInt(value);
    }

    void i64(long value) {
        room(8).putLong(value);
    }

    void text(String text) {
        bytes(text.getBytes(UTF_8));
    }

    /// Header fields: Netty has each byte as one character.
    void latin(CharSequence text) {
        int length = text.length();
        i32(length);
        ByteBuffer into = room(length);
        int at = into.position();
        for (int i = 0; i < length; i++) {
            array[at + i] = (byte) text.charAt(i);
        }
        into.position(at + length);
    }

    void bytes(ByteBuf bytes) {
        int length = bytes.readableBytes();
        i32(length);
        ByteBuffer into = room(length);
        bytes.getBytes(bytes.readerIndex(), array, into.position(), length);
        into.position(into.position() + length);
    }

    void bytes(byte[] bytes) {
        i32(bytes.length);
        room(bytes.length).put(bytes);
    }

    void address(NodeAddress node) {
        text(node.host());
        i32(node.port());
    }

    void of(int kind, NodeAddress node, long position) {
        u8(kind);
        address(node);
        i64(position);
    }

    void node(Node node) {
        address(node.address());
        i32(node.priority());
        flag(node.active());
        flag(node.maintenance());
        flag(node.tls());
        i32(node.weight());
    }

    void headers(HttpHeaders headers) {
        i32(headers.size());
        for (var each = headers.iteratorCharSequence(); each.hasNext(); ) {
            var header = each.next();
            latin(header.getKey());
            latin(header.getValue());
        }
    }

    void patch(NodePatch patch) {
        flag(patch.address().isPresent());
        patch.address().ifPresent(this::address);
        number(patch.priority());
        choice(patch.active());
        choice(patch.maintenance());
        choice(patch.tls());
        number(patch.weight());
    }

    private void number(OptionalInt number) {
        flag(number.isPresent());
        number.ifPresent(this::i32);
    }

    private void choice(Optional<Boolean> choice) {
        u8(choice.map(yes -> yes ? 1 : 0).orElse(2));
    }

    byte[] written() {
        byte[] all = new byte[buffer.position()];
        buffer.flip().get(all);
        return all;
    }
}
