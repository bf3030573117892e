package org.svcshare.web;

import io.vertx.core.http.HttpMethod;
import java.util.List;
import org.svcshare.config.HttpSettings.Role;

/// The table of everything that can be asked for, most asked for first.
final class Api {
    private static final String LOCKS = "/api/v1/pools/{pool}/locks";
    private static final String LOCK = LOCKS + "/{token}";
    private static final String CLUSTER = "/api/v1/cluster";
    private static final String GROUP_NODE = CLUSTER + "/nodes/{node}";
    private static final String MEMBERS = "/api/v1/members";
    private static final String NODES = "/api/v1/nodes";
    private static final String NODE = NODES + "/{node}";
    private static final String QUEUED = NODE + "/queue/{position}";
    private static final String KEYS = "/api/v1/kv";
    private static final String KEY = KEYS + "/{+key}";

    private Api() {}

    /// @param loop whose handlers these are
    static List<Route> routes(Loop loop) {
        Site site = loop.site;
        var locks = new Locks(loop);
        var pools = new Pools(loop);
        var distributex = new Distributex(site);
        var health = new Health(site);
        var status = new StatusAnswers(site);
        var group = new GroupAnswers(loop);
        var members = new MemberAnswers(loop);
        var keys = new KeyAnswers(loop);
        var callouts = new Callouts(loop);
        var nodes = new NodeAnswers(loop);
        var queue = new QueueAnswers(loop);
        return List.of(
                Route.change(HttpMethod.POST, LOCKS, Role.LOCK, locks::acquire),
                Route.change(HttpMethod.DELETE, LOCK, Role.LOCK, locks::release),
                // A look claims what was granted meanwhile, so it is more than reading.
                Route.get(LOCK, Role.LOCK, locks::look),
                Route.change(HttpMethod.PUT, LOCK, Role.LOCK, locks::renew),
                Route.distributex("/get/", distributex::get),
                Route.distributex("/wait/", distributex::waitFor),
                Route.distributex("/release/", distributex::release),
                Route.get("/api/v1/pools", Role.READ, pools::list),
                Route.get("/api/v1/pools/{pool}", Role.READ, pools::show),
                Route.get("/api/v1/tickets", Role.READ, pools::tickets),
                Route.change(
                        HttpMethod.DELETE, "/api/v1/tickets/{ticket}", Role.ADMIN, pools::force),
                Route.get("/api/v1/events", Role.READ, loop.events()::listen),
                Route.get(KEY, Role.READ, keys::get),
                Route.change(HttpMethod.PUT, KEY, Role.LOCK, keys::put),
                Route.change(HttpMethod.DELETE, KEY, Role.LOCK, keys::remove),
                Route.get(KEYS, Role.READ, keys::list),
                Route.get("/api/v1/watch", Role.READ, loop.watches()::listen),
                Route.get(MEMBERS, Role.READ, members::list),
                Route.change(HttpMethod.DELETE, MEMBERS + "/{name}", Role.ADMIN, members::forget),
                Route.change(HttpMethod.POST, "/api/v1/events/{name}", Role.LOCK, callouts::call),
                Route.change(HttpMethod.POST, "/api/v1/queries/{name}", Role.LOCK, callouts::ask),
                Route.get("/api/v1/writes/{id}", Role.READ, queue::write),
                Route.get(NODES, Role.READ, nodes::list),
                Route.get(NODE, Role.READ, nodes::show),
                Route.change(HttpMethod.PUT, NODE, Role.ADMIN, nodes::put),
                Route.change(HttpMethod.DELETE, NODE, Role.ADMIN, nodes::remove),
                Route.change(HttpMethod.POST, NODE + "/copy-from", Role.ADMIN, nodes::copyFrom),
                Route.change(HttpMethod.POST, NODE + "/in-step", Role.ADMIN, nodes::inStep),
                Route.get(NODE + "/queue", Role.READ, queue::list),
                Route.change(HttpMethod.DELETE, QUEUED, Role.ADMIN, queue::drop),
                Route.change(HttpMethod.POST, QUEUED + "/park", Role.ADMIN, queue::park),
                Route.change(HttpMethod.POST, QUEUED + "/release", Role.ADMIN, queue::release),
                Route.get(CLUSTER, Role.READ, group::show),
                Route.change(HttpMethod.POST, CLUSTER + "/nodes", Role.ADMIN, group::add),
                Route.change(HttpMethod.DELETE, GROUP_NODE, Role.ADMIN, group::remove),
                Route.change(HttpMethod.PATCH, GROUP_NODE, Role.ADMIN, group::prefer),
                Route.change(HttpMethod.POST, CLUSTER + "/leader", Role.ADMIN, group::transfer),
                Route.get("/api/v1/status", Role.READ, status::show),
                Route.get("/metrics", Role.READ, site.metrics()::scrape),
                Route.open("/livez", health::live),
                Route.open("/readyz", health::ready),
                Route.open("/healthz", health::ready),
                Route.get("/openapi.json", Role.READ, Files.file("openapi.json")),
                Route.open("/", Files.page("status.html")),
                Route.open("/status.css", Files.file("status.css")),
                Route.open("/status.js", Files.file("status.js")));
    }
}
