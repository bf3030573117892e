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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node's kept-alive connection to the one that leads, for questions ([SharedDesk]). Made when
/// there is one to bring; for any thread.
final class AskLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AskLink.class);
    private static final int CONNECT_MS = 1_000;
    private static final long PAUSE_NANOS = 100_000_000;

    /// How many questions may be unanswered, and how long they may be together.
    static final int MOST_OPEN = 1024;

    static final long MOST_OPEN_BYTES = 64 << 20;

    private final ClusterSettings settings;
    private final Function<String, Optional<ClusterPeer>> peers;
    private final Map<Long, Asked> unanswered = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    private @Nullable Call call;
    private boolean closed;

    /// To whom the last attempt to connect was in vain, and until when there is no next one.
    private String tried = "";

    private long notBeforeNanos = System.nanoTime();

    private record Asked(
            long number,
            ByteBuffer question,
            long untilNanos,
            Consumer<Optional<ByteBuffer>> then) {}

    /// @param peers where a node is, as the group has it now
    AskLink(ClusterSettings settings, Function<String, Optional<ClusterPeer>> peers) {
        this.settings = settings;
        this.peers = peers;
    }

    /// Brings a question to that node. See [org.svcshare.journal.SharedLog#ask].
    void ask(
            Optional<String> leader,
            byte[] question,
            Duration limit,
            Consumer<Optional<ByteBuffer>> then) {
        var asked =
                new Asked(
                        numbers.incrementAndGet(),
                        ByteBuffer.wrap(question),
                        System.nanoTime() + limit.toNanos(),
                        then);
        unanswered.put(asked.number, asked);
        boolean fits = bytes.addAndGet(question.length) <= MOST_OPEN_BYTES;
        if (!fits
                || unanswered.size() > MOST_OPEN
                || leader.isEmpty()
                || !bring(leader.get(), asked)) {
            nobody(asked);
        }
    }

    /// @return false when there is nobody to bring it to
    private synchronized boolean bring(String leader, Asked asked) {
        Call now = call;
        if (closed) {
            return false;
        }
        if (now == null || now.over || !now.leader.equals(leader)) {
            if (leader.equals(tried) && System.nanoTime() - notBeforeNanos < 0) {
                return false;
            }
            if (now != null) {
                now.close();
            }
            now = new Call(leader);
            call = now;
            now.connect();
        }
        return now.bring(asked);
    }

    /// Gives up what was asked too long ago.
    void sweep() {
        long now = System.nanoTime();
        for (Asked asked : unanswered.values()) {
            if (now - asked.untilNanos >= 0) {
                forget(asked);
                end(asked, Optional.empty());
            }
        }
    }

    private synchronized void forget(Asked asked) {
        if (call != null) {
            call.open.remove(asked.number);
        }
    }

    /// Not on the thread that asks.
    private void nobody(Asked asked) {
        Thread.ofVirtual().name("nobody").start(() -> end(asked, Optional.empty()));
    }

    private void end(Asked asked, Optional<ByteBuffer> answer) {
        if (!unanswered.remove(asked.number, asked)) {
            return;
        }
        bytes.addAndGet(-asked.question.remaining());
        try {
            asked.then.accept(answer);
        } catch (RuntimeException e) {
            LOG.error("an answer was not taken", e);
        }
    }

    @Override
    public void close() {
        Call last;
        synchronized (this) {
            closed = true;
            last = call;
        }
        if (last != null) {
            last.close();
        }
        unanswered.values().forEach(asked -> end(asked, Optional.empty()));
    }

    private synchronized void inVain(Call of) {
        if (call == of) {
            tried = of.leader;
            notBeforeNanos = System.nanoTime() + PAUSE_NANOS;
        }
    }

    /// One connection, which is made when it is begun, and what was asked over it.
    private final class Call implements PeerLine.Reader {
        private final String leader;

        /// What waits until it is connected; null once it is.
        private @Nullable List<Asked> early = new ArrayList<>();

        private @Nullable PeerLine line;
        private final Map<Long, Asked> open = new ConcurrentHashMap<>();
        private volatile boolean over;

        Call(String leader) {
            this.leader = leader;
        }

        void connect() {
            Thread.ofVirtual().name("ask-connect").start(this::connectNow);
        }

        private void connectNow() {
            try {
                ClusterPeer peer =
                        peers.apply(leader)
                                .orElseThrow(() -> new IOException("it is not of the group"));
                Socket socket =
                        settings.sockets()
                                .connect(
                                        new InetSocketAddress(peer.host(), peer.handoverPort()),
                                        CONNECT_MS);
                begin(new PeerLine(socket));
            } catch (IOException | RuntimeException e) {
                LOG.debug("node {} cannot be asked: {}", leader, e.toString());
                inVain(this);
                close();
            }
        }

        private void begin(PeerLine made) throws IOException {
            made.widen();
            made.start(this, false);
            synchronized (this) {
                line = made;
                made.send(Letters.asking(settings.group()));
                List<Asked> waiting = early;
                early = null;
                if (waiting != null) {
                    waiting.forEach(asked -> send(made, asked));
                }
            }
            if (over) {
                made.close();
            }
        }

        /// @return false when it is over
        synchronized boolean bring(Asked asked) {
            if (over) {
                return false;
            }
            open.put(asked.number, asked);
            PeerLine now = line;
            if (early != null) {
                early.add(asked);
            } else if (now != null) {
                send(now, asked);
            }
            return true;
        }

        private void send(PeerLine to, Asked asked) {
            if (!unanswered.containsKey(asked.number)) {
                open.remove(asked.number);
            } else if (!to.send(Letters.asked(asked.number, asked.question))) {
                to.close();
            }
        }

        @Override
        public void letter(ByteBuffer letter) {
            Asked asked = open.remove(letter.getLong());
            if (asked != null) {
                end(asked, Letters.answer(letter));
            }
        }

        @Override
        public void closed() {
            close();
        }

        void close() {
            PeerLine last;
            synchronized (this) {
                over = true;
                last = line;
            }
            if (last != null) {
                last.close();
            }
            for (Asked asked : List.copyOf(open.values())) {
                open.remove(asked.number);
                nobody(asked);
            }
        }
    }
}
