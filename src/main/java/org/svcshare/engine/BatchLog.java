package org.svcshare.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/// Where batches of operations are made durable in one order, for one thread.
///
/// A log that needs a majority of a group fits the same place: it answers `append` when the
/// majority has the batch.
interface BatchLog extends AutoCloseable {
    /// What kind of log it is, for people.
    String kind();

    /// The table as it was written down last, if ever.
    Optional<ByteBuffer> image() throws IOException;

    /// Every batch since, in order.
    ///
    /// @throws IOException when what is there cannot be read; its message says what to do
    void replay(Consumer<ByteBuffer> each) throws IOException;

    /// Makes a batch durable.
    ///
    /// @throws FullException when there is no room for it: it is not there, what was before is, and
    ///   later ones may be
    /// @throws IOException when nothing more can be trusted to it
    void append(ByteBuffer batch) throws IOException;

    /// Whether it has grown so long that the table should be written down.
    boolean wantsImage() throws IOException;

    /// Writes the table down, in the background if that takes long, and drops the batches before.
    void image(byte[] table) throws IOException;

    /// Writes the table down before the end, so that the next start has nothing to replay.
    void finish(byte[] table) throws IOException;

    @Override
    void close() throws IOException;

    /// No room.
    final class FullException extends IOException {
        private static final long serialVersionUID = 1;

        FullException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
