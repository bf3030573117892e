package org.svcshare.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.cluster.Question.Reply;

/// One question to another node, over a connection of its own to where it takes what is handed
/// over. For any thread that may wait.
record PeerCall(ClusterSettings settings) {
    private static final Logger LOG = LoggerFactory.getLogger(PeerCall.class);
    private static final int CONNECT_MS = 1_000;
    private static final Duration MEETING = Duration.ofSeconds(2);

    /// Nobody was asked.
    static final class NotReached extends IOException {
        private static final long serialVersionUID = 1;

        NotReached(IOException cause) {
            super(text(cause), cause);
        }
    }

    static String text(@Nullable Throwable why) {
        String message = why == null ? null : why.getMessage();
        return message == null ? String.valueOf(why) : message;
    }

    /// @throws NotReached when it cannot have heard the question
    /// @throws IOException when there is no answer within the limit
    Reply ask(InetSocketAddress door, Question question, Duration limit)
            throws IOException, InterruptedException {
        Socket socket;
        try {
            // Looked up each time: names move.
            var at = new InetSocketAddress(door.getHostString(), door.getPort());
            socket = settings.sockets().connect(at, CONNECT_MS);
        } catch (IOException e) {
            throw new NotReached(e);
        }
        var answer = new CompletableFuture<Reply>();
        var line = new PeerLine(socket);
        try {
            line.start(
                    new PeerLine.Reader() {
                        @Override
                        public void letter(ByteBuffer letter) {
                            answer.complete(Questions.readReply(letter));
                        }

                        @Override
                        public void closed() {
                            answer.completeExceptionally(
                                    new IOException("it ended the connection without an answer"));
                        }
                    },
                    false);
            line.send(Letters.questions(settings.group()));
            line.send(Questions.write(question));
            return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(text(e.getCause()), e);
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + limit.toSeconds() + " s", e);
        } finally {
            line.close();
        }
    }

    Reply ask(ClusterPeer peer, Question question, Duration limit)
            throws IOException, InterruptedException {
        return ask(new InetSocketAddress(peer.host(), peer.handoverPort()), question, limit);
    }

    /// Asks a node who it is; empty when it does not say.
    Optional<Reply.Me> meet(InetSocketAddress door) throws InterruptedException {
        try {
            return ask(door, new Question.Who(), MEETING) instanceof Reply.Me me
                    ? Optional.of(me)
                    : Optional.empty();
        } catch (IOException e) {
            LOG.debug("{} does not say who it is: {}", door, e.toString());
            return Optional.empty();
        }
    }

    Optional<Reply.Me> meet(ClusterPeer peer) throws InterruptedException {
        return meet(new InetSocketAddress(peer.host(), peer.handoverPort()));
    }

    /// Asks nodes at the same time.
    ///
    /// @return those that answered, by the name under which they were asked
    Map<String, Reply.Me> meet(List<ClusterPeer> peers) throws InterruptedException {
        var met = new ConcurrentHashMap<String, Reply.Me>();
        var asking = new ArrayList<Thread>();
        for (ClusterPeer peer : peers) {
            asking.add(
                    Thread.ofVirtual()
                            .name("meet")
                            .start(() -> {
                                try {
                                    meet(peer).ifPresent(me -> met.put(peer.id(), me));
                                } catch (InterruptedException _) {
                                    Thread.currentThread().interrupt();
                                }
                            }));
        }
        for (Thread each : asking) {
            each.join();
        }
        return Map.copyOf(met);
    }
}
