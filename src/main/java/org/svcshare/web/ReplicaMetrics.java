package org.svcshare.web;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.svcshare.replica.NodeCounts;
import org.svcshare.replica.NodeState;
import org.svcshare.replica.NodeView;
import org.svcshare.replica.Replicas;
import org.svcshare.replica.RequestKind;

/// What `/metrics` says of the copies of the replicated service. Their addresses are labels: there
/// are few, and operators alone make them; a node that is removed takes its rows along.
final class ReplicaMetrics {
    private static final String NODE = "node";

    private final MeterRegistry registry;
    private final Replicas replicas;
    private final List<Row> gauges = new ArrayList<>();
    private final MultiGauge states;
    private final Map<Counted, Meter> counters = new HashMap<>();
    private volatile Map<String, NodeView> nodes = Map.of();

    private record Row(MultiGauge gauge, Reading of) {}

    private interface Reading {
        double read(NodeView view, Instant now);
    }

    private record Counted(String node, RequestKind kind, boolean success) {}

    ReplicaMetrics(MeterRegistry registry, Replicas replicas) {
        this.registry = registry;
        this.replicas = replicas;
        gauge("queue.writes", "Writes that the node has yet to get", NodeView::queueWrites);
        gauge("queue.bytes", "Bytes of the bodies of those writes", NodeView::queueBytes);
        gauge("parked", "Writes that the node refused and that were put aside", NodeView::parked);
        gauge("up", "1 if the node answered when it was last asked", view -> flag(view.up()));
        gauge("readable", "1 while reads may go to the node", view -> flag(view.readable()));
        gauge("position", "The last write that the node has got or passed by", NodeView::position);
        gauge("under.way", "Requests that the node is answering now", NodeView::underWay);
        gauges.add(
                new Row(
                        MultiGauge.builder("svcshare.replica.queue.age")
                                .description("How long the oldest of those writes has waited")
                                .baseUnit("seconds")
                                .register(registry),
                        NodeJson::ageSeconds));
        states =
                MultiGauge.builder("svcshare.replica.state")
                        .description("How the node stands to the writes: 1 for what it is")
                        .register(registry);
        Gauge.builder(
                        "svcshare.replica.trouble",
                        replicas,
                        asked -> flag(asked.trouble().isPresent()))
                .description("1 while no writes are taken")
                .register(registry);
    }

    private static int flag(boolean so) {
        return so ? 1 : 0;
    }

    private void gauge(String name, String help, ToDoubleFunction<NodeView> of) {
        var gauge =
                MultiGauge.builder("svcshare.replica." + name).description(help).register(registry);
        gauges.add(new Row(gauge, (view, _) -> of.applyAsDouble(view)));
    }

    /// Before each reading, by one thread at a time.
    void refresh(Instant now) {
        List<NodeView> views = replicas.nodes();
        nodes =
                views.stream()
                        .collect(
                                Collectors.toUnmodifiableMap(
                                        ReplicaMetrics::name, view -> view, (first, _) -> first));
        for (Row row : gauges) {
            row.gauge.register(rows(view -> row.of.read(view, now)), true);
        }
        states.register(states(), true);
        count();
    }

    private static String name(NodeView view) {
        return view.node().address().toString();
    }

    private List<MultiGauge.Row<?>> rows(ToDoubleFunction<NodeView> of) {
        var rows = new ArrayList<MultiGauge.Row<?>>();
        nodes.forEach((node, view) ->
                rows.add(MultiGauge.Row.of(Tags.of(NODE, node), of.applyAsDouble(view))));
        return rows;
    }

    private List<MultiGauge.Row<?>> states() {
        var rows = new ArrayList<MultiGauge.Row<?>>();
        nodes.forEach((node, view) -> {
            for (NodeState state : NodeState.values()) {
                rows.add(
                        MultiGauge.Row.of(
                                Tags.of(NODE, node, "state", NodeJson.word(state)),
                                flag(view.state() == state)));
            }
        });
        return rows;
    }

    private void count() {
        counters.entrySet()
                .removeIf(counter -> {
                    boolean gone = !nodes.containsKey(counter.getKey().node);
                    if (gone) {
                        registry.remove(counter.getValue());
                    }
                    return gone;
                });
        for (var node : nodes.entrySet()) {
            for (RequestKind kind : RequestKind.values()) {
                NodeCounts.Count count = node.getValue().counts().of(kind);
                if (count.success() > 0) {
                    counter(new Counted(node.getKey(), kind, true));
                }
                if (count.failure() > 0) {
                    counter(new Counted(node.getKey(), kind, false));
                }
            }
        }
    }

    private void counter(Counted what) {
        counters.computeIfAbsent(
                what,
                _ ->
                        FunctionCounter.builder(
                                        "svcshare.replica.requests", this, own -> own.number(what))
                                .description("Requests to the node that ended, and how")
                                .tags(
                                        NODE,
                                        what.node,
                                        "method",
                                        what.kind.name().toLowerCase(Locale.ROOT),
                                        "result",
                                        what.success ? "success" : "failure")
                                .register(registry));
    }

    private double number(Counted what) {
        NodeView view = nodes.get(what.node);
        NodeCounts.Count count = view == null ? NodeCounts.Count.NONE : view.counts().of(what.kind);
        return what.success ? count.success() : count.failure();
    }
}
