package org.svcshare.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.store.Entry;
import org.svcshare.store.StoreMessage;
import org.svcshare.store.Value;
import org.svcshare.store.Version;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class FrameCodecTest {
    private static final Version VERSION = new Version(0x0192_f3a4_b5c6_0001L, "00ab12cd34ef5678");
    private static final List<StoreMessage.Mark> MARKS =
            List.of(
                    new StoreMessage.Mark("colour", VERSION),
                    new StoreMessage.Mark("größe/1", new Version(7, "ffffffffffffffff")));

    private static final List<Frame> FRAMES =
            List.of(
                    new Frame.OfStore(
                            new StoreMessage.Entries(
                                    List.of(
                                            new Entry("colour", Value.text("blau"), VERSION, 0),
                                            new Entry("empty", Value.EMPTY, VERSION, 77),
                                            new Entry("gone", null, VERSION, 0)))),
                    new Frame.OfStore(
                            new StoreMessage.Digest(
                                    -5,
                                    LongStream.range(-128, 128).boxed().toList(),
                                    Map.of("00ab12cd34ef5678", 12L))),
                    new Frame.OfStore(
                            new StoreMessage.Marks(
                                    Long.MAX_VALUE,
                                    List.of(0, 127, 128, 255),
                                    "a",
                                    "z",
                                    MARKS,
                                    true)),
                    new Frame.OfStore(
                            new StoreMessage.Marks(0, List.of(), "", "", List.of(), false)),
                    new Frame.OfStore(new StoreMessage.Wanted(List.of("colour", "größe/1"))),
                    new Frame.OfStore(new StoreMessage.Rumour(MARKS)),
                    new Frame.Talk("2 1 {\"o\":\"anna\"}", true),
                    new Frame.Talk("", false),
                    new Frame.Call("deploy", Value.text("v2")),
                    new Frame.Ask(Long.MIN_VALUE, "uptime", Value.EMPTY),
                    new Frame.Answer(3, Value.of(new byte[] {0, -1, 13, 10})),
                    new Frame.Forget("00ab12cd34ef5678"),
                    new Frame.Bye(),
                    new Frame.Farewell(),
                    new Frame.Apart());

    private final FrameCodec codec = new FrameCodec();

    private FrameCodec.Read read(byte[] bytes) {
        return codec.read(bytes, 0, bytes.length);
    }

    @Test
    void given_a_frame_of_each_kind_when_written_and_read_then_it_is_the_same() {
        for (Frame frame : FRAMES) {
            assertEquals(new FrameCodec.Read.Good(frame), read(codec.write(frame)));
        }
    }

    @Test
    void
            given_a_frame_in_the_middle_of_a_buffer_when_read_then_what_is_around_it_is_not_looked_at() {
        byte[] bytes = codec.write(FRAMES.getFirst());
        byte[] around = new byte[bytes.length + 9];
        Arrays.fill(around, (byte) 0x55);
        System.arraycopy(bytes, 0, around, 4, bytes.length);

        assertEquals(
                new FrameCodec.Read.Good(FRAMES.getFirst()), codec.read(around, 4, bytes.length));
    }

    @Test
    void given_a_frame_that_is_cut_anywhere_when_read_then_it_is_refused() {
        for (Frame frame : FRAMES) {
            byte[] whole = codec.write(frame);
            for (int length = 0; length < whole.length; length++) {
                int cut = length;
                assertInstanceOf(
                        FrameCodec.Read.Bad.class,
                        codec.read(whole, 0, length),
                        () -> frame + " cut after " + cut);
            }
        }
    }

    @Test
    void given_a_frame_with_something_behind_it_when_read_then_it_is_refused() {
        byte[] whole = codec.write(new Frame.Bye());

        assertEquals(
                new FrameCodec.Read.Bad("too-long"), read(Arrays.copyOf(whole, whole.length + 1)));
    }

    @Test
    void given_another_version_or_kind_when_read_then_it_says_so() {
        assertEquals(new FrameCodec.Read.Bad("unknown-format"), read(new byte[] {2, 21}));
        assertEquals(new FrameCodec.Read.Bad("unknown-kind"), read(new byte[] {1, 99}));
    }

    @Test
    void given_bytes_that_were_changed_at_random_when_read_then_it_never_throws() {
        long seed = Long.getLong("gossip.seed", new Random().nextLong());
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = codec.write(FRAMES.get(random.nextInt(FRAMES.size())));
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            FrameCodec.Read found;
            try {
                found = read(bytes);
            } catch (RuntimeException e) {
                throw new AssertionError("-Dgossip.seed=" + seed, e);
            }
            if (found instanceof FrameCodec.Read.Good(Frame frame)) {
                assertEquals(
                        new FrameCodec.Read.Good(frame),
                        read(codec.write(frame)),
                        "-Dgossip.seed=" + seed);
            }
        }
    }

    @Test
    void given_more_than_may_be_when_read_then_it_is_refused_before_anything_is_made_of_it() {
        byte[] many = {1, 1, 0x7f, -1, -1, -1};
        byte[] negative = {1, 1, -1, -1, -1, -1};

        assertEquals(new FrameCodec.Read.Bad("too-many"), read(many));
        assertEquals(new FrameCodec.Read.Bad("too-many"), read(negative));
        var tooLong = new Frame.Talk("x".repeat(Frame.MAX_TALK_BYTES + 1), false);
        assertEquals(new FrameCodec.Read.Bad("too-long"), read(codec.write(tooLong)));
        var large = new Frame.Call("big", Value.of(new byte[Frame.MAX_PAYLOAD_BYTES + 1]));
        assertEquals(new FrameCodec.Read.Bad("too-long"), read(codec.write(large)));
    }

    @Test
    void given_a_name_or_a_key_that_is_none_when_read_then_it_is_refused() {
        assertEquals(
                new FrameCodec.Read.Bad("bad-name"),
                read(codec.write(new Frame.Call("two words", Value.EMPTY))));
        assertEquals(
                new FrameCodec.Read.Bad("bad-key"),
                read(codec.write(new Frame.OfStore(new StoreMessage.Wanted(List.of("a\nb"))))));
        byte[] notUtf8 = codec.write(new Frame.Talk("ab", false));
        notUtf8[notUtf8.length - 2] = (byte) 0xff;
        assertEquals(new FrameCodec.Read.Bad("not-utf8"), read(notUtf8));
    }

    @Test
    void given_the_largest_messages_when_written_then_they_are_within_what_the_group_carries() {
        var keys = new ArrayList<StoreMessage.Mark>();
        IntStream.range(0, StoreMessage.MAX_MARKS)
                .forEach(_ -> keys.add(new StoreMessage.Mark("k".repeat(512), VERSION)));
        var marks = new Frame.OfStore(new StoreMessage.Rumour(Collections.unmodifiableList(keys)));

        byte[] bytes = codec.write(marks);

        assertTrue(bytes.length < 2_000_000, bytes.length + " bytes");
        assertEquals(new FrameCodec.Read.Good(marks), read(bytes));
    }
}
