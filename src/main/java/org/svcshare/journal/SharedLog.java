package org.svcshare.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A log that the nodes of a group keep together: what is in it is with a majority of them, and at
/// the same position on each. One node leads at a time and appends; every node reads its own copy,
/// which may be a moment behind.
///
/// Positions begin at 1 and have no gaps. For any thread, except where it is said otherwise; what
/// is handed in is called on threads of the log's own and must not block them.
public interface SharedLog {
    /// How this node stands.
    ///
    /// @param term grows whenever another node leads, or the same one anew
    /// @param leads whether it is this one; then its copy has all that was appended in earlier
    ///   terms
    /// @param leader who leads, as far as this node knows
    record Standing(long term, boolean leads, Optional<String> leader) {}

    /// What stands for all records up to a position.
    record Image(long upTo, ByteBuffer bytes) {}

    /// What became of a record. One of the two is called, once; those of one term in the order in
    /// which the records were handed in.
    interface Appended {
        /// It is in the log, and in this node's copy.
        void at(long position);

        /// @param surelyNot whether it is not in the log and never will be; otherwise nobody knows
        /// @param why one line for people
        void failed(boolean surelyNot, String why);
    }

    /// Answers what other nodes bring to the one that leads.
    @FunctionalInterface
    interface Answerer {
        /// @param answer takes the answer, later or at once; null where this node cannot answer as
        ///   it does not lead
        void asked(ByteBuffer question, Consumer<byte @Nullable []> answer);
    }

    /// The records that were asked for are not there any more: the image stands for them.
    final class ShortenedException extends IOException {
        private static final long serialVersionUID = 1;

        public ShortenedException(long from) {
            super("record " + from + " is not there any more");
        }
    }

    Standing standing();

    /// Calls back when the standing has changed, or this node's copy has grown or begun anew; many
    /// at once may be told as one. Call it before the first look.
    void listen(Runnable changed);

    /// The last record of this node's copy; 0 while there is none.
    long end();

    /// The newest image of this node's copy. Blocks.
    ///
    /// @throws IOException when it cannot be read
    Optional<Image> image() throws IOException;

    /// Reads records of this node's copy, oldest first. Blocks.
    ///
    /// @param from the first one wanted; one above the last reads nothing
    /// @param mostBytes ends the reading once the records that were read have so many; at least one
    ///   is read if there is one
    /// @return the position behind the last one that was read
    /// @throws ShortenedException when they are not there any more
    /// @throws IOException when they cannot be read
    long read(long from, long mostBytes, RecordReader reader) throws IOException;

    /// Appends a record, as leader of a term. What one thread hands in gets into the log in that
    /// order.
    ///
    /// @param record 1 byte to [#mostRecordBytes]
    /// @return false when there is no room for another one now; nothing is called then
    boolean append(long term, byte[] record, Appended then);

    /// The longest record that is taken.
    int mostRecordBytes();

    /// Has an image stand for all records up to a position on every node, as leader of a term. It
    /// may come to nothing, and then it is tried again by whoever leads.
    void shorten(long term, long upTo, byte[] image);

    /// Whether a majority followed this node in that term not longer ago than [#lease]. What a
    /// leader does outside of the log it does only while this is so; it asks each time, just
    /// before.
    boolean holds(long term);

    /// How long after the last proof [#holds] goes on to be true: whoever leads next lets so much
    /// pass before it does anything outside of the log.
    Duration lease();

    /// Brings a question to the leader, if that is another node.
    ///
    /// @param question 1 byte to [#mostRecordBytes]
    /// @param then gets what [Answerer] said; empty when there is no leader, it cannot be reached,
    ///   did not answer within the limit, or had no answer: it may have heard it all the same
    void ask(byte[] question, Duration limit, Consumer<Optional<ByteBuffer>> then);

    /// Who answers what is brought to this node.
    void answerWith(Answerer answerer);
}
