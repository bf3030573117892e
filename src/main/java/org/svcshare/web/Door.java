package org.svcshare.web;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.HttpSettings;
import org.svcshare.config.Loopback;
import org.svcshare.web.Route.Entry;

/// Who may come in: looks at `Host`, at where a browser's request comes from, and at the token.
final class Door {
    private static final CharSequence FETCH_SITE = HttpHeaders.createOptimized("sec-fetch-site");

    private final HostNames hosts;
    private final Tokens tokens;
    private final boolean legacy;

    Door(HttpSettings settings) {
        hosts = new HostNames(settings.listen().host(), settings.hosts());
        tokens = new Tokens(settings.tokens());
        legacy = settings.legacy() || Loopback.is(settings.listen().host());
    }

    /// Whether the page can show something to whoever has no token.
    boolean open() {
        return tokens.none();
    }

    /// Whether a request may go on; otherwise it is answered.
    boolean lets(Call call, Route route) {
        HttpServerRequest request = call.request;
        boolean changes = route.entry() == Entry.CHANGE || route.entry() == Entry.DISTRIBUTEX;
        return rightHost(call, request.getHeader(HttpHeaders.HOST))
                && (!changes || notCrossSite(call, request))
                && known(call, route, request.getHeader(HttpHeaders.AUTHORIZATION));
    }

    private boolean rightHost(Call call, @Nullable String host) {
        if (host == null) {
            call.problem(Problem.INVALID, "the header Host is missing");
            return false;
        }
        if (host.equals(call.from.goodHost)) {
            return true;
        }
        if (!hosts.allow(host)) {
            call.problem(
                    Problem.WRONG_HOST,
                    "ask by address, as localhost, or set http.hosts to the name that you use");
            return false;
        }
        call.from.goodHost = host;
        return true;
    }

    /// A browser does what any page tells it to do, and without tokens everything is allowed here.
    private static boolean notCrossSite(Call call, HttpServerRequest request) {
        String site = request.getHeader(FETCH_SITE);
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (site == null && origin == null) {
            return true;
        }
        boolean fine = site == null || site.equals("same-origin") || site.equals("none");
        if (fine && origin != null) {
            String host = String.valueOf(request.getHeader(HttpHeaders.HOST));
            String from = origin.toLowerCase(Locale.ROOT).replaceFirst("^https?://", "");
            fine = from.equals(host.toLowerCase(Locale.ROOT));
        }
        if (!fine) {
            call.problem(Problem.CROSS_SITE, "the request comes from a page of another site");
        }
        return fine;
    }

    private boolean known(Call call, Route route, @Nullable String authorization) {
        if (route.entry() == Entry.DISTRIBUTEX) {
            if (!legacy) {
                call.problem(Problem.NOT_FOUND, "http.legacy is off beyond loopback");
            }
            return legacy;
        }
        if (tokens.none()) {
            call.caller(Tokens.anybody());
            return true;
        }
        if (route.entry() == Entry.OPEN) {
            return true;
        }
        Optional<Call.Caller> caller =
                authorization == null ? Optional.empty() : tokens.caller(authorization);
        if (caller.isEmpty()) {
            call.request.response().putHeader("www-authenticate", "Bearer");
            call.problem(Problem.UNAUTHORIZED, "expected Authorization: Bearer and a known token");
            return false;
        }
        if (!caller.get().may(route.role())) {
            call.problem(
                    Problem.FORBIDDEN,
                    "this needs the role " + route.role().name().toLowerCase(Locale.ROOT));
            return false;
        }
        call.caller(caller.get());
        return true;
    }
}
