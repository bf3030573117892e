package org.svcshare.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpChunkedInput;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.stream.ChunkedNioFile;
import io.netty.handler.stream.ChunkedWriteHandler;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.RequestKind;

/// The connection that a node gets its writes over, in the order in which they are handed in; their
/// answers come back in the same order (RFC 9112 9.3.2). When it breaks, all that was not answered
/// is reported as lost, once. For the thread that owns the replicas.
final class NodeLink {
    private final NodeAddress node;
    private final boolean tls;
    private final ReplicaSettings settings;
    private final EventLoop loop;
    private final NodeConnector connector;
    private final Spool spool;
    private final ReplicaLoop owner;

    /// What is to be sent, and what was sent and is not answered.
    private final ArrayDeque<Long> toSend = new ArrayDeque<>();

    private final ArrayDeque<Flight> flying = new ArrayDeque<>();

    /// Writes that were read from the log ahead of their turn.
    private final TreeMap<Long, WriteRequest> ahead = new TreeMap<>();

    private boolean fetching;
    private @Nullable Channel channel;
    private @Nullable ChannelFuture connecting;
    private boolean closed;

    /// Whether the loss of what was sent is about to be reported.
    private boolean broken;

    private boolean flushing;

    /// A write that was sent.
    private record Flight(long position, WriteRequest request, long sentNanos) {}

    NodeLink(
            NodeAddress node,
            boolean tls,
            ReplicaSettings settings,
            EventLoop loop,
            NodeConnector connector,
            Spool spool,
            ReplicaLoop owner) {
        this.node = node;
        this.tls = tls;
        this.settings = settings;
        this.loop = loop;
        this.connector = connector;
        this.spool = spool;
        this.owner = owner;
    }

    boolean tls() {
        return tls;
    }

    /// While a loss is about to be reported it is lost as well.
    void send(long position) {
        if (!broken) {
            toSend.add(position);
            pump();
        }
    }

    private void pump() {
        while (!toSend.isEmpty() && !closed && !broken) {
            Channel open = channel;
            if (open == null) {
                connect();
                return;
            }
            if (!owner.holds()) {
                breakOff("this node may not send writes just now");
                return;
            }
            long position = toSend.peek();
            WriteRequest request = owner.recent(position);
            if (request == null) {
                request = ahead.remove(position);
            }
            if (request == null) {
                fetch(position);
                return;
            }
            toSend.remove();
            flying.add(new Flight(position, request, System.nanoTime()));
            write(open, request);
            flushSoon();
        }
    }

    /// What is sent in one turn of the loop goes out in one piece.
    private void flushSoon() {
        if (!flushing) {
            flushing = true;
            loop.execute(() -> {
                flushing = false;
                Channel open = channel;
                if (open != null) {
                    open.flush();
                }
            });
        }
    }

    private void fetch(long position) {
        if (fetching) {
            return;
        }
        fetching = true;
        ahead.clear();
        owner.fetch(
                position,
                window -> {
                    fetching = false;
                    if (closed) {
                        return;
                    }
                    if (window != null) {
                        window.found().forEach(each -> ahead.put(each.position(), each.request()));
                    }
                    if (ahead.containsKey(position)) {
                        pump();
                    } else {
                        lost("write " + position + " cannot be read from the log");
                    }
                });
    }

    private void connect() {
        if (connecting != null) {
            return;
        }
        var handler = new Answers();
        ChannelFuture future = connector.connect(loop, node, tls, handler);
        connecting = future;
        future.addListener(
                (ChannelFutureListener)
                        done -> {
                            if (!done.equals(connecting)) {
                                var _ = done.channel().close();
                                return;
                            }
                            connecting = null;
                            if (done.isSuccess()) {
                                channel = done.channel();
                                pump();
                            } else {
                                String why = NodeConnector.reason(done.cause());
                                lost(why);
                            }
                        });
    }

    private void write(Channel open, WriteRequest request) {
        if (request.file().isEmpty()) {
            var _ =
                    open.write(
                            new DefaultFullHttpRequest(
                                    HttpVersion.HTTP_1_1,
                                    HttpMethod.valueOf(request.method()),
                                    request.target(),
                                    request.body().retainedDuplicate(),
                                    request.headers(),
                                    EmptyHttpHeaders.INSTANCE));
            return;
        }
        try {
            var body =
                    new ChunkedNioFile(
                            spool.open(request.file().get()), 0, request.sizeBytes(), 64 << 10);
            if (open.pipeline().get(ChunkedWriteHandler.class) == null) {
                open.pipeline()
                        .addBefore(
                                open.pipeline().lastContext().name(),
                                null,
                                new ChunkedWriteHandler());
            }
            var _ =
                    open.write(
                            new DefaultHttpRequest(
                                    HttpVersion.HTTP_1_1,
                                    HttpMethod.valueOf(request.method()),
                                    request.target(),
                                    request.headers()));
            var _ = open.write(new HttpChunkedInput(body));
        } catch (IOException e) {
            breakOff("the body of a write cannot be read: " + e.getMessage());
        }
    }

    /// Looks whether the node takes too long.
    void sweep() {
        Flight oldest = flying.peek();
        if (oldest != null
                && System.nanoTime() - oldest.sentNanos()
                        > settings.limits().nodeTimeout().toNanos()) {
            breakOff("no answer within " + settings.limits().nodeTimeout().toSeconds() + " s");
        }
    }

    private void breakOff(String why) {
        Channel open = channel;
        channel = null;
        if (open != null) {
            var _ = open.close();
        }
        lost(why);
    }

    private void lost(String why) {
        int sent = flying.size();
        Flight first = flying.peek();
        RequestKind kind =
                first == null ? RequestKind.OTHER : RequestKind.of(first.request().method());
        flying.clear();
        toSend.clear();
        ahead.clear();
        broken = true;
        // Never from within what the owner is just doing.
        loop.execute(() -> {
            broken = false;
            if (!closed) {
                owner.lost(node, why, sent, kind);
            }
        });
    }

    void close() {
        closed = true;
        ChannelFuture under = connecting;
        connecting = null;
        if (under != null) {
            under.cancel(false);
        }
        Channel open = channel;
        channel = null;
        if (open != null) {
            var _ = open.close();
        }
    }

    /// Takes a node's answers together.
    private final class Answers extends SimpleChannelInboundHandler<HttpObject> {
        private @Nullable HttpResponse head;
        private ByteBuf body = Unpooled.EMPTY_BUFFER;
        private final CRC32C digest = new CRC32C();
        private long length;
        private boolean keep;
        private boolean tooLong;

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
            if (!context.channel().equals(channel)) {
                return;
            }
            if (message.decoderResult().isFailure()) {
                breakOff("answered with something that is not HTTP");
                return;
            }
            if (message instanceof HttpResponse response) {
                begin(response);
            }
            if (message instanceof HttpContent content) {
                more(content.content());
                if (message instanceof LastHttpContent) {
                    end();
                }
            }
        }

        private void begin(HttpResponse response) {
            if (response.status().code() < 200) {
                return;
            }
            Flight flight = flying.peek();
            if (flight == null) {
                breakOff("answered without being asked");
                return;
            }
            head = response;
            keep = owner.awaited(flight.position());
            tooLong = false;
            length = 0;
            digest.reset();
        }

        private void more(ByteBuf part) {
            length += part.readableBytes();
            if (settings.writes().compareBodies()) {
                digest.update(part.nioBuffer());
            }
            if (!keep || !part.isReadable()) {
                return;
            }
            if (length > settings.limits().answerBytes()) {
                tooLong = true;
                keep = false;
                release();
                return;
            }
            if (body.capacity() == 0) {
                body = Unpooled.buffer(part.readableBytes());
            }
            body.writeBytes(part);
        }

        private void release() {
            body.release();
            body = Unpooled.EMPTY_BUFFER;
        }

        private void end() {
            HttpResponse response = head;
            if (response == null) {
                return;
            }
            head = null;
            Flight flight = flying.remove();
            boolean alive = HeaderRules.keepsAlive(response.protocolVersion(), response.headers());
            HttpHeaders headers = response.headers();
            HeaderRules.cross(headers);
            var answer = new NodeAnswer(response.status().code(), headers, body, tooLong);
            body = Unpooled.EMPTY_BUFFER;
            long sum = settings.writes().compareBodies() ? digest.getValue() + 1 : 0;
            if (!alive) {
                // What was sent behind is not going to be answered.
                Channel open = channel;
                channel = null;
                if (open != null) {
                    var _ = open.close();
                }
            }
            boolean rest = !alive && !flying.isEmpty();
            owner.answered(node, flight.position(), flight.request(), answer, sum);
            if (rest) {
                lost("closed the connection");
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            release();
            if (context.channel().equals(channel)) {
                channel = null;
                if (!flying.isEmpty()) {
                    lost("closed the connection before it answered");
                } else {
                    pump();
                }
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (context.channel().equals(channel)) {
                breakOff(NodeConnector.reason(cause));
            } else {
                var _ = context.close();
            }
        }
    }
}
