package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/// Entries with records, as bytes.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class SharedEntryTest {
    private static ByteBuffer bytes(int... values) {
        var to = ByteBuffer.allocate(values.length);
        for (int value : values) {
            to.put((byte) value);
        }
        return to.flip();
    }

    private static SharedEntry.Content.Piece piece(byte[] entry) {
        return (SharedEntry.Content.Piece) SharedEntry.read(ByteBuffer.wrap(entry)).content();
    }

    @Test
    void given_records_when_written_then_they_are_read_as_they_were() {
        List<ByteBuffer> records = List.of(bytes(1), bytes(2, 3), bytes());

        byte[] entry = SharedEntry.records(7, records);

        assertTrue(SharedEntry.is(ByteBuffer.wrap(entry)));
        assertEquals(
                new SharedEntry(7, new SharedEntry.Content.Records(records)),
                SharedEntry.read(ByteBuffer.wrap(entry)));
    }

    @Test
    void given_something_long_when_cut_then_its_pieces_come_together_in_their_order_only() {
        var whole = new byte[SharedEntry.MOST_BYTES * 2 + 5];
        new Random(3).nextBytes(whole);
        ByteBuffer all = ByteBuffer.wrap(whole);
        assertEquals(3, SharedEntry.pieces(whole.length));

        @Nullable Pieces come = null;
        for (int i = 0; i < 3; i++) {
            come = Pieces.with(come, 7, piece(SharedEntry.piece(7, false, 5, i, all)));
            assertNotNull(come);
            assertEquals(i == 2, come.complete());
        }
        assertEquals(all, Objects.requireNonNull(come).whole());

        Pieces first = Pieces.with(null, 7, piece(SharedEntry.piece(7, false, 5, 0, all)));
        assertNull(Pieces.with(first, 7, piece(SharedEntry.piece(7, false, 5, 2, all))));
        assertNull(Pieces.with(first, 8, piece(SharedEntry.piece(8, false, 5, 1, all))));
        assertNull(Pieces.with(first, 7, piece(SharedEntry.piece(7, false, 6, 1, all))));
        assertNull(Pieces.with(null, 7, piece(SharedEntry.piece(7, false, 5, 1, all))));
    }

    @Test
    void given_an_image_of_nothing_when_cut_then_it_is_one_piece() {
        SharedEntry.Content.Piece piece =
                piece(SharedEntry.piece(7, true, 5, 0, ByteBuffer.allocate(0)));

        Pieces come = Pieces.with(null, 7, piece);

        assertTrue(piece.image());
        assertNotNull(come);
        assertTrue(come.complete());
        assertEquals(5, come.of());
    }

    /// Whatever another node hands over as a batch, it never becomes an entry with records.
    @Test
    void given_such_an_entry_when_it_is_handed_over_as_a_batch_then_it_gets_a_time() {
        byte[] entry = SharedEntry.records(7, List.of(bytes(1)));
        for (long nowMs : List.of(0L, 5L, -1L, Long.MAX_VALUE)) {
            ByteString logged = new OutgoingBatch(entry).entersLog(() -> nowMs);
            assertFalse(SharedEntry.is(logged.asReadOnlyByteBuffer()), () -> "at " + nowMs);
        }
        var outgoing = new OutgoingEntry(entry);
        assertFalse(outgoing.perhapsLogged());
        assertTrue(SharedEntry.is(outgoing.entersLog(() -> 5).asReadOnlyByteBuffer()));
        assertTrue(outgoing.perhapsLogged());
    }

    @Test
    void given_rubbish_when_read_then_it_is_refused() {
        byte[] entry = SharedEntry.records(7, List.of(bytes(1, 2, 3)));
        byte[] cut = SharedEntry.piece(7, false, 5, 0, ByteBuffer.allocate(10));
        for (int length = 17; length < entry.length; length++) {
            var some = ByteBuffer.wrap(entry, 0, length);
            assertThrows(RuntimeException.class, () -> SharedEntry.read(some));
        }
        for (int length = 17; length < cut.length; length++) {
            var some = ByteBuffer.wrap(cut, 0, length);
            assertThrows(RuntimeException.class, () -> SharedEntry.read(some));
        }
        var random = new Random(5);
        for (int i = 0; i < 10_000; i++) {
            byte[] wrong = (i % 2 == 0 ? entry : cut).clone();
            wrong[16 + random.nextInt(wrong.length - 16)] ^= (byte) (1 << random.nextInt(8));
            try {
                SharedEntry.read(ByteBuffer.wrap(wrong));
            } catch (IllegalArgumentException
                    | IndexOutOfBoundsException
                    | java.nio.BufferUnderflowException e) {
                assertNotNull(e);
            }
        }
    }
}
