package org.svcshare.proxy;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.Optional;

/// A request that is answered by the proxy itself, as problem details (RFC 9457).
///
/// @param title what kind of problem
/// @param detail one line for people
/// @param retryAfter when it makes sense to come again
record Refusal(
        HttpResponseStatus status, String title, String detail, Optional<Duration> retryAfter) {

    static Refusal of(HttpResponseStatus status, String title, String detail) {
        return new Refusal(status, title, detail, Optional.empty());
    }

    static Refusal later(HttpResponseStatus status, String title, String detail) {
        return new Refusal(status, title, detail, Optional.of(Duration.ofSeconds(1)));
    }
}
