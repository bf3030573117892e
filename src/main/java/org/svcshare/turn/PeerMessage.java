package org.svcshare.turn;

import org.jspecify.annotations.Nullable;

/// What bots say to each other, in both generations of the protocol.
///
/// The codec of the `channel` room makes these from lines and lines from these; everything in them
/// has been bounded and checked there: numbers are finite, texts hold no line break and no blank
/// where the wire has none. Authenticity has been checked as well, as far as the settings ask for.
public sealed interface PeerMessage {

    // Generation 1, the wire of svcshare 0.3.

    /// `SS_ANNOUNCE`: here I am.
    ///
    /// @param argument comes back verbatim in the [Ack]; empty for none
    record Announce(String argument) implements PeerMessage {}

    /// `SS_ACK`, the private answer to [Announce].
    record Ack(String argument) implements PeerMessage {}

    /// `SS_STARTELECTION`: a major election; asks for [QueueSize].
    record StartElection() implements PeerMessage {}

    /// `SS_QUEUESIZE`: the sender's vote in a major election.
    ///
    /// @param sizeMb MB left, finite; negative or zero never wins
    record QueueSize(double sizeMb) implements PeerMessage {}

    /// `SS_CONNSTAT`: a minor election; asks for [ConnUpdate].
    record ConnStat() implements PeerMessage {}

    /// `SS_CONNUPDATE`: the sender's open connections.
    ///
    /// @param owner one word, the nick of the bot's owner; empty when the sender left it out
    record ConnUpdate(String owner, int connections) implements PeerMessage {}

    /// `SS_YIELD`: the sender takes over, close.
    record LegacyYield() implements PeerMessage {}

    // Generation 2, docs/peer-protocol.md.

    /// Makes the sender a peer of generation 2; answered privately when it came over the channel.
    record Hello(
            String owner,
            String version,
            int generation,
            String bootId,
            String policy,
            boolean signed)
            implements PeerMessage {}

    /// Opens an election.
    ///
    /// @param election the caller's boot id and a counter; of two that cross the smaller stands
    record Call(String election, CallKind kind, String policy) implements PeerMessage {}

    /// One bot's ballot.
    ///
    /// @param queueMb MB left, one decimal
    /// @param connections open through the gate
    /// @param waitedSeconds since the queue became non-empty without a turn
    /// @param usedMb MB moved in the last seven days
    /// @param forceMb MB left of a force, 0 for none
    record Vote(
            String election,
            double queueMb,
            int connections,
            long waitedSeconds,
            double usedMb,
            VoteState state,
            double forceMb)
            implements PeerMessage {}

    /// What the caller counted; or, to the sender of a YIELD, which turn is known already.
    ///
    /// @param election empty for the latter
    /// @param winner null when nobody wins
    /// @param turn the highest turn number the sender knows
    /// @param reason a few words for people
    record Result(String election, @Nullable String winner, long turn, String reason)
            implements PeerMessage {}

    /// "I am taking turn `turn`, close."
    record Yield(long turn) implements PeerMessage {}

    /// "My gate is closed, turn `turn` is over."
    record Released(long turn, int connections) implements PeerMessage {}

    /// The sender leaves on purpose.
    ///
    /// @param turn the turn it held, 0 for none
    record Bye(long turn) implements PeerMessage {}

    /// Why an election was called.
    enum CallKind {
        /// Somebody wants to run.
        TURN,
        /// Is the service free? A running bot is left alone.
        FREE
    }

    /// What a voter is doing.
    enum VoteState {
        READY,
        /// Auto-resume is off and nobody asked this bot.
        IDLE,
        RUNNING,
        HALTED,
        FORCED
    }
}
