package org.svcshare.web;

import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.QueuedWrite;
import org.svcshare.replica.Replicas;

/// The writes on their way to the copies of the replicated service.
final class QueueAnswers {
    private static final int POSITION = 5;
    private static final int ID = 3;
    private static final int MOST_ID = 200;
    private static final int SHOWN = 100;
    private static final int MOST_SHOWN = 1000;

    private final Loop loop;

    QueueAnswers(Loop loop) {
        this.loop = loop;
    }

    /// GET /api/v1/nodes/{node}/queue
    void list(Call call) {
        Replicas replicas = NodeAnswers.replicas(call);
        NodeAddress node = replicas == null ? null : NodeAnswers.node(call);
        if (replicas == null || node == null) {
            return;
        }
        OptionalLong after = number(call.parameter("after"), 0);
        OptionalInt limit = limit(call.parameter("limit"));
        if (after.isEmpty() || limit.isEmpty()) {
            call.problem(
                    Problem.INVALID,
                    "expected ?after=POSITION&limit=N with N from 1 to " + MOST_SHOWN);
            return;
        }
        replicas.queue(
                node,
                after.getAsLong(),
                limit.getAsInt(),
                found ->
                        loop.mailbox.post(() -> {
                            if (found.isPresent()) {
                                call.answer(200, write(found.get()));
                            } else {
                                call.problem(Problem.UNKNOWN_NODE, "see GET /api/v1/nodes");
                            }
                        }));
    }

    private static Json write(List<QueuedWrite> writes) {
        // Not the loop's, which would stay as large as the largest list.
        Json json = new Json().begin().raw("{\"writes\":[");
        for (int i = 0; i < writes.size(); i++) {
            NodeJson.queued(json.raw(i == 0 ? "" : ","), writes.get(i));
        }
        return json.raw("]}");
    }

    /// DELETE /api/v1/nodes/{node}/queue/{position}
    void drop(Call call) {
        change(call, NodeChange.Drop::new);
    }

    /// POST /api/v1/nodes/{node}/queue/{position}/park
    void park(Call call) {
        change(call, NodeChange.Park::new);
    }

    /// POST /api/v1/nodes/{node}/queue/{position}/release
    void release(Call call) {
        change(call, NodeChange.Release::new);
    }

    private static void change(Call call, BiFunction<NodeAddress, Long, NodeChange> what) {
        Replicas replicas = NodeAnswers.replicas(call);
        NodeAddress node = replicas == null ? null : NodeAnswers.node(call);
        if (replicas == null || node == null) {
            return;
        }
        OptionalLong position = number(call.segment(POSITION).orElse(""));
        if (position.isEmpty()) {
            call.problem(Problem.INVALID, "expected the position of a write, a whole number");
            return;
        }
        if (replicas.node(node).isEmpty()) {
            call.problem(Problem.UNKNOWN_NODE, "see GET /api/v1/nodes");
            return;
        }
        NodeAnswers.change(
                call,
                replicas,
                what.apply(node, position.getAsLong()),
                Problem.UNKNOWN_WRITE,
                _ -> call.answerNothing());
    }

    /// GET /api/v1/writes/{id}
    void write(Call call) {
        Replicas replicas = NodeAnswers.replicas(call);
        if (replicas == null) {
            return;
        }
        String id = call.segment(ID).orElse("");
        if (id.isEmpty() || id.length() > MOST_ID || id.chars().anyMatch(c -> c < 0x21)) {
            call.problem(Problem.INVALID, "expected the id of a write, as it was told");
            return;
        }
        replicas.write(
                id,
                found ->
                        loop.mailbox.post(() -> {
                            if (found.isPresent()) {
                                call.answer(200, NodeJson.write(call.json(), found.get()));
                            } else {
                                call.problem(
                                        Problem.UNKNOWN_WRITE,
                                        "there was none, or it is forgotten by now");
                            }
                        }));
    }

    private static OptionalLong number(Percent.Parameter asked, long otherwise) {
        return asked.given() ? number(asked.text().orElse("")) : OptionalLong.of(otherwise);
    }

    private static OptionalLong number(String text) {
        return text.matches("[0-9]{1,18}")
                ? OptionalLong.of(Long.parseLong(text))
                : OptionalLong.empty();
    }

    private static OptionalInt limit(Percent.Parameter asked) {
        OptionalLong number = number(asked, SHOWN);
        return number.isPresent() && number.getAsLong() >= 1 && number.getAsLong() <= MOST_SHOWN
                ? OptionalInt.of((int) number.getAsLong())
                : OptionalInt.empty();
    }
}
