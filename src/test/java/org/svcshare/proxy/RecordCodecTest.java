package org.svcshare.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodePatch;
import org.svcshare.replica.ReplicaNote;

/// Records of the log come back as they were.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RecordCodecTest {
    private static final NodeAddress A = new NodeAddress("a.example", 80);
    private static final NodeAddress B = new NodeAddress("2001:db8::1", 8080);

    private static WriteRequest request(String body, Optional<String> file) {
        HttpHeaders headers = new DefaultHttpHeaders();
        headers.add("Host", "shop").add("X-Umlaut", "\u00e4").add("x", "1").add("x", "2");
        return new WriteRequest(
                "PATCH",
                "/items/ä?q=1",
                headers,
                "key-1",
                true,
                -5,
                77,
                1234,
                Unpooled.wrappedBuffer(body.getBytes(UTF_8)),
                file,
                body.length());
    }

    @Test
    void given_a_write_when_read_back_then_all_of_it_is_there() {
        WriteRequest request = request("hello", Optional.of("00ff"));
        var read =
                assertInstanceOf(
                        RecordCodec.Entry.Write.class,
                        RecordCodec.read(ByteBuffer.wrap(RecordCodec.write(request))));
        WriteRequest again = read.request();
        assertEquals(request.headers().entries().toString(), again.headers().entries().toString());
        assertEquals("hello", again.body().toString(UTF_8));
        assertEquals(request.target(), again.target());
        assertEquals(request.id(9), again.id(9));
        assertEquals(
                List.of("PATCH", "key-1", true, -5L, 1234L, Optional.of("00ff"), 5L),
                List.of(
                        again.method(),
                        again.key(),
                        again.ofClient(),
                        again.fingerprint(),
                        again.atMs(),
                        again.file(),
                        again.sizeBytes()));
    }

    @Test
    void given_every_change_when_read_back_then_it_is_the_same() {
        var patch =
                new NodePatch(
                        Optional.of(B),
                        OptionalInt.of(-3),
                        Optional.of(true),
                        Optional.of(false),
                        Optional.empty(),
                        OptionalInt.of(7));
        Map<NodeAddress, NodePatch> several = new LinkedHashMap<>();
        several.put(B, NodePatch.NOTHING);
        several.put(A, patch);
        for (NodeChange change :
                List.of(
                        new NodeChange.Put(A, patch),
                        new NodeChange.PutAll(several),
                        new NodeChange.Remove(List.of(A, B)),
                        new NodeChange.CopyFrom(A, patch, B),
                        new NodeChange.InStep(A))) {
            assertEquals(
                    new RecordCodec.Entry.Change(change),
                    RecordCodec.read(ByteBuffer.wrap(RecordCodec.change(change))));
        }
    }

    @Test
    void given_every_note_when_read_back_then_it_is_the_same() {
        var parked = new ReplicaNote.Parked(A, 5, 422, "answered 422", 1L << 40, 99);
        var lane =
                new ReplicaNote.LaneImage(
                        new Node(A, -1, true, true, true, 100),
                        3,
                        4,
                        "why",
                        List.of(8L, 9L),
                        List.of(parked),
                        Optional.of(B));
        for (ReplicaNote note :
                List.of(
                        new ReplicaNote.Agreed(5, 201),
                        parked,
                        new ReplicaNote.Taken(A, 5),
                        new ReplicaNote.OutOfStep(B, "because"),
                        new ReplicaNote.Came(A, 6),
                        new ReplicaNote.Skipped(B, Long.MAX_VALUE),
                        new ReplicaNote.Image(
                                10, 9, List.of(lane), List.of(new ReplicaNote.Agreed(1, 200))))) {
            assertEquals(
                    new RecordCodec.Entry.Note(note),
                    RecordCodec.read(ByteBuffer.wrap(RecordCodec.note(note))));
        }
    }

    @Test
    void given_bytes_that_are_none_when_read_then_they_are_refused_and_nothing_else() {
        byte[] good = RecordCodec.write(request("hello", Optional.empty()));
        for (int length = 0; length < good.length; length++) {
            ByteBuffer cut = ByteBuffer.wrap(good, 0, length);
            assertThrows(IllegalArgumentException.class, () -> RecordCodec.read(cut));
        }
        var random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                RecordCodec.read(ByteBuffer.wrap(bad));
            } catch (IllegalArgumentException e) {
                assertEquals(IllegalArgumentException.class, e.getClass());
            }
        }
    }
}
