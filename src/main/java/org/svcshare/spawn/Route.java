package org.svcshare.spawn;

import io.vertx.core.http.HttpMethod;
import java.util.List;

/// One thing that can be asked for.
///
/// @param template the path, with `{name}` for a part that is given
/// @param wrapped whether the answer tells how long it took
record Route(HttpMethod method, String template, Entry entry, boolean wrapped, Handler handler) {
    interface Handler {
        /// Must not block, and answers now or later.
        void handle(Call call);
    }

    enum Entry {
        /// No token.
        OPEN,
        /// A token where tokens are needed.
        GUARDED
    }

    /// The parts between slashes.
    List<String> parts() {
        return List.of(template.substring(1).split("/", -1));
    }

    boolean has(List<String> asked) {
        List<String> parts = parts();
        if (parts.size() != asked.size()) {
            return false;
        }
        for (int i = 0; i < parts.size(); i++) {
            String part = parts.get(i);
            boolean fits =
                    part.startsWith("{") ? !asked.get(i).isEmpty() : part.equals(asked.get(i));
            if (!fits) {
                return false;
            }
        }
        return true;
    }
}
