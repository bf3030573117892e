package org.svcshare.spawn;

import io.netty.channel.unix.Errors.NativeIoException;
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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.Endpoint;
import org.svcshare.config.HttpSettings.Tls;
import org.svcshare.config.HttpSettings.Token;
import org.svcshare.config.KnownTokens;
import org.svcshare.config.Loopback;
import org.svcshare.config.ReplicaSettings.Control;
import org.svcshare.config.Secret;
import org.svcshare.replica.Replicas;

/// The server of spawn's control API. Any thread may call it.
public final class SpawnServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SpawnServer.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Vertx vertx;
    private final Desk desk;
    private final Endpoint listening;

    private SpawnServer(
            Control control,
            Replicas replicas,
            KnownTokens tokens,
            String version,
            People people,
            Limits limits)
            throws IOException {
        desk =
                new Desk(
                        control,
                        replicas,
                        tokens,
                        version,
                        people,
                        options(control, limits),
                        limits);
        vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(1)
                                .setWorkerPoolSize(1)
                                .setInternalBlockingPoolSize(1)
                                .setUseDaemonThread(true)
                                .setPreferNativeTransport(true)
                                .setFileSystemOptions(
                                        new FileSystemOptions()
                                                .setClassPathResolvingEnabled(false)
                                                .setFileCachingEnabled(false)));
        try {
            listening = new Endpoint(control.listen().host(), listen(control));
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
        warn(control, tokens);
    }

    /// @param replicas not closed with the server
    /// @param version of this program, for people
    /// @throws IOException when the port is taken (a [BindException]), or a certificate cannot be
    ///   used; the message is for people
    public static SpawnServer start(Control control, Replicas replicas, String version)
            throws IOException {
        return start(control, replicas, List.of(), version);
    }

    /// @param tokens that are good without a login; `lock` and `read` may look, `admin` may change
    public static SpawnServer start(
            Control control, Replicas replicas, List<Token> tokens, String version)
            throws IOException {
        return new SpawnServer(
                control, replicas, new KnownTokens(tokens), version, people(control), Limits.USUAL);
    }

    static SpawnServer start(
            Control control, Replicas replicas, String version, People people, Limits limits)
            throws IOException {
        return new SpawnServer(
                control, replicas, new KnownTokens(List.of()), version, people, limits);
    }

    private static People people(Control control) throws IOException {
        if (control.ldap().isPresent()) {
            return new LdapPeople(control.ldap().get());
        }
        boolean loopback = Loopback.is(control.listen().host());
        return loopback ? People.GUESTS : People.NOBODY;
    }

    private static void warn(Control control, KnownTokens tokens) {
        boolean loopback = Loopback.is(control.listen().host());
        if (!loopback && control.ldap().isEmpty() && tokens.none()) {
            LOG.warn(
                    "replica.control.listen is {}, which is beyond loopback, and there is no"
                            + " replica.control.ldap and no http.tokens: nobody gets in to the control API",
                    control.listen());
        }
        if (!loopback && control.tls().isEmpty()) {
            LOG.warn(
                    "the control API at {} takes passwords without TLS: set replica.control.tls,"
                            + " or have something with TLS before it",
                    control.listen());
        }
    }

    private int listen(Control control) throws IOException {
        try {
            vertx.deployVerticle(desk)
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
                                "replica.control.listen: "
                                        + control.listen()
                                        + " cannot be listened on: "
                                        + cause.getMessage());
                taken.initCause(cause);
                throw taken;
            }
            throw new IOException("replica.control: " + cause.getMessage(), cause);
        } catch (TimeoutException e) {
            throw new IOException(
                    "replica.control: the server did not start within " + PATIENCE, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return desk.port();
    }

    private static HttpServerOptions options(Control control, Limits limits) {
        var options =
                new HttpServerOptions()
                        .setMaxHeaderSize(limits.headerBytes())
                        .setMaxInitialLineLength(limits.headerBytes())
                        .setMaxChunkSize(limits.bodyBytes())
                        .setHandle100ContinueAutomatically(true)
                        .setCompressionSupported(true)
                        .setHttp2ClearTextEnabled(false)
                        .setUseAlpn(false)
                        .setPerFrameWebSocketCompressionSupported(false)
                        .setPerMessageWebSocketCompressionSupported(false)
                        .setTcpNoDelay(true)
                        .setReuseAddress(true);
        Optional<Tls> tls = control.tls();
        tls.ifPresent(keys -> options.setSsl(true).setKeyCertOptions(keys(keys)));
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

    @Override
    public void close() {
        try {
            vertx.close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("the control API's server did not stop well: {}", e.toString());
        }
    }
}
