package org.svcshare.web;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// One client's connection: which request is under way on it, and since when nothing is.
///
/// Only on its event loop.
final class Connection {
    private static final long FAREWELL_MS = 1000;

    private final HttpConnection http;
    private final Loop loop;
    private @Nullable Call call;
    private @Nullable String peer;
    private boolean receiving;
    private long sinceMs;

    /// The last `Host` that was found good, so that it is looked at once.
    @Nullable String goodHost;

    Connection(HttpConnection http, Loop loop) {
        this.http = http;
        this.loop = loop;
        this.sinceMs = loop.roughlyNowMs();
    }

    /// A request begins.
    void asked(Call begun) {
        call = begun;
        receiving = true;
        sinceMs = loop.roughlyNowMs();
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
            sinceMs = loop.roughlyNowMs();
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
    boolean idle(long nowMs, long limitMs) {
        return (call == null || receiving) && nowMs - sinceMs > limitMs;
    }

    /// Address of the other side, without its port.
    String peer() {
        if (peer == null) {
            SocketAddress address = http.remoteAddress();
            String host = address == null ? null : address.hostAddress();
            peer = host == null ? "unknown" : host;
        }
        return peer;
    }

    void close() {
        http.close();
    }

    /// When the other side has had time to read the answer.
    void closeSoon() {
        loop.vertx().setTimer(FAREWELL_MS, _ -> http.close());
    }
}
