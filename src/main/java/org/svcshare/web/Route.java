package org.svcshare.web;

import io.vertx.core.http.HttpMethod;
import java.util.List;
import org.svcshare.config.HttpSettings.Role;

/// One thing that can be asked for.
///
/// @param template the path, with `{name}` for a part that is given, and at its end `{+name}` for
///   all that is left, slashes too (RFC 6570 writes it so)
/// @param role what a token must allow, where one is needed
record Route(HttpMethod method, String template, Entry entry, Role role, Handler handler) {
    interface Handler {
        /// Must not block, and answers now or later.
        void handle(Call call);
    }

    /// How careful the door is.
    enum Entry {
        /// No token, and nothing that is nobody's business.
        OPEN,
        READ,
        /// Changes something.
        CHANGE,
        /// As distributex: without a token, on loopback, with or without a slash at its end.
        DISTRIBUTEX
    }

    static Route open(String template, Handler handler) {
        return new Route(HttpMethod.GET, template, Entry.OPEN, Role.READ, handler);
    }

    static Route get(String template, Role role, Handler handler) {
        return new Route(HttpMethod.GET, template, Entry.READ, role, handler);
    }

    static Route change(HttpMethod method, String template, Role role, Handler handler) {
        return new Route(method, template, Entry.CHANGE, role, handler);
    }

    static Route distributex(String template, Handler handler) {
        return new Route(HttpMethod.GET, template, Entry.DISTRIBUTEX, Role.LOCK, handler);
    }

    /// The parts between slashes.
    List<String> parts() {
        String path = template.substring(1);
        if (entry == Entry.DISTRIBUTEX && path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        return List.of(path.split("/", -1));
    }
}
