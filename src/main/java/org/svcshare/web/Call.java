package org.svcshare.web;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.HttpSettings.Role;

/// One request and its answer. Only on its event loop.
final class Call {
    static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
    private static final CharSequence PROBLEM =
            HttpHeaders.createOptimized("application/problem+json");
    static final CharSequence PLAIN = HttpHeaders.createOptimized("text/plain");
    static final CharSequence EVENT_STREAM = HttpHeaders.createOptimized("text/event-stream");
    private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");
    private static final CharSequence NOSNIFF = HttpHeaders.createOptimized("nosniff");
    private static final CharSequence CONTENT_TYPE_OPTIONS =
            HttpHeaders.createOptimized("x-content-type-options");
    private static final CharSequence SOON = HttpHeaders.createOptimized("1");

    final HttpServerRequest request;
    final Loop loop;
    final Connection from;
    private final String path;
    private Buffer body = Buffer.buffer(0);
    private Caller caller = Caller.NOBODY;
    private int @Nullable [] segments;
    private @Nullable Runnable whenGone;
    private boolean answered;
    private boolean gone;

    /// Who asks.
    ///
    /// @param name of the token; empty without one
    record Caller(String name, @Nullable Role role) {
        static final Caller NOBODY = new Caller("", null);

        boolean may(Role needed) {
            return role != null && role.compareTo(needed) >= 0;
        }
    }

    Call(HttpServerRequest request, Loop loop, Connection from) {
        this.request = request;
        this.loop = loop;
        this.from = from;
        String asked = request.path();
        this.path = asked == null ? "" : asked;
    }

    // What is asked.

    /// As sent, not decoded.
    String path() {
        return path;
    }

    Buffer body() {
        return body;
    }

    void body(Buffer received) {
        body = received;
    }

    Caller caller() {
        return caller;
    }

    void caller(Caller known) {
        caller = known;
    }

    /// @param bounds begin and end of each part of the path between slashes
    void segments(int[] bounds) {
        segments = bounds;
    }

    /// A part of the path, decoded.
    ///
    /// @return empty when it is not UTF-8 in percent-encoding
    Optional<String> segment(int number) {
        return segments == null
                ? Optional.empty()
                : Percent.decode(path, segments[2 * number], segments[2 * number + 1], false);
    }

    /// A parameter of the query; the first of its name.
    Percent.Parameter parameter(String name) {
        return Percent.parameter(request.query(), name);
    }

    /// Who it is as long as the request does not say: the token's name or the address.
    String holder() {
        return caller.name().isEmpty() ? from.peer() : caller.name();
    }

    // What is answered.

    /// Whether nobody waits for the answer any longer.
    boolean gone() {
        return gone;
    }

    boolean answered() {
        return answered;
    }

    /// @param told when the client hangs up before the answer has ended
    void whenGone(Runnable told) {
        whenGone = told;
    }

    void hungUp() {
        gone = true;
        if (whenGone != null) {
            whenGone.run();
        }
    }

    Json json() {
        return loop.json.begin();
    }

    void answer(int status, Json json) {
        answer(status, JSON, json.done());
    }

    void answer(int status, CharSequence type, Buffer content) {
        if (begun()) {
            return;
        }
        HttpServerResponse response = request.response();
        head(status, type);
        if (request.method().equals(HttpMethod.HEAD)) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(content.length()));
            response.end();
        } else {
            response.end(content);
        }
        from.answered(this);
    }

    /// 204.
    void answerNothing() {
        answerNothing(204);
    }

    /// @param status one that has no content
    void answerNothing(int status) {
        if (begun()) {
            return;
        }
        request.response().setStatusCode(status).end();
        from.answered(this);
    }

    /// Before the answer; nothing happens when there is nobody to answer.
    void header(CharSequence name, CharSequence value) {
        if (!answered && !gone) {
            request.response().putHeader(name, value);
        }
    }

    /// Whether the client says that it takes this type.
    boolean accepts(CharSequence type) {
        String accept = request.getHeader(HttpHeaders.ACCEPT);
        return accept != null && accept.contains(type);
    }

    void problem(Problem problem, String detail) {
        if (problem.passes() && !request.response().headWritten()) {
            request.response().putHeader(HttpHeaders.RETRY_AFTER, SOON);
        }
        answer(problem.status, PROBLEM, problem(json(), problem, detail).done());
    }

    static Json problem(Json json, Problem problem, String detail) {
        return json.raw("{\"type\":\"urn:svcshare:problem:")
                .raw(problem.code)
                .raw("\",\"title\":")
                .text(problem.title)
                .raw(",\"status\":")
                .number(problem.status)
                .raw(",\"detail\":")
                .text(detail)
                .raw(",\"code\":\"")
                .raw(problem.code)
                .raw("\"}");
    }

    /// Answers, and ends the connection when the client has had a moment to read it: what it still
    /// sends is not wanted.
    void refuseAndClose(Problem problem, String detail) {
        request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        problem(problem, detail);
        from.closeSoon();
    }

    /// Begins an answer without an end.
    ///
    /// @param endless whether it goes on until one side has enough
    Optional<EventStream> stream(boolean endless) {
        return beginStream() ? Optional.of(new EventStream(this, endless)) : Optional.empty();
    }

    /// The same without an end, for events that may be large.
    ///
    /// @param queueBytes how much the client may leave unread
    Optional<EventStream> stream(int queueBytes) {
        return beginStream()
                ? Optional.of(new EventStream(this, true, queueBytes))
                : Optional.empty();
    }

    private boolean beginStream() {
        if (begun()) {
            return false;
        }
        head(200, EVENT_STREAM);
        request.response().setChunked(true);
        return true;
    }

    void streamEnded() {
        from.answered(this);
    }

    private boolean begun() {
        boolean before = answered || gone;
        answered = true;
        return before;
    }

    private void head(int status, CharSequence type) {
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, type)
                .putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE)
                .putHeader(CONTENT_TYPE_OPTIONS, NOSNIFF);
    }
}
