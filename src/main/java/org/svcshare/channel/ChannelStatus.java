package org.svcshare.channel;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The state of a channel's connection.
///
/// @param where server and channel, for people
/// @param since when it was joined or lost; null before the first try
/// @param trouble what is wrong, for people; empty when nothing is
/// @param waiting lines that wait to be sent
/// @param lines how many went over the connection, since the process began
/// @param rejected messages from peers that were not believed or not understood, by reason
public record ChannelStatus(
        boolean joined,
        String where,
        String nick,
        @Nullable Instant since,
        String trouble,
        int waiting,
        long reconnects,
        Lines lines,
        Map<String, Long> rejected) {

    /// Lines of the protocol.
    ///
    /// @param throttled could not be sent at once, so that the server puts up with us
    /// @param dropped never sent: too many waited, or the same was said too often
    public record Lines(long received, long sent, long throttled, long dropped) {
        public static final Lines NONE = new Lines(0, 0, 0, 0);
    }
}
