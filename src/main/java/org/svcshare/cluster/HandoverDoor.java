package org.svcshare.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.journal.SharedLog.Answerer;

/// Where other nodes bring operations while this one leads, and ask about the group.
final class HandoverDoor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HandoverDoor.class);
    private static final int MOST_LINES = 64;
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private final UUID group;
    private final RaftNode node;
    private final BiConsumer<Question, Consumer<Question.Reply>> desk;
    private final Supplier<Answerer> answerer;
    private final PeerSockets sockets;
    private final ServerSocket listener;
    private final Thread welcoming;
    private final Set<PeerLine> lines = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /// @param desk answers questions, now or later, and must not block
    /// @param answerer answers what is brought to the one that leads what is shared
    /// @throws IOException when the port cannot be used
    HandoverDoor(
            ClusterSettings settings,
            RaftNode node,
            BiConsumer<Question, Consumer<Question.Reply>> desk,
            Supplier<Answerer> answerer)
            throws IOException {
        this.group = settings.group();
        this.node = node;
        this.desk = desk;
        this.answerer = answerer;
        sockets = settings.sockets();
        ClusterPeer me = settings.me();
        try {
            listener = sockets.listen(new InetSocketAddress(me.host(), me.handoverPort()));
        } catch (IOException e) {
            throw me.cannotListen(me.handoverPort(), e);
        }
        welcoming = Thread.ofVirtual().name("handover").start(this::welcome);
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
        private @Nullable Consumer<ByteBuffer> known;

        Caller(PeerLine line) {
            this.line = line;
        }

        @Override
        public void begin(Socket socket) throws IOException {
            sockets.letIn(socket);
        }

        @Override
        public void letter(ByteBuffer letter) {
            if (known != null) {
                known.accept(letter);
                return;
            }
            Optional<String> caller = Letters.hello(letter, group);
            if (caller.isPresent()) {
                known = batch -> carryOut(caller.get(), batch);
            } else if (Letters.isQuestions(letter, group)) {
                known = this::consult;
            } else if (Letters.isAsking(letter, group)) {
                known = new SharedDesk(line, answerer)::letter;
            } else {
                throw new IllegalArgumentException("a caller of another group");
            }
        }

        private void carryOut(String by, ByteBuffer letter) {
            node.asked(by);
            long call = letter.getLong();
            var batch = new byte[letter.remaining()];
            letter.get(batch);
            // What nobody can read must not get into the log.
            Batch.read(ByteBuffer.wrap(batch));
            var _ =
                    node.write(batch)
                            .whenComplete((reply, failure) -> answer(call, reply, failure));
        }

        private void consult(ByteBuffer letter) {
            known =
                    _ -> {
                        throw new IllegalArgumentException("more than one question");
                    };
            desk.accept(Questions.read(letter), reply -> line.send(Questions.write(reply)));
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
        try {
            // The port is free once who waits at it has noticed.
            welcoming.join(FAREWELL);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
