package org.svcshare.config;

import java.time.Duration;
import java.util.Optional;

/// How a bot reaches its IRC channel; see `irc` in `reference.conf`.
///
/// @param userName sent with USER, sanitised by the adapter
/// @param botChannel where generation 2 messages go; empty for the same channel
/// @param pingEvery how long the server may be silent before we ask
/// @param pingTimeout how long it may stay silent then
/// @param floodBurst lines that may go at once
/// @param floodInterval time for one more line
public record IrcSettings(
        Endpoint server,
        TlsSettings tls,
        String nick,
        String userName,
        String realName,
        String channel,
        Optional<Secret> channelKey,
        Optional<String> botChannel,
        Optional<Secret> serverPassword,
        SaslSettings sasl,
        Optional<NickServSettings> nickServ,
        boolean botMode,
        Duration connectTimeout,
        Duration reconnectMin,
        Duration reconnectMax,
        Duration rejoinAfter,
        Duration regainEvery,
        Duration pingEvery,
        Duration pingTimeout,
        int floodBurst,
        Duration floodInterval,
        boolean logLines) {

    /// The same on another server.
    public IrcSettings at(Endpoint other) {
        return at(other, tls);
    }

    /// The same on another server, reached otherwise.
    public IrcSettings at(Endpoint other, TlsSettings otherTls) {
        return new IrcSettings(
                other,
                otherTls,
                nick,
                userName,
                realName,
                channel,
                channelKey,
                botChannel,
                serverPassword,
                sasl,
                nickServ,
                botMode,
                connectTimeout,
                reconnectMin,
                reconnectMax,
                rejoinAfter,
                regainEvery,
                pingEvery,
                pingTimeout,
                floodBurst,
                floodInterval,
                logLines);
    }

    /// @param account ignored by EXTERNAL
    /// @param required whether to give up the connection when it fails
    public record SaslSettings(
            Mechanism mechanism, String account, Optional<Secret> password, boolean required) {
        public static final SaslSettings NONE =
                new SaslSettings(Mechanism.NONE, "", Optional.empty(), true);
    }

    public enum Mechanism {
        NONE,
        PLAIN,
        EXTERNAL
    }

    /// @param service the nick of the service, usually NickServ
    public record NickServSettings(String service, String account, Secret password) {}
}
