package org.svcshare.ircd;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.Endpoint;
import org.svcshare.config.IrcdSettings;

/// The embedded IRC server: one server, no links to others. Safe to call from any thread.
public final class Ircd implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ircd.class);

    /// What a client may leave unread, in bytes, before it is dropped: an answer to LIST fits.
    private static final WriteBufferWaterMark SEND_QUEUE =
            new WriteBufferWaterMark(256 * 1024, 1024 * 1024);

    private static final Duration LONGEST_TICK = Duration.ofSeconds(1);
    private static final Duration SHORTEST_TICK = Duration.ofMillis(10);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

    private final EventLoopGroup group;
    private final IrcLoop loop;
    private final Channel listener;
    private final @Nullable Channel tlsListener;
    private final Endpoint listening;
    private final @Nullable Endpoint tlsListening;

    private Ircd(
            EventLoopGroup group,
            IrcLoop loop,
            Channel listener,
            Endpoint listening,
            @Nullable Channel tlsListener,
            @Nullable Endpoint tlsListening) {
        this.group = group;
        this.loop = loop;
        this.listener = listener;
        this.listening = listening;
        this.tlsListener = tlsListener;
        this.tlsListening = tlsListening;
    }

    /// As [#start(IrcdSettings, IrcdListener)], with nobody listening.
    public static Ircd start(IrcdSettings settings) throws IOException {
        return start(settings, IrcdListener.NOBODY);
    }

    /// Listens and serves; returns when both ports are bound.
    ///
    /// @throws IOException when a port cannot be had or the certificate cannot be used; the message
    ///   is for people and names the setting
    public static Ircd start(IrcdSettings settings, IrcdListener told) throws IOException {
        Optional<Endpoint> tlsListen = settings.tlsListen();
        SslContext tls = tlsListen.isPresent() ? tls(settings) : null;
        var group =
                new MultiThreadIoEventLoopGroup(
                        1, new DefaultThreadFactory("ircd", true), NioIoHandler.newFactory());
        try {
            var clock = Clock.systemUTC();
            var server = new IrcServer(settings, new CarefulListener(told), clock.instant());
            var loop = new IrcLoop(server, clock);
            Channel plain = bind(group, loop, settings, settings.listen(), "ircd.listen", null);
            Channel secure =
                    tlsListen.isEmpty()
                            ? null
                            : bind(group, loop, settings, tlsListen.get(), "ircd.tls-listen", tls);
            long tickMillis = tick(settings).toMillis();
            var _ =
                    group.next()
                            .scheduleWithFixedDelay(
                                    loop::tick, tickMillis, tickMillis, TimeUnit.MILLISECONDS);
            Endpoint listening = real(settings.listen(), plain);
            Endpoint tlsListening = secure == null ? null : real(tlsListen.orElseThrow(), secure);
            LOG.info(
                    "IRC server {} listens on {}{}",
                    settings.name(),
                    listening,
                    tlsListening == null ? "" : " and, with TLS, on " + tlsListening);
            return new Ircd(group, loop, plain, listening, secure, tlsListening);
        } catch (IOException | RuntimeException e) {
            var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw e;
        }
    }

    /// Where it listens, with the real port.
    public Endpoint listening() {
        return listening;
    }

    /// Where it listens for TLS, with the real port; empty for no TLS.
    public Optional<Endpoint> tlsListening() {
        return Optional.ofNullable(tlsListening);
    }

    /// How many connections there are, registered or not.
    public int clients() {
        return loop.clients();
    }

    /// Takes no more connections, says goodbye to those there are, and frees everything.
    @Override
    public void close() {
        listener.close().awaitUninterruptibly(STOP_LIMIT.toMillis());
        if (tlsListener != null) {
            tlsListener.close().awaitUninterruptibly(STOP_LIMIT.toMillis());
        }
        if (!group.isShuttingDown()) {
            group.next().submit(loop::shutdown).awaitUninterruptibly(STOP_LIMIT.toMillis());
        }
        group.shutdownGracefully(0, STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(STOP_LIMIT.toMillis());
    }

    private static Channel bind(
            EventLoopGroup group,
            IrcLoop loop,
            IrcdSettings settings,
            Endpoint endpoint,
            String setting,
            @Nullable SslContext tls)
            throws IOException {
        var address = new InetSocketAddress(endpoint.host(), endpoint.port());
        if (address.isUnresolved()) {
            throw new IOException(
                    "cannot listen for IRC on %s: unknown host (setting %s)"
                            .formatted(endpoint, setting));
        }
        var bootstrap =
                new ServerBootstrap()
                        .group(group)
                        .channel(NioServerSocketChannel.class)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, SEND_QUEUE)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        if (tls != null) {
                                            channel.pipeline()
                                                    .addLast(tls.newHandler(channel.alloc()));
                                        }
                                        channel.pipeline()
                                                .addLast(
                                                        new FrameDecoder(),
                                                        new ConnectionHandler(
                                                                loop, settings, tls != null));
                                    }
                                });
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "cannot listen for IRC on %s: %s (setting %s)"
                            .formatted(endpoint, reason(bound.cause()), setting),
                    bound.cause());
        }
        return bound.channel();
    }

    private static String reason(@Nullable Throwable cause) {
        String message = String.valueOf(cause == null ? null : cause.getMessage());
        if (cause instanceof BindException) {
            String lower = message.toLowerCase(Locale.ROOT);
            if (lower.contains("in use")) {
                return "another program has the port";
            }
            if (lower.contains("assign")) {
                return "this machine does not have the address";
            }
        }
        if (message.contains("Permission denied")) {
            return "ports below 1024 need a privilege";
        }
        return message;
    }

    private static SslContext tls(IrcdSettings settings) throws IOException {
        if (settings.certificate().isEmpty() || settings.key().isEmpty()) {
            throw new IOException("ircd.tls-listen needs ircd.certificate and ircd.key");
        }
        Path certificate = settings.certificate().get();
        Path key = settings.key().get();
        for (Path file : List.of(certificate, key)) {
            if (!Files.isReadable(file)) {
                throw new IOException("the IRC server cannot read " + file);
            }
        }
        try {
            return SslContextBuilder.forServer(certificate.toFile(), key.toFile())
                    .sslProvider(SslProvider.JDK)
                    .build();
        } catch (IllegalArgumentException | SSLException e) {
            throw new IOException(
                    "the IRC server cannot use the certificate %s with the key %s: %s"
                            .formatted(certificate, key, e.getMessage()),
                    e);
        }
    }

    /// Four looks within the shortest limit, so that no limit is exceeded by more than a quarter.
    private static Duration tick(IrcdSettings settings) {
        var limits =
                Stream.of(settings.pingEvery(), settings.pingTimeout(), settings.registerTimeout());
        Duration quarter = Collections.min(limits.toList()).dividedBy(4);
        return Collections.max(
                List.of(SHORTEST_TICK, Collections.min(List.of(LONGEST_TICK, quarter))));
    }

    private static Endpoint real(Endpoint wanted, Channel channel) {
        return channel.localAddress() instanceof InetSocketAddress address
                ? new Endpoint(wanted.host(), address.getPort())
                : wanted;
    }
}
