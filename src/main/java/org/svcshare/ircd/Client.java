package org.svcshare.ircd;

import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the server knows about one connection. Owned by the core's thread.
final class Client {
    final long id;
    final String host;
    final boolean secure;
    final Instant connectedAt;

    /// Empty until a NICK was accepted.
    String nick = "";

    /// Empty until USER.
    String user = "";

    String realName = "";
    String password = "";
    @Nullable String account;
    @Nullable String away;
    boolean registered;

    /// Between the first CAP LS or REQ and CAP END registration waits (IRCv3 capability
    /// negotiation).
    boolean negotiating;

    /// Whether it said CAP LS 302 or more, and so takes values of capabilities.
    boolean capValues;

    boolean invisible;
    boolean bot;
    boolean gone;

    /// The last sign of life, whatever it was.
    Instant heardAt;

    /// The last message to somebody, for the idle time in WHOIS.
    Instant spokeAt;

    /// When an unanswered PING was sent; null when none is out.
    @Nullable Instant pingedAt;

    /// What came of a SASL exchange so far; null when none is going on.
    @Nullable StringBuilder sasl;

    int saslFailures;
    final Set<Capability> caps = EnumSet.noneOf(Capability.class);
    final Set<Channel> channels = new LinkedHashSet<>();

    /// Channels that let it in once; a later channel of the same name does not.
    final Set<Channel> invitations = new LinkedHashSet<>();

    /// Nicks it watches with MONITOR: folded to as written.
    final Map<String, String> monitored = new LinkedHashMap<>();

    Client(long id, String host, boolean secure, Instant now) {
        this.id = id;
        // A host that begins with a colon would end the parameters of a line.
        this.host = host.startsWith(":") ? "0" + host : host;
        this.secure = secure;
        this.connectedAt = now;
        this.heardAt = now;
        this.spokeAt = now;
    }

    boolean has(Capability capability) {
        return caps.contains(capability);
    }

    /// How numerics address it.
    String target() {
        return nick.isEmpty() ? "*" : nick;
    }

    /// `nick!user@host`
    String source() {
        return target() + "!" + (user.isEmpty() ? "*" : user) + "@" + host;
    }

    /// `H` or `G`, and `B`, as in WHO.
    String whoFlags() {
        return (away == null ? "H" : "G") + (bot ? "B" : "");
    }
}
