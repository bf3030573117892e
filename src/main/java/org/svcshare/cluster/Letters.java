package org.svcshare.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What nodes write to each other when one hands operations to the other: first who calls, then
/// batches one way and replies the other. Or, first who calls, then a [Question] and its reply. Or
/// what is brought to the one that leads the [org.svcshare.journal.SharedLog], and the answers.
final class Letters {
    private static final long HELLO = 0x7376_6373_6861_7201L;
    private static final long QUESTIONS = HELLO + 0x100;
    private static final long ASKING = HELLO + 0x200;
    private static final byte DONE = 0;
    private static final byte NOT_TAKEN = 1;
    private static final byte UNKNOWN = 2;
    private static final int MOST_WHY_BYTES = 500;
    private static final int MOST_NAME_BYTES = 60;

    private Letters() {}

    /// @param self who calls
    static byte[] hello(UUID group, String self) {
        byte[] name = self.getBytes(UTF_8);
        byte[] first = first(HELLO, group);
        return ByteBuffer.allocate(first.length + name.length).put(first).put(name).array();
    }

    /// Begins a line on which questions are asked instead.
    static byte[] questions(UUID group) {
        return first(QUESTIONS, group);
    }

    /// Begins a line on which the one that leads is asked what [SharedDesk] answers.
    static byte[] asking(UUID group) {
        return first(ASKING, group);
    }

    static boolean isAsking(ByteBuffer letter, UUID group) {
        return letter.equals(ByteBuffer.wrap(asking(group)));
    }

    private static byte[] first(long wish, UUID group) {
        return ByteBuffer.allocate(3 * Long.BYTES)
                .putLong(wish)
                .putLong(group.getMostSignificantBits())
                .putLong(group.getLeastSignificantBits())
                .array();
    }

    /// @return who calls; empty when it is no such call of this group
    static Optional<String> hello(ByteBuffer letter, UUID group) {
        byte[] first = first(HELLO, group);
        int nameBytes = letter.remaining() - first.length;
        if (nameBytes < 1
                || nameBytes > MOST_NAME_BYTES
                || !letter.slice(letter.position(), first.length).equals(ByteBuffer.wrap(first))) {
            return Optional.empty();
        }
        return Optional.of(
                UTF_8.decode(letter.slice(letter.position() + first.length, nameBytes)).toString());
    }

    static boolean isQuestions(ByteBuffer letter, UUID group) {
        return letter.equals(ByteBuffer.wrap(questions(group)));
    }

    /// @param call the caller's number for it, which comes back with the answer
    static byte[] asked(long call, ByteBuffer question) {
        return ByteBuffer.allocate(Long.BYTES + question.remaining())
                .putLong(call)
                .put(question.duplicate())
                .array();
    }

    /// @param answer null: there is none
    static byte[] answered(long call, byte @Nullable [] answer) {
        return answer == null
                ? ByteBuffer.allocate(Long.BYTES + 1).putLong(call).put(NOT_TAKEN).array()
                : done(call, ByteBuffer.wrap(answer));
    }

    /// What was answered, after the call's number was read.
    static Optional<ByteBuffer> answer(ByteBuffer from) {
        return from.get() == DONE ? Optional.of(from.slice()) : Optional.empty();
    }

    /// @param call the caller's number for it, which comes back with the reply
    static byte[] batch(long call, byte[] batch) {
        return ByteBuffer.allocate(Long.BYTES + batch.length).putLong(call).put(batch).array();
    }

    static byte[] done(long call, ByteBuffer reply) {
        return ByteBuffer.allocate(Long.BYTES + 1 + reply.remaining())
                .putLong(call)
                .put(DONE)
                .put(reply)
                .array();
    }

    static byte[] failed(long call, Throwable failure) {
        byte[] why = String.valueOf(failure.getMessage()).getBytes(UTF_8);
        int sizeBytes = Math.min(why.length, MOST_WHY_BYTES);
        return ByteBuffer.allocate(Long.BYTES + 1 + sizeBytes)
                .putLong(call)
                .put(failure instanceof NotTakenException ? NOT_TAKEN : UNKNOWN)
                .put(why, 0, sizeBytes)
                .array();
    }

    /// What was replied, after the call's number was read.
    sealed interface Reply {
        record Done(ByteBuffer reply) implements Reply {}

        record Failed(boolean surelyNot, String why) implements Reply {}
    }

    static Reply reply(ByteBuffer from) {
        byte kind = from.get();
        return switch (kind) {
            case DONE -> new Reply.Done(from.slice());
            case NOT_TAKEN, UNKNOWN ->
                    new Reply.Failed(kind == NOT_TAKEN, UTF_8.decode(from).toString());
            default -> throw new IllegalArgumentException("no reply: " + kind);
        };
    }
}
