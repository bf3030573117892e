package org.svcshare.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.svcshare.proxy.Routing.Route;

/// One connection to a node, for one read after another. For its event loop.
final class Upstream extends ChannelInboundHandlerAdapter {
    private final Route route;
    private final Upstreams pool;
    private @Nullable Channel channel;
    private @Nullable User user;
    private boolean used;
    private boolean again;
    private boolean begun;
    private boolean keepAlive;
    private long sinceNanos;

    /// Who sends a request over it.
    interface User {
        /// It is there to be used.
        void connected(Upstream upstream);

        /// The head of the answer; fields of the connection are in it still.
        void head(HttpResponse response);

        /// Owns the content. With the last of it the connection is no longer the user's.
        void answer(HttpContent content);

        /// Nothing more has come for now.
        void pause();

        /// The answer did not come, or not all of it.
        ///
        /// @param unreachable whether there was no connection at all
        void failed(String why, boolean unreachable);
    }

    Upstream(Route route, Upstreams pool) {
        this.route = route;
        this.pool = pool;
    }

    Route route() {
        return route;
    }

    Channel channel() {
        Channel open = channel;
        if (open == null) {
            throw new IllegalStateException("not connected yet");
        }
        return open;
    }

    /// Whether it carried an exchange before this one.
    boolean again() {
        return again;
    }

    boolean usable(Route wanted) {
        Channel open = channel;
        return open != null && open.isActive() && wanted.tls() == route.tls();
    }

    void use(User next) {
        again = used;
        used = true;
        user = next;
        begun = false;
        keepAlive = true;
        sinceNanos = System.nanoTime();
        // The client of the exchange before may have been slow at its end.
        channel().config().setAutoRead(true);
        next.connected(this);
    }

    /// The user wants nothing more of it.
    void abandon() {
        user = null;
        close();
    }

    void close() {
        Channel open = channel;
        if (open != null) {
            var _ = open.close();
        }
    }

    void idleSince(long nanos) {
        sinceNanos = nanos;
    }

    long idleFor(long nowNanos) {
        return nowNanos - sinceNanos;
    }

    void sweep(long nowNanos, long limitNanos) {
        if (!begun && nowNanos - sinceNanos > limitNanos) {
            fail("no answer within " + limitNanos / 1_000_000_000 + " s");
        }
    }

    private void fail(String why) {
        User failed = user;
        user = null;
        close();
        if (failed != null) {
            failed.failed(why, false);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        User reader = user;
        if (reader == null) {
            ReferenceCountUtil.release(message);
            close();
            return;
        }
        if (message instanceof HttpObject part && part.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            fail("answered with something that is not HTTP");
            return;
        }
        if (message instanceof HttpResponse response) {
            if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
                return;
            }
            begun = true;
            keepAlive =
                    HeaderRules.keepsAlive(response.protocolVersion(), response.headers())
                            && delimited(response);
            reader.head(response);
        }
        if (message instanceof HttpContent content) {
            if (!begun) {
                content.release();
                return;
            }
            boolean last = content instanceof LastHttpContent;
            if (last) {
                user = null;
            }
            reader.answer(content);
            if (last) {
                ended();
            }
        }
    }

    /// Whether the end of the body is told otherwise than by the end of the connection.
    private static boolean delimited(HttpResponse response) {
        HttpHeaders headers = response.headers();
        int status = response.status().code();
        return headers.contains("content-length")
                || headers.contains("transfer-encoding")
                || status == 204
                || status == 304
                || response.protocolVersion().equals(HttpVersion.HTTP_1_1);
    }

    private void ended() {
        if (keepAlive) {
            pool.free(this);
        } else {
            close();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        User reader = user;
        if (reader != null) {
            reader.pause();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        pool.gone(this);
        fail(begun ? "broke off its answer" : "closed the connection before it answered");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(NodeConnector.reason(cause));
    }
}
