package org.svcshare.web;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.svcshare.web.Route.Entry;

/// Everything that can be asked for, and which of it a request means.
///
/// A look at each part of a path between slashes, and nothing else: no regular expression and no
/// garbage but the bounds of the parts. `/openapi.json` is held against this table.
final class Routes {
    private static final int MOST_PARTS = 8;

    private final List<Entrance> entrances;

    /// @param parts as in the template; empty stands for any
    /// @param rest whether the last part takes all that is left of the path, slashes too
    private record Entrance(Route route, List<String> parts, boolean rest) {}

    private static final String ANY = "";

    /// @param table more often used ones first
    Routes(List<Route> table) {
        entrances =
                table.stream()
                        .map(route ->
                                new Entrance(
                                        route,
                                        route.parts().stream()
                                                .map(part -> part.startsWith("{") ? ANY : part)
                                                .toList(),
                                        route.parts().getLast().startsWith("{+")))
                        .toList();
    }

    List<Route> table() {
        return entrances.stream().map(Entrance::route).toList();
    }

    /// @return null when there is nothing under this path and method; then it is answered
    @Nullable Route find(Call call) {
        String path = call.path();
        int[] bounds = split(path);
        if (bounds.length > 0) {
            HttpMethod method = call.request.method();
            HttpMethod wanted = method.equals(HttpMethod.HEAD) ? HttpMethod.GET : method;
            @Nullable TreeSet<String> others = null;
            for (Entrance entrance : entrances) {
                if (!matches(entrance, path, bounds)) {
                    continue;
                }
                if (entrance.route.method().equals(wanted)) {
                    if (entrance.rest) {
                        bounds[2 * entrance.parts.size() - 1] = path.length();
                    }
                    call.segments(bounds);
                    return entrance.route;
                }
                others = others == null ? new TreeSet<>() : others;
                others.add(entrance.route.method().name());
            }
            if (others != null) {
                call.request.response().putHeader(HttpHeaders.ALLOW, String.join(", ", others));
                call.problem(Problem.METHOD_NOT_ALLOWED, "expected " + others);
                return null;
            }
        }
        call.problem(Problem.NOT_FOUND, "see /openapi.json for what there is");
        return null;
    }

    /// Begin and end of each part; empty when the path is none. Of more parts than any template
    /// has, the last one is all the rest.
    private static int[] split(String path) {
        if (path.isEmpty() || path.charAt(0) != '/') {
            return new int[0];
        }
        int parts = 1;
        for (int i = 1; i < path.length() && parts <= MOST_PARTS; i++) {
            parts += path.charAt(i) == '/' ? 1 : 0;
        }
        int[] bounds = new int[2 * parts];
        int begin = 1;
        for (int i = 0; i < parts; i++) {
            int slash = path.indexOf('/', begin);
            bounds[2 * i] = begin;
            bounds[2 * i + 1] = slash < 0 || i == MOST_PARTS ? path.length() : slash;
            begin = slash + 1;
        }
        return bounds;
    }

    private static boolean matches(Entrance entrance, String path, int[] bounds) {
        List<String> parts = entrance.parts;
        int count = bounds.length / 2;
        boolean slash =
                entrance.route.entry() == Entry.DISTRIBUTEX
                        && count == parts.size() + 1
                        && bounds[2 * count - 2] == bounds[2 * count - 1];
        if (count != parts.size() && !slash && !(entrance.rest && count > parts.size())) {
            return false;
        }
        for (int i = 0; i < parts.size(); i++) {
            int length = bounds[2 * i + 1] - bounds[2 * i];
            String part = parts.get(i);
            boolean rest = entrance.rest && i == parts.size() - 1;
            boolean same =
                    part.isEmpty()
                            ? (rest ? path.length() - bounds[2 * i] : length) > 0
                                    != (entrance.route.template().length() == 1)
                            : part.length() == length && path.startsWith(part, bounds[2 * i]);
            if (!same) {
                return false;
            }
        }
        return true;
    }
}
