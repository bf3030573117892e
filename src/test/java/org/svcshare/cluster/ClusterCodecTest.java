package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.engine.Bytes;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.RequestId;

/// What nodes write to each other and into the log.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class ClusterCodecTest {
    private static final Batch.Header HEADER = new Batch.Header(-7, 42, 3);
    private static final List<Operation> OPERATIONS =
            List.of(
                    new Operation.Tick(),
                    new Operation.Release(new RequestId(1, 2), "bench"),
                    new Operation.Force(17, "op"));

    @Test
    void given_any_outcome_when_written_then_it_is_read_again() {
        var outcomes = new ArrayList<Outcome>();
        outcomes.add(new Outcome.Granted(1, 2, Long.MAX_VALUE));
        outcomes.add(new Outcome.Queued(3, 4, 5));
        outcomes.add(new Outcome.Released(true));
        outcomes.add(new Outcome.Released(false));
        outcomes.add(new Outcome.Done());
        for (Refusal why : Refusal.values()) {
            outcomes.add(new Outcome.Refused(why));
        }
        var to = new Bytes();
        outcomes.forEach(outcome -> OutcomeCodec.write(outcome, to));

        assertEquals(outcomes, OutcomeCodec.readAll(to.written()));
    }

    @Test
    void given_bytes_that_are_no_outcome_then_that_is_said() {
        assertThrows(
                IllegalArgumentException.class,
                () -> OutcomeCodec.read(ByteBuffer.wrap(new byte[] {99})));
    }

    @Test
    void given_a_batch_when_stamped_then_all_of_it_is_read_again() {
        byte[] batch = Batch.write(HEADER, OPERATIONS);

        byte[] stamped = Batch.stamp(1234, ByteBuffer.wrap(batch));

        assertEquals(
                new Batch.Stamped(1234, new Batch(HEADER, OPERATIONS)),
                Batch.readStamped(ByteBuffer.wrap(stamped)));
    }

    @Test
    void given_half_a_batch_then_it_cannot_be_read() {
        byte[] batch = Batch.write(HEADER, OPERATIONS);
        ByteBuffer half = ByteBuffer.wrap(batch, 0, batch.length - 1);

        assertThrows(RuntimeException.class, () -> Batch.read(half));
    }

    @Test
    void given_letters_then_their_meaning_comes_through() {
        var group = new UUID(1, 2);
        ByteBuffer hello = ByteBuffer.wrap(Letters.hello(group, "n1"));
        assertEquals(Optional.of("n1"), Letters.hello(hello, group));
        assertEquals(Optional.empty(), Letters.hello(hello, new UUID(1, 3)));
        assertEquals(
                Optional.empty(),
                Letters.hello(ByteBuffer.wrap(Letters.hello(group, "n".repeat(61))), group));
        assertEquals(
                Optional.empty(), Letters.hello(ByteBuffer.wrap(Letters.questions(group)), group));

        ByteBuffer failed = ByteBuffer.wrap(Letters.failed(5, new NotTakenException("no")));
        assertEquals(5, failed.getLong());
        assertEquals(new Letters.Reply.Failed(true, "no"), Letters.reply(failed));

        ByteBuffer unknown = ByteBuffer.wrap(Letters.failed(6, new IOException("gone")));
        assertEquals(6, unknown.getLong());
        assertEquals(new Letters.Reply.Failed(false, "gone"), Letters.reply(unknown));

        ByteBuffer done = ByteBuffer.wrap(Letters.done(7, ByteBuffer.wrap(new byte[] {1, 2})));
        assertEquals(7, done.getLong());
        assertEquals(
                new Letters.Reply.Done(ByteBuffer.wrap(new byte[] {1, 2})), Letters.reply(done));
    }
}
