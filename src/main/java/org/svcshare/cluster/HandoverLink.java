package org.svcshare.cluster;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node's kept-alive connection to the one that leads.
final class HandoverLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HandoverLink.class);
    private static final int CONNECT_MS = 1_000;
    private static final long PAUSE_NANOS = 100_000_000;

    private final ClusterSettings settings;
    private final Function<String, Optional<ClusterPeer>> peers;
    private final Runnable turned;
    private @Nullable Call call;
    private boolean closed;

    /// To whom it is connecting; empty while it does not. What was begun for another is dropped.
    private String wanted = "";

    /// To whom the last attempt was, and until when there is no next one to the same.
    private String tried = "";

    private long notBeforeNanos = System.nanoTime();

    /// To whom the last connection ended by the other side; empty when there is one.
    private String lost = "";

    /// As [#gone].
    private String gone = "";

    /// @param peers where a node is, as the group has it now
    /// @param turned is told when a connection was made or ended, and must not block
    HandoverLink(
            ClusterSettings settings,
            Function<String, Optional<ClusterPeer>> peers,
            Runnable turned) {
        this.settings = settings;
        this.peers = peers;
        this.turned = turned;
    }

    /// Whether batches can be handed to this node; begins to connect if not.
    synchronized boolean ready(String leader) {
        Call now = call;
        if (now != null && now.open && now.leader.equals(leader)) {
            return true;
        }
        if (now != null) {
            lost = now.open ? "" : now.leader;
            now.line.close();
            call = null;
        }
        boolean again = leader.equals(tried) && System.nanoTime() - notBeforeNanos < 0;
        if (!closed && !again && !leader.equals(wanted)) {
            wanted = leader;
            Thread.ofVirtual().name("handover-connect").start(() -> connect(leader));
        }
        return false;
    }

    /// The node that led whose process is gone: it hung up, and nobody listens there any more.
    synchronized Optional<String> gone() {
        return Optional.of(gone).filter(id -> !id.isEmpty());
    }

    private void connect(String leader) {
        Call made = null;
        boolean refused = false;
        try {
            ClusterPeer peer =
                    peers.apply(leader)
                            .orElseThrow(() -> new IOException("it is not of the group"));
            Socket socket =
                    settings.sockets()
                            .connect(
                                    new InetSocketAddress(peer.host(), peer.handoverPort()),
                                    CONNECT_MS);
            made = new Call(leader, new PeerLine(socket), turned);
            made.line.start(made, false);
            made.line.send(Letters.hello(settings.group(), settings.self()));
        } catch (IOException | RuntimeException e) {
            LOG.debug("node {} cannot be reached: {}", leader, e.toString());
            refused =
                    e instanceof ConnectException
                            && String.valueOf(e.getMessage()).contains("refused");
        }
        synchronized (this) {
            boolean late = closed || !leader.equals(wanted);
            if (!late) {
                wanted = "";
                tried = leader;
                notBeforeNanos = System.nanoTime() + PAUSE_NANOS;
                call = made;
                gone = made == null && refused && leader.equals(lost) ? leader : "";
                lost = made == null ? lost : "";
            } else if (made != null) {
                made.line.close();
            }
        }
        turned.run();
    }

    /// Hands a batch over. Batches that one thread hands over arrive in that order.
    ///
    /// @return as [RaftNode#write]
    CompletableFuture<ByteBuffer> hand(byte[] batch) {
        Call now;
        synchronized (this) {
            now = call;
        }
        return now == null
                ? CompletableFuture.failedFuture(new NotTakenException("no connection"))
                : now.hand(batch);
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (call != null) {
            call.line.close();
        }
    }

    /// One connection and what was handed over through it.
    private static final class Call implements PeerLine.Reader {
        private final String leader;
        private final PeerLine line;
        private final Runnable ended;
        private final AtomicLong numbers = new AtomicLong();
        private final Map<Long, CompletableFuture<ByteBuffer>> unanswered =
                new ConcurrentHashMap<>();
        private volatile boolean open = true;

        Call(String leader, PeerLine line, Runnable ended) {
            this.leader = leader;
            this.line = line;
            this.ended = ended;
        }

        CompletableFuture<ByteBuffer> hand(byte[] batch) {
            long number = numbers.incrementAndGet();
            var reply = new CompletableFuture<ByteBuffer>();
            unanswered.put(number, reply);
            if (!line.send(Letters.batch(number, batch))) {
                unanswered.remove(number);
                return CompletableFuture.failedFuture(new NotTakenException("no connection"));
            }
            if (!open) {
                // It ended meanwhile, perhaps after it was looked through.
                giveUp();
            }
            return reply;
        }

        @Override
        public void letter(ByteBuffer letter) {
            CompletableFuture<ByteBuffer> waiting = unanswered.remove(letter.getLong());
            if (waiting == null) {
                return;
            }
            switch (Letters.reply(letter)) {
                case Letters.Reply.Done(ByteBuffer reply) -> waiting.complete(reply);
                case Letters.Reply.Failed(boolean surelyNot, String why) ->
                        waiting.completeExceptionally(
                                surelyNot ? new NotTakenException(why) : new IOException(why));
            }
        }

        @Override
        public void closed() {
            open = false;
            giveUp();
            ended.run();
        }

        private void giveUp() {
            for (Long number : List.copyOf(unanswered.keySet())) {
                CompletableFuture<ByteBuffer> waiting = unanswered.remove(number);
                if (waiting != null) {
                    waiting.completeExceptionally(
                            new IOException("the connection to node " + leader + " ended"));
                }
            }
        }
    }
}
