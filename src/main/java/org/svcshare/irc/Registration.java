package org.svcshare.irc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.svcshare.channel.IrcText;
import org.svcshare.config.IrcSettings;
import org.svcshare.config.IrcSettings.Mechanism;
import org.svcshare.config.Secret;

/// The first lines of a connection: capabilities, SASL, password, nick; until the welcome.
///
/// Source: modern IRC client protocol, "Connection setup"; IRCv3 capability-negotiation 302 and
/// sasl-3.1, sasl-3.2.
final class Registration {
    /// Not among them: `echo-message`, which would bring our own lines back, and `batch`, which
    /// would tear netsplits apart.
    private static final Set<String> WANTED =
            Set.of(
                    "message-tags",
                    "account-tag",
                    "account-notify",
                    "extended-join",
                    "multi-prefix",
                    "userhost-in-names",
                    "chghost",
                    "cap-notify");

    private static final int SASL_CHUNK = 400;
    private static final int MAX_NICK_TRIES = 20;
    private static final int MAX_CAPS = 200;

    private final IrcSettings settings;
    private final Link link;
    private final RandomGenerator random;
    private final Consumer<String> welcomed;
    private final Map<String, String> offered = new LinkedHashMap<>();
    private final Set<String> enabled = new HashSet<>();
    private boolean capEnded;
    private boolean loggedIn;
    private boolean registered;
    private int nickTries;
    private String saslTrouble = "";

    /// @param welcomed told our nick when the server has taken us
    Registration(
            IrcSettings settings,
            Link link,
            RandomGenerator random,
            Handlers handlers,
            Consumer<String> welcomed) {
        this.settings = settings;
        this.link = link;
        this.random = random;
        this.welcomed = welcomed;
        handlers.on(this::onCap, "CAP");
        handlers.on(this::onAuthenticate, "AUTHENTICATE");
        handlers.on(_ -> loggedIn(), "903", "907");
        handlers.on(this::onSaslFailed, "902", "904", "905", "906", "908");
        handlers.on(this::onWelcome, "001");
        handlers.on(this::onBadPassword, "464");
    }

    void begin() {
        link.sendNow("CAP LS 302");
        settings.serverPassword()
                .map(Secret::reveal)
                .ifPresent(p -> link.sendNow("PASS :" + IrcText.oneLine(p)));
        link.sendNow("NICK " + IrcText.nick(link.wantedNick()));
        link.sendNow(
                "USER "
                        + IrcText.userName(settings.userName())
                        + " 0 * :"
                        + IrcText.oneLine(settings.realName()));
    }

    boolean registered() {
        return registered;
    }

    /// Whether SASL has logged us in.
    boolean saslDone() {
        return loggedIn;
    }

    /// Why SASL has not logged us in, where that is not required; empty while nothing is wrong.
    String saslTrouble() {
        return saslTrouble;
    }

    boolean has(String capability) {
        return enabled.contains(capability);
    }

    /// 432, 433, 436, 437 before the welcome: try another nick.
    void nickRefused(IrcLine line) {
        nickTries++;
        if (nickTries > MAX_NICK_TRIES) {
            link.drop("no nick is free: " + line.last());
            return;
        }
        String wanted = IrcText.nick(link.wantedNick());
        boolean erroneous = line.verb().equals("432");
        String plain = wanted.replaceAll("[^A-Za-z0-9]", "").replaceAll("^\\d+", "");
        plain = plain.isEmpty() ? "svcshare" : plain.substring(0, Math.min(9, plain.length()));
        String nick;
        if (erroneous && nickTries > 1) {
            nick = "svc" + random.nextInt(1000, 100_000);
        } else if (erroneous && !plain.equals(wanted)) {
            nick = plain;
        } else {
            // As the originals: the base and 2, 3, …; cut, where nicks are short. A plain nick that
            // is
            // called erroneous is one that services hold.
            String number = Integer.toString(nickTries + 1);
            int room = (nickTries > 4 ? 9 : 30) - number.length();
            nick = wanted.substring(0, Math.min(wanted.length(), room)) + number;
        }
        link.sendNow("NICK " + nick);
    }

    private void onCap(IrcLine line) {
        String listed = line.last().strip();
        switch (line.param(1).toUpperCase(Locale.ROOT)) {
            case "LS" -> {
                learn(listed);
                if (!line.param(2).equals("*") && !capEnded) {
                    request();
                }
            }
            case "ACK" -> acknowledged(listed);
            case "NAK" -> refused(listed);
            case "NEW" -> {
                learn(listed);
                String more = wanted(listed);
                if (sts(listed)) {
                    return;
                }
                if (!more.isEmpty()) {
                    link.sendNow("CAP REQ :" + more);
                }
            }
            case "DEL" -> {
                for (String name : listed.split(" +", -1)) {
                    offered.remove(name);
                    enabled.remove(name);
                }
            }
            default -> {}
        }
    }

    private void learn(String listed) {
        for (String capability : listed.split(" +", -1)) {
            int equals = capability.indexOf('=');
            String name = equals < 0 ? capability : capability.substring(0, equals);
            if (!name.isEmpty() && offered.size() < MAX_CAPS) {
                offered.put(name, equals < 0 ? "" : capability.substring(equals + 1));
            }
        }
    }

    private String wanted(String listed) {
        return String.join(
                " ",
                Arrays.stream(listed.split(" +", -1))
                        .map(name -> name.replaceFirst("=.*", ""))
                        .filter(WANTED::contains)
                        .toList());
    }

    private void request() {
        String sts = offered.get("sts");
        if (sts != null && link.sts(sts)) {
            return;
        }
        if (wantsSasl() && !offersMechanism()) {
            saslFailed("the server offers no SASL " + settings.sasl().mechanism(), false);
            if (settings.sasl().required()) {
                return;
            }
        }
        String names = wanted(String.join(" ", offered.keySet()));
        if (wantsSasl() && offersMechanism()) {
            names = (names + " sasl").strip();
        }
        if (names.isEmpty()) {
            endCap();
        } else {
            link.sendNow("CAP REQ :" + names);
        }
    }

    /// Offered later, on a connection that stands already.
    private boolean sts(String listed) {
        String sts = offered.get("sts");
        return sts != null && listed.matches("(.* )?sts=.*") && link.sts(sts);
    }

    private boolean wantsSasl() {
        return settings.sasl().mechanism() != Mechanism.NONE;
    }

    /// The value lists mechanisms since version 302; without one anything may work.
    private boolean offersMechanism() {
        String value = offered.get("sasl");
        return value != null
                && (value.isEmpty()
                        || List.of(value.toUpperCase(Locale.ROOT).split(","))
                                .contains(settings.sasl().mechanism().name()));
    }

    private void acknowledged(String listed) {
        for (String name : listed.split(" +", -1)) {
            if (name.startsWith("-")) {
                enabled.remove(name.substring(1));
            } else {
                enabled.add(name);
            }
        }
        if (capEnded) {
            return;
        }
        if (has("sasl") && wantsSasl() && !loggedIn) {
            link.sendNow("AUTHENTICATE " + settings.sasl().mechanism());
        } else {
            endCap();
        }
    }

    private void refused(String listed) {
        if (capEnded) {
            return;
        }
        boolean withSasl = List.of(listed.split(" +", -1)).contains("sasl");
        if (withSasl && !listed.equals("sasl")) {
            // One name that it will not have must not cost us the login.
            link.sendNow("CAP REQ :sasl");
        } else if (withSasl) {
            saslFailed("the server refused SASL", false);
        } else {
            endCap();
        }
    }

    private void onAuthenticate(IrcLine line) {
        if (loggedIn || capEnded || !line.param(0).equals("+")) {
            return;
        }
        if (settings.sasl().mechanism() == Mechanism.EXTERNAL) {
            link.sendNow("AUTHENTICATE +");
            return;
        }
        String account = settings.sasl().account();
        String password = settings.sasl().password().map(Secret::reveal).orElse("");
        String encoded =
                Base64.getEncoder()
                        .encodeToString(
                                (account + "\0" + account + "\0" + password).getBytes(UTF_8));
        for (int i = 0; i < encoded.length(); i += SASL_CHUNK) {
            link.sendNow(
                    "AUTHENTICATE "
                            + encoded.substring(i, Math.min(encoded.length(), i + SASL_CHUNK)));
        }
        if (encoded.length() % SASL_CHUNK == 0) {
            link.sendNow("AUTHENTICATE +");
        }
    }

    private void loggedIn() {
        loggedIn = true;
        endCap();
    }

    private void onSaslFailed(IrcLine line) {
        // 902 is a locked nick and 906 our own abort; only 904, 905 and 908 speak of credentials.
        boolean forGood = !line.verb().equals("902") && !line.verb().equals("906");
        boolean mechanisms = line.verb().equals("908");
        saslFailed(
                "SASL failed: "
                        + (mechanisms ? "the server takes only " + line.param(1) : line.last()),
                forGood);
    }

    /// @param forGood whether another try with the same settings cannot help
    private void saslFailed(String why, boolean forGood) {
        if (!settings.sasl().required()) {
            saslTrouble = why;
            link.trouble(why);
            endCap();
        } else if (forGood) {
            link.giveUp(why);
        } else {
            link.drop(why);
        }
    }

    private void onBadPassword(IrcLine line) {
        link.drop("server password: " + line.last());
    }

    private void endCap() {
        if (!capEnded) {
            capEnded = true;
            link.sendNow("CAP END");
        }
    }

    private void onWelcome(IrcLine line) {
        if (registered) {
            return;
        }
        if (wantsSasl() && settings.sasl().required() && !loggedIn) {
            // A server without capabilities lets us in anonymously; that is not what was asked for.
            link.drop("the server let us in without SASL");
            return;
        }
        registered = true;
        capEnded = true;
        welcomed.accept(line.param(0));
    }
}
