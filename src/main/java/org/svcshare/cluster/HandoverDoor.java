package org.svcshare.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where other nodes bring operations while this one leads.
final class HandoverDoor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HandoverDoor.class);
    private static final int MOST_LINES = 64;

    private final UUID group;
    private final RaftNode node;
    private final PeerSockets sockets;
    private final ServerSocket listener;
    private final Set<PeerLine> lines = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /// @throws IOException when the port cannot be used
    HandoverDoor(ClusterSettings settings, RaftNode node) throws IOException {
        this.group = settings.group();
        this.node = node;
        sockets = settings.sockets();
        ClusterPeer me = settings.me();
        try {
            listener = sockets.listen(new InetSocketAddress(me.host(), me.handoverPort()));
        } catch (IOException e) {
            throw me.cannotListen(me.handoverPort(), e);
        }
        Thread.ofVirtual().name("handover").start(this::welcome);
    }

    private void welcome() {
        while (!closed) {
            try {
                Socket socket = listener.accept();
                if (lines.size() >= MOST_LINES) {
                    socket.close();
                    continue;
                }
                var line = new PeerLine(socket);
                lines.add(line);
                line.start(new Caller(line), true);
            } catch (IOException e) {
                if (!closed) {
                    LOG.warn("a node of the group could not be let in: {}", e.getMessage());
                }
            }
        }
    }

    private final class Caller implements PeerLine.Reader {
        private final PeerLine line;
        private boolean known;

        Caller(PeerLine line) {
            this.line = line;
        }

        @Override
        public void begin(Socket socket) throws IOException {
            sockets.letIn(socket);
        }

        @Override
        public void letter(ByteBuffer letter) {
            if (known) {
                carryOut(letter);
            } else if (Letters.isHello(letter, group)) {
                known = true;
            } else {
                throw new IllegalArgumentException("a caller of another group");
            }
        }

        private void carryOut(ByteBuffer letter) {
            long call = letter.getLong();
            var batch = new byte[letter.remaining()];
            letter.get(batch);
            // What nobody can read must not get into the log.
            Batch.read(ByteBuffer.wrap(batch));
            var _ =
                    node.write(batch)
                            .whenComplete((reply, failure) -> answer(call, reply, failure));
        }

        private void answer(long call, @Nullable ByteBuffer reply, @Nullable Throwable failure) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure;
            byte[] letter =
                    cause != null || reply == null
                            ? Letters.failed(
                                    call, cause == null ? new IOException("no reply") : cause)
                            : Letters.done(call, reply);
            if (!line.send(letter)) {
                line.close();
            }
        }

        @Override
        public void closed() {
            lines.remove(line);
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        listener.close();
        lines.forEach(PeerLine::close);
    }
}
