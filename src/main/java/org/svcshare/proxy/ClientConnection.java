package org.svcshare.proxy;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A client's connection (HTTP/1.1), or one of its streams (HTTP/2): its requests are answered one
/// after another; what comes in meanwhile waits. For its event loop.
final class ClientConnection extends ChannelInboundHandlerAdapter {
    private static final int MOST_PIPELINED = 64;
    private static final HttpVersion HTTP_2 = HttpVersion.valueOf("HTTP/2.0");
    private final ClientLoop home;
    private final boolean tls;
    private final boolean stream;
    private final ArrayDeque<Object> pending = new ArrayDeque<>();
    private @Nullable Channel channel;
    private @Nullable Exchange exchange;
    private @Nullable Origin origin;

    /// Whether all of the request has come in.
    private boolean received = true;

    /// Whether what is left of the request's body is of no use to anybody.
    private boolean discarding;

    private boolean keepAlive;
    private boolean draining;
    private HttpVersion version = HttpVersion.HTTP_1_1;
    private boolean head;
    private long sinceNanos = System.nanoTime();

    /// @param stream whether it is a stream of HTTP/2
    ClientConnection(ClientLoop home, boolean tls, boolean stream) {
        this.home = home;
        this.tls = tls;
        this.stream = stream;
    }

    Channel channel() {
        Channel open = channel;
        if (open == null) {
            throw new IllegalStateException("not connected");
        }
        return open;
    }

    /// Of the request that is being answered.
    HttpVersion version() {
        return stream ? HTTP_2 : version;
    }

    /// For whom requests are passed on.
    Origin origin() {
        Origin known = origin;
        if (known == null) {
            Channel open = stream ? channel().parent() : channel();
            known = Origin.of(open.remoteAddress(), tls);
            origin = known;
        }
        return known;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
        home.opened(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        sinceNanos = System.nanoTime();
        if (exchange != null && received) {
            pending.add(message);
            if (pending.size() >= MOST_PIPELINED) {
                context.channel().config().setAutoRead(false);
            }
            return;
        }
        handle(message);
    }

    private void handle(Object message) {
        if (message instanceof HttpObject part && part.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            broken(part.decoderResult());
            return;
        }
        if (message instanceof HttpRequest request) {
            begin(request);
        }
        if (message instanceof HttpContent content) {
            boolean last = content instanceof LastHttpContent;
            received |= last;
            Exchange takes = exchange;
            if (takes == null || discarding) {
                content.release();
                discarding &= !last;
            } else {
                takes.content(content);
            }
        }
    }

    private void begin(HttpRequest request) {
        received = false;
        discarding = false;
        version = request.protocolVersion();
        head = request.method().name().equals("HEAD");
        keepAlive = HeaderRules.keepsAlive(version, request.headers());
        exchange = home.begin(this, request);
    }

    /// What is not HTTP, or too much of it (RFC 9112 3, RFC 6585 5).
    private void broken(DecoderResult result) {
        HttpResponseStatus status = HttpResponseStatus.BAD_REQUEST;
        if (result.cause() instanceof TooLongHttpLineException) {
            status = HttpResponseStatus.REQUEST_URI_TOO_LONG;
        } else if (result.cause() instanceof TooLongHttpHeaderException) {
            status = HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
        }
        received = true;
        keepAlive = false;
        refuse(Refusal.of(status, "The request cannot be read", "it is not HTTP as it should be"));
    }

    // For the exchange.

    /// Answers without a node. What is left of the request is thrown away.
    void refuse(Refusal refusal) {
        byte[] body = Problems.json(refusal);
        var answer =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, refusal.status(), Unpooled.wrappedBuffer(body));
        answer.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/problem+json");
        answer.headers().set(HttpHeaderNames.CACHE_CONTROL, "no-store");
        refusal.retryAfter()
                .ifPresent(after ->
                        answer.headers()
                                .set(HttpHeaderNames.RETRY_AFTER, Math.max(1, after.toSeconds())));
        if (!received) {
            // It may go on for as long as it likes.
            keepAlive = false;
        }
        answer(answer);
    }

    /// Answers with JSON.
    void answer(
            HttpResponseStatus status, byte[] json, Map<? extends CharSequence, String> headers) {
        var answer =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(json));
        answer.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
        headers.forEach((name, value) -> answer.headers().set(name, value));
        answer(answer);
    }

    /// A whole answer.
    void answer(FullHttpResponse answer) {
        int status = answer.status().code();
        if (status != 204 && status != 304) {
            answer.headers().set(HttpHeaderNames.CONTENT_LENGTH, answer.content().readableBytes());
        }
        if (head) {
            answer.content().clear();
        }
        connectionField(answer);
        var _ = channel().writeAndFlush(answer);
        done();
    }

    /// The head of an answer that goes on.
    void begin(HttpResponse answer) {
        fit(answer);
        var _ = channel().write(answer);
    }

    /// A whole answer of a node; [#done] is to be called as well.
    void whole(HttpResponse answer, LastHttpContent rest) {
        fit(answer);
        var _ =
                channel()
                        .writeAndFlush(
                                new DefaultFullHttpResponse(
                                        answer.protocolVersion(),
                                        answer.status(),
                                        rest.content(),
                                        answer.headers(),
                                        rest.trailingHeaders()));
    }

    private void fit(HttpResponse answer) {
        boolean chunked = answer.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
        boolean counted = answer.headers().contains(HttpHeaderNames.CONTENT_LENGTH);
        if (version.equals(HttpVersion.HTTP_1_0) && !stream) {
            answer.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
            keepAlive &= counted;
        } else if (!chunked && !counted && mayHaveBody(answer) && !stream) {
            answer.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        answer.setProtocolVersion(HttpVersion.HTTP_1_1);
        connectionField(answer);
    }

    private boolean mayHaveBody(HttpResponse answer) {
        int status = answer.status().code();
        return !head && status >= 200 && status != 204 && status != 304;
    }

    private void connectionField(HttpResponse answer) {
        keepAlive &= !home.stopping();
        if (stream) {
            return;
        }
        if (!keepAlive) {
            answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (version.equals(HttpVersion.HTTP_1_0)) {
            answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
    }

    /// The answer is written.
    void done() {
        exchange = null;
        sinceNanos = System.nanoTime();
        if (stream) {
            if (!received) {
                var _ = channel().close();
            }
            return;
        }
        if (!keepAlive) {
            discarding = true;
            channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        discarding = !received;
        drain();
    }

    private void drain() {
        if (draining) {
            return;
        }
        draining = true;
        while (!pending.isEmpty() && !(exchange != null && received)) {
            handle(pending.remove());
        }
        draining = false;
        if (pending.isEmpty() && !channel().config().isAutoRead() && exchange == null) {
            channel().config().setAutoRead(true);
        }
    }

    /// Cuts the answer short, so that nobody takes it for whole.
    void abort() {
        keepAlive = false;
        exchange = null;
        var _ = channel().close();
    }

    /// Reads no more of the request for now, or goes on.
    void reading(boolean on) {
        channel().config().setAutoRead(on);
    }

    boolean idle(long nowNanos, long limitNanos) {
        // Idle as well are a request that never ends, and a client that takes nothing.
        boolean waits = exchange == null || !received || !channel().isWritable();
        return waits && nowNanos - sinceNanos > limitNanos;
    }

    boolean busy() {
        return exchange != null;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        sinceNanos = System.nanoTime();
        Exchange writes = exchange;
        if (writes != null && context.channel().isWritable()) {
            writes.writable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        home.closed(this);
        Exchange left = exchange;
        exchange = null;
        if (left != null) {
            left.gone();
        }
        pending.forEach(ReferenceCountUtil::release);
        pending.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        var _ = context.close();
    }
}
