package org.svcshare.cluster;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection between two nodes: letters in both directions, each with its length before it.
/// Two virtual threads carry them, so that nobody who sends has to wait.
final class PeerLine {
    private static final Logger LOG = LoggerFactory.getLogger(PeerLine.class);
    private static final int MOST_BYTES = 4 * Batch.MOST_BYTES;
    private static final int MOST_WAITING = 256;

    // On a wide line.
    private static final int MOST_WIDE_BYTES = SharedEntry.MOST_RECORD_BYTES + 1024;
    private static final int MOST_WIDE_WAITING = 1024 + 16;
    private static final long MOST_WIDE_WAITING_BYTES = 128 << 20;

    private static final int FIRST_LETTER_MS = 5_000;

    /// Who takes what comes in; on the line's reading thread.
    interface Reader {
        /// Makes sure of who is at the other end, before anything is read.
        ///
        /// @throws IOException when nobody is let in: the line is closed
        default void begin(Socket socket) throws IOException {}

        /// @throws RuntimeException when it is no such letter: the line is closed
        void letter(ByteBuffer letter);

        /// Nothing comes any more; called once.
        void closed();
    }

    private final Socket socket;
    private final BlockingQueue<byte[]> outgoing = new LinkedBlockingQueue<>(MOST_WIDE_WAITING);
    private final AtomicBoolean closed = new AtomicBoolean();

    /// How much of it waits; counted on a wide line alone.
    private final AtomicLong waitingBytes = new AtomicLong();

    private volatile boolean wide;

    PeerLine(Socket socket) {
        this.socket = socket;
    }

    /// @param impatient whether the first letter has to come soon
    void start(Reader reader, boolean impatient) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setKeepAlive(true);
        socket.setSoTimeout(impatient ? FIRST_LETTER_MS : 0);
        Thread writing = Thread.ofVirtual().name("handover-out").start(this::write);
        var _ =
                Thread.ofVirtual()
                        .name("handover-in")
                        .start(() -> {
                            try {
                                read(reader);
                            } finally {
                                close();
                                writing.interrupt();
                                reader.closed();
                            }
                        });
    }

    /// From now on letters may be long, and many may wait.
    void widen() {
        wide = true;
    }

    /// @return false when the line is closed, or the other end does not read
    boolean send(byte[] letter) {
        if (closed.get()) {
            return false;
        }
        if (!wide) {
            return outgoing.size() < MOST_WAITING && outgoing.offer(letter);
        }
        boolean fits =
                waitingBytes.addAndGet(letter.length) <= MOST_WIDE_WAITING_BYTES
                        && outgoing.offer(letter);
        if (!fits) {
            waitingBytes.addAndGet(-letter.length);
        }
        return fits;
    }

    private void read(Reader reader) {
        try (var from = new DataInputStream(new BufferedInputStream(socket.getInputStream()))) {
            reader.begin(socket);
            while (!closed.get()) {
                int sizeBytes = from.readInt();
                if (sizeBytes < 0 || sizeBytes > (wide ? MOST_WIDE_BYTES : MOST_BYTES)) {
                    throw new IOException("a letter of " + sizeBytes + " bytes");
                }
                var letter = new byte[sizeBytes];
                from.readFully(letter);
                socket.setSoTimeout(0);
                reader.letter(ByteBuffer.wrap(letter));
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("a line to another node of the group ends: {}", e.toString());
        }
    }

    private void write() {
        try (var to = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()))) {
            while (!closed.get()) {
                byte[] letter = outgoing.take();
                if (wide) {
                    waitingBytes.addAndGet(-letter.length);
                }
                to.writeInt(letter.length);
                to.write(letter);
                if (outgoing.isEmpty()) {
                    to.flush();
                }
            }
        } catch (IOException | InterruptedException e) {
            LOG.debug("a line to another node of the group ends: {}", e.toString());
            close();
        }
    }

    void close() {
        if (closed.compareAndSet(false, true)) {
            // With TLS it says goodbye, for which it may have to wait.
            var _ = Thread.ofVirtual().name("handover-close").start(this::end);
        }
    }

    private void end() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("while closing a line", e);
        }
    }
}
