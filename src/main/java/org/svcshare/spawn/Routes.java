package org.svcshare.spawn;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.svcshare.spawn.Route.Entry;

/// Everything that can be asked for, and which of it a request means.
final class Routes {
    private static final int MOST_PARTS = 8;
    private static final String NODES = "/nodes";
    private static final String HOST = NODES + "/{host}";
    private static final String NODE = HOST + "/{port}";

    private final List<Route> table = new ArrayList<>();

    Routes(NodeCalls nodes, LoginCalls logins, Looks looks) {
        node(HttpMethod.GET, NODES, nodes::list);
        node(HttpMethod.GET, HOST, nodes::listHost);
        node(HttpMethod.GET, NODE, nodes::show);
        node(HttpMethod.PUT, NODE, nodes::put);
        node(HttpMethod.PUT, NODES, nodes::putAll);
        node(HttpMethod.DELETE, NODE, nodes::remove);
        node(HttpMethod.DELETE, HOST, nodes::removeHost);
        node(HttpMethod.DELETE, NODES, nodes::removeAll);
        plain(HttpMethod.GET, "/metrics", Entry.GUARDED, looks::metrics);
        plain(HttpMethod.GET, "/info", Entry.GUARDED, looks::info);
        for (HelpText text : HelpText.values()) {
            plain(HttpMethod.GET, text.path, Entry.OPEN, call -> call.text(200, text.text));
        }
        plain(HttpMethod.POST, "/login", Entry.OPEN, logins::login);
        plain(HttpMethod.GET, "/login/{token}", Entry.OPEN, logins::who);
        plain(HttpMethod.DELETE, "/logout/{token}", Entry.OPEN, logins::logout);
        for (String path :
                List.of(NODES, HOST, NODE, "/login", "/login/{token}", "/logout/{token}")) {
            plain(HttpMethod.OPTIONS, path, Entry.OPEN, Call::nothing);
        }
    }

    private void node(HttpMethod method, String template, Route.Handler handler) {
        table.add(new Route(method, template, Entry.GUARDED, true, handler));
    }

    private void plain(HttpMethod method, String template, Entry entry, Route.Handler handler) {
        table.add(new Route(method, template, entry, false, handler));
    }

    /// @return null when there is nothing under this path and method; then it is answered
    @Nullable Route find(Call call) {
        String path = call.path();
        List<String> parts =
                path.startsWith("/")
                        ? List.of(path.substring(1).split("/", MOST_PARTS))
                        : List.of();
        List<Route> there = table.stream().filter(route -> route.has(parts)).toList();
        if (there.isEmpty()) {
            call.unknown();
            return null;
        }
        List<String> methods = there.stream().map(route -> route.method().name()).sorted().toList();
        HttpMethod asked = call.request.method();
        HttpMethod method = asked.equals(HttpMethod.HEAD) ? HttpMethod.GET : asked;
        for (Route route : there) {
            if (route.method().equals(method)) {
                call.found(route, parts, methods);
                return route;
            }
        }
        call.header(HttpHeaders.ALLOW, String.join(", ", methods));
        call.text(405, "Method Not Allowed\n");
        return null;
    }
}
