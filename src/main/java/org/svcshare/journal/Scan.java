package org.svcshare.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/// What was found in a segment, read from its begin to the first bytes that are not the next
/// record.
///
/// @param last index of the last good record; one below the first index when there is none
/// @param end where the good records end
/// @param batch where the good records begin that are not proven to be on the disk; `end` when all
///   are
/// @param proven the newest record that was on the disk for certain, by what is found in this
///   segment; may be above `last`: then records are damaged that had been synced
/// @param stain where the bytes end that are behind the good records and not zeros; `end` when
///   there are none. A mark is no stain.
record Scan(long last, int end, int batch, long proven, int stain) {
    /// @param content of the segment
    /// @param reader gets the good records
    static Scan of(Segment segment, ByteBuffer content, RecordReader reader) throws IOException {
        var frames = new Frames(segment.salt());
        long next = segment.first();
        int at = Segment.HEADER_BYTES;
        int batch = at;
        long proven = segment.first() - 1;
        while (true) {
            Frames.Head head = frames.head(content, at);
            if (head == null || head.index() != next || !frames.isWhole(content, at, head)) {
                break;
            }
            reader.record(
                    next, content.slice(at + Frames.HEAD_BYTES, head.length()).asReadOnlyBuffer());
            if (head.proves() > proven) {
                proven = head.proves();
            }
            if (head.back() == 1) {
                batch = at;
            }
            at = (int) Math.min(content.limit(), at + Frames.span(head.length()));
            next++;
        }
        return behind(frames, content, new Scan(next - 1, at, batch, proven, at));
    }

    /// Looks for heads behind the good records, at every place where one may begin.
    private static Scan behind(Frames frames, ByteBuffer content, Scan good) {
        long proven = good.proven;
        int end = good.end;
        boolean marked = false;
        for (int at = end; at <= content.limit() - Frames.HEAD_BYTES; at += Frames.ALIGNMENT) {
            Frames.Head head = frames.head(content, at);
            if (head != null) {
                proven = Math.max(proven, head.proves());
                marked |= at == end && head.isMark();
            }
        }
        int stain = lastStained(content, marked ? end + Frames.HEAD_BYTES : end);
        if (stain == 0) {
            stain = end;
        }
        return new Scan(good.last, end, proven >= good.last ? end : good.batch, proven, stain);
    }

    /// The end of what is not zero from `from` on; 0 when all is.
    private static int lastStained(ByteBuffer content, int from) {
        int at = content.limit();
        while (at - 8 >= from && content.getLong(at - 8) == 0) {
            at -= 8;
        }
        while (at > from && content.get(at - 1) == 0) {
            at--;
        }
        return at > from ? at : 0;
    }
}
