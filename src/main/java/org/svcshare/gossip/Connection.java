package org.svcshare.gossip;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.JChannel;
import org.jgroups.Message;
import org.jgroups.PhysicalAddress;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.jgroups.protocols.TCPPING;
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

    final Address self;
    private final GossipSettings settings;
    private final FrameCodec codec = new FrameCodec();
    private final TCPPING seeds = new TCPPING();
    private final JChannel channel;
    private final Ear ear;
    private final BlockingQueue<Outgoing> outgoing = new ArrayBlockingQueue<>(MOST_WAITING);
    private final AtomicLong droppedFrames = new AtomicLong();
    private final AtomicLong sentBytes = new AtomicLong();
    private final CompletableFuture<Void> sentAll = new CompletableFuture<>();
    private volatile boolean closing;

    /// @param to null for all others
    private record Outgoing(@Nullable Address to, byte @Nullable [] bytes) {}

    /// Who is told what comes in, on threads that must not be held up.
    interface Ear {
        /// @param merged whether groups that were apart are one again
        void view(Connection from, List<Address> members, boolean merged);

        /// @param direct whether it was for this member alone
        void heard(
                Connection from, Address who, boolean direct, FrameCodec.Read read, int sizeBytes);

        /// It could not join, and is of no use any more.
        void failed(Connection from, String why);
    }

    /// @param at where to listen
    /// @param tls null for plain connections
    /// @param bound completed with the port, or with why it is not ours
    Connection(
            GossipSettings settings,
            Endpoint at,
            MemberAddress who,
            @Nullable SSLContext tls,
            Door.Refused refused,
            CompletableFuture<Integer> bound,
            Ear ear)
            throws IOException {
        this.settings = settings;
        this.self = who.address();
        this.ear = ear;
        var listen = new InetSocketAddress(InetAddress.getByName(at.host()), at.port());
        InetAddress advertised = InetAddress.getByName(settings.reachedAt().host());
        channel =
                Stack.build(
                        settings,
                        who.name(),
                        listen,
                        advertised,
                        new DoorSockets(listen, tls, refused, bound::complete),
                        seeds,
                        self);
        channel.setReceiver(new Incoming());
        Thread.ofVirtual().name("gossip join").start(() -> join(bound));
        Thread.ofVirtual().name("gossip send").start(this::sendAll);
    }

    private void join(CompletableFuture<Integer> bound) {
        try {
            new Seeds(settings.seeds()).resolve((at, _) -> ask(at));
            channel.connect(settings.group());
        } catch (Exception e) {
            bound.completeExceptionally(e);
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
        seeds.setInitialHosts2(at);
    }

    /// @param to null for all others
    void send(@Nullable Address to, Frame frame) {
        byte[] bytes = codec.write(frame);
        if (closing || !outgoing.offer(new Outgoing(to, bytes))) {
            droppedFrames.incrementAndGet();
        }
    }

    private void sendAll() {
        try {
            while (true) {
                Outgoing next = outgoing.take();
                if (next.bytes == null) {
                    return;
                }
                send(next.to, next.bytes);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sentAll.complete(null);
        }
    }

    private void send(@Nullable Address to, byte[] bytes) {
        try {
            channel.send(new BytesMessage(to, bytes));
            sentBytes.addAndGet(bytes.length);
        } catch (Exception e) {
            // Not in the group yet, or no more: rounds mend what is missed.
            droppedFrames.incrementAndGet();
            LOG.debug("gossip: not sent: {}", e.toString());
        }
    }

    long droppedFrames() {
        return droppedFrames.get();
    }

    /// Of our own frames, without what the library adds.
    long sentBytes() {
        return sentBytes.get();
    }

    /// @return host:port where a member is reached, as far as it is known; empty otherwise
    String at(Address member) {
        Object found = channel.down(new Event(Event.GET_PHYSICAL_ADDRESS, member));
        return found instanceof PhysicalAddress address ? address.printIpAddress() : "";
    }

    /// Sends what waits, says goodbye to the library's members, and ends. Blocks for a moment.
    void close() {
        closing = true;
        if (!outgoing.offer(new Outgoing(null, null))) {
            outgoing.clear();
            outgoing.add(new Outgoing(null, null));
        }
        sentAll.orTimeout(1, java.util.concurrent.TimeUnit.SECONDS).exceptionally(_ -> null).join();
        channel.close();
    }

    private final class Incoming implements Receiver {
        @Override
        public void viewAccepted(View view) {
            ear.view(
                    Connection.this,
                    List.copyOf(view.getMembers()),
                    view instanceof org.jgroups.MergeView);
        }

        @Override
        public void receive(Message message) {
            if (!message.hasArray() && message.hasPayload()) {
                ear.heard(
                        Connection.this,
                        message.getSrc(),
                        message.getDest() != null,
                        new FrameCodec.Read.Bad("no-bytes"),
                        0);
                return;
            }
            byte[] bytes = message.hasPayload() ? message.getArray() : new byte[0];
            ear.heard(
                    Connection.this,
                    message.getSrc(),
                    message.getDest() != null,
                    codec.read(bytes, message.getOffset(), message.getLength()),
                    message.getLength());
        }
    }
}
