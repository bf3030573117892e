package org.svcshare.proxy;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Endpoint;
import org.svcshare.config.HttpSettings;
import org.svcshare.config.KeyFiles;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.journal.SharedLog;
import org.svcshare.replica.Replicas;

/// The proxy before the copies of a service: reads go to one of them, writes to all. Any thread may
/// call it.
public final class ReplicaProxy implements AutoCloseable {
    private static final long STOP_MS = 5000;

    private final MultiThreadIoEventLoopGroup group;
    private final ReplicaState state;
    private final List<ClientLoop> loops = new ArrayList<>();
    private final Channel server;
    private boolean closed;

    private ReplicaProxy(ReplicaSettings settings, Optional<SharedLog> shared) throws IOException {
        group =
                new MultiThreadIoEventLoopGroup(
                        settings.eventLoops(),
                        new DefaultThreadFactory("replica", true),
                        Transport.HERE.handlers());
        @Nullable ReplicaState opened = null;
        boolean started = false;
        try {
            EventLoop owner = group.next();
            var connector = new NodeConnector(settings);
            opened =
                    shared.isPresent()
                            ? GroupReplicas.open(settings, owner, connector, shared.get())
                            : LocalState.open(settings, owner, connector);
            state = opened;
            server = start(state.settings(), owner, connector);
            started = true;
        } finally {
            if (!started) {
                if (opened != null) {
                    opened.close();
                }
                var _ = group.shutdownGracefully(0, STOP_MS, TimeUnit.MILLISECONDS);
            }
        }
    }

    /// Opens the log, goes on with what is in it, and listens.
    ///
    /// @throws IOException when the log, a certificate or the port cannot be used (a
    ///   [BindException]); the message is for people
    public static ReplicaProxy start(ReplicaSettings settings) throws IOException {
        return new ReplicaProxy(settings, Optional.empty());
    }

    /// The same for a node of a group: the order of writes is the group's.
    public static ReplicaProxy start(ReplicaSettings settings, SharedLog shared)
            throws IOException {
        return new ReplicaProxy(settings, Optional.of(shared));
    }

    private Channel start(ReplicaSettings settings, EventLoop owner, NodeConnector connector)
            throws IOException {
        var checks = new HealthChecks(settings.health(), owner, connector, state::health);
        var connections = new AtomicInteger();
        Map<EventLoop, ClientLoop> homes = new LinkedHashMap<>();
        for (int i = 0; i < settings.eventLoops(); i++) {
            EventLoop loop = i == 0 ? owner : group.next();
            var home =
                    new ClientLoop(
                            settings,
                            loop,
                            state.owner(),
                            new Upstreams(settings, loop, connector),
                            state.spool(),
                            connections);
            homes.put(loop, home);
            loops.add(home);
            home.start();
        }
        @Nullable SslContext tls = settings.tls().isEmpty() ? null : tls(settings.tls().get());
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(group)
                        .channel(Transport.HERE.listening())
                        .option(ChannelOption.SO_BACKLOG, 4096)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childHandler(
                                new ClientPipeline(homes, tls, settings.limits().headerBytes()))
                        .bind(settings.listen().host(), settings.listen().port())
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            var taken =
                    new BindException(
                            "replica.listen: %s cannot be listened on: %s"
                                    .formatted(settings.listen(), bound.cause().getMessage()));
            taken.initCause(bound.cause());
            throw taken;
        }
        state.begin(checks);
        return bound.channel();
    }

    private static SslContext tls(HttpSettings.Tls own) throws IOException {
        KeyFiles files = KeyFiles.read(own, "replica.tls.password");
        SslContextBuilder builder =
                files.key().isPresent()
                        ? SslContextBuilder.forServer(
                                files.key().get(), files.chain().toArray(new X509Certificate[0]))
                        : SslContextBuilder.forServer(
                                own.certificate().toFile(), own.key().orElseThrow().toFile());
        return builder.sslProvider(SslProvider.JDK)
                .applicationProtocolConfig(
                        new ApplicationProtocolConfig(
                                Protocol.ALPN,
                                SelectorFailureBehavior.NO_ADVERTISE,
                                SelectedListenerFailureBehavior.ACCEPT,
                                ApplicationProtocolNames.HTTP_2,
                                ApplicationProtocolNames.HTTP_1_1))
                .build();
    }

    /// Where it listens; the real port where the settings say 0.
    public Endpoint listening() {
        var address = (InetSocketAddress) server.localAddress();
        return new Endpoint(address.getAddress().getHostAddress(), address.getPort());
    }

    /// The nodes, for those who look after them.
    public Replicas replicas() {
        return state.owner();
    }

    /// Takes no more connections and writes, and waits until those that are under way are answered;
    /// what is written down and not with every node yet goes on at the next start.
    public void drain(Duration limit) {
        server.close().awaitUninterruptibly(STOP_MS);
        loops.forEach(ClientLoop::stop);
        state.stop(limit);
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        server.close().awaitUninterruptibly(STOP_MS);
        state.close();
        group.shutdownGracefully(0, STOP_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly(STOP_MS);
    }
}
