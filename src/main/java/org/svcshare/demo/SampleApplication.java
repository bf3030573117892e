package org.svcshare.demo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.Endpoint;
import org.svcshare.demo.SampleItems.Answer;
import org.svcshare.demo.SampleItems.Write;
import tools.jackson.databind.json.JsonMapper;

/// A service as one would have several copies of: items by key over HTTP/1.1. `GET`, `PUT`, `PATCH`
/// (appends) and `DELETE` of `/items/KEY`, `POST /items` (the next number becomes the key), `GET
/// /items` (all), `GET /log` (what it was made to do, in order), `GET /health`.
///
/// One event loop does everything, one request after the other.
public final class SampleApplication implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SampleApplication.class);
    private static final int MOST_BODY = 16 * 1024 * 1024;
    private static final long STOP_LIMIT_MS = 2_000;
    private static final Set<String> WRITES = Set.of("PUT", "PATCH", "POST", "DELETE");
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";
    private static final String BYTES = "application/octet-stream";

    private final EventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(
                    1, new DefaultThreadFactory("sample", true), NioIoHandler.newFactory());
    private final SampleItems items;
    private final @Nullable SampleFile file;
    private final Channel listener;

    private SampleApplication(SampleItems items, @Nullable SampleFile file, Endpoint listen)
            throws IOException {
        this.items = items;
        this.file = file;
        try {
            listener = bind(listen);
        } catch (IOException e) {
            close(loop);
            throw e;
        }
    }

    /// @param listen port 0 takes a free one
    /// @param data where to keep what it has; empty: nowhere
    /// @throws IOException when the port is taken or the file cannot be used; the message is for
    ///   people
    public static SampleApplication start(Endpoint listen, Optional<Path> data) throws IOException {
        var items = new SampleItems();
        if (data.isEmpty()) {
            return new SampleApplication(items, null, listen);
        }
        SampleFile file = SampleFile.open(data.get(), items::apply);
        try {
            return new SampleApplication(items, file, listen);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    private Channel bind(Endpoint listen) throws IOException {
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(loop)
                        .channel(NioServerSocketChannel.class)
                        .option(ChannelOption.SO_BACKLOG, 1024)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        channel.pipeline()
                                                .addLast(
                                                        new HttpServerCodec(),
                                                        new HttpServerKeepAliveHandler(),
                                                        new HttpObjectAggregator(MOST_BODY),
                                                        new Requests());
                                    }
                                })
                        .bind(listen.host(), listen.port())
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "cannot listen on " + listen + ": " + bound.cause().getMessage(),
                    bound.cause());
        }
        return bound.channel();
    }

    /// Where it listens, with the real port.
    public Endpoint listening() {
        var address = (InetSocketAddress) listener.localAddress();
        return new Endpoint(address.getAddress().getHostAddress(), address.getPort());
    }

    @Override
    public void close() throws IOException {
        listener.close().awaitUninterruptibly(STOP_LIMIT_MS);
        close(loop);
        if (file != null) {
            file.close();
        }
    }

    private static void close(EventLoopGroup loop) {
        loop.shutdownGracefully(0, STOP_LIMIT_MS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(STOP_LIMIT_MS);
    }

    private Said answer(FullHttpRequest request) {
        String method = request.method().name();
        if (!request.decoderResult().isSuccess()) {
            return Said.plain(new Answer(400, "that is not HTTP"));
        }
        if (WRITES.contains(method)) {
            return Said.plain(write(request));
        }
        return switch (method) {
            case "GET", "HEAD" -> read(request.uri());
            case "OPTIONS" -> Said.plain(new Answer(204, ""));
            default -> Said.plain(SampleItems.notAllowed());
        };
    }

    private Answer write(FullHttpRequest request) {
        HttpHeaders headers = request.headers();
        String key = headers.get("Idempotency-Key", "");
        if (key.length() > SampleItems.LONGEST_KEY) {
            return new Answer(
                    400, "Idempotency-Key: at most " + SampleItems.LONGEST_KEY + " characters");
        }
        var write =
                Write.of(
                        request.method().name(),
                        request.uri(),
                        headers.get(HttpHeaderNames.IF_NONE_MATCH, "").equals("*"),
                        key,
                        ByteBufUtil.getBytes(request.content()));
        try {
            if (file != null && !items.knows(key)) {
                file.append(write);
            }
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("why", e.toString()).log("a write could not be kept");
            return new Answer(503, "it could not be kept");
        }
        return items.apply(write);
    }

    private Said read(String target) {
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        return switch (path) {
            case SampleItems.ROOT -> Said.json(items.texts());
            case "/log" -> Said.json(items.log());
            case "/health" -> Said.json(new Health("ok", items.size(), items.log().size()));
            default ->
                    SampleItems.name(path)
                            .flatMap(items::item)
                            .map(bytes ->
                                    new Said(
                                            new Answer(200, ""), BYTES, bytes.getBytes(ISO_8859_1)))
                            .orElseGet(() -> Said.plain(new Answer(404, "there is nothing here")));
        };
    }

    /// @param writes how many changed something
    private record Health(String health, int items, int writes) {}

    /// An answer with its body.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Said(Answer answer, String type, byte[] body) {
        static Said plain(Answer answer) {
            String text = answer.text().isEmpty() ? "" : answer.text() + "\n";
            return new Said(answer, TEXT, text.getBytes(UTF_8));
        }

        static Said json(Object value) {
            return new Said(
                    new Answer(200, ""), JSON, JsonMapper.shared().writeValueAsBytes(value));
        }
    }

    /// One connection.
    private final class Requests extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            Said said = answer(request);
            var response =
                    new DefaultFullHttpResponse(
                            HttpVersion.HTTP_1_1,
                            HttpResponseStatus.valueOf(said.answer().status()),
                            Unpooled.wrappedBuffer(said.body()));
            HttpHeaders headers = response.headers();
            if (said.answer().status() != HttpResponseStatus.NO_CONTENT.code()) {
                headers.set(HttpHeaderNames.CONTENT_TYPE, said.type())
                        .set(HttpHeaderNames.CONTENT_LENGTH, said.body().length);
            }
            if (!said.answer().location().isEmpty()) {
                headers.set(HttpHeaderNames.LOCATION, said.answer().location());
            }
            if (!request.decoderResult().isSuccess()) {
                headers.set(HttpHeaderNames.CONNECTION, "close");
            }
            var _ = context.write(response);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        /// Who does not read answers is not read from.
        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            context.channel().config().setAutoRead(context.channel().isWritable());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.debug("a connection has failed", cause);
            var _ = context.close();
        }
    }
}
