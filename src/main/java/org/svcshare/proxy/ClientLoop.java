package org.svcshare.proxy;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.cookie.Cookie;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.ReplicaSettings;

/// What the connections of one event loop have in common, and which way each request goes.
final class ClientLoop {
    static final String WRITES = "/.well-known/svcshare/writes/";
    static final String COOKIE = "svcshare-position";
    private static final long SWEEP_MS = 500;
    private static final long LONGEST_POSITION = 18;

    final ReplicaSettings settings;
    final EventLoop loop;
    final ReplicaOwner owner;
    final Upstreams upstreams;
    final Picker picker;
    final Spool spool;
    private final AtomicInteger connections;
    private final Set<ClientConnection> open = new HashSet<>();
    private final Draws draws = new Draws();
    private volatile boolean stopping;

    /// @param connections of all loops
    ClientLoop(
            ReplicaSettings settings,
            EventLoop loop,
            ReplicaOwner owner,
            Upstreams upstreams,
            Spool spool,
            AtomicInteger connections) {
        this.settings = settings;
        this.loop = loop;
        this.owner = owner;
        this.upstreams = upstreams;
        this.spool = spool;
        this.connections = connections;
        picker = new Picker(settings.roundRobin());
    }

    void start() {
        upstreams.start();
        var _ = loop.scheduleAtFixedRate(this::sweep, SWEEP_MS, SWEEP_MS, TimeUnit.MILLISECONDS);
    }

    /// A connection that was accepted; one too many is closed.
    ///
    /// @return whether it may stay
    boolean accepted(Channel channel) {
        boolean room = connections.incrementAndGet() <= settings.limits().connections();
        var _ = channel.closeFuture().addListener(_ -> connections.decrementAndGet());
        if (!room) {
            var _ = channel.close();
        }
        return room;
    }

    long idleMs() {
        return settings.limits().idleTimeout().toMillis();
    }

    void opened(ClientConnection connection) {
        open.add(connection);
    }

    void closed(ClientConnection connection) {
        open.remove(connection);
    }

    private void sweep() {
        long now = System.nanoTime();
        long limit = settings.limits().idleTimeout().toNanos();
        for (ClientConnection connection : List.copyOf(open)) {
            if (connection.idle(now, limit) || (stopping && !connection.busy())) {
                var _ = connection.channel().close();
            }
        }
    }

    boolean stopping() {
        return stopping;
    }

    /// No connection is used for another request. Any thread.
    void stop() {
        stopping = true;
        loop.execute(this::sweep);
    }

    /// A number that nobody can guess.
    long tag() {
        return draws.next();
    }

    /// For a write whose client chose none.
    String key() {
        return Long.toHexString(draws.next()) + "-" + Long.toHexString(draws.next());
    }

    /// The way of a request.
    ///
    /// @return null when it was answered already
    @Nullable Exchange begin(ClientConnection client, HttpRequest request) {
        String target = request.uri();
        String method = request.method().name();
        boolean odd = !target.startsWith("/") && !target.equals("*");
        if (odd && !target.startsWith("http://") && !target.startsWith("https://")) {
            client.refuse(
                    Refusal.of(
                            HttpResponseStatus.BAD_REQUEST,
                            "The request cannot be read",
                            "its target is not a path"));
            return null;
        }
        if (!request.headers().contains(HttpHeaderNames.HOST)
                && client.version().minorVersion() == 1) {
            client.refuse(
                    Refusal.of(
                            HttpResponseStatus.BAD_REQUEST,
                            "The request cannot be read",
                            "the header Host is missing"));
            return null;
        }
        if (target.startsWith(WRITES)) {
            return new WritePlace(this, client, method, target.substring(WRITES.length()));
        }
        return switch (method) {
            case "GET", "HEAD", "OPTIONS" ->
                    new ReadExchange(this, client, request, position(request.headers()));
            case "POST", "PUT", "PATCH", "DELETE" -> WriteExchange.begin(this, client, request);
            default -> {
                client.refuse(
                        Refusal.of(
                                HttpResponseStatus.NOT_IMPLEMENTED,
                                "This method is not passed on",
                                "reads are GET, HEAD and OPTIONS; writes are POST, PUT, PATCH and"
                                        + " DELETE"));
                yield null;
            }
        };
    }

    /// How far a node must be that this client reads from; 0 for any.
    private long position(HttpHeaders headers) {
        long asked = number(headers.get(HeaderRules.POSITION));
        if (settings.session() && asked == 0) {
            String cookies = headers.get(HttpHeaderNames.COOKIE);
            if (cookies != null && cookies.contains(COOKIE)) {
                for (Cookie cookie : ServerCookieDecoder.LAX.decode(cookies)) {
                    if (cookie.name().equals(COOKIE)) {
                        asked = Math.max(asked, number(cookie.value()));
                    }
                }
            }
        }
        // One of another life of the log says nothing here.
        return asked <= owner.end() ? asked : 0;
    }

    private static long number(@Nullable String text) {
        if (text == null || text.isEmpty() || text.length() > LONGEST_POSITION) {
            return 0;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return 0;
            }
        }
        return Long.parseLong(text);
    }
}
