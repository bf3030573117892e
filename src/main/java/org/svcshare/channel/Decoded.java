package org.svcshare.channel;

import org.jspecify.annotations.Nullable;
import org.svcshare.turn.PeerMessage;

/// What a piece of text from the channel turned out to be.
public sealed interface Decoded {

    /// A message of one of the two generations, bounded and checked in itself; who sent it has not
    /// been looked at.
    ///
    /// @param envelope what a signature covers; null for generation 1, which has none
    record Message(PeerMessage message, @Nullable Envelope envelope) implements Decoded {}

    /// Not for us, or from a time to come: nobody's fault.
    ///
    /// @param reason one of a few fixed words, fit for a counter's label
    record Ignored(String reason) implements Decoded {}

    /// Meant for us, and not understood.
    ///
    /// @param reason one of a few fixed words, fit for a counter's label
    record Bad(String reason) implements Decoded {}

    /// A message of generation 2 as it stood on the wire.
    ///
    /// @param seal null when it was not signed
    ///
    /// @param hearsTags a HELLO's word on its sender's connection: whether tags get to it
    record Envelope(int type, String payload, @Nullable Seal seal, boolean hearsTags) {}

    /// What makes a message believed.
    ///
    /// @param keyId which of the group's secrets signed
    /// @param counter the sender's clock in milliseconds, strictly growing per boot id
    /// @param code 128 bits of HMAC-SHA-256 as 22 characters of base64url
    record Seal(String keyId, long counter, String code) {}
}
