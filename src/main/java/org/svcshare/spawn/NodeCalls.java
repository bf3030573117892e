package org.svcshare.spawn;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodeChange.Result;
import org.svcshare.replica.NodePatch;
import org.svcshare.replica.NodeView;
import org.svcshare.replica.Replicas;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `/nodes`: looking at the nodes and changing them, as spawn had it.
final class NodeCalls {
    private static final int HOST = 1;
    private static final int PORT = 2;

    private final Replicas replicas;
    private final Desk desk;

    NodeCalls(Replicas replicas, Desk desk) {
        this.replicas = replicas;
        this.desk = desk;
    }

    private List<Node> nodes() {
        return replicas.nodes().stream().map(NodeView::node).toList();
    }

    private List<Node> nodes(String host) {
        return nodes().stream().filter(node -> node.address().host().equals(host)).toList();
    }

    // The address in the path.

    private static String host(Call call) throws Refusal.Thrown {
        return new NodeAddress(NodeBody.host(call.part(HOST)), 1).host();
    }

    private static NodeAddress address(Call call) throws Refusal.Thrown {
        String host = NodeBody.host(call.part(HOST));
        return new NodeAddress(host, NodeBody.port(call.part(PORT)));
    }

    // Looking.

    /// GET /nodes
    void list(Call call) {
        show(call, nodes());
    }

    /// GET /nodes/:host
    void listHost(Call call) {
        trying(call, () -> show(call, nodes(host(call))));
    }

    /// GET /nodes/:host/:port
    void show(Call call) {
        trying(
                call,
                () -> {
                    NodeAddress address = address(call);
                    show(call, replicas.node(address).map(NodeView::node).stream().toList());
                });
    }

    private static void show(Call call, List<Node> nodes) {
        if (nodes.isEmpty()) {
            call.refuse(Refusal.NO_RECORD);
        } else {
            answer(call, 200, nodes);
        }
    }

    private static void answer(Call call, int status, List<Node> nodes) {
        ObjectNode data = Json.object();
        data.put("success", true);
        data.put("total", nodes.size());
        if (nodes.isEmpty()) {
            data.putNull("results");
        } else {
            ArrayNode results = data.putArray("results");
            nodes.forEach(node -> results.add(json(node)));
        }
        call.answer(status, data);
    }

    /// spawn's five fields, and of ours what is not as usual.
    private static ObjectNode json(Node node) {
        ObjectNode json = Json.object();
        json.put("host", node.address().host());
        json.put("port", node.address().port());
        json.put("priority", node.priority());
        json.put("active", node.active());
        json.put("maintenance", node.maintenance());
        if (node.tls()) {
            json.put("tls", true);
        }
        if (node.weight() != 1) {
            json.put("weight", node.weight());
        }
        return json;
    }

    // Changing.

    /// PUT /nodes/:host/:port
    void put(Call call) {
        trying(
                call,
                () -> {
                    NodeAddress address = address(call);
                    NodeBody body = NodeBody.of(Json.read(call.body()));
                    boolean there = replicas.node(address).isPresent();
                    NodePatch patch = there ? body.change(address) : body.creation();
                    change(
                            call,
                            new NodeChange.Put(address, patch),
                            done -> answer(call, done.created() ? 201 : 202, done.nodes()));
                });
    }

    /// PUT /nodes
    void putAll(Call call) {
        trying(
                call,
                () -> {
                    Map<NodeAddress, NodePatch> patches = NodeBody.all(Json.read(call.body()));
                    if (patches.isEmpty()) {
                        answer(call, 202, List.of());
                        return;
                    }
                    change(
                            call,
                            new NodeChange.PutAll(patches),
                            done -> answer(call, 202, inOrder(patches, done.nodes())));
                });
    }

    private static List<Node> inOrder(Map<NodeAddress, NodePatch> asked, List<Node> changed) {
        Map<NodeAddress, Node> now =
                changed.stream()
                        .collect(
                                Collectors.toMap(
                                        Node::address, Function.identity(), (_, last) -> last));
        return asked.keySet().stream().map(now::get).filter(Objects::nonNull).toList();
    }

    /// DELETE /nodes/:host/:port
    void remove(Call call) {
        trying(
                call,
                () -> {
                    NodeAddress address = address(call);
                    change(call, new NodeChange.Remove(List.of(address)), _ -> answerSuccess(call));
                });
    }

    /// DELETE /nodes/:host
    void removeHost(Call call) {
        trying(
                call,
                () -> {
                    List<Node> nodes = nodes(host(call));
                    if (nodes.isEmpty()) {
                        call.refuse(Refusal.NO_RECORD);
                    } else {
                        change(call, removal(nodes), _ -> answerSuccess(call));
                    }
                });
    }

    /// DELETE /nodes
    void removeAll(Call call) {
        List<Node> nodes = nodes();
        if (nodes.isEmpty()) {
            answerSuccess(call);
        } else {
            change(call, removal(nodes), _ -> answerSuccess(call));
        }
    }

    private static NodeChange removal(List<Node> nodes) {
        return new NodeChange.Remove(nodes.stream().map(Node::address).toList());
    }

    private static void answerSuccess(Call call) {
        ObjectNode data = Json.object();
        data.put("success", true);
        call.answer(200, data);
    }

    private void change(Call call, NodeChange change, Consumer<Result.Done> then) {
        replicas.change(change, result -> desk.post(() -> answer(call, result, then)));
    }

    private static void answer(Call call, Result result, Consumer<Result.Done> then) {
        switch (result) {
            case Result.Done done -> then.accept(done);
            case Result.NotFound _ -> call.refuse(Refusal.NO_RECORD);
            case Result.Refused(String why) ->
                    call.refuse(new Refusal(400, "Could not change the node(s)", why));
            case Result.Failed(String why) ->
                    call.refuse(new Refusal(503, "Could not write the change down", why));
        }
    }

    private interface Attempt {
        void make() throws Refusal.Thrown;
    }

    private static void trying(Call call, Attempt attempt) {
        try {
            attempt.make();
        } catch (Refusal.Thrown e) {
            call.refuse(e.refusal);
        }
    }
}
