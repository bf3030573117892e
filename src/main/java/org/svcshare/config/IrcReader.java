package org.svcshare.config;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.svcshare.config.IrcSettings.Mechanism;
import org.svcshare.config.IrcSettings.NickServSettings;
import org.svcshare.config.IrcSettings.SaslSettings;

/// Reads the `irc` block.
final class IrcReader {
    /// RFC 2812 section 2.3.1, without its limit of nine.
    static final Pattern NICK =
            Pattern.compile("[A-Za-z\\[\\]\\\\`_^{|}][A-Za-z0-9\\[\\]\\\\`_^{|}-]{0,49}");

    /// RFC 2812 section 1.3.
    private static final Pattern CHANNEL = Pattern.compile("[#&+!][^\\s,\\x07]{1,99}");

    private static final String NICK_EXPECTED =
            "a nick (a letter or one of []\\`_^{|}, then also digits and -; no blank)";
    private static final String CHANNEL_EXPECTED =
            "a channel (# and a name without blank or comma, in quotes)";
    private static final Pattern ONE_WORD = Pattern.compile("\\S{1,100}");
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final int TLS_PORT = 6697;
    private static final int PLAIN_PORT = 6667;

    private final Section irc;
    private final String owner;
    private final IrcdSettings ircd;

    IrcReader(Section irc, String owner, IrcdSettings ircd) {
        this.irc = irc;
        this.owner = owner;
        this.ircd = ircd;
    }

    IrcSettings read() {
        boolean own = irc.text("server").isEmpty();
        Section tlsBlock = irc.section("tls");
        boolean tlsOn = tlsOn(tlsBlock, own);
        Endpoint server = own ? ownServer() : server(tlsOn);
        TlsSettings tls = TlsReader.read(tlsBlock, tlsOn);
        String nick =
                irc.text("nick", NICK, NICK_EXPECTED).orElseGet(() -> derivedNick("ss-" + owner));
        String userName =
                irc.text("user-name", ONE_WORD, "one word")
                        .orElseGet(() -> irc.derived("user-name", nick));
        String realName =
                irc.text("real-name")
                        .orElseGet(() -> irc.derived("real-name", "svcshare of " + owner));
        String channel = irc.text("channel", CHANNEL, CHANNEL_EXPECTED).orElse("");
        if (irc.text("channel").isEmpty()) {
            irc.problem("channel", "expected " + CHANNEL_EXPECTED + ", found nothing");
        }
        Optional<Secret> password = irc.secret("server-password");
        if (own && password.isEmpty()) {
            password = ircd.password();
        }
        var settings =
                new IrcSettings(
                        server,
                        tls,
                        nick,
                        userName,
                        realName,
                        channel,
                        channelKey(),
                        irc.text("bot-channel", CHANNEL, CHANNEL_EXPECTED),
                        password,
                        sasl(irc.section("sasl"), tls, server),
                        nickServ(irc.section("nickserv"), nick),
                        irc.flag("bot-mode"),
                        irc.duration("connect-timeout", SHORTEST),
                        irc.duration("reconnect-min", SHORTEST),
                        irc.duration("reconnect-max", SHORTEST),
                        irc.duration("rejoin-after", SHORTEST),
                        irc.duration("regain-every", Duration.ofSeconds(1)),
                        irc.duration("ping-every", Duration.ofSeconds(1)),
                        irc.duration("ping-timeout", Duration.ofSeconds(1)),
                        irc.number("flood-burst", 1, 1000),
                        irc.duration("flood-interval", Duration.ZERO),
                        irc.flag("log-lines"));
        irc.done();
        if (settings.reconnectMin().compareTo(settings.reconnectMax()) > 0) {
            irc.problem("reconnect-max", "expected at least reconnect-min");
        }
        return settings;
    }

    private boolean tlsOn(Section tls, boolean own) {
        String host =
                irc.text("server").map(text -> text.replaceAll("^\\[|\\]?:\\d*$", "")).orElse("");
        boolean auto = !own && !Loopback.is(host);
        return tls.choice(
                "enabled",
                Map.of(
                        "auto", auto, "true", true, "yes", true, "on", true, "false", false, "no",
                        false, "off", false),
                auto);
    }

    private Endpoint server(boolean tlsOn) {
        return irc.endpoint("server", 1, tlsOn ? TLS_PORT : PLAIN_PORT)
                .orElse(new Endpoint("localhost", PLAIN_PORT));
    }

    private Endpoint ownServer() {
        if (!ircd.enabled()) {
            irc.problem(
                    "server",
                    "expected host:port of an IRC server, found nothing (or ircd.enabled = true"
                            + " for the embedded one)");
        }
        String host = ircd.listen().host();
        if (host.equals("0.0.0.0") || host.equals("*")) {
            host = "127.0.0.1";
        } else if (host.equals("::")) {
            host = "::1";
        }
        return irc.derived("server", new Endpoint(host, ircd.listen().port()));
    }

    private String derivedNick(String nick) {
        if (!NICK.matcher(nick).matches() && irc.text("nick").isEmpty()) {
            irc.problem("nick", "expected " + NICK_EXPECTED + ", found nothing");
        }
        return irc.derived("nick", nick);
    }

    private Optional<Secret> channelKey() {
        Optional<Secret> key = irc.secret("channel-key");
        if (key.isPresent() && !key.get().reveal().matches("[^\\s,]{1,50}")) {
            irc.problem("channel-key", "expected one word of at most 50 letters, no comma");
        }
        return key;
    }

    private SaslSettings sasl(Section sasl, TlsSettings tls, Endpoint server) {
        Mechanism mechanism =
                sasl.choice(
                        "mechanism",
                        Map.of(
                                "none",
                                Mechanism.NONE,
                                "plain",
                                Mechanism.PLAIN,
                                "external",
                                Mechanism.EXTERNAL),
                        Mechanism.NONE);
        String account = sasl.text("account", ONE_WORD, "one word").orElse("");
        Optional<Secret> password = sasl.secret("password");
        boolean required = sasl.flag("required");
        sasl.done();
        switch (mechanism) {
            case NONE -> {
                if (password.isPresent() || !account.isEmpty()) {
                    sasl.warn("mechanism", "none, so account and password are not used");
                }
            }
            case PLAIN -> {
                if (account.isEmpty() || password.isEmpty()) {
                    sasl.problem(
                            "mechanism", "plain expects account and password (or password-file)");
                }
                if (!tls.enabled() && !Loopback.is(server.host())) {
                    sasl.warn("mechanism", "plain without TLS sends the password readable to all");
                }
            }
            case EXTERNAL -> {
                if (!tls.enabled() || tls.certificate().isEmpty()) {
                    sasl.problem("mechanism", "external expects TLS with irc.tls.certificate");
                }
            }
        }
        return new SaslSettings(mechanism, account, password, required);
    }

    private Optional<NickServSettings> nickServ(Section nickserv, String nick) {
        String service = nickserv.text("service", NICK, NICK_EXPECTED).orElse("NickServ");
        String account = nickserv.text("account", ONE_WORD, "one word").orElse(nick);
        Optional<Secret> password = nickserv.secret("password");
        nickserv.done();
        return password.map(secret -> new NickServSettings(service, account, secret));
    }
}
