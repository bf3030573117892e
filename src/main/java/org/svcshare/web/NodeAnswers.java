package org.svcshare.web;

import io.vertx.core.http.HttpHeaders;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodeChange.Result;
import org.svcshare.replica.NodePatch;
import org.svcshare.replica.NodeView;
import org.svcshare.replica.Replicas;

/// The copies of the replicated service: looking at them and changing them.
final class NodeAnswers {
    static final String NO_REPLICAS =
            "no service is replicated here: see replica in reference.conf";

    private static final int NODE = 3;

    private final Loop loop;

    NodeAnswers(Loop loop) {
        this.loop = loop;
    }

    /// @return null when it was answered
    static @Nullable Replicas replicas(Call call) {
        Optional<Replicas> replicas = call.loop.site.replicas();
        if (replicas.isEmpty()) {
            call.problem(Problem.NO_REPLICAS, NO_REPLICAS);
        }
        return replicas.orElse(null);
    }

    /// The node in the path.
    ///
    /// @return null when it was answered
    static @Nullable NodeAddress node(Call call) {
        try {
            return NodeBody.address("node", call.segment(NODE).orElse(""));
        } catch (IllegalArgumentException e) {
            call.problem(Problem.INVALID, String.valueOf(e.getMessage()));
            return null;
        }
    }

    /// GET /api/v1/nodes
    void list(Call call) {
        Replicas replicas = replicas(call);
        if (replicas == null) {
            return;
        }
        List<NodeView> nodes = replicas.nodes();
        Instant now = loop.site.clock().instant();
        Json json = call.json().raw("{\"nodes\":[");
        for (int i = 0; i < nodes.size(); i++) {
            NodeJson.node(json.raw(i == 0 ? "" : ","), nodes.get(i), now);
        }
        json.raw("]");
        replicas.trouble().ifPresent(what -> json.raw(",\"trouble\":").text(what));
        call.header(HttpHeaders.ETAG, NodeJson.tag(nodes.stream().map(NodeView::node).toList()));
        call.answer(200, json.raw("}"));
    }

    /// GET /api/v1/nodes/{node}
    void show(Call call) {
        Replicas replicas = replicas(call);
        NodeAddress node = replicas == null ? null : node(call);
        if (replicas != null && node != null) {
            show(call, replicas, node, 200);
        }
    }

    private void show(Call call, Replicas replicas, NodeAddress node, int status) {
        Optional<NodeView> view = replicas.node(node);
        if (view.isEmpty()) {
            call.problem(Problem.UNKNOWN_NODE, "see GET /api/v1/nodes");
            return;
        }
        call.header(HttpHeaders.ETAG, NodeJson.tag(List.of(view.get().node())));
        call.answer(status, NodeJson.node(call.json(), view.get(), loop.site.clock().instant()));
    }

    /// PUT /api/v1/nodes/{node}
    void put(Call call) {
        Replicas replicas = replicas(call);
        NodeAddress node = replicas == null ? null : node(call);
        if (replicas == null || node == null) {
            return;
        }
        NodePatch patch;
        try {
            patch = NodeBody.read(call.body(), false).patch(node);
        } catch (IllegalArgumentException e) {
            call.problem(Problem.INVALID, String.valueOf(e.getMessage()));
            return;
        }
        if (patch.address().isPresent() && replicas.node(node).isEmpty()) {
            call.problem(Problem.UNKNOWN_NODE, "only a node that is there can be moved");
            return;
        }
        NodeAddress then = patch.address().orElse(node);
        change(
                call,
                replicas,
                node,
                new NodeChange.Put(node, patch),
                done -> show(call, replicas, then, done.created() ? 201 : 200));
    }

    /// DELETE /api/v1/nodes/{node}
    void remove(Call call) {
        Replicas replicas = replicas(call);
        NodeAddress node = replicas == null ? null : node(call);
        if (replicas != null && node != null) {
            change(
                    call,
                    replicas,
                    node,
                    new NodeChange.Remove(List.of(node)),
                    _ -> call.answerNothing());
        }
    }

    /// POST /api/v1/nodes/{node}/copy-from
    void copyFrom(Call call) {
        Replicas replicas = replicas(call);
        NodeAddress node = replicas == null ? null : node(call);
        if (replicas == null || node == null) {
            return;
        }
        NodeChange change;
        NodeAddress then;
        try {
            NodeBody body = NodeBody.read(call.body(), true);
            NodePatch patch = body.patch(node);
            then = patch.address().orElse(node);
            change = new NodeChange.CopyFrom(node, patch, body.source());
        } catch (IllegalArgumentException e) {
            call.problem(Problem.INVALID, String.valueOf(e.getMessage()));
            return;
        }
        change(call, replicas, node, change, _ -> show(call, replicas, then, 200));
    }

    /// POST /api/v1/nodes/{node}/in-step
    void inStep(Call call) {
        Replicas replicas = replicas(call);
        NodeAddress node = replicas == null ? null : node(call);
        if (replicas != null && node != null) {
            change(
                    call,
                    replicas,
                    node,
                    new NodeChange.InStep(node),
                    _ -> show(call, replicas, node, 200));
        }
    }

    /// On the loop.
    interface Then {
        void done(Result.Done done);
    }

    private void change(
            Call call, Replicas replicas, NodeAddress node, NodeChange change, Then then) {
        String match = call.request.getHeader(HttpHeaders.IF_MATCH);
        if (match == null) {
            change(call, replicas, change, Problem.UNKNOWN_NODE, then);
            return;
        }
        loop.site
                .line()
                .stand(done -> {
                    Optional<String> tag =
                            replicas.node(node).map(view -> NodeJson.tag(List.of(view.node())));
                    if (tag.isPresent() && matches(match, tag.get())) {
                        replicas.change(
                                change,
                                result -> {
                                    done.run();
                                    loop.mailbox.post(
                                            () -> answer(call, result, Problem.UNKNOWN_NODE, then));
                                });
                    } else {
                        done.run();
                        loop.mailbox.post(() -> changed(call, tag));
                    }
                });
    }

    /// Makes a change that holds whatever the node is like, and answers the call.
    ///
    /// @param missing what is not there when something is not
    static void change(
            Call call, Replicas replicas, NodeChange change, Problem missing, Then then) {
        replicas.change(
                change,
                result -> call.loop.mailbox.post(() -> answer(call, result, missing, then)));
    }

    private static void changed(Call call, Optional<String> tag) {
        tag.ifPresent(now -> call.header(HttpHeaders.ETAG, now));
        call.problem(
                Problem.NODE_CHANGED,
                tag.isPresent() ? "its settings are others by now" : "it is not there");
    }

    /// Whether one of these tags is the node's (RFC 9110 section 13.1.1); a weak one never is.
    private static boolean matches(String tags, String own) {
        return tags.strip().equals("*")
                || Arrays.stream(tags.split(",", -1)).anyMatch(tag -> tag.strip().equals(own));
    }

    private static void answer(Call call, Result result, Problem missing, Then then) {
        switch (result) {
            case Result.Done done -> then.done(done);
            case Result.NotFound(String what) -> call.problem(missing, what);
            case Result.Refused(String why) -> call.problem(Problem.NODE_REFUSED, why);
            case Result.Failed(String why) -> call.problem(Problem.NOT_WRITTEN, why);
        }
    }
}
