package org.svcshare.cluster;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Something that is too long for one entry of the log, as far as it has come.
///
/// @param of as [SharedEntry.Content.Piece#of]
/// @param next which piece comes next
/// @param whole has the pieces before that one, from its begin to its end
record Pieces(long term, long of, int next, ByteBuffer whole) {
    /// With one piece more. The bytes are the same ones, written further.
    ///
    /// @param before null when there is nothing yet
    /// @return null when the piece does not follow: what had come is of no use then
    static @Nullable Pieces with(
            @Nullable Pieces before, long term, SharedEntry.Content.Piece piece) {
        Pieces now = before;
        if (piece.number() == 0) {
            now = new Pieces(term, piece.of(), 0, ByteBuffer.allocate(piece.sizeBytes()));
        }
        if (now == null
                || now.term != term
                || now.of != piece.of()
                || now.next != piece.number()
                || now.whole.limit() != piece.sizeBytes()) {
            return null;
        }
        ByteBuffer bytes = piece.bytes();
        now.whole.put(now.bytes(), bytes, bytes.position(), bytes.remaining());
        return new Pieces(term, now.of, now.next + 1, now.whole);
    }

    boolean complete() {
        return next == SharedEntry.pieces(whole.limit());
    }

    /// How many have come.
    int bytes() {
        return (int) Math.min(whole.limit(), (long) next * SharedEntry.MOST_BYTES);
    }
}
