package org.svcshare.web;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.Endpoint;

/// One event loop of the server: its connections, its streams, and the way of a request to who
/// answers it.
final class Loop extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);
    private static final long MOST_SWEEP_MS = 1000;
    private static final long HEARTBEAT_MS = 15_000;
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    final Site site;
    final Json json = new Json();
    private final HttpServerOptions options;
    private final Door door;
    private final Map<HttpConnection, Connection> connections = new HashMap<>();
    private final Set<EventStream> streams = new LinkedHashSet<>();
    private final PositionNews positions;
    private final EventNews events;
    private final KeyWatches watches;
    private final Routes routes;

    @SuppressWarnings("NullAway.Init") // a loop has no context before it is deployed
    Mailbox mailbox;

    private @Nullable HttpServer server;
    private long roughlyNowMs;
    private boolean closing;

    Loop(Site site, HttpServerOptions options) {
        this.site = site;
        this.options = options;
        this.door = new Door(site.http());
        this.positions = new PositionNews(this);
        this.events = new EventNews(this);
        this.watches = new KeyWatches(this);
        this.routes = new Routes(Api.routes(this));
    }

    @Override
    public void init(Vertx owner, Context context) {
        super.init(owner, context);
        mailbox = new Mailbox(context);
    }

    @Override
    public Future<?> start() {
        roughlyNowMs = System.nanoTime() / 1_000_000;
        long sweepMs =
                Math.clamp(site.http().limits().idleTimeout().toMillis() / 4, 10, MOST_SWEEP_MS);
        vertx.setPeriodic(sweepMs, _ -> sweep());
        vertx.setPeriodic(HEARTBEAT_MS, _ -> List.copyOf(streams).forEach(EventStream::heartbeat));
        server =
                vertx.createHttpServer(options)
                        .connectionHandler(this::connected)
                        .requestHandler(this::asked)
                        .exceptionHandler(e -> LOG.debug("a connection failed: {}", e.toString()));
        return server.listen(address());
    }

    /// Of a port that is drawn, all loops must get the same.
    private SocketAddress address() {
        Endpoint listen = site.http().listen();
        return listen.port() == 0
                ? SocketAddress.sharedRandomPort(1, listen.host())
                : SocketAddress.inetSocketAddress(listen.port(), listen.host());
    }

    int port() {
        return server == null ? 0 : server.actualPort();
    }

    Vertx vertx() {
        return vertx;
    }

    /// Milliseconds on no calendar, up to a second old.
    long roughlyNowMs() {
        return roughlyNowMs;
    }

    Door door() {
        return door;
    }

    PositionNews positions() {
        return positions;
    }

    EventNews events() {
        return events;
    }

    KeyWatches watches() {
        return watches;
    }

    List<Route> table() {
        return routes.table();
    }

    private void connected(HttpConnection http) {
        if (site.counts().connections.incrementAndGet() > site.http().limits().connections()) {
            site.counts().connections.decrementAndGet();
            site.counts().refusedConnections.increment();
            http.close();
            return;
        }
        var connection = new Connection(http, this);
        connections.put(http, connection);
        http.exceptionHandler(e -> LOG.debug("a connection failed: {}", e.toString()));
        http.closeHandler(_ -> {
            if (connections.remove(http) != null) {
                site.counts().connections.decrementAndGet();
                connection.closed();
            }
        });
    }

    private void asked(HttpServerRequest request) {
        Connection from = connections.get(request.connection());
        if (from == null) {
            request.connection().close();
            return;
        }
        site.counts().requests.increment();
        var call = new Call(request, this, from);
        from.asked(call);
        if (closing) {
            call.refuseAndClose(Problem.NOT_READY, "the server stops");
            return;
        }
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        boolean chunked = request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
        if (chunked || (length != null && !length.equals("0"))) {
            receive(call, length);
        } else {
            from.received();
            dispatch(call);
        }
    }

    private void receive(Call call, @Nullable String length) {
        int most = site.http().limits().bodyBytes();
        if (length != null && (length.length() > 9 || Long.parseLong(length) > most)) {
            call.refuseAndClose(Problem.TOO_LARGE, "expected a body of at most " + most + " bytes");
            return;
        }
        Buffer body = Buffer.buffer();
        call.request.exceptionHandler(e -> LOG.debug("a request broke off: {}", e.toString()));
        call.request.handler(part -> {
            if (call.answered()) {
                return;
            }
            if (body.length() + part.length() > most) {
                call.refuseAndClose(
                        Problem.TOO_LARGE, "expected a body of at most " + most + " bytes");
                return;
            }
            body.appendBuffer(part);
        });
        call.request.endHandler(_ -> {
            if (!call.answered()) {
                call.body(body);
                call.from.received();
                dispatch(call);
            }
        });
    }

    private void dispatch(Call call) {
        try {
            Route route = routes.find(call);
            if (route != null && door.lets(call, route)) {
                route.handler().handle(call);
            }
        } catch (RuntimeException e) {
            LOG.error("{} {} failed", call.request.method(), call.path(), e);
            call.problem(Problem.FAILED, "a mistake of the server; its log says more");
        }
    }

    private void sweep() {
        roughlyNowMs = System.nanoTime() / 1_000_000;
        long limitMs = site.http().limits().idleTimeout().toMillis();
        for (Connection connection : List.copyOf(connections.values())) {
            if (connection.idle(roughlyNowMs, limitMs)) {
                connection.close();
            }
        }
    }

    void opened(EventStream stream) {
        streams.add(stream);
        site.counts().streams.incrementAndGet();
    }

    void closed(EventStream stream) {
        if (streams.remove(stream)) {
            site.counts().streams.decrementAndGet();
        }
    }

    /// Takes no connection and no request more; what waits is dismissed elsewhere. Any thread.
    ///
    /// @return done when all that was asked is answered, or after a moment
    Future<Void> drain() {
        Promise<Void> drained = Promise.promise();
        mailbox.post(() -> {
            closing = true;
            streams.stream().filter(EventStream::endless).toList().forEach(EventStream::end);
            HttpServer listening = server;
            if (listening == null) {
                drained.complete();
            } else {
                listening.shutdown(FAREWELL).onComplete(drained);
            }
        });
        return drained.future();
    }
}
