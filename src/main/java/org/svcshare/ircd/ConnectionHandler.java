package org.svcshare.ircd;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.IrcdSettings;

/// One connection: its frames go through its throttle to the loop.
final class ConnectionHandler extends SimpleChannelInboundHandler<Frame> {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);

    private final IrcLoop loop;
    private final LineThrottle throttle;
    private final boolean secure;
    private long id;
    private boolean waking;
    private @Nullable String failure;

    ConnectionHandler(IrcLoop loop, IrcdSettings settings, boolean secure) {
        this.loop = loop;
        this.secure = secure;
        this.throttle =
                new LineThrottle(settings.floodBurst(), settings.floodInterval(), loop.now());
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        id = loop.connected(context.channel(), host(context.channel().remoteAddress()), secure);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, Frame frame) {
        if (!loop.knows(id)) {
            // Sent away already; what still comes is read only to be dropped.
            return;
        }
        loop.heard(id);
        if (frame instanceof Frame.Endless) {
            loop.received(id, frame);
        } else if (!throttle.offer(frame)) {
            throttle.clear();
            loop.dismiss(id, "Excess Flood");
        } else if (!waking) {
            drain(context);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        throttle.clear();
        String why = failure;
        loop.gone(id, why == null ? "Connection closed" : why);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException || cause instanceof DecoderException) {
            // A peer that resets, or does not speak TLS: nothing that a stack trace would explain.
            LOG.debug("connection {}: {}", id, cause.toString());
        } else {
            LOG.error("the IRC server failed on connection {}, which is closed", id, cause);
        }
        failure = secure ? "TLS or connection error" : "Connection error";
        var _ = context.close();
    }

    private void drain(ChannelHandlerContext context) {
        waking = false;
        for (Optional<Frame> next = throttle.poll(loop.now());
                next.isPresent();
                next = throttle.poll(loop.now())) {
            loop.received(id, next.get());
        }
        if (!throttle.isEmpty() && loop.knows(id)) {
            Duration wait = throttle.wait(loop.now());
            waking = true;
            var _ =
                    context.executor()
                            .schedule(
                                    () -> wake(context),
                                    wait.toMillis() + 1,
                                    TimeUnit.MILLISECONDS);
        }
    }

    private void wake(ChannelHandlerContext context) {
        try {
            drain(context);
        } catch (RuntimeException e) {
            exceptionCaught(context, e);
        }
    }

    private static String host(@Nullable SocketAddress peer) {
        if (peer instanceof InetSocketAddress inet) {
            InetAddress address = inet.getAddress();
            if (address != null) {
                String host = address.getHostAddress();
                int zone = host.indexOf('%');
                return zone < 0 ? host : host.substring(0, zone);
            }
        }
        return "unknown";
    }
}
