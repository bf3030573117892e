package org.svcshare.web;

import io.netty.channel.unix.Errors.NativeIoException;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.Endpoint;
import org.svcshare.config.HttpSettings;
import org.svcshare.config.HttpSettings.Tls;
import org.svcshare.config.PoolSettings;
import org.svcshare.config.Secret;
import org.svcshare.pool.Effect;
import org.svcshare.pool.Operation;
import org.svcshare.pool.PoolEngine;
import org.svcshare.replica.Replicas;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.MemberGroup;
import org.svcshare.turn.Happening;

/// The HTTP server. Any thread may call it.
public final class WebServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LEAST_CLAIM = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final Site site;
    private final List<Loop> loops = new CopyOnWriteArrayList<>();
    private final Endpoint listening;

    /// Ends what it hears of the members.
    private Runnable deaf = () -> {};

    private WebServer(
            HttpSettings http,
            PoolSettings pools,
            PoolEngine engine,
            Optional<MemberGroup> members,
            Optional<Replicas> replicas,
            StatusSource status)
            throws IOException {
        var counts = new Counts();
        var waiters =
                new Waiters(
                        System::nanoTime,
                        (id, away) ->
                                engine.propose(
                                        new Operation.Unheard(
                                                id, left(pools.claim(), away).toMillis()),
                                        Asking.NOBODY));
        site =
                new Site(
                        http,
                        pools,
                        engine,
                        members,
                        replicas,
                        new NodeLine(),
                        status,
                        waiters,
                        new Metrics(status, pools.rules(), engine, members, replicas, counts),
                        counts,
                        InstantSource.system());
        vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(http.eventLoops())
                                .setWorkerPoolSize(1)
                                .setInternalBlockingPoolSize(1)
                                .setUseDaemonThread(true)
                                .setPreferNativeTransport(true)
                                .setFileSystemOptions(
                                        new FileSystemOptions()
                                                .setClassPathResolvingEnabled(false)
                                                .setFileCachingEnabled(false)));
        try {
            engine.listen(this::on);
            engine.whenLost(site.waiters()::dismissAll);
            deaf = members.map(group -> group.listen(this::on)).orElse(deaf);
            listening = new Endpoint(http.listen().host(), listen(http));
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /// How long a lock is kept for one who was away when its turn came. Who was away for long
    /// already has little time left: the dead must not hold up the living one after the other.
    static Duration left(Duration claim, Duration away) {
        Duration least = claim.compareTo(LEAST_CLAIM) < 0 ? claim : LEAST_CLAIM;
        Duration rest = claim.minus(away);
        return rest.compareTo(least) < 0 ? least : rest;
    }

    /// @param engine told what is asked; not closed with the server
    /// @throws IOException when the port is taken (a [BindException]) or the certificate cannot be
    ///   used; the message is for people
    public static WebServer start(
            HttpSettings http, PoolSettings pools, PoolEngine engine, StatusSource status)
            throws IOException {
        return start(http, pools, engine, Optional.empty(), status);
    }

    /// The same with a group of members, which is not closed with the server either.
    public static WebServer start(
            HttpSettings http,
            PoolSettings pools,
            PoolEngine engine,
            Optional<MemberGroup> members,
            StatusSource status)
            throws IOException {
        return start(http, pools, engine, members, Optional.empty(), status);
    }

    /// The same with the copies of a service, which stay open as well.
    public static WebServer start(
            HttpSettings http,
            PoolSettings pools,
            PoolEngine engine,
            Optional<MemberGroup> members,
            Optional<Replicas> replicas,
            StatusSource status)
            throws IOException {
        return new WebServer(http, pools, engine, members, replicas, status);
    }

    private int listen(HttpSettings http) throws IOException {
        HttpServerOptions options = options(http);
        var deployment = new DeploymentOptions().setInstances(http.eventLoops());
        try {
            vertx.deployVerticle(
                            () -> {
                                var loop = new Loop(site, options);
                                loops.add(loop);
                                return loop;
                            },
                            deployment)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            // Through epoll, what the system refuses to a new socket comes as an exception of
            // Netty's.
            if (cause instanceof BindException || cause instanceof NativeIoException) {
                var taken =
                        new BindException(
                                "http.listen: "
                                        + http.listen()
                                        + " cannot be listened on: "
                                        + cause.getMessage());
                taken.initCause(cause);
                throw taken;
            }
            throw new IOException("http: " + cause.getMessage(), cause);
        } catch (TimeoutException e) {
            throw new IOException("http: the server did not start within " + PATIENCE, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return loops.getFirst().port();
    }

    private static HttpServerOptions options(HttpSettings http) {
        var options =
                new HttpServerOptions()
                        .setMaxHeaderSize(http.limits().headerBytes())
                        .setMaxInitialLineLength(http.limits().headerBytes())
                        .setMaxChunkSize(http.limits().bodyBytes())
                        .setHandle100ContinueAutomatically(true)
                        // docs/decisions/0011 says why.
                        .setHttp2ClearTextEnabled(false)
                        .setUseAlpn(false)
                        // No web sockets here, so nothing of theirs on the way of a request.
                        .setPerFrameWebSocketCompressionSupported(false)
                        .setPerMessageWebSocketCompressionSupported(false)
                        .setTcpNoDelay(true)
                        .setReuseAddress(true)
                        .setAcceptBacklog(4096);
        http.tls().ifPresent(tls -> options.setSsl(true).setKeyCertOptions(keys(tls)));
        return options;
    }

    private static KeyCertOptions keys(Tls tls) {
        if (tls.key().isPresent()) {
            return new PemKeyCertOptions()
                    .setCertPath(tls.certificate().toString())
                    .setKeyPath(tls.key().get().toString());
        }
        return new PfxOptions()
                .setPath(tls.certificate().toString())
                .setPassword(tls.password().map(Secret::reveal).orElse(""));
    }

    /// Where it listens; the real port where the settings say 0.
    public Endpoint listening() {
        return listening;
    }

    List<Route> table() {
        return loops.getFirst().table();
    }

    Site site() {
        return site;
    }

    /// On the engine's thread.
    void on(Effect effect) {
        site.metrics().on(effect);
        site.waiters().on(effect);
        for (Loop loop : loops) {
            loop.events().on(effect);
        }
    }

    /// On the group's thread.
    void on(GroupEvent event) {
        site.metrics().on(event);
        for (Loop loop : loops) {
            loop.events().on(event);
            if (event instanceof GroupEvent.OfKey key) {
                loop.watches().on(key);
            }
        }
    }

    /// Tells what happened to the turn.
    public void happened(Happening happening, Instant when) {
        site.metrics().on(happening);
        for (Loop loop : loops) {
            loop.events().on(happening, when);
        }
    }

    /// Sends everybody away who waits, and takes nothing new; returns when they were told.
    public void drain() {
        var closing = loops.stream().map(Loop::drain).toList();
        site.waiters().dismissAll();
        for (Future<Void> loop : closing) {
            await(loop);
        }
    }

    @Override
    public void close() {
        deaf.run();
        await(vertx.close());
        site.metrics().close();
    }

    private static void await(Future<?> stopping) {
        try {
            stopping.toCompletionStage()
                    .toCompletableFuture()
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("the HTTP server did not stop well: {}", e.toString());
        }
    }
}
