package org.svcshare.proxy;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    static boolean isWrite(byte[] record) {
        return record[0] == WRITE;
    }

    static byte[] write(WriteRequest request) {
        var out = new FieldsOut(request.body().readableBytes() + 1024 + request.target().length());
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
        out.headers(request.headers());
        out.bytes(request.body());
        return out.written();
    }

    /// @throws IllegalArgumentException for one that the log has as notes alone
    static byte[] change(NodeChange change) {
        if (change.ofTheMoment()) {
            throw new IllegalArgumentException("kept as notes: " + change);
        }
        return anyChange(change);
    }

    /// The same for changes that are not to be kept, but to be brought to somebody.
    static byte[] anyChange(NodeChange change) {
        var out = new FieldsOut(128);
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
            case NodeChange.Drop(NodeAddress node, long position) -> out.of(6, node, position);
            case NodeChange.Park(NodeAddress node, long position) -> out.of(7, node, position);
            case NodeChange.Release(NodeAddress node, long position) -> out.of(8, node, position);
        }
        return out.written();
    }

    static byte[] note(ReplicaNote note) {
        var out = new FieldsOut(64);
        out.u8(NOTE);
        note(note, out);
        return out.written();
    }

    /// @throws IllegalArgumentException for what this program does not understand
    static Entry read(ByteBuffer record) {
        try {
            var in = new FieldsIn(record);
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

    private static WriteRequest request(FieldsIn in) {
        String method = in.text();
        String target = in.text();
        String key = in.text();
        boolean ofClient = in.flag();
        long fingerprint = in.i64();
        long tag = in.i64();
        long atMs = in.i64();
        long sizeBytes = in.i64();
        String file = in.text();
        HttpHeaders headers = in.headers();
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

    private static NodeChange change(FieldsIn in) {
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
            case 6 -> new NodeChange.Drop(in.address(), in.i64());
            case 7 -> new NodeChange.Park(in.address(), in.i64());
            case 8 -> new NodeChange.Release(in.address(), in.i64());
            default -> throw new IllegalArgumentException("a change of an unknown kind");
        };
    }

    private static ReplicaNote note(FieldsIn in) {
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

    private static ReplicaNote.Parked parked(FieldsIn in) {
        return new ReplicaNote.Parked(
                in.address(), in.i64(), in.i32(), in.text(), in.i64(), in.i64());
    }

    private static ReplicaNote.Image image(FieldsIn in) {
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

    private static ReplicaNote.LaneImage lane(FieldsIn in) {
        Node node = in.node();
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

    private static void note(ReplicaNote note, FieldsOut out) {
        switch (note) {
            case ReplicaNote.Agreed(long position, int status) -> {
                out.u8(1);
                out.i64(position);
                out.i32(status);
            }
            case ReplicaNote.Parked parked -> {
                out.u8(2);
                parked(parked, out);
            }
            case ReplicaNote.Taken(NodeAddress node, long position) -> out.of(3, node, position);
            case ReplicaNote.OutOfStep(NodeAddress node, String why) -> {
                out.u8(4);
                out.address(node);
                out.text(why);
            }
            case ReplicaNote.Came(NodeAddress node, long position) -> out.of(6, node, position);
            case ReplicaNote.Skipped(NodeAddress node, long position) -> out.of(7, node, position);
            case ReplicaNote.Image image -> {
                out.u8(5);
                out.i64(image.at());
                out.i64(image.lastWrite());
                out.i32(image.lanes().size());
                image.lanes().forEach(lane -> lane(lane, out));
                out.i32(image.agreed().size());
                for (ReplicaNote.Agreed each : image.agreed()) {
                    out.i64(each.position());
                    out.i32(each.status());
                }
            }
        }
    }

    private static void parked(ReplicaNote.Parked parked, FieldsOut out) {
        out.address(parked.node());
        out.i64(parked.position());
        out.i32(parked.status());
        out.text(parked.why());
        out.i64(parked.sizeBytes());
        out.i64(parked.atMs());
    }

    private static void lane(ReplicaNote.LaneImage lane, FieldsOut out) {
        Node node = lane.node();
        out.node(node);
        out.i64(lane.since());
        out.i64(lane.passed());
        out.text(lane.outOfStep());
        out.i32(lane.skipped().size());
        lane.skipped().forEach(out::i64);
        out.i32(lane.parked().size());
        lane.parked().forEach(each -> parked(each, out));
        out.flag(lane.copyOf().isPresent());
        lane.copyOf().ifPresent(out::address);
    }
}
