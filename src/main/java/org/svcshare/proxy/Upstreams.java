package org.svcshare.proxy;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.proxy.Routing.Route;
import org.svcshare.replica.NodeAddress;

/// The connections of one event loop to the nodes, for reads; they are used again.
final class Upstreams {
    private static final int MOST_WAITING = 10_000;
    private static final long SWEEP_MS = 250;

    private final ReplicaSettings settings;
    private final EventLoop loop;
    private final NodeConnector connector;
    private final Map<NodeAddress, Pool> pools = new HashMap<>();

    /// Connections that an exchange is under way on.
    private final Set<Upstream> busy = new HashSet<>();

    private static final class Pool {
        final ArrayDeque<Upstream> idle = new ArrayDeque<>();
        final ArrayDeque<Upstream.User> waiting = new ArrayDeque<>();
        int open;
    }

    Upstreams(ReplicaSettings settings, EventLoop loop, NodeConnector connector) {
        this.settings = settings;
        this.loop = loop;
        this.connector = connector;
    }

    void start() {
        var _ = loop.scheduleAtFixedRate(this::sweep, SWEEP_MS, SWEEP_MS, TimeUnit.MILLISECONDS);
    }

    /// @param fresh whether a connection that was used before is not good enough
    void connect(Route route, boolean fresh, Upstream.User user) {
        Pool pool = pools.computeIfAbsent(route.address(), _ -> new Pool());
        Upstream idle = fresh ? null : idle(pool, route);
        if (idle != null) {
            use(idle, user);
        } else if (pool.open < settings.limits().nodeConnections()) {
            open(route, pool, user);
        } else if (pool.waiting.size() < MOST_WAITING) {
            pool.waiting.add(user);
        } else {
            user.failed("all connections to it are in use", false);
        }
    }

    private static @Nullable Upstream idle(Pool pool, Route route) {
        for (Upstream found = pool.idle.pollLast(); found != null; found = pool.idle.pollLast()) {
            if (found.usable(route)) {
                return found;
            }
            found.close();
        }
        return null;
    }

    private void use(Upstream upstream, Upstream.User user) {
        busy.add(upstream);
        upstream.use(user);
    }

    private void open(Route route, Pool pool, Upstream.User user) {
        pool.open++;
        var upstream = new Upstream(route, this);
        connector
                .connect(loop, route.address(), route.tls(), upstream)
                .addListener(
                        (ChannelFutureListener)
                                done -> {
                                    if (done.isSuccess()) {
                                        use(upstream, user);
                                    } else {
                                        pool.open--;
                                        user.failed(NodeConnector.reason(done.cause()), true);
                                        next(route, pool);
                                    }
                                });
    }

    /// An exchange is over, and the connection may carry another one.
    void free(Upstream upstream) {
        busy.remove(upstream);
        Pool pool = pools.get(upstream.route().address());
        if (pool == null) {
            upstream.close();
            return;
        }
        Upstream.User user = pool.waiting.poll();
        if (user != null) {
            use(upstream, user);
        } else {
            upstream.idleSince(System.nanoTime());
            pool.idle.addLast(upstream);
        }
    }

    /// A connection is closed.
    void gone(Upstream upstream) {
        busy.remove(upstream);
        Pool pool = pools.get(upstream.route().address());
        if (pool != null) {
            pool.open--;
            pool.idle.remove(upstream);
            next(upstream.route(), pool);
        }
    }

    private void next(Route route, Pool pool) {
        if (pool.open < settings.limits().nodeConnections()) {
            Upstream.User user = pool.waiting.poll();
            if (user != null) {
                open(route, pool, user);
            }
        }
    }

    private void sweep() {
        long now = System.nanoTime();
        for (Upstream upstream : List.copyOf(busy)) {
            upstream.sweep(now, settings.limits().nodeTimeout().toNanos());
        }
        for (Pool pool : pools.values()) {
            Upstream oldest = pool.idle.peekFirst();
            while (oldest != null
                    && oldest.idleFor(now) > settings.limits().idleTimeout().toNanos()) {
                pool.idle.removeFirst();
                oldest.close();
                oldest = pool.idle.peekFirst();
            }
        }
    }
}
