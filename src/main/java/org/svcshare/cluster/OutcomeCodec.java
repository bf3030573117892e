package org.svcshare.cluster;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.svcshare.engine.Bytes;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.Refusal;

/// Outcomes as bytes, for one node to tell another: a number for the kind, then the fields in their
/// order.
final class OutcomeCodec {
    private static final int GRANTED = 1;
    private static final int QUEUED = 2;
    private static final int RELEASED = 3;
    private static final int REFUSED = 4;
    private static final int DONE = 5;

    private OutcomeCodec() {}

    static void write(Outcome outcome, Bytes to) {
        switch (outcome) {
            case Outcome.Granted(long ticket, long fence, long untilMs) ->
                    to.u8(GRANTED).i64(ticket).i64(fence).i64(untilMs);
            case Outcome.Queued(long ticket, int ahead, long untilMs) ->
                    to.u8(QUEUED).i64(ticket).i32(ahead).i64(untilMs);
            case Outcome.Released(boolean now) -> to.u8(RELEASED).flag(now);
            // By name: the order of the constants is nobody's promise.
            case Outcome.Refused(Refusal why) -> to.u8(REFUSED).text(why.name());
            case Outcome.Done() -> to.u8(DONE);
        }
    }

    /// @throws RuntimeException when the bytes are none of an outcome
    static Outcome read(ByteBuffer from) {
        byte kind = from.get();
        return switch (kind) {
            case GRANTED -> new Outcome.Granted(from.getLong(), from.getLong(), from.getLong());
            case QUEUED -> new Outcome.Queued(from.getLong(), from.getInt(), from.getLong());
            case RELEASED -> new Outcome.Released(Bytes.flag(from));
            case REFUSED -> new Outcome.Refused(Refusal.valueOf(Bytes.text(from)));
            case DONE -> new Outcome.Done();
            default -> throw new IllegalArgumentException("no outcome: " + kind);
        };
    }

    static List<Outcome> readAll(ByteBuffer from) {
        var outcomes = new ArrayList<Outcome>();
        while (from.hasRemaining()) {
            outcomes.add(read(from));
        }
        return outcomes;
    }
}
