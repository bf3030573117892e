package org.svcshare.irc;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Endpoint;
import org.svcshare.config.IrcSettings;
import org.svcshare.config.Loopback;

/// What a server has said about TLS (sts), as long as we run: once told to use it, there is no way
/// back to a plain connection but the server's own word.
///
/// Not for servers on this machine's loopback, where a plain connection is not seen by others and
/// often is a tunnel, whose far end names a port of its own.
///
/// Owned by the channel's loop; outlives connections. Source: IRCv3 sts.
final class Sts {
    private static final Duration LONGEST = Duration.ofDays(3650);

    private final IrcSettings settings;

    /// Where TLS is; 0 while nobody has said so.
    private int port;

    /// How long the policy holds after a connection's end, or null for as long as we run.
    private @Nullable Duration lasts;

    private long endNanos;
    private boolean confirmed;

    Sts(IrcSettings settings) {
        this.settings = settings;
    }

    /// How to connect now.
    ///
    /// @param nowNanos of a clock that never goes back, here and below
    IrcSettings settings(long nowNanos) {
        if (lasts != null && !confirmed && nowNanos - endNanos > 0) {
            port = 0;
        }
        return port == 0
                ? settings
                : settings.at(new Endpoint(settings.server().host(), port), settings.tls().on());
    }

    /// The server has named a policy.
    ///
    /// @param value of the capability
    /// @param overTls whether this connection is a secure one
    /// @return whether this connection must end, and the next one be secure
    boolean told(String value, boolean overTls) {
        if (settings.tls().enabled() || Loopback.is(settings.server().host())) {
            return false;
        }
        if (overTls) {
            long seconds = number(value, "duration", LONGEST.toSeconds());
            if (seconds >= 0) {
                lasts = Duration.ofSeconds(seconds);
                confirmed = true;
            }
            return false;
        }
        long named = number(value, "port", 65535);
        if (named < 1) {
            return false;
        }
        port = (int) named;
        lasts = null;
        return true;
    }

    /// A connection is over; the policy's time begins here.
    void closed(long nowNanos) {
        if (confirmed && lasts != null) {
            endNanos = nowNanos + lasts.toNanos();
        }
        confirmed = false;
    }

    /// @return -1 if the key is not there or has no number; `most` for a larger number
    private static long number(String value, String key, long most) {
        for (String token : value.split(",", -1)) {
            if (token.matches(key + "=\\d{1,18}")) {
                return Math.min(most, Long.parseLong(token.substring(key.length() + 1)));
            }
        }
        return -1;
    }
}
