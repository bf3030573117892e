package org.svcshare.spawn;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.Endpoint;
import org.svcshare.config.KnownTokens;
import org.svcshare.config.ReplicaSettings.Control;
import org.svcshare.replica.Replicas;

/// The one event loop of the control API: its connections, and the way of a request to who answers
/// it.
final class Desk extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(Desk.class);
    private static final long MOST_SWEEP_MS = 1000;

    private final Endpoint listen;
    private final Limits limits;
    private final HttpServerOptions options;
    private final Sessions sessions;
    private final Door door;
    private final Routes routes;
    private final Map<HttpConnection, Connection> connections = new HashMap<>();
    private @Nullable HttpServer server;

    @SuppressWarnings("NullAway.Init") // no context before it is deployed
    private Context loop;

    Desk(
            Control control,
            Replicas replicas,
            KnownTokens tokens,
            String version,
            People people,
            HttpServerOptions options,
            Limits limits) {
        this.listen = control.listen();
        this.limits = limits;
        this.options = options;
        sessions = new Sessions(control.tokenLife(), System::nanoTime);
        door = new Door(control, sessions, tokens);
        routes =
                new Routes(
                        new NodeCalls(replicas, this),
                        new LoginCalls(people, sessions, new Attempts(System::nanoTime), this),
                        new Looks(replicas, listen, version));
    }

    @Override
    public void init(Vertx owner, Context context) {
        super.init(owner, context);
        loop = context;
    }

    @Override
    public Future<?> start() {
        long limitMs = limits.idleTimeout().toMillis();
        vertx.setPeriodic(Math.clamp(limitMs / 4, 10, MOST_SWEEP_MS), _ -> sweep(limitMs));
        server =
                vertx.createHttpServer(options)
                        .connectionHandler(this::connected)
                        .requestHandler(this::asked)
                        .exceptionHandler(e -> LOG.debug("a connection failed: {}", e.toString()));
        return server.listen(listen.port(), listen.host());
    }

    int port() {
        return server == null ? 0 : server.actualPort();
    }

    /// Comes back to the loop. Any thread; holds no more than there are requests under way.
    void post(Runnable then) {
        try {
            loop.runOnContext(_ -> then.run());
        } catch (RejectedExecutionException e) {
            LOG.debug("the server is closed, and nobody waits for the answer");
        }
    }

    void later(long ms, Runnable then) {
        vertx.setTimer(ms, _ -> then.run());
    }

    private void connected(HttpConnection http) {
        if (connections.size() >= limits.connections()) {
            http.close();
            return;
        }
        var connection = new Connection(http, this);
        connections.put(http, connection);
        http.exceptionHandler(e -> LOG.debug("a connection failed: {}", e.toString()));
        http.closeHandler(_ -> {
            connections.remove(http);
            connection.closed();
        });
    }

    private void asked(HttpServerRequest request) {
        Connection from = connections.get(request.connection());
        if (from == null) {
            request.connection().close();
            return;
        }
        var call = new Call(request, from);
        from.asked(call);
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
        int most = limits.bodyBytes();
        Refusal tooLarge =
                new Refusal(413, "The body is too large", "expected at most " + most + " bytes");
        if (length != null && (length.length() > 9 || Long.parseLong(length) > most)) {
            call.refuseAndClose(tooLarge);
            return;
        }
        Buffer body = Buffer.buffer();
        call.request.exceptionHandler(e -> LOG.debug("a request broke off: {}", e.toString()));
        call.request.handler(part -> {
            if (call.answered()) {
                return;
            }
            if (body.length() + part.length() > most) {
                call.refuseAndClose(tooLarge);
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
            LOG.error("{} {} failed", call.request.method(), call.template(), e);
            call.refuse(new Refusal(500, "Something went wrong", "the server's log says more"));
        }
    }

    private void sweep(long limitMs) {
        long nowMs = System.nanoTime() / 1_000_000;
        for (Connection connection : List.copyOf(connections.values())) {
            if (connection.idle(nowMs, limitMs)) {
                connection.close();
            }
        }
    }
}
