package org.svcshare.web;

import io.micrometer.core.instrument.Counter;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Effect;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.PoolView;
import org.svcshare.pool.TableRules;
import org.svcshare.replica.Replicas;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.MemberGroup;
import org.svcshare.turn.Happening;

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
    private final JvmGcMetrics collector = new JvmGcMetrics();

    private final EngineMetrics engine;
    private final Optional<MemberMetrics> members;
    private final Optional<ReplicaMetrics> replicas;

    /// Made with the first reading: nobody may ever ask.
    private @Nullable BotMetrics bot;

    Metrics(
            StatusSource status,
            TableRules rules,
            PoolEngine engine,
            Optional<MemberGroup> members,
            Optional<Replicas> replicas,
            Counts counts) {
        this.engine = new EngineMetrics(registry, engine);
        this.members = members.map(group -> new MemberMetrics(registry, group));
        this.replicas = replicas.map(nodes -> new ReplicaMetrics(registry, nodes));
        this.status = status;
        this.declared = rules.declared().stream().map(PoolRules::name).collect(Collectors.toSet());
        held =
                MultiGauge.builder("svcshare.lock.held")
                        .description("Tickets that hold a pool")
                        .register(registry);
        waiting =
                MultiGauge.builder("svcshare.lock.waiters")
                        .description("Tickets that wait for a pool")
                        .register(registry);
        tickets =
                MultiGauge.builder("svcshare.tickets")
                        .description("Tickets of all pools together")
                        .register(registry);
        FunctionCounter.builder("svcshare.http.requests", counts, c -> c.requests.sum())
                .description("HTTP requests")
                .register(registry);
        FunctionCounter.builder("svcshare.http.slow.readers", counts, c -> c.slowReaders.sum())
                .description("Event streams that were cut, as nobody read them")
                .register(registry);
        FunctionCounter.builder(
                        "svcshare.http.refused.connections",
                        counts,
                        c -> c.refusedConnections.sum())
                .description("HTTP connections above http.limits.connections")
                .register(registry);
        Gauge.builder("svcshare.http.connections", counts, c -> c.connections.get())
                .description("HTTP connections that are open")
                .register(registry);
    }

    /// On the engine's thread.
    void on(Effect effect) {
        switch (effect) {
            case Effect.Granted granted ->
                    wait(label(granted.pool())).record(Duration.ofMillis(granted.waitedMs()));
            case Effect.Ended ended -> {
                if (ended.held() && ended.cause() == Effect.Cause.EXPIRED) {
                    Counter.builder("svcshare.lock.expirations")
                            .description("Locks whose lease ended without a renewal")
                            .tag("pool", label(ended.pool()))
                            .register(registry)
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
                            .description("How long a ticket waited before it held")
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
                    timer("svcshare.turn.wait", "How long the bot waited for its turn")
                            .record(granted.waited());
            case Happening.TurnLost lost -> {
                counter("svcshare.turns", "Turns that are over").increment();
                timer("svcshare.turn.duration", "How long a turn lasted").record(lost.held());
            }
            case Happening.ElectionEnded election ->
                    Counter.builder("svcshare.elections")
                            .description("Elections that are over, and whether anybody won")
                            .tag("kind", election.kind())
                            .tag("outcome", election.winner() == null ? "nobody" : "won")
                            .register(registry)
                            .increment();
            case Happening.GateBroken _ ->
                    counter("svcshare.gate.failures", "Times that the gate broke").increment();
            default -> {}
        }
    }

    /// On the group's thread.
    void on(GroupEvent event) {
        members.ifPresent(group -> group.on(event));
    }

    private Counter counter(String name, String help) {
        return Counter.builder(name).description(help).register(registry);
    }

    private Timer timer(String name, String help) {
        return Timer.builder(name).description(help).register(registry);
    }

    private String label(String pool) {
        return declared.contains(pool) ? pool : OTHERS;
    }

    /// GET /metrics
    void scrape(Call call) {
        // Whoever watches a group has to see it without a leader, too.
        call.loop.site.glance(
                call.loop,
                table -> table.pools(),
                pools -> {
                    if (pools != null) {
                        show(pools.seen());
                    }
                    members.ifPresentOrElse(
                            group -> group.look(call.loop, () -> text(call)), () -> text(call));
                });
    }

    /// Looks at the whole JVM, which takes too long for a loop.
    private void text(Call call) {
        call.loop
                .vertx()
                .executeBlocking(this::text)
                .onSuccess(text -> call.answer(200, TEXT, Buffer.buffer(text)))
                .onFailure(e -> call.problem(Problem.FAILED, "no metrics: " + e));
    }

    private synchronized String text() {
        BotMetrics known = bot;
        if (known == null) {
            process();
            build();
            known = new BotMetrics(registry, status);
            bot = known;
        }
        known.refresh();
        engine.refresh();
        members.ifPresent(MemberMetrics::refresh);
        replicas.ifPresent(nodes -> nodes.refresh(Instant.now()));
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

    private void build() {
        Gauge.builder("svcshare.build.info", () -> 1)
                .description("Always 1; the labels say which svcshare and which Java")
                .tags("version", status.version(), "java", Runtime.version().toString())
                .register(registry);
    }

    @Override
    public void close() {
        collector.close();
        registry.close();
    }
}
