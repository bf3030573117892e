package org.svcshare.gate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;

/// Hands what happens on one socket to the flow that starts there.
final class NettySide extends ChannelInboundHandlerAdapter {
    private final NettyPair pair;
    private final NettyFlow flow;
    private final NioStream channel;
    private boolean closeNotified;

    NettySide(NettyPair pair, NettyFlow flow, NioStream channel) {
        this.pair = pair;
        this.flow = flow;
        this.channel = channel;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf bytes) {
            flow.received(bytes);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        flow.readComplete();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslCloseCompletionEvent closed && closed.isSuccess()) {
            closeNotified = true;
            flow.ended();
        } else if (event == ChannelInputShutdownEvent.INSTANCE && flow.comesFrom(channel)) {
            // TLS without close_notify may have been cut by anybody (RFC 8446 section 6.1).
            if (closeNotified || context.pipeline().get(SslHandler.class) == null) {
                flow.ended();
            } else {
                pair.reset();
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // While dialling, the dialer learns of it from its own futures.
        if (flow.comesFrom(channel)) {
            pair.reset();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (flow.comesFrom(channel)) {
            pair.reset();
        }
    }
}
