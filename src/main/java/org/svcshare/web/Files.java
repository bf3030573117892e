package org.svcshare.web;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.svcshare.web.Route.Handler;

/// The few files that are served: the status page and what it needs, and the API's description.
final class Files {
    /// Nothing from elsewhere, and nothing written into the page itself.
    private static final String POLICY =
            "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private Files() {}

    static Handler page(String name) {
        Buffer page = read(name);
        return call -> {
            call.request
                    .response()
                    .putHeader("content-security-policy", POLICY)
                    .putHeader("referrer-policy", "no-referrer")
                    .putHeader("x-frame-options", "DENY");
            call.answer(200, type(name), page);
        };
    }

    static Handler file(String name) {
        Buffer file = read(name);
        return call -> call.answer(200, type(name), file);
    }

    private static CharSequence type(String name) {
        String ending = name.substring(name.lastIndexOf('.') + 1);
        return HttpHeaders.createOptimized(
                switch (ending) {
                    case "html" -> "text/html; charset=utf-8";
                    case "css" -> "text/css; charset=utf-8";
                    case "js" -> "text/javascript; charset=utf-8";
                    case "svg" -> "image/svg+xml";
                    case "json" -> "application/json";
                    default -> throw new IllegalArgumentException(name);
                });
    }

    private static Buffer read(String name) {
        try (InputStream in = Files.class.getResourceAsStream("/web/" + name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing from the program");
            }
            return Buffer.buffer(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
