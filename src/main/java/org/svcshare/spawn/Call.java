package org.svcshare.spawn;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.spawn.Route.Entry;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// One request and its answer. Only on the event loop.
final class Call {
    private static final Logger LOG = LoggerFactory.getLogger(Call.class);
    private static final int MOST_SHOWN = 200;

    final HttpServerRequest request;
    final Connection from;
    private final String path;
    private final long begunNanos = System.nanoTime();
    private Buffer body = Buffer.buffer(0);
    private @Nullable Route route;
    private List<String> parts = List.of();
    private List<String> methods = List.of();
    private boolean answered;
    private boolean gone;

    Call(HttpServerRequest request, Connection from) {
        this.request = request;
        this.from = from;
        String asked = request.path();
        this.path = asked == null ? "" : asked;
    }

    // What is asked.

    /// As sent, not decoded.
    String path() {
        return path;
    }

    /// What was found under the path, for the log: a path may have a token in it.
    String template() {
        return route == null ? "a path" : route.template();
    }

    /// @param asked parts of the path between slashes, as sent
    /// @param there methods of the path
    void found(Route what, List<String> asked, List<String> there) {
        route = what;
        parts = asked;
        methods = there;
    }

    /// The methods of the path.
    List<String> methods() {
        return methods;
    }

    /// A part of the path, decoded; empty when it cannot be.
    String part(int number) {
        return Percent.decode(parts.get(number), false).orElse("");
    }

    Buffer body() {
        return body;
    }

    void body(Buffer received) {
        body = received;
    }

    private boolean pretty() {
        String query = request.query();
        return query != null && Arrays.asList(query.split("&", -1)).contains("pretty=true");
    }

    // What is answered.

    boolean answered() {
        return answered;
    }

    /// Whether nobody waits for the answer any longer.
    boolean gone() {
        return gone;
    }

    void hungUp() {
        gone = true;
    }

    /// Before the answer; nothing happens when there is nobody to answer.
    void header(CharSequence name, CharSequence value) {
        if (!answered && !gone) {
            request.response().putHeader(name, value);
        }
    }

    /// With how long it took, where the route wants that told.
    void answer(int status, ObjectNode data) {
        JsonNode whole = data;
        if (route != null && route.wrapped()) {
            long nanos = Math.max(1, System.nanoTime() - begunNanos);
            ObjectNode wrapped = Json.object();
            wrapped.put("duration", nanos);
            wrapped.put("took", Took.text(nanos));
            wrapped.set("data", data);
            whole = wrapped;
        }
        send(status, "application/json; charset=utf-8", Json.text(whole, pretty()));
    }

    void refuse(Refusal refusal) {
        if (refusal.status() == 401) {
            header("www-authenticate", "Bearer");
        }
        ObjectNode data = Json.object();
        data.put("success", false);
        data.put("error", refusal.status());
        data.put("message", refusal.message());
        data.put("info", refusal.info());
        answer(refusal.status(), data);
    }

    /// Answers, and ends the connection when the client has had a moment to read it: what it still
    /// sends is not wanted.
    void refuseAndClose(Refusal refusal) {
        header(HttpHeaders.CONNECTION, "close");
        refuse(refusal);
        from.closeSoon();
    }

    /// Nothing is under the path.
    void unknown() {
        String shown = path.length() > MOST_SHOWN ? path.substring(0, MOST_SHOWN) + " …" : path;
        ObjectNode message = Json.object();
        message.put("Error", "Method not found for " + shown);
        message.put("Information", "GET /list tells what can be asked for");
        ObjectNode whole = Json.object();
        whole.set("Message", message);
        send(404, "application/json; charset=utf-8", Json.text(whole, true));
    }

    void text(int status, String text) {
        send(status, "text/plain; charset=utf-8", text);
    }

    /// 200 without a body.
    void nothing() {
        send(200, "text/plain; charset=utf-8", "");
    }

    private void send(int status, String type, String text) {
        if (answered || gone) {
            return;
        }
        answered = true;
        log(status);
        Buffer content = Buffer.buffer(text.getBytes(StandardCharsets.UTF_8));
        HttpServerResponse response =
                request.response()
                        .setStatusCode(status)
                        .putHeader(HttpHeaders.CONTENT_TYPE, type)
                        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                        .putHeader("x-content-type-options", "nosniff");
        if (request.method().equals(HttpMethod.HEAD)) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(content.length()));
            response.end();
        } else {
            response.end(content);
        }
        from.answered(this);
    }

    /// Who changed what is worth a line; what else is asked is for those who look for something.
    private void log(int status) {
        String peer = from.peer();
        boolean changes =
                status < 400
                        && route != null
                        && route.entry() == Entry.GUARDED
                        && !route.method().equals(HttpMethod.GET);
        if (changes) {
            LOG.info("control API: {} {} {}: {}", peer, request.method(), printable(), status);
        } else {
            LOG.debug("control API: {} {} {}: {}", peer, request.method(), template(), status);
        }
    }

    private String printable() {
        String shown = path.length() > MOST_SHOWN ? path.substring(0, MOST_SHOWN) : path;
        return shown.replaceAll("[^\\x21-\\x7e]", "?");
    }
}
