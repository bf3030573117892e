package org.svcshare.spawn;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// One client's connection: which request is under way on it, and since when nothing is.
///
/// Only on the event loop.
final class Connection {
    private static final long FAREWELL_MS = 1000;

    private final HttpConnection http;
    private final Desk desk;
    private @Nullable Call call;
    private boolean receiving;
    private long sinceMs = nowMs();

    Connection(HttpConnection http, Desk desk) {
        this.http = http;
        this.desk = desk;
    }

    private static long nowMs() {
        return System.nanoTime() / 1_000_000;
    }

    /// A request begins.
    void asked(Call begun) {
        call = begun;
        receiving = true;
        sinceMs = nowMs();
    }

    /// The request is here as a whole.
    void received() {
        receiving = false;
    }

    /// The request under way is answered.
    void answered(Call done) {
        if (call == done) {
            call = null;
            receiving = false;
            sinceMs = nowMs();
        }
    }

    void closed() {
        Call open = call;
        call = null;
        if (open != null) {
            open.hungUp();
        }
    }

    /// Whether nothing is asked, or what is asked does not come, for this long.
    boolean idle(long now, long limitMs) {
        return (call == null || receiving) && now - sinceMs > limitMs;
    }

    /// Address of the other side, without its port.
    String peer() {
        SocketAddress address = http.remoteAddress();
        String host = address == null ? null : address.hostAddress();
        return host == null ? "unknown" : host;
    }

    void close() {
        http.close();
    }

    /// When the other side has had time to read the answer.
    void closeSoon() {
        desk.later(FAREWELL_MS, http::close);
    }
}
