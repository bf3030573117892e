package org.svcshare.web;

import java.util.List;
import java.util.Optional;
import org.svcshare.pool.PoolEngine;
import org.svcshare.replica.NodeView;
import org.svcshare.replica.Replicas;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup;
import org.svcshare.turn.TurnView;
import org.svcshare.web.StatusSource.GateNow;

/// `/api/v1/status`: the turn, the gate, the replicas and the pools at a glance.
final class StatusAnswers {
    private final Site site;
    private final long begunNanos = System.nanoTime();

    StatusAnswers(Site site) {
        this.site = site;
    }

    void show(Call call) {
        call.answer(200, write(call.json()));
    }

    private Json write(Json json) {
        StatusSource status = site.status();
        json.raw("{\"version\":")
                .text(status.version())
                .raw(",\"uptimeMs\":")
                .number((System.nanoTime() - begunNanos) / 1_000_000)
                .raw(",\"turn\":");
        turn(json, status);
        json.raw(",\"gate\":");
        gate(json, status.gate());
        json.raw(",\"members\":");
        members(json, site.members());
        json.raw(",\"replicas\":");
        replicas(json, site.replicas());
        PoolEngine.Status pools = site.engine().status();
        return json.raw(",\"pools\":{\"engine\":")
                .text(pools.kind())
                .raw(",\"ready\":")
                .flag(pools.ready())
                .raw(",\"why\":")
                .text(pools.ready() ? "" : pools.why())
                .raw("}}");
    }

    private static void members(Json json, Optional<MemberGroup> members) {
        if (members.isEmpty()) {
            json.raw("null");
            return;
        }
        MemberGroup.Status status = members.get().status();
        long there =
                members.get().members().stream()
                        .filter(member -> member.state() == Member.State.ALIVE)
                        .count();
        json.raw("{\"group\":")
                .text(status.group())
                .raw(",\"name\":")
                .text(status.name())
                .raw(",\"joined\":")
                .flag(status.joined())
                .raw(",\"alive\":")
                .number(there)
                .raw(",\"trouble\":")
                .text(status.trouble())
                .raw("}");
    }

    private static void replicas(Json json, Optional<Replicas> replicas) {
        if (replicas.isEmpty()) {
            json.raw("null");
            return;
        }
        List<NodeView> nodes = replicas.get().nodes();
        json.raw("{\"nodes\":")
                .number(nodes.size())
                .raw(",\"readable\":")
                .number(nodes.stream().filter(NodeView::readable).count())
                .raw(",\"trouble\":")
                .text(replicas.get().trouble().orElse(""))
                .raw("}");
    }

    private static void turn(Json json, StatusSource status) {
        Optional<TurnView> turn = status.turn();
        if (turn.isEmpty()) {
            json.raw("null");
            return;
        }
        TurnView view = turn.get();
        var until = view.haltedUntil();
        json.raw("{\"nick\":")
                .text(view.nick())
                .raw(",\"onIrc\":")
                .flag(status.onIrc())
                .raw(",\"inChannel\":")
                .flag(view.inChannel())
                .raw(",\"turn\":")
                .number(view.turn())
                .raw(",\"holds\":")
                .flag(view.holds())
                .raw(",\"electing\":")
                .flag(view.electing())
                .raw(",\"halted\":")
                .flag(view.halted())
                .raw(",\"haltedUntil\":")
                .time(until == null ? Long.MAX_VALUE : until.toEpochMilli())
                .raw(",\"forceLeftBytes\":")
                .number(view.forceLeftBytes())
                .raw(",\"queueMb\":")
                .decimal(view.queueMb())
                .raw(",\"legacy\":")
                .flag(view.legacy())
                .raw(",\"why\":")
                .text(view.why())
                .raw(",\"peers\":");
        texts(json, view.peers()).raw("}");
    }

    private static Json texts(Json json, List<String> texts) {
        json.raw("[");
        for (int i = 0; i < texts.size(); i++) {
            json.raw(i == 0 ? "" : ",").text(texts.get(i));
        }
        return json.raw("]");
    }

    private static void gate(Json json, Optional<GateNow> gate) {
        if (gate.isEmpty()) {
            json.raw("null");
            return;
        }
        GateNow now = gate.get();
        json.raw("{\"listen\":")
                .text(now.listen())
                .raw(",\"open\":")
                .flag(now.open())
                .raw(",\"connections\":")
                .number(now.connections())
                .raw(",\"upBytes\":")
                .number(now.upBytes())
                .raw(",\"downBytes\":")
                .number(now.downBytes())
                .raw("}");
    }
}
