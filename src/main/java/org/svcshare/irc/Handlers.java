package org.svcshare.irc;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/// What to do with a line, by its verb or numeric: small handlers in a table.
final class Handlers {
    private final Map<String, Consumer<IrcLine>> table = new HashMap<>();

    /// @throws IllegalStateException if one of them has a handler already
    void on(Consumer<IrcLine> handler, String... verbs) {
        for (String verb : verbs) {
            if (table.putIfAbsent(verb, handler) != null) {
                throw new IllegalStateException("two handlers for " + verb);
            }
        }
    }

    /// Something more to do, after what is done already.
    void after(Consumer<IrcLine> more, String verb) {
        table.merge(verb, more, Consumer::andThen);
    }

    /// Lines that nobody wants are let go.
    void handle(IrcLine line) {
        Consumer<IrcLine> handler = table.get(line.verb());
        if (handler != null) {
            handler.accept(line);
        }
    }
}
