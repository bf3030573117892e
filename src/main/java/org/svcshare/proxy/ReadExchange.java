package org.svcshare.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.svcshare.proxy.Routing.Route;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.RequestKind;

/// A read: one node is asked; another one when that failed before its answer began; each once. The
/// answer passes through as it comes. For the event loop of the client's connection.
final class ReadExchange implements Exchange, Upstream.User {
    /// Reads have bodies seldom, and never long ones; so one can be sent again.
    private static final int MOST_BODY_BYTES = 1 << 20;

    private static final long WAIT_MS = 10;

    private final ClientLoop home;
    private final ClientConnection client;
    private final HttpRequest request;
    private final RequestKind kind;
    private final long position;
    private final long beganNanos = System.nanoTime();
    private Set<NodeAddress> tried = Set.of();
    private ByteBuf body = Unpooled.EMPTY_BUFFER;
    private @Nullable Route route;
    private @Nullable Upstream upstream;

    /// The head of the answer, until it is seen whether the rest has come with it.
    private @Nullable HttpResponse head;

    private boolean begun;
    private boolean over;
    private String lastFailure = "";

    /// @param position in the log that the node must have reached; 0 for any
    ReadExchange(ClientLoop home, ClientConnection client, HttpRequest request, long position) {
        this.home = home;
        this.client = client;
        this.request = request;
        this.kind = RequestKind.of(request.method().name());
        this.position = position;
        HeaderRules.forward(request.headers(), client.version(), client.origin());
    }

    // From the client.

    @Override
    public void content(HttpContent content) {
        try {
            ByteBuf part = content.content();
            if (part.isReadable() && !over) {
                if (body.readableBytes() + part.readableBytes() > MOST_BODY_BYTES) {
                    refuse(
                            Refusal.of(
                                    HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                                    "The body is too long",
                                    "a read may have at most 1 MiB"));
                    return;
                }
                if (body.capacity() == 0) {
                    body = Unpooled.buffer(part.readableBytes());
                }
                body.writeBytes(part);
            }
        } finally {
            content.release();
        }
        if (content instanceof LastHttpContent && !over) {
            next(false);
        }
    }

    @Override
    public void writable() {
        Upstream from = upstream;
        if (from != null) {
            from.channel().config().setAutoRead(true);
        }
    }

    @Override
    public void gone() {
        if (!over) {
            end(false);
            Upstream from = upstream;
            if (from != null) {
                from.channel().config().setAutoRead(true);
                from.abandon();
            }
        }
    }

    // To the nodes.

    /// @param fresh the same node again, over a connection that nobody used before
    private void next(boolean fresh) {
        if (over) {
            return;
        }
        Route next = fresh ? route : pick();
        if (next == null) {
            nobody();
            return;
        }
        if (!fresh) {
            route = next;
            next.tally().given(kind);
            next.tally().began();
        }
        home.upstreams.connect(next, fresh, this);
    }

    private @Nullable Route pick() {
        return home.picker.pick(home.owner.routing(), tried, position);
    }

    private void nobody() {
        Routing routing = home.owner.routing();
        boolean some = !routing.preferred().isEmpty() || !routing.others().isEmpty();
        long waitedNanos = System.nanoTime() - beganNanos;
        boolean patient = waitedNanos < home.settings.writes().timeout().toNanos();
        if (some && position > 0 && tried.isEmpty() && patient) {
            // A node that has what this client wrote comes soon.
            var _ = home.loop.schedule(() -> next(false), WAIT_MS, TimeUnit.MILLISECONDS);
            return;
        }
        if (!tried.isEmpty()) {
            refuse(
                    Refusal.later(
                            HttpResponseStatus.BAD_GATEWAY,
                            "No node answered",
                            "the last one that was asked: " + lastFailure));
        } else if (some) {
            refuse(
                    Refusal.later(
                            HttpResponseStatus.SERVICE_UNAVAILABLE,
                            "No node has your write yet",
                            "none has come as far as " + position));
        } else {
            refuse(
                    Refusal.later(
                            HttpResponseStatus.SERVICE_UNAVAILABLE,
                            "No node",
                            "there is no node that can be asked now"));
        }
    }

    private void refuse(Refusal refusal) {
        over = true;
        body.release();
        body = Unpooled.EMPTY_BUFFER;
        client.refuse(refusal);
    }

    @Override
    public void connected(Upstream connection) {
        if (over) {
            connection.abandon();
            return;
        }
        upstream = connection;
        HttpHeaders headers = request.headers();
        headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
        if (body.isReadable() || headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        }
        var _ =
                connection
                        .channel()
                        .writeAndFlush(
                                new DefaultFullHttpRequest(
                                        HttpVersion.HTTP_1_1,
                                        request.method(),
                                        request.uri(),
                                        body.retainedDuplicate(),
                                        headers,
                                        EmptyHttpHeaders.INSTANCE));
    }

    @Override
    public void failed(String why, boolean unreachable) {
        Upstream from = upstream;
        upstream = null;
        Route asked = route;
        if (over || asked == null) {
            return;
        }
        if (begun) {
            end(false);
            client.abort();
            return;
        }
        if (from != null && from.again()) {
            // The node has closed a connection that was idle; that is no failure.
            next(true);
            return;
        }
        lastFailure = why;
        asked.tally().taken(kind);
        asked.tally().ended(kind, false);
        asked.tally().ended();
        if (unreachable) {
            home.owner.unreachable(asked.address(), why);
        }
        if (tried.isEmpty()) {
            tried = new HashSet<>();
        }
        tried.add(asked.address());
        route = null;
        next(false);
    }

    // From the node.

    @Override
    public void head(HttpResponse response) {
        begun = true;
        HeaderRules.cross(response.headers());
        HeaderRules.via(response.headers(), response.protocolVersion());
        head = response;
    }

    private void passHead() {
        HttpResponse first = head;
        if (first != null) {
            head = null;
            client.begin(first);
        }
    }

    @Override
    public void answer(HttpContent content) {
        Channel to = client.channel();
        if (content instanceof LastHttpContent rest) {
            end(true);
            HttpResponse first = head;
            if (first != null) {
                client.whole(first, rest);
            } else {
                var _ = to.writeAndFlush(rest);
            }
            client.done();
            return;
        }
        passHead();
        var _ = to.write(content);
        if (!to.isWritable()) {
            to.flush();
            Upstream from = upstream;
            if (from != null && !to.isWritable()) {
                from.channel().config().setAutoRead(false);
            }
        }
    }

    @Override
    public void pause() {
        passHead();
        client.channel().flush();
    }

    private void end(boolean good) {
        over = true;
        body.release();
        body = Unpooled.EMPTY_BUFFER;
        Route asked = route;
        if (asked != null) {
            asked.tally().taken(kind);
            asked.tally().ended(kind, good);
            asked.tally().ended();
        }
    }
}
