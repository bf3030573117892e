package org.svcshare.gossip;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.JChannel;
import org.jgroups.MergeView;
import org.jgroups.Message;
import org.jgroups.PhysicalAddress;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.jgroups.stack.IpAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.Endpoint;
import org.svcshare.config.GossipSettings;

/// One life of this member in its group: from the moment at which it knocks at the seeds to its
/// goodbye.
///
/// Nothing here blocks a caller or a thread of the library: what is to be sent waits in a bounded
/// queue for a thread of its own, and what comes in is decoded and handed on.
final class Connection {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final int MOST_WAITING = 10_000;
    private static final int FAREWELL_MS = 700;

    final Address self;
    private final GossipSettings settings;
    private final FrameCodec codec = new FrameCodec();
    private final Seeds known;
    private final SeedDiscovery seeds = new SeedDiscovery();
    private final JChannel channel;
    private final int port;
    private final Ear ear;
    private final BlockingQueue<Outgoing> outgoing = new ArrayBlockingQueue<>(MOST_WAITING);
    private final AtomicLong droppedFrames = new AtomicLong();
    private final AtomicLong sentBytes = new AtomicLong();
    private final CompletableFuture<Void> sentAll = new CompletableFuture<>();
    private final Semaphore farewells = new Semaphore(0);
    private volatile boolean closing;

    /// What waits to be sent, or that nothing more will.
    private sealed interface Outgoing {
        /// @param to null for all others
        record One(@Nullable Address to, Frame frame) implements Outgoing {}

        record Over() implements Outgoing {}
    }

    /// Who is told what comes in, on threads that must not be held up.
    interface Ear {
        /// @param merged whether groups that were apart are one again
        void view(Connection from, List<Address> members, boolean merged);

        void heard(Connection from, Address who, FrameCodec.Read read, int sizeBytes);

        /// It could not join, and is of no use any more.
        void failed(Connection from, String why);
    }

    /// Listens, and begins to join.
    ///
    /// @param at where to listen
    /// @param who this member is, from where it listens on
    /// @param known where to ask to be let in
    /// @param tls null for plain connections
    /// @throws IOException when the port is taken
    Connection(
            GossipSettings settings,
            Endpoint at,
            Seeds known,
            Function<IpAddress, MemberAddress> who,
            @Nullable SSLContext tls,
            Door.Refused refused,
            Ear ear)
            throws IOException {
        this.settings = settings;
        this.known = known;
        this.ear = ear;
        var listen = new InetSocketAddress(InetAddress.getByName(at.host()), at.port());
        DoorSockets sockets = open(listen, tls, refused);
        boolean built = false;
        try {
            this.port = sockets.port();
            int reachedAt = settings.advertise().map(Endpoint::port).orElse(port);
            var place =
                    new IpAddress(InetAddress.getByName(settings.reachedAt().host()), reachedAt);
            MemberAddress member = who.apply(place);
            this.self = member.address();
            this.channel =
                    Stack.build(settings, member, listen.getAddress(), port, sockets, seeds, self);
            built = true;
        } finally {
            if (!built) {
                sockets.close();
            }
        }
        channel.setReceiver(new Incoming());
        Thread.ofVirtual().name("gossip join").start(this::join);
        Thread.ofVirtual().name("gossip send").start(this::sendAll);
    }

    private static DoorSockets open(
            InetSocketAddress listen, @Nullable SSLContext tls, Door.Refused refused)
            throws IOException {
        try {
            return new DoorSockets(listen, tls, refused);
        } catch (IOException e) {
            throw new IOException(
                    "gossip.listen: "
                            + listen.getHostString()
                            + ":"
                            + listen.getPort()
                            + " cannot be listened on: "
                            + e.getMessage(),
                    e);
        }
    }

    /// The real one where the settings say 0.
    int port() {
        return port;
    }

    private void join() {
        try {
            known.resolve((at, _) -> ask(at));
            channel.connect(settings.group());
        } catch (Exception e) {
            ear.failed(this, deepest(e));
        }
    }

    private static String deepest(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null
                ? cause.getClass().getSimpleName()
                : String.valueOf(cause.getMessage());
    }

    /// Asks at other addresses from now on.
    void ask(List<PhysicalAddress> at) {
        seeds.ask(at);
    }

    /// It said goodbye: nobody looks for it when it is gone.
    void leaves(Address member) {
        seeds.leaves(member);
    }

    /// Nobody looks for that member any more.
    void forget(String memberId) {
        seeds.forget(memberId);
    }

    /// @param to null for all others
    void send(@Nullable Address to, Frame frame) {
        if (closing || !outgoing.offer(new Outgoing.One(to, frame))) {
            droppedFrames.incrementAndGet();
        }
    }

    private void sendAll() {
        try {
            while (true) {
                switch (outgoing.take()) {
                    case Outgoing.One(var to, Frame frame) -> deliver(to, codec.write(frame));
                    case Outgoing.Over() -> {
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sentAll.complete(null);
        }
    }

    private void deliver(@Nullable Address to, byte[] bytes) {
        try {
            channel.send(new BytesMessage(to, bytes));
            sentBytes.addAndGet(bytes.length);
        } catch (Exception e) {
            // Not in the group yet, or no more: rounds mend what is missed.
            droppedFrames.incrementAndGet();
            LOG.debug("not sent: {}", e.toString());
        }
    }

    long droppedFrames() {
        return droppedFrames.get();
    }

    /// Of our own frames, without what the library adds.
    long sentBytes() {
        return sentBytes.get();
    }

    /// Sends what waits, says goodbye, and ends. Blocks for a moment: others must hear of it before
    /// the library takes this member out of their view, or it would seem to have failed.
    void close() {
        send(null, new Frame.Bye());
        closing = true;
        View view = channel.getView();
        try {
            boolean heard =
                    view == null
                            || farewells.tryAcquire(
                                    view.size() - 1, FAREWELL_MS, TimeUnit.MILLISECONDS);
            LOG.debug("all have heard that this member leaves: {}", heard);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!outgoing.offer(new Outgoing.Over())) {
            outgoing.clear();
            outgoing.add(new Outgoing.Over());
        }
        sentAll.orTimeout(1, TimeUnit.SECONDS).exceptionally(_ -> null).join();
        channel.close();
    }

    private final class Incoming implements Receiver {
        @Override
        public void viewAccepted(View view) {
            ear.view(Connection.this, List.copyOf(view.getMembers()), view instanceof MergeView);
        }

        @Override
        public void receive(Message message) {
            if (!message.hasArray() && message.hasPayload()) {
                ear.heard(
                        Connection.this, message.getSrc(), new FrameCodec.Read.Bad("no-bytes"), 0);
                return;
            }
            byte[] bytes = message.hasPayload() ? message.getArray() : new byte[0];
            FrameCodec.Read read = codec.read(bytes, message.getOffset(), message.getLength());
            if (read instanceof FrameCodec.Read.Good(Frame.Farewell())) {
                farewells.release();
            }
            View view = channel.getView();
            if (view != null && !view.containsMember(message.getSrc())) {
                // Its view is an old one, which the library does not always find out by itself.
                seeds.called(MemberAddress.whereIs(message.getSrc()));
                if (read instanceof FrameCodec.Read.Good(Frame.OfStore _)) {
                    send(message.getSrc(), new Frame.Apart());
                }
            }
            ear.heard(Connection.this, message.getSrc(), read, message.getLength());
        }
    }
}
