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
/// @param rejected messages from peers that were not believed or not understood, by reason
public record ChannelStatus(
        boolean joined,
        String where,
        String nick,
        @Nullable Instant since,
        String trouble,
        int waiting,
        long reconnects,
        Map<String, Long> rejected) {}
