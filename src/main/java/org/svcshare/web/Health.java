package org.svcshare.web;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.svcshare.pool.PoolEngine;
import org.svcshare.replica.NodeView;
import org.svcshare.replica.Replicas;

/// `/livez`: the loop turns. `/readyz`, and `/healthz` because people type it: everything that a
/// user needs is there. Machines read the status; `?verbose` is for people.
final class Health {
    private final Site site;

    Health(Site site) {
        this.site = site;
    }

    /// One thing that is needed.
    private record Check(String name, boolean fine, String why) {}

    void live(Call call) {
        call.answer(200, Call.PLAIN, Buffer.buffer("ok\n"));
    }

    void ready(Call call) {
        List<Check> checks = checks();
        boolean fine = checks.stream().allMatch(Check::fine);
        boolean verbose = verbose(call);
        var text = new StringBuilder();
        for (Check check : checks) {
            if (!check.fine || verbose) {
                text.append(check.fine ? "[+] " : "[-] ").append(check.name);
                text.append(check.fine ? " ok" : ": " + check.why).append('\n');
            }
        }
        text.append(fine ? "ok\n" : "not ready\n");
        call.answer(fine ? 200 : 503, Call.PLAIN, Buffer.buffer(text.toString()));
    }

    private static boolean verbose(Call call) {
        String query = call.request.query();
        return query != null && query.startsWith("verbose");
    }

    private List<Check> checks() {
        var checks = new ArrayList<Check>();
        PoolEngine.Status pools = site.engine().status();
        checks.add(new Check("pools", pools.ready(), pools.why()));
        site.replicas().map(Health::replicas).ifPresent(checks::add);
        site.status()
                .channel()
                .ifPresent(channel ->
                        checks.add(
                                new Check(
                                        "channel",
                                        channel.joined(),
                                        channel.trouble().isEmpty()
                                                ? "not in " + channel.where()
                                                : channel.trouble())));
        site.status()
                .client()
                .ifPresent(client ->
                        checks.add(
                                new Check(
                                        "client",
                                        client.up(),
                                        client.type() + " does not answer")));
        return checks;
    }

    /// Whether reads and writes of the clients of the replicated service get through.
    private static Check replicas(Replicas replicas) {
        var why = new ArrayList<String>();
        replicas.trouble().ifPresent(trouble -> why.add("no writes are taken: " + trouble));
        List<NodeView> nodes = replicas.nodes();
        if (nodes.isEmpty()) {
            why.add("there are no nodes");
        } else if (nodes.stream().noneMatch(NodeView::readable)) {
            why.add("no node can be read from");
        }
        return new Check("replicas", why.isEmpty(), String.join("; ", why));
    }
}
