package org.svcshare.channel;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnEffect.Weight;
import org.svcshare.turn.TurnEvent;

/// What bots meet and are commanded on. Looks after its own connection: reconnects and rejoins by
/// itself, and says so with [TurnEvent.Lost] and [TurnEvent.Joined].
///
/// The methods may be called from any thread and never block; what cannot be sent now waits in a
/// bounded queue by weight, and what was for a channel that was lost is dropped.
public interface PeerChannel extends AutoCloseable {

    /// Begins to connect.
    ///
    /// @param events gets what happens, in order, on a thread of the channel's own (a
    ///   [BridgedChannel] has two); must not block
    void start(Consumer<TurnEvent> events);

    /// @param to a nick, or null for everybody in the channel
    void send(@Nullable String to, PeerMessage message);

    /// @param to a nick, or null for the channel
    void say(@Nullable String to, String text, Weight weight);

    void rename(String nick);

    ChannelStatus status();

    /// Sends what waits, says goodbye, and disconnects for good.
    ///
    /// Blocks for at most `limit`.
    void leave(String reason, Duration limit);

    @Override
    void close();
}
