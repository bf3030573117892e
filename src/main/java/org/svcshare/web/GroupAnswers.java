package org.svcshare.web;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Group;
import org.svcshare.pool.GroupChange;
import org.svcshare.pool.GroupChange.NewNode;
import org.svcshare.pool.GroupRefusal;
import org.svcshare.pool.GroupView;
import org.svcshare.pool.GroupView.Role;

/// Looking at the group of machines that keeps the pools, and changing it.
final class GroupAnswers {
    private static final int NODE = 4;

    private final Loop loop;

    GroupAnswers(Loop loop) {
        this.loop = loop;
    }

    /// @return null when it was answered
    private @Nullable Group group(Call call) {
        Optional<Group> group = loop.site.engine().group();
        if (group.isEmpty()) {
            call.problem(Problem.NO_GROUP, "pools.engine is not cluster on this server");
        }
        return group.orElse(null);
    }

    /// GET /api/v1/cluster
    void show(Call call) {
        Group group = group(call);
        if (group != null) {
            group.look(view -> loop.mailbox.post(() -> call.answer(200, view(call.json(), view))));
        }
    }

    /// POST /api/v1/cluster/nodes
    void add(Call call) {
        change(
                call,
                Set.of("name", "address", "replaces"),
                body -> {
                    NewNode node = NewNode.parse(body.need("name") + "=" + body.need("address"));
                    Optional<String> old = body.text("replaces");
                    return old.isPresent()
                            ? new GroupChange.Replace(old.get(), node)
                            : new GroupChange.Add(node);
                });
    }

    /// POST /api/v1/cluster/leader
    void transfer(Call call) {
        change(call, Set.of("node"), body -> new GroupChange.Transfer(body.need("node")));
    }

    /// DELETE /api/v1/cluster/nodes/{node}
    void remove(Call call) {
        change(call, Set.of(), _ -> new GroupChange.Remove(node(call)));
    }

    /// PATCH /api/v1/cluster/nodes/{node}
    void prefer(Call call) {
        change(
                call,
                Set.of("priority"),
                body -> new GroupChange.Prefer(node(call), priority(body.need("priority"))));
    }

    private static String node(Call call) {
        return call.segment(NODE)
                .orElseThrow(() -> new IllegalArgumentException("expected the name of a node"));
    }

    private static int priority(String text) {
        return switch (text) {
            case "off" -> GroupChange.OFF;
            case String number when number.matches("[1-9]|1[0-4]") -> Integer.parseInt(number);
            default -> throw new IllegalArgumentException("priority: expected 1 to 14, or \"off\"");
        };
    }

    /// @param fields that the body may have
    /// @param reading throws an [IllegalArgumentException] with what was expected
    private void change(Call call, Set<String> fields, Function<PlainBody, GroupChange> reading) {
        Group group = group(call);
        if (group == null) {
            return;
        }
        GroupChange change;
        try {
            change = reading.apply(PlainBody.read(call.body(), fields));
        } catch (IllegalArgumentException e) {
            call.problem(Problem.INVALID, String.valueOf(e.getMessage()));
            return;
        }
        group.change(
                change,
                new Group.Answer() {
                    @Override
                    public void done() {
                        loop.mailbox.post(call::answerNothing);
                    }

                    @Override
                    public void refused(GroupRefusal refusal, String why) {
                        loop.mailbox.post(() -> call.problem(Problem.of(refusal), why));
                    }
                });
    }

    private static Json view(Json json, GroupView view) {
        json.raw("{\"name\":")
                .text(view.name())
                .raw(",\"id\":")
                .text(view.id())
                .raw(",\"node\":")
                .text(view.self())
                .raw(",\"leader\":");
        json = view.leader().isPresent() ? json.text(view.leader().get()) : json.raw("null");
        json.raw(",\"term\":")
                .number(view.term())
                .raw(",\"ready\":")
                .flag(view.ready())
                .raw(",\"why\":")
                .text(view.why())
                .raw(",\"fromLeader\":")
                .flag(view.fromLeader())
                .raw(",\"reachable\":")
                .number(view.reachable())
                .raw(",\"majority\":")
                .number(view.majority())
                .raw(",\"waiting\":")
                .number(view.waiting())
                .raw(",\"changing\":")
                .text(view.changing())
                .raw(",\"nodes\":[");
        List<GroupView.Node> nodes = view.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            node(json.raw(i == 0 ? "{" : ",{"), nodes.get(i)).raw("}");
        }
        return json.raw("]}");
    }

    private static Json node(Json json, GroupView.Node node) {
        json.raw("\"name\":")
                .text(node.name())
                .raw(",\"address\":")
                .text(node.address())
                .raw(",\"handover\":")
                .text(node.handover())
                .raw(",\"role\":")
                .text(node.role().name().toLowerCase(Locale.ROOT))
                .raw(",\"leads\":")
                .flag(node.role() == Role.LEADER)
                .raw(",\"priority\":");
        json =
                node.priority() == GroupChange.OFF
                        ? json.raw("\"off\"")
                        : json.number(node.priority());
        json.raw(",\"reachable\":").flag(node.reachable());
        number(json, "heardMs", node.heardMs());
        number(json, "matchIndex", node.match());
        number(json, "commitIndex", node.commit());
        number(json, "appliedIndex", node.applied());
        return number(json, "lag", node.lag());
    }

    private static Json number(Json json, String name, OptionalLong number) {
        json.raw(",\"").raw(name).raw("\":");
        return number.isPresent() ? json.number(number.getAsLong()) : json.raw("null");
    }
}
