package org.svcshare.web;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.svcshare.channel.ChannelStatus;
import org.svcshare.pool.Effect;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.PoolView;
import org.svcshare.pool.TableRules;
import org.svcshare.turn.Happening;
import org.svcshare.turn.TurnView;
import org.svcshare.web.StatusSource.ClientNow;
import org.svcshare.web.StatusSource.GateNow;

/// `/metrics` in Prometheus' text format.
///
/// Pools that are not declared share one label: names that anybody can make up are no labels.
final class Metrics implements AutoCloseable {
    private static final CharSequence TEXT =
            HttpHeaders.createOptimized("text/plain; version=0.0.4; charset=utf-8");
    private static final String OTHERS = "(undeclared)";
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(20),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        Duration.ofMinutes(1),
        Duration.ofMinutes(10),
        Duration.ofHours(1)
    };

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final StatusSource status;
    private final Set<String> declared;
    private final Map<String, Timer> waits = new ConcurrentHashMap<>();
    private final MultiGauge held;
    private final MultiGauge waiting;
    private final MultiGauge tickets;
    private final AtomicBoolean complete = new AtomicBoolean();
    private final JvmGcMetrics collector = new JvmGcMetrics();

    Metrics(StatusSource status, TableRules rules, Counts counts) {
        this.status = status;
        this.declared = rules.declared().stream().map(PoolRules::name).collect(Collectors.toSet());
        held = MultiGauge.builder("svcshare.lock.held").register(registry);
        waiting = MultiGauge.builder("svcshare.lock.waiters").register(registry);
        tickets = MultiGauge.builder("svcshare.tickets").register(registry);
        FunctionCounter.builder("svcshare.http.requests", counts, c -> c.requests.sum())
                .register(registry);
        FunctionCounter.builder("svcshare.http.slow.readers", counts, c -> c.slowReaders.sum())
                .register(registry);
        FunctionCounter.builder(
                        "svcshare.http.refused.connections",
                        counts,
                        c -> c.refusedConnections.sum())
                .register(registry);
        Gauge.builder("svcshare.http.connections", counts, c -> c.connections.get())
                .register(registry);
    }

    /// On the engine's thread.
    void on(Effect effect) {
        switch (effect) {
            case Effect.Granted granted ->
                    wait(label(granted.pool())).record(Duration.ofMillis(granted.waitedMs()));
            case Effect.Ended ended -> {
                if (ended.held() && ended.cause() == Effect.Cause.EXPIRED) {
                    registry.counter("svcshare.lock.expirations", "pool", label(ended.pool()))
                            .increment();
                }
            }
            case Effect.Queued _, Effect.Renewed _, Effect.Unlocking _ -> {}
        }
    }

    private Timer wait(String pool) {
        Timer timer = waits.get(pool);
        if (timer == null) {
            timer =
                    Timer.builder("svcshare.lock.wait")
                            .tag("pool", pool)
                            .serviceLevelObjectives(BUCKETS)
                            .register(registry);
            waits.put(pool, timer);
        }
        return timer;
    }

    /// On any thread.
    void on(Happening happening) {
        switch (happening) {
            case Happening.TurnGranted granted ->
                    registry.timer("svcshare.turn.wait").record(granted.waited());
            case Happening.TurnLost lost -> {
                registry.counter("svcshare.turns").increment();
                registry.timer("svcshare.turn.duration").record(lost.held());
            }
            case Happening.ElectionEnded election ->
                    registry.counter(
                                    "svcshare.elections",
                                    "kind",
                                    election.kind(),
                                    "outcome",
                                    election.winner() == null ? "nobody" : "won")
                            .increment();
            case Happening.GateBroken _ -> registry.counter("svcshare.gate.failures").increment();
            default -> {}
        }
    }

    private String label(String pool) {
        return declared.contains(pool) ? pool : OTHERS;
    }

    /// GET /metrics
    void scrape(Call call) {
        call.loop.site.look(
                call.loop,
                table -> table.pools(),
                pools -> {
                    if (pools != null) {
                        show(pools);
                    }
                    // Looks at the whole JVM, which takes too long for a loop.
                    call.loop
                            .vertx()
                            .executeBlocking(this::text)
                            .onSuccess(text -> call.answer(200, TEXT, Buffer.buffer(text)))
                            .onFailure(e -> call.problem(Problem.FAILED, "no metrics: " + e));
                });
    }

    private String text() {
        if (complete.compareAndSet(false, true)) {
            process();
            rest();
        }
        return registry.scrape();
    }

    private void show(List<PoolView> pools) {
        held.register(rows(pools, PoolView::held), true);
        waiting.register(rows(pools, PoolView::waiting), true);
        tickets.register(
                List.of(
                        MultiGauge.Row.of(
                                Tags.of("state", "held"),
                                pools.stream().mapToInt(PoolView::held).sum()),
                        MultiGauge.Row.of(
                                Tags.of("state", "waiting"),
                                pools.stream().mapToInt(PoolView::waiting).sum())),
                true);
    }

    private List<MultiGauge.Row<?>> rows(List<PoolView> pools, Function<PoolView, Integer> count) {
        Map<String, Integer> byLabel =
                pools.stream()
                        .collect(
                                Collectors.groupingBy(
                                        pool -> label(pool.name()),
                                        Collectors.summingInt(count::apply)));
        var rows = new ArrayList<MultiGauge.Row<?>>();
        byLabel.forEach(
                (pool, number) -> rows.add(MultiGauge.Row.of(Tags.of("pool", pool), number)));
        return rows;
    }

    private void process() {
        new ClassLoaderMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        collector.bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
    }

    private void rest() {
        Gauge.builder("svcshare.build.info", () -> 1)
                .tags("version", status.version(), "java", Runtime.version().toString())
                .register(registry);
        if (status.turn().isPresent()) {
            turn("svcshare.turn", TurnView::turn);
            state("holds", TurnView::holds);
            state("halted", TurnView::halted);
            state("electing", TurnView::electing);
            turn("svcshare.peers", view -> view.peers().size());
            turn("svcshare.queue.remaining.bytes", view -> view.queueMb() * 1024 * 1024);
        }
        if (status.gate().isPresent()) {
            gate("svcshare.gate.open", gate -> gate.open() ? 1 : 0);
            gate("svcshare.gate.connections", GateNow::connections);
            sent("up", GateNow::upBytes);
            sent("down", GateNow::downBytes);
        }
        if (status.channel().isPresent()) {
            channel();
        }
        status.client()
                .ifPresent(client ->
                        Gauge.builder(
                                        "svcshare.client.up",
                                        () ->
                                                status.client().map(ClientNow::up).orElse(false)
                                                        ? 1
                                                        : 0)
                                .tag("client", client.type())
                                .register(registry));
    }

    private void turn(String name, Function<TurnView, Number> of) {
        Gauge.builder(name, () -> status.turn().map(of).orElse(0)).register(registry);
    }

    private void state(String state, Function<TurnView, Boolean> of) {
        Gauge.builder("svcshare.state", () -> status.turn().map(of).orElse(false) ? 1 : 0)
                .tag("state", state)
                .register(registry);
    }

    private void gate(String name, Function<GateNow, Number> of) {
        Gauge.builder(name, () -> status.gate().map(of).orElse(0)).register(registry);
    }

    private void sent(String direction, Function<GateNow, Long> of) {
        FunctionCounter.builder(
                        "svcshare.gate.sent.bytes",
                        status,
                        source -> source.gate().map(of).orElse(0L))
                .tag("direction", direction)
                .register(registry);
    }

    private void channel() {
        Gauge.builder(
                        "svcshare.irc.connected",
                        () -> status.channel().map(ChannelStatus::joined).orElse(false) ? 1 : 0)
                .register(registry);
        Gauge.builder(
                        "svcshare.irc.send.queue.length",
                        () -> status.channel().map(ChannelStatus::waiting).orElse(0))
                .register(registry);
        FunctionCounter.builder(
                        "svcshare.irc.reconnects",
                        status,
                        s -> s.channel().map(ChannelStatus::reconnects).orElse(0L))
                .register(registry);
        FunctionCounter.builder(
                        "svcshare.peer.messages.rejected",
                        status,
                        s ->
                                s.channel()
                                        .map(c ->
                                                c.rejected().values().stream()
                                                        .mapToLong(Long::longValue)
                                                        .sum())
                                        .orElse(0L))
                .register(registry);
    }

    @Override
    public void close() {
        collector.close();
        registry.close();
    }
}
