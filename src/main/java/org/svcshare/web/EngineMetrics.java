package org.svcshare.web;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.PoolEngine.Figure;

/// What `/metrics` says of the engine itself. [#refresh] is called before each reading, by one
/// thread at a time.
final class EngineMetrics {
    private final MeterRegistry registry;
    private final PoolEngine engine;
    private final Map<String, MultiGauge> gauges = new HashMap<>();

    EngineMetrics(MeterRegistry registry, PoolEngine engine) {
        this.registry = registry;
        this.engine = engine;
    }

    void refresh() {
        Map<String, List<Figure>> now =
                engine.figures().stream().collect(Collectors.groupingBy(Figure::name));
        now.forEach(
                (name, figures) -> gauges.computeIfAbsent(name, _ -> gauge(figures.getFirst())));
        // Those that are not there just now have no rows.
        gauges.forEach(
                (name, gauge) -> gauge.register(rows(now.getOrDefault(name, List.of())), true));
    }

    private MultiGauge gauge(Figure figure) {
        return MultiGauge.builder("svcshare." + figure.name())
                .description(figure.help())
                .register(registry);
    }

    private static List<MultiGauge.Row<?>> rows(List<Figure> figures) {
        var rows = new ArrayList<MultiGauge.Row<?>>();
        for (Figure figure : figures) {
            Tags tags = figure.node().map(node -> Tags.of("node", node)).orElse(Tags.empty());
            rows.add(MultiGauge.Row.of(tags, figure.value()));
        }
        return rows;
    }
}
