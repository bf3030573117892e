package org.svcshare.gate;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Hands on who has connected.
final class Acceptor extends ChannelInboundHandlerAdapter {
    private static final long PAUSE_MILLIS = 100;

    private final Consumer<NioStream> arrived;

    Acceptor(Consumer<NioStream> arrived) {
        this.arrived = arrived;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof NioStream client) {
            arrived.accept(client);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // Out of descriptors, most likely: they wait in the backlog meanwhile, and nothing spins.
        var config = context.channel().config();
        config.setAutoRead(false);
        var _ =
                context.executor()
                        .schedule(
                                () -> config.setAutoRead(true),
                                PAUSE_MILLIS,
                                TimeUnit.MILLISECONDS);
    }
}
