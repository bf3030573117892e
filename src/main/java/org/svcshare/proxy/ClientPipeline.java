package org.svcshare.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What stands between a client's bytes and its requests: TLS where it is asked for, then HTTP/2 or
/// HTTP/1.1, as the client wants it.
final class ClientPipeline extends ChannelInitializer<Channel> {
    private static final int MOST_STREAMS = 256;
    private final Map<io.netty.channel.EventLoop, ClientLoop> loops;
    private final @Nullable SslContext tls;
    private final int headerBytes;

    ClientPipeline(
            Map<io.netty.channel.EventLoop, ClientLoop> loops,
            @Nullable SslContext tls,
            int headerBytes) {
        this.loops = loops;
        this.tls = tls;
        this.headerBytes = headerBytes;
    }

    @Override
    protected void initChannel(Channel channel) {
        if (!home(channel).accepted(channel)) {
            return;
        }
        SslContext context = tls;
        if (context == null) {
            channel.pipeline().addLast(new FirstBytes());
        } else {
            channel.pipeline().addLast(context.newHandler(channel.alloc()), new Negotiated());
        }
    }

    private ClientLoop home(Channel channel) {
        ClientLoop home = loops.get(channel.eventLoop());
        if (home == null) {
            throw new IllegalStateException("a loop that nobody knows");
        }
        return home;
    }

    private void http1(ChannelPipeline pipeline, boolean secure) {
        var decoding =
                new HttpDecoderConfig()
                        .setMaxInitialLineLength(headerBytes)
                        .setMaxHeaderSize(headerBytes)
                        .setMaxChunkSize(64 << 10);
        pipeline.addLast(new HttpServerCodec(decoding));
        pipeline.addLast(new ClientConnection(home(pipeline.channel()), secure, false));
    }

    private void http2(ChannelPipeline pipeline, boolean secure) {
        pipeline.addLast(
                Http2FrameCodecBuilder.forServer()
                        .initialSettings(
                                Http2Settings.defaultSettings()
                                        .maxConcurrentStreams(MOST_STREAMS)
                                        .maxHeaderListSize(headerBytes))
                        .build());
        ClientLoop home = home(pipeline.channel());
        pipeline.addLast(
                new IdleStateHandler(0, 0, home.idleMs(), TimeUnit.MILLISECONDS), new Idle());
        pipeline.addLast(
                new Http2MultiplexHandler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel stream) {
                                stream.pipeline()
                                        .addLast(
                                                new Http2StreamFrameToHttpObjectCodec(true),
                                                new ClientConnection(home, secure, true));
                            }
                        }));
    }

    /// Closes a connection over which nothing is asked.
    private static final class Idle extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event)
                throws Exception {
            Http2FrameCodec codec = context.pipeline().get(Http2FrameCodec.class);
            if (event instanceof IdleStateEvent && codec.connection().numActiveStreams() == 0) {
                var _ = context.close();
            } else {
                super.userEventTriggered(context, event);
            }
        }
    }

    /// RFC 7301.
    private final class Negotiated extends ApplicationProtocolNegotiationHandler {
        Negotiated() {
            super(ApplicationProtocolNames.HTTP_1_1);
        }

        /// Netty would log what came, which may be a request with a password in it.
        @Override
        protected void handshakeFailure(ChannelHandlerContext context, Throwable cause) {
            var _ = context.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            var _ = context.close();
        }

        @Override
        protected void configurePipeline(ChannelHandlerContext context, String protocol) {
            if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                http2(context.pipeline(), true);
            } else {
                http1(context.pipeline(), true);
            }
        }
    }

    /// Who speaks HTTP/2 without TLS says so in its first bytes (RFC 9113 3.4).
    private final class FirstBytes extends ByteToMessageDecoder {
        private static final String PREFACE = "PRI * HTTP/2.0";

        private @Nullable Future<?> patience;

        /// Who says nothing is not waited for.
        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            Runnable close =
                    () -> {
                        var _ = context.close();
                    };
            long ms = home(context.channel()).idleMs();
            patience = context.executor().schedule(close, ms, TimeUnit.MILLISECONDS);
        }

        @Override
        protected void handlerRemoved0(ChannelHandlerContext context) {
            Future<?> waiting = patience;
            if (waiting != null) {
                waiting.cancel(false);
            }
        }

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            int length = Math.min(in.readableBytes(), PREFACE.length());
            boolean like = true;
            for (int i = 0; i < length && like; i++) {
                like = in.getByte(in.readerIndex() + i) == PREFACE.charAt(i);
            }
            if (like && length < PREFACE.length()) {
                return;
            }
            if (like) {
                http2(context.pipeline(), false);
            } else {
                http1(context.pipeline(), false);
            }
            context.pipeline().remove(this);
        }
    }
}
