package org.svcshare.spawn;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.HttpSettings.Role;
import org.svcshare.config.KnownTokens;
import org.svcshare.config.Loopback;
import org.svcshare.config.ReplicaSettings.Control;
import org.svcshare.spawn.Route.Entry;

/// Who may come in.
///
/// Where a token is needed, the token is what protects: no browser sends it by itself, so that
/// pages of other sites may ask (CORS), as spawn had it. Where none is, on loopback, a page must
/// not reach what only this machine's own people may: not under a name of its own that it made
/// point here (DNS rebinding), and not from another site.
final class Door {
    private static final String BEARER = "bearer ";
    private static final Pattern ADDRESS =
            Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]");

    private final boolean guarded;
    private final String own;
    private final Sessions sessions;
    private final KnownTokens tokens;

    Door(Control control, Sessions sessions, KnownTokens tokens) {
        own = control.listen().host().toLowerCase(Locale.ROOT);
        guarded = control.ldap().isPresent() || !Loopback.is(own);
        this.sessions = sessions;
        this.tokens = tokens;
    }

    /// Whether a request may go on; otherwise it is answered.
    boolean lets(Call call, Route route) {
        HttpServerRequest request = call.request;
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (!guarded && !fromHere(call, origin)) {
            return false;
        }
        if (origin != null) {
            share(call, origin);
        }
        return !guarded || route.entry() == Entry.OPEN || known(call);
    }

    private boolean known(Call call) {
        String shown = call.request.getHeader(HttpHeaders.AUTHORIZATION);
        if (shown == null) {
            call.refuse(Refusal.NOT_LOGGED_IN);
            return false;
        }
        String token =
                shown.regionMatches(true, 0, BEARER, 0, BEARER.length())
                        ? shown.substring(BEARER.length()).strip()
                        : "";
        Optional<Role> standing = tokens.holder(token).map(KnownTokens.Holder::role);
        if (standing.isPresent()) {
            return may(call, standing.get());
        }
        if (!Sessions.isToken(token)) {
            call.refuse(Refusal.NO_TOKEN);
            return false;
        }
        boolean good = sessions.who(token).isPresent();
        if (!good) {
            call.refuse(Refusal.NOT_LOGGED_IN);
        }
        return good;
    }

    private static boolean may(Call call, Role role) {
        HttpMethod method = call.request.method();
        boolean looks = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
        boolean fine = looks || role == Role.ADMIN;
        if (!fine) {
            call.refuse(new Refusal(403, "Not authorized", "this token may look, not change"));
        }
        return fine;
    }

    /// What a browser wants to know before a page of another site may read the answer.
    private void share(Call call, String origin) {
        call.header(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        call.header(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS, "false");
        call.header(HttpHeaders.VARY, HttpHeaders.ORIGIN);
        HttpServerRequest request = call.request;
        if (request.getHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD) != null) {
            call.header(
                    HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, String.join(", ", call.methods()));
        }
        if (request.getHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_HEADERS) != null) {
            call.header(
                    HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS,
                    guarded ? "content-type, authorization" : "content-type");
        }
    }

    // On loopback without tokens.

    private boolean fromHere(Call call, @Nullable String origin) {
        String host = call.request.getHeader(HttpHeaders.HOST);
        if (host == null || !rightHost(host)) {
            call.refuse(
                    new Refusal(
                            421,
                            "This server has another name",
                            "ask by address, or as localhost"));
            return false;
        }
        String site = call.request.getHeader("sec-fetch-site");
        HttpMethod method = call.request.method();
        boolean looks = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
        boolean fine =
                origin == null
                        ? looks || site == null || site.equals("same-origin") || site.equals("none")
                        : sameHost(origin, host) || ofThisMachine(origin);
        if (!fine) {
            call.refuse(
                    new Refusal(
                            403,
                            "Web pages of other sites may not do this",
                            "the request comes from a page of another site"));
        }
        return fine;
    }

    private boolean rightHost(String header) {
        String host = withoutPort(header.strip().toLowerCase(Locale.ROOT));
        return host.equals(own) || Loopback.is(host) || ADDRESS.matcher(host).matches();
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    }

    private static boolean sameHost(String origin, String host) {
        String from = origin.toLowerCase(Locale.ROOT).replaceFirst("^https?://", "");
        return from.equals(host.strip().toLowerCase(Locale.ROOT));
    }

    private static boolean ofThisMachine(String origin) {
        try {
            String host = URI.create(origin).getHost();
            return host != null && Loopback.is(host.replaceAll("[\\[\\]]", ""));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
