package org.svcshare.web;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.svcshare.channel.ChannelStatus;
import org.svcshare.channel.ChannelStatus.Lines;
import org.svcshare.turn.TurnView;
import org.svcshare.web.StatusSource.ClientCalls;
import org.svcshare.web.StatusSource.ClientNow;
import org.svcshare.web.StatusSource.GateNow;

/// What `/metrics` says of the bot, where there is one: its turn, gate, channel and client program.
///
/// Rows for what has never happened yet come with it; [#refresh] is called before each reading, by
/// one thread at a time.
final class BotMetrics {
    /// Reasons are words of this program; should they ever not be, they are no more labels than
    /// this.
    private static final int MOST_REASONS = 64;

    private static final String OTHERS = "other";

    private final MeterRegistry registry;
    private final StatusSource status;
    private final Set<String> reasons = new HashSet<>();
    private final Set<List<String>> calls = new HashSet<>();

    BotMetrics(MeterRegistry registry, StatusSource status) {
        this.registry = registry;
        this.status = status;
        if (status.turn().isPresent()) {
            turns();
        }
        if (status.gate().isPresent()) {
            gates();
        }
        if (status.channel().isPresent()) {
            channel();
        }
        status.client().ifPresent(this::client);
    }

    void refresh() {
        status.channel().ifPresent(channel -> channel.rejected().keySet().forEach(this::reason));
        String client = status.client().map(ClientNow::type).orElse("none");
        for (ClientCalls each : status.clientCalls()) {
            if (calls.add(List.of(each.call(), each.outcome()))) {
                calls(client, each.call(), each.outcome());
            }
        }
    }

    // The turn.

    private void turns() {
        turn("svcshare.turn", "Number of the turn, which only grows", TurnView::turn);
        state("holds", TurnView::holds);
        state("halted", TurnView::halted);
        state("electing", TurnView::electing);
        turn("svcshare.peers", "Other bots in the channel", view -> view.peers().size());
        turn(
                "svcshare.queue.remaining.bytes",
                "What the client program has left to load",
                view -> view.queueMb() * 1024 * 1024);
    }

    private void turn(String name, String help, Function<TurnView, Number> of) {
        Gauge.builder(name, () -> status.turn().map(of).orElse(0))
                .description(help)
                .register(registry);
    }

    private void state(String state, Function<TurnView, Boolean> of) {
        Gauge.builder("svcshare.state", () -> status.turn().map(of).orElse(false) ? 1 : 0)
                .description("Whether the bot is in this state")
                .tag("state", state)
                .register(registry);
    }

    // The gate.

    private void gates() {
        gate("svcshare.gate.open", "Whether the gate is open", gate -> gate.open() ? 1 : 0);
        gate("svcshare.gate.connections", "Connections through the gate", GateNow::connections);
        sent("up", GateNow::upBytes);
        sent("down", GateNow::downBytes);
    }

    private void gate(String name, String help, Function<GateNow, Number> of) {
        Gauge.builder(name, () -> status.gate().map(of).orElse(0))
                .description(help)
                .register(registry);
    }

    private void sent(String direction, Function<GateNow, Long> of) {
        FunctionCounter.builder(
                        "svcshare.gate.sent.bytes",
                        status,
                        source -> source.gate().map(of).orElse(0L))
                .description("Bytes that the gate passed on: up to the service, down from it")
                .tag("direction", direction)
                .register(registry);
    }

    // The channel.

    private void channel() {
        Gauge.builder(
                        "svcshare.irc.connected",
                        () -> status.channel().map(ChannelStatus::joined).orElse(false) ? 1 : 0)
                .description("Whether the bot is in its channel")
                .register(registry);
        Gauge.builder(
                        "svcshare.irc.send.queue.length",
                        () -> status.channel().map(ChannelStatus::waiting).orElse(0))
                .description("Lines that wait to be sent")
                .register(registry);
        FunctionCounter.builder(
                        "svcshare.irc.reconnects",
                        status,
                        s -> s.channel().map(ChannelStatus::reconnects).orElse(0L))
                .description("Connections to the IRC server after the first")
                .register(registry);
        lines("in", Lines::received);
        lines("out", Lines::sent);
        lines(
                "svcshare.irc.throttled.messages",
                "Lines that could not be sent at once, so that the server puts up with us",
                Lines::throttled);
        lines(
                "svcshare.irc.dropped.messages",
                "Lines that were never sent: too many waited, or the same was said too often",
                Lines::dropped);
    }

    private void lines(String name, String help, ToLongFunction<Lines> of) {
        FunctionCounter.builder(name, status, s -> lines(s, of))
                .description(help)
                .register(registry);
    }

    private void lines(String direction, ToLongFunction<Lines> of) {
        FunctionCounter.builder("svcshare.irc.messages", status, s -> lines(s, of))
                .description("Lines of the IRC connection: in from the server, out to it")
                .tag("direction", direction)
                .register(registry);
    }

    private static long lines(StatusSource source, ToLongFunction<Lines> of) {
        return source.channel().map(channel -> of.applyAsLong(channel.lines())).orElse(0L);
    }

    private void reason(String reason) {
        String label = reasons.contains(reason) || reasons.size() < MOST_REASONS ? reason : OTHERS;
        if (!reasons.add(label)) {
            return;
        }
        FunctionCounter.builder("svcshare.peer.messages.rejected", status, s -> rejected(s, label))
                .description("Messages of peers that were not believed or not understood")
                .tag("reason", label)
                .register(registry);
    }

    private long rejected(StatusSource source, String label) {
        Map<String, Long> all = source.channel().map(ChannelStatus::rejected).orElse(Map.of());
        return label.equals(OTHERS)
                ? all.entrySet().stream()
                        .filter(e -> e.getKey().equals(OTHERS) || !reasons.contains(e.getKey()))
                        .mapToLong(Map.Entry::getValue)
                        .sum()
                : all.getOrDefault(label, 0L);
    }

    // The client program.

    private void client(ClientNow client) {
        Gauge.builder(
                        "svcshare.client.up",
                        () -> status.client().map(ClientNow::up).orElse(false) ? 1 : 0)
                .description("Whether the client program answered when it was last asked")
                .tag("client", client.type())
                .register(registry);
    }

    private void calls(String client, String call, String outcome) {
        FunctionTimer.builder(
                        "svcshare.client.request.duration",
                        status,
                        s -> ended(s, call, outcome).count(),
                        s -> ended(s, call, outcome).nanos(),
                        TimeUnit.NANOSECONDS)
                .description("Calls of the client program, and how long they took together")
                .tags("client", client, "call", call, "outcome", outcome)
                .register(registry);
    }

    private static ClientCalls ended(StatusSource source, String call, String outcome) {
        return source.clientCalls().stream()
                .filter(each -> each.call().equals(call) && each.outcome().equals(outcome))
                .findFirst()
                .orElse(new ClientCalls(call, outcome, 0, 0));
    }
}
