package org.svcshare.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;

/// Asks each node now and then how it is, over a connection of its own; never in the way of a
/// request. For one event loop.
final class HealthChecks {
    private static final int MOST_BODY_BYTES = 64 << 10;
    private static final long HURRY_MS = 200;

    private final ReplicaSettings.Health settings;
    private final EventLoop loop;
    private final NodeConnector connector;
    private final Verdict verdict;
    private final Map<NodeAddress, Checked> checked = new HashMap<>();

    /// Gets what was found.
    interface Verdict {
        /// @param trouble why it cannot be asked; empty if it can
        void found(NodeAddress node, Optional<String> trouble);
    }

    private static final class Checked {
        Node node;
        int good;
        int bad;

        /// Nothing is known of a node that was never asked.
        boolean known;

        boolean up;

        @Nullable Check running;
        long nextNanos = System.nanoTime();

        Checked(Node node) {
            this.node = node;
        }
    }

    HealthChecks(
            ReplicaSettings.Health settings,
            EventLoop loop,
            NodeConnector connector,
            Verdict verdict) {
        this.settings = settings;
        this.loop = loop;
        this.connector = connector;
        this.verdict = verdict;
    }

    void start() {
        var _ = loop.scheduleAtFixedRate(this::look, 0, 50, TimeUnit.MILLISECONDS);
    }

    /// Those that are there now.
    void nodes(List<Node> nodes) {
        Set<NodeAddress> there = nodes.stream().map(Node::address).collect(Collectors.toSet());
        checked.keySet().retainAll(there);
        for (Node node : nodes) {
            Checked known = checked.get(node.address());
            if (known == null || known.node.tls() != node.tls()) {
                checked.put(node.address(), new Checked(node));
            } else {
                known.node = node;
            }
        }
    }

    private void look() {
        long now = System.nanoTime();
        for (Checked each : List.copyOf(checked.values())) {
            Check running = each.running;
            if (running != null) {
                if (now - running.beganNanos > settings.timeout().toNanos()) {
                    running.ended(
                            "no answer to the check within %d ms"
                                    .formatted(settings.timeout().toMillis()));
                }
            } else if (each.node.active() && now - each.nextNanos >= 0) {
                each.running = new Check(each);
                each.running.begin();
            }
        }
    }

    /// Traffic found that a node cannot be connected to: it is away until a check is good again.
    void failed(NodeAddress node, String why) {
        Checked each = checked.get(node);
        if (each != null) {
            each.bad = settings.fall() - 1;
            judge(each, why);
            each.nextNanos =
                    Math.min(
                            each.nextNanos,
                            System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(HURRY_MS));
        }
    }

    private void judge(Checked each, @Nullable String trouble) {
        if (trouble == null) {
            each.good++;
            each.bad = 0;
        } else {
            each.bad++;
            each.good = 0;
        }
        boolean first = !each.known;
        boolean turns = first || each.up == (trouble != null);
        if (trouble == null && turns && each.good >= (first ? 1 : settings.rise())) {
            each.known = true;
            each.up = true;
            verdict.found(each.node.address(), Optional.empty());
        } else if (trouble != null && turns && each.bad >= settings.fall()) {
            each.known = true;
            each.up = false;
            verdict.found(each.node.address(), Optional.of(trouble));
        }
    }

    /// One check.
    private final class Check extends SimpleChannelInboundHandler<HttpObject> {
        final long beganNanos = System.nanoTime();
        private final Checked of;
        private @Nullable ChannelFuture connection;
        private int status;
        private final ByteBuf body = Unpooled.buffer(256, MOST_BODY_BYTES);
        private boolean over;

        Check(Checked of) {
            this.of = of;
        }

        void begin() {
            NodeAddress node = of.node.address();
            connection = connector.connect(loop, node, of.node.tls(), this);
            connection.addListener(
                    (ChannelFutureListener)
                            done -> {
                                if (!done.isSuccess()) {
                                    ended(NodeConnector.reason(done.cause()));
                                }
                            });
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            var request =
                    new DefaultFullHttpRequest(
                            HttpVersion.HTTP_1_1, HttpMethod.GET, settings.path());
            request.headers()
                    .set(HttpHeaderNames.HOST, of.node.address().toString())
                    .set(HttpHeaderNames.USER_AGENT, "svcshare")
                    .set(HttpHeaderNames.ACCEPT, "*/*")
                    .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            var _ = context.writeAndFlush(request);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
            if (message.decoderResult().isFailure()) {
                ended("answered a check with something that is not HTTP");
                return;
            }
            if (message instanceof HttpResponse response) {
                status = response.status().code();
            }
            if (message instanceof HttpContent content && status >= 200) {
                ByteBuf part = content.content();
                body.writeBytes(part, Math.min(part.readableBytes(), body.maxWritableBytes()));
                boolean enough = body.maxWritableBytes() == 0;
                if (message instanceof LastHttpContent || enough) {
                    answered();
                }
            }
        }

        private void answered() {
            if (over) {
                return;
            }
            if (status >= 500 || (settings.pattern().isPresent() && status >= 400)) {
                ended("answered a check with " + status);
                return;
            }
            Optional<Pattern> pattern = settings.pattern();
            if (pattern.isEmpty()) {
                ended(null);
                return;
            }
            String text = body.toString(StandardCharsets.UTF_8);
            // Nobody knows how long a pattern takes.
            Thread.ofVirtual()
                    .name("replica check")
                    .start(() -> {
                        boolean found = pattern.get().matcher(text).find();
                        loop.execute(() ->
                                ended(
                                        found
                                                ? null
                                                : "the answer to a check does not"
                                                        + " have the pattern"));
                    });
        }

        /// @param trouble null when all is well
        void ended(@Nullable String trouble) {
            if (over) {
                return;
            }
            over = true;
            body.release();
            ChannelFuture open = connection;
            if (open != null) {
                open.cancel(false);
                var _ = open.channel().close();
            }
            of.running = null;
            of.nextNanos = System.nanoTime() + settings.every().toNanos();
            if (checked.get(of.node.address()) == of) {
                judge(of, trouble);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            ended("closed the connection of a check");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            ended(NodeConnector.reason(cause));
        }
    }
}
