package org.svcshare.web;

import java.util.List;
import java.util.Optional;
import org.svcshare.channel.ChannelStatus;
import org.svcshare.turn.TurnView;

/// What the status page, the metrics and the health checks show of the rest of the process.
///
/// Asked by any thread; answers at once.
public interface StatusSource {
    String version();

    /// Empty without a bot, as all of these.
    Optional<TurnView> turn();

    Optional<ChannelStatus> channel();

    /// Whether people command the bot on IRC; otherwise they ask it through its group.
    default boolean onIrc() {
        return false;
    }

    Optional<GateNow> gate();

    Optional<ClientNow> client();

    /// Calls of the client program, those that ended alike together; few rows, each for good.
    default List<ClientCalls> clientCalls() {
        return List.of();
    }

    /// @param call which of a few, one word
    /// @param outcome ok, or which of a few failures, one word
    /// @param nanos all of them took together
    record ClientCalls(String call, String outcome, long count, long nanos) {}

    /// @param listen where client programs connect, for people
    /// @param upBytes from clients to the service, since the process began; the others likewise
    record GateNow(
            String listen,
            boolean open,
            int connections,
            long upBytes,
            long downBytes,
            long openedTotal,
            long refusedTotal,
            long knocksTotal) {}

    /// @param type which client program
    /// @param up whether it answered when it was last asked
    record ClientNow(String type, boolean up) {}

    /// A process without a bot.
    static StatusSource poolsAlone(String version) {
        return new StatusSource() {
            @Override
            public String version() {
                return version;
            }

            @Override
            public Optional<TurnView> turn() {
                return Optional.empty();
            }

            @Override
            public Optional<ChannelStatus> channel() {
                return Optional.empty();
            }

            @Override
            public Optional<GateNow> gate() {
                return Optional.empty();
            }

            @Override
            public Optional<ClientNow> client() {
                return Optional.empty();
            }
        };
    }
}
