package org.svcshare.daemon;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.svcshare.bot.Bot;
import org.svcshare.channel.ChannelStatus;
import org.svcshare.channel.PeerChannel;
import org.svcshare.client.CountedClient;
import org.svcshare.config.Settings;
import org.svcshare.gate.Gate;
import org.svcshare.gate.GateCounts;
import org.svcshare.turn.Happening;
import org.svcshare.turn.TurnView;
import org.svcshare.web.StatusSource;

/// What can be seen of a bot and its parts.
final class BotStatus implements StatusSource {
    private final Settings settings;
    private final PeerChannel channel;
    private final CountedClient calls;
    private volatile @Nullable Bot bot;
    private volatile @Nullable Gate gate;
    private volatile boolean clientLost;

    BotStatus(Settings settings, PeerChannel channel, CountedClient calls) {
        this.settings = settings;
        this.channel = channel;
        this.calls = calls;
    }

    void show(Bot ofBot, Gate ofGate) {
        bot = ofBot;
        gate = ofGate;
    }

    void happened(Happening happening) {
        if (happening instanceof Happening.ClientUnreachable) {
            clientLost = true;
        } else if (happening instanceof Happening.ClientBack) {
            clientLost = false;
        }
    }

    @Override
    public String version() {
        return settings.turn().version();
    }

    @Override
    public Optional<TurnView> turn() {
        return Optional.ofNullable(bot).map(Bot::view);
    }

    @Override
    public Optional<ChannelStatus> channel() {
        return Optional.of(channel.status());
    }

    @Override
    public boolean onIrc() {
        return settings.channel().onIrc();
    }

    @Override
    public Optional<GateNow> gate() {
        Gate shown = gate;
        Optional<TurnView> turn = turn();
        if (shown == null || turn.isEmpty()) {
            return Optional.empty();
        }
        GateCounts counts = shown.counts();
        return Optional.of(
                new GateNow(
                        settings.gate().listen().toString(),
                        turn.get().gateOpen(),
                        counts.open().size(),
                        counts.upBytes(),
                        counts.downBytes(),
                        counts.openedTotal(),
                        counts.refusedTotal(),
                        counts.knocksTotal()));
    }

    @Override
    public Optional<ClientNow> client() {
        return settings.turn().clientAsked()
                ? Optional.of(new ClientNow(settings.client().type(), !clientLost))
                : Optional.empty();
    }

    @Override
    public List<ClientCalls> clientCalls() {
        return calls.calls().stream()
                .map(c -> new ClientCalls(c.call(), c.outcome(), c.count(), c.nanos()))
                .toList();
    }
}
