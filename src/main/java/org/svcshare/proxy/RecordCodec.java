package org.svcshare.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodePatch;
import org.svcshare.replica.ReplicaNote;

/// How records lie in the log of writes, big-endian: a byte that says what it is, then its fields.
/// Texts have their length before them.
final class RecordCodec {
    private static final byte WRITE = 1;
    private static final byte CHANGE = 2;
    private static final byte NOTE = 3;

    /// What a record is.
    sealed interface Entry {
        record Write(WriteRequest request) implements Entry {}

        record Change(NodeChange change) implements Entry {}

        record Note(ReplicaNote note) implements Entry {}
    }

    private RecordCodec() {}

    static byte[] write(WriteRequest request) {
        Out out = new Out(request.body().readableBytes() + 1024 + request.target().length());
        out.u8(WRITE);
        out.text(request.method());
        out.text(request.target());
        out.text(request.key());
        out.flag(request.ofClient());
        out.i64(request.fingerprint());
        out.i64(request.tag());
        out.i64(request.atMs());
        out.i64(request.sizeBytes());
        out.text(request.file().orElse(""));
        out.i32(request.headers().size());
        for (var each = request.headers().iteratorCharSequence(); each.hasNext(); ) {
            var header = each.next();
            out.latin(header.getKey());
            out.latin(header.getValue());
        }
        out.bytes(request.body());
        return out.written();
    }

    static byte[] change(NodeChange change) {
        Out out = new Out(128);
        out.u8(CHANGE);
        switch (change) {
            case NodeChange.Put(NodeAddress node, NodePatch patch) -> {
                out.u8(1);
                out.address(node);
                out.patch(patch);
            }
            case NodeChange.PutAll(Map<NodeAddress, NodePatch> patches) -> {
                out.u8(2);
                out.i32(patches.size());
                patches.forEach((node, patch) -> {
                    out.address(node);
                    out.patch(patch);
                });
            }
            case NodeChange.Remove(List<NodeAddress> nodes) -> {
                out.u8(3);
                out.i32(nodes.size());
                nodes.forEach(out::address);
            }
            case NodeChange.CopyFrom(NodeAddress node, NodePatch patch, NodeAddress source) -> {
                out.u8(4);
                out.address(node);
                out.patch(patch);
                out.address(source);
            }
            case NodeChange.InStep(NodeAddress node) -> {
                out.u8(5);
                out.address(node);
            }
            case NodeChange.Drop _, NodeChange.Park _, NodeChange.Release _ ->
                    throw new IllegalArgumentException("kept as notes: " + change);
        }
        return out.written();
    }

    static byte[] note(ReplicaNote note) {
        Out out = new Out(64);
        out.u8(NOTE);
        out.note(note);
        return out.written();
    }

    /// @throws IllegalArgumentException for what this program does not understand
    static Entry read(ByteBuffer record) {
        try {
            In in = new In(record);
            return switch (in.u8()) {
                case WRITE -> new Entry.Write(request(in));
                case CHANGE -> new Entry.Change(change(in));
                case NOTE -> new Entry.Note(note(in));
                default -> throw new IllegalArgumentException("a record of an unknown kind");
            };
        } catch (java.nio.BufferUnderflowException e) {
            throw new IllegalArgumentException("a record that is too short", e);
        }
    }

    private static WriteRequest request(In in) {
        String method = in.text();
        String target = in.text();
        String key = in.text();
        boolean ofClient = in.flag();
        long fingerprint = in.i64();
        long tag = in.i64();
        long atMs = in.i64();
        long sizeBytes = in.i64();
        String file = in.text();
        int count = in.i32();
        // They were validated when they came in.
        HttpHeaders headers =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        for (int i = 0; i < count; i++) {
            String name = in.latin();
            headers.add(name, in.latin());
        }
        return new WriteRequest(
                method,
                target,
                headers,
                key,
                ofClient,
                fingerprint,
                tag,
                atMs,
                Unpooled.wrappedBuffer(in.bytes()),
                file.isEmpty() ? Optional.empty() : Optional.of(file),
                sizeBytes);
    }

    private static NodeChange change(In in) {
        return switch (in.u8()) {
            case 1 -> new NodeChange.Put(in.address(), in.patch());
            case 2 -> {
                var patches = new LinkedHashMap<NodeAddress, NodePatch>();
                for (int left = in.i32(); left > 0; left--) {
                    NodeAddress node = in.address();
                    patches.put(node, in.patch());
                }
                yield new NodeChange.PutAll(patches);
            }
            case 3 -> {
                var nodes = new ArrayList<NodeAddress>();
                for (int left = in.i32(); left > 0; left--) {
                    nodes.add(in.address());
                }
                yield new NodeChange.Remove(nodes);
            }
            case 4 -> new NodeChange.CopyFrom(in.address(), in.patch(), in.address());
            case 5 -> new NodeChange.InStep(in.address());
            default -> throw new IllegalArgumentException("a change of an unknown kind");
        };
    }

    private static ReplicaNote note(In in) {
        return switch (in.u8()) {
            case 1 -> new ReplicaNote.Agreed(in.i64(), in.i32());
            case 2 -> parked(in);
            case 3 -> new ReplicaNote.Taken(in.address(), in.i64());
            case 4 -> new ReplicaNote.OutOfStep(in.address(), in.text());
            case 5 -> image(in);
            case 6 -> new ReplicaNote.Came(in.address(), in.i64());
            case 7 -> new ReplicaNote.Skipped(in.address(), in.i64());
            default -> throw new IllegalArgumentException("a note of an unknown kind");
        };
    }

    private static ReplicaNote.Parked parked(In in) {
        return new ReplicaNote.Parked(
                in.address(), in.i64(), in.i32(), in.text(), in.i64(), in.i64());
    }

    private static ReplicaNote.Image image(In in) {
        long at = in.i64();
        long lastWrite = in.i64();
        var lanes = new ArrayList<ReplicaNote.LaneImage>();
        for (int left = in.i32(); left > 0; left--) {
            lanes.add(lane(in));
        }
        var agreed = new ArrayList<ReplicaNote.Agreed>();
        for (int left = in.i32(); left > 0; left--) {
            agreed.add(new ReplicaNote.Agreed(in.i64(), in.i32()));
        }
        return new ReplicaNote.Image(at, lastWrite, lanes, agreed);
    }

    private static ReplicaNote.LaneImage lane(In in) {
        Node node = new Node(in.address(), in.i32(), in.flag(), in.flag(), in.flag(), in.i32());
        long since = in.i64();
        long passed = in.i64();
        String outOfStep = in.text();
        var skipped = new ArrayList<Long>();
        for (int left = in.i32(); left > 0; left--) {
            skipped.add(in.i64());
        }
        var parked = new ArrayList<ReplicaNote.Parked>();
        for (int left = in.i32(); left > 0; left--) {
            parked.add(parked(in));
        }
        Optional<NodeAddress> copyOf = in.flag() ? Optional.of(in.address()) : Optional.empty();
        return new ReplicaNote.LaneImage(node, since, passed, outOfStep, skipped, parked, copyOf);
    }

    /// Puts fields one after another.
    private static final class Out {
        private byte[] array;
        private ByteBuffer buffer;

        Out(int sizeBytes) {
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

        void note(ReplicaNote note) {
            switch (note) {
                case ReplicaNote.Agreed(long position, int status) -> {
                    u8(1);
                    i64(position);
                    i32(status);
                }
                case ReplicaNote.Parked parked -> {
                    u8(2);
                    parked(parked);
                }
                case ReplicaNote.Taken(NodeAddress node, long position) -> of(3, node, position);
                case ReplicaNote.OutOfStep(NodeAddress node, String why) -> {
                    u8(4);
                    address(node);
                    text(why);
                }
                case ReplicaNote.Came(NodeAddress node, long position) -> of(6, node, position);
                case ReplicaNote.Skipped(NodeAddress node, long position) -> of(7, node, position);
                case ReplicaNote.Image image -> {
                    u8(5);
                    i64(image.at());
                    i64(image.lastWrite());
                    i32(image.lanes().size());
                    image.lanes().forEach(this::lane);
                    i32(image.agreed().size());
                    for (ReplicaNote.Agreed each : image.agreed()) {
                        i64(each.position());
                        i32(each.status());
                    }
                }
            }
        }

        private void parked(ReplicaNote.Parked parked) {
            address(parked.node());
            i64(parked.position());
            i32(parked.status());
            text(parked.why());
            i64(parked.sizeBytes());
            i64(parked.atMs());
        }

        private void lane(ReplicaNote.LaneImage lane) {
            Node node = lane.node();
            address(node.address());
            i32(node.priority());
            flag(node.active());
            flag(node.maintenance());
            flag(node.tls());
            i32(node.weight());
            i64(lane.since());
            i64(lane.passed());
            text(lane.outOfStep());
            i32(lane.skipped().size());
            lane.skipped().forEach(this::i64);
            i32(lane.parked().size());
            lane.parked().forEach(this::parked);
            flag(lane.copyOf().isPresent());
            lane.copyOf().ifPresent(this::address);
        }

        byte[] written() {
            byte[] all = new byte[buffer.position()];
            buffer.flip().get(all);
            return all;
        }
    }

    /// Takes fields one after another.
    private record In(ByteBuffer buffer) {
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
}
