package org.svcshare.irc;

import java.time.Duration;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.svcshare.channel.IrcText;
import org.svcshare.config.IrcSettings;
import org.svcshare.config.Secret;
import org.svcshare.irc.Alarms.Alarm;
import org.svcshare.turn.Casemapping;
import org.svcshare.turn.TurnEvent;

/// One connection from the welcome to its end: joins, keeps the roster, and comes back into the
/// channel after a kick.
///
/// Owned by the channel's loop. A bot of generation 1 takes a renamed peer for a stranger that
/// never answers, so while one is there the nick changes outside the channel only.
final class Session {
    private static final Duration NAMES_PATIENCE = Duration.ofSeconds(10);

    /// How long a peer may take to answer our HELLO before we think that there is none.
    private static final Duration SETTLING = Duration.ofSeconds(10);

    /// Numerics that refuse a JOIN. Source: RFC 2812 section 5.2, and what servers added.
    private static final Map<String, String> REFUSALS =
            Map.ofEntries(
                    Map.entry("403", "there is no such channel"),
                    Map.entry("405", "in too many channels"),
                    Map.entry("437", "the channel is unavailable after a netsplit"),
                    Map.entry("471", "the channel is full (+l)"),
                    Map.entry("473", "the channel is for invited people (+i)"),
                    Map.entry("474", "banned (+b)"),
                    Map.entry("475", "the channel's key is wrong or missing (+k)"),
                    Map.entry("476", "the channel's name is not allowed here"),
                    Map.entry("477", "the channel wants a registered nick (+r)"),
                    Map.entry("479", "the channel's name is not allowed here"),
                    Map.entry("480", "the channel wants us to wait"),
                    Map.entry("489", "the channel wants TLS (+z)"),
                    Map.entry("520", "the channel is for operators of the network"));

    private final IrcSettings settings;
    private final Link link;
    private final Registration registration;
    private final Handlers handlers = new Handlers();
    private final Isupport isupport = new Isupport();
    private final Roster roster = new Roster();
    private final People people;
    private final Services services;
    private String ownNick = "";
    private boolean ready;
    private boolean inChannel;
    private boolean joined;
    private long joinedAtNanos;
    private boolean inBotChannel;
    private int joinRefusals;

    /// What the server said last in an ERROR; empty if it said nothing.
    private String farewell = "";

    /// The nick to take while out of the channel, or null.
    private @Nullable String renamingTo;

    Session(IrcSettings settings, Link link, RandomGenerator random) {
        this.settings = settings;
        this.link = link;
        this.registration = new Registration(settings, link, random, handlers, this::welcomed);
        this.people =
                new People(
                        isupport,
                        roster,
                        this::isOurChannel,
                        this::ownNick,
                        () -> registration.has("account-tag"),
                        handlers);
        this.services = new Services(settings, link, this, handlers, this::join);
        handlers.on(line -> link.sendNow("PONG :" + IrcText.oneLine(line.last())), "PING");
        handlers.on(line -> farewell = IrcText.oneLine(line.last()), "ERROR");
        handlers.on(line -> isupport.learn(line.params()), "005");
        handlers.on(_ -> ready(), "376", "422");
        handlers.on(this::onNickRefused, "431", "432", "433", "436", "447", "484");
        handlers.on(this::onUnavailable, "437");
        handlers.on(this::onJoin, "JOIN");
        handlers.on(this::onNamesEnd, "366");
        handlers.on(this::onPart, "PART");
        handlers.on(this::onKick, "KICK");
        handlers.on(line -> gone(line.nick()), "QUIT");
        handlers.on(this::onNick, "NICK");
        handlers.on(this::onOnline, "303");
        for (String numeric : REFUSALS.keySet()) {
            if (!numeric.equals("437")) {
                handlers.on(this::onJoinRefused, numeric);
            }
        }
    }

    Handlers handlers() {
        return handlers;
    }

    void begin() {
        registration.begin();
    }

    boolean registered() {
        return registration.registered();
    }

    /// Whether the roster is complete and peers can be talked to.
    boolean joined() {
        return joined;
    }

    String ownNick() {
        return ownNick;
    }

    Casemapping casemapping() {
        return isupport.casemapping();
    }

    Isupport isupport() {
        return isupport;
    }

    Roster roster() {
        return roster;
    }

    People people() {
        return people;
    }

    String farewell() {
        return farewell;
    }

    /// Where generation 2 is spoken.
    String talkChannel() {
        return inBotChannel ? settings.botChannel().orElse(settings.channel()) : settings.channel();
    }

    /// The people's channel.
    String channel() {
        return settings.channel();
    }

    boolean isOurChannel(String name) {
        return same(name, settings.channel());
    }

    boolean isTalkChannel(String name) {
        return settings.botChannel().map(bots -> same(name, bots)).orElse(false);
    }

    boolean same(String one, String other) {
        return casemapping().same(one, other);
    }

    /// A peer spoke; which generation it is of decides how we may rename.
    void heard(String nick, boolean secondGeneration) {
        Roster.Member member = roster.get(nick);
        if (member != null && member.generation != 2) {
            member.generation = secondGeneration ? 2 : 1;
        }
    }

    /// Its HELLO was believed.
    void greeted(String nick, boolean hearsTags) {
        Roster.Member member = roster.get(nick);
        if (member != null) {
            member.hearsTags = hearsTags;
        }
    }

    /// Whether a message in a tag gets from us to the server and from it to us.
    boolean takesTags() {
        return registration.has("message-tags") && isupport.passesTag(Carriage.TAG_NAME);
    }

    /// Whether those who are in the channel had the time to answer us.
    boolean settled() {
        return joined && link.nanos() - joinedAtNanos > SETTLING.toNanos();
    }

    void on(Alarm alarm) {
        switch (alarm) {
            case SERVICES -> services.timeIsUp();
            case NAMES -> namesComplete();
            case JOIN -> join();
            case REGAIN -> lookForNick();
            case CONNECT, REGISTERED, PING, PONG -> {}
        }
    }

    // Into the channel.

    private void welcomed(String nick) {
        ownNick = nick;
        link.cancel(Alarm.REGISTERED);
    }

    /// The end of the MOTD: the server has said what it can.
    private void ready() {
        if (ready || !registered()) {
            return;
        }
        ready = true;
        String botMode = isupport.botMode();
        if (settings.botMode() && !botMode.isEmpty()) {
            link.sendNow("MODE " + ownNick + " +" + botMode);
        }
        services.begin(registration.saslDone(), registration.saslTrouble());
    }

    /// A NOTICE came; services talk that way.
    void noticed(String from, String text) {
        services.noticed(from, text);
    }

    private void join() {
        if (inChannel || !services.done()) {
            return;
        }
        String key = settings.channelKey().map(Secret::reveal).orElse("");
        link.sendNow(("JOIN " + settings.channel() + " " + IrcText.oneLine(key)).strip());
        if (!inBotChannel) {
            settings.botChannel().ifPresent(bots -> link.sendNow("JOIN " + bots));
        }
    }

    private void onJoin(IrcLine line) {
        String channel = line.param(0);
        if (same(line.nick(), ownNick)) {
            ownJoin(line, channel);
            return;
        }
        if (!inChannel || !isOurChannel(channel)) {
            return;
        }
        boolean known = roster.has(line.nick());
        Roster.Member member = roster.add(line.nick());
        people.learn(member, line);
        if (line.params().size() >= 3) {
            member.account = line.param(1).equals("*") ? "" : line.param(1);
        }
        if (joined && !known) {
            link.event(new TurnEvent.MemberJoined(line.nick()));
            if (!line.host().isEmpty() && !registration.has("extended-join") && isupport.whox()) {
                link.send(Outbox.Urgency.CHATTER, "WHO " + line.nick() + " %tcuhnfa,152");
            }
        }
    }

    private void ownJoin(IrcLine line, String channel) {
        people.learnOwnMask(line);
        if (isTalkChannel(channel)) {
            inBotChannel = true;
            return;
        }
        if (!isOurChannel(channel)) {
            // Forwarded (470) or joined by services: not our place.
            link.sendNow("PART " + channel);
            return;
        }
        inChannel = true;
        people.filtersCtcp(false);
        roster.clear(casemapping());
        roster.add(ownNick);
        link.cancel(Alarm.JOIN);
        link.alarm(Alarm.NAMES, NAMES_PATIENCE);
        link.sendNow("MODE " + settings.channel());
        link.send(
                Outbox.Urgency.ELECTION,
                "WHO " + settings.channel() + (isupport.whox() ? " %tcuhnfa,152" : ""));
    }

    private void onNamesEnd(IrcLine line) {
        if (isOurChannel(line.param(1))) {
            namesComplete();
        }
    }

    private void namesComplete() {
        link.cancel(Alarm.NAMES);
        if (!inChannel || joined) {
            return;
        }
        joined = true;
        joinedAtNanos = link.nanos();
        joinRefusals = 0;
        renamingTo = null;
        link.trouble(services.trouble());
        link.event(new TurnEvent.Joined(ownNick, casemapping(), roster.nicks()));
        regainLater();
    }

    private void onUnavailable(IrcLine line) {
        if (isOurChannel(line.param(1))) {
            onJoinRefused(line);
        } else {
            onNickRefused(line);
        }
    }

    private void onJoinRefused(IrcLine line) {
        if (isTalkChannel(line.param(1))) {
            link.trouble("cannot join " + line.param(1) + ", using " + settings.channel());
            return;
        }
        if (!isOurChannel(line.param(1)) || inChannel) {
            return;
        }
        link.trouble(
                "cannot join "
                        + settings.channel()
                        + ": "
                        + REFUSALS.getOrDefault(line.verb(), line.last()));
        Duration wait = settings.rejoinAfter();
        for (int i = 0; i < joinRefusals && wait.compareTo(settings.reconnectMax()) < 0; i++) {
            wait = wait.multipliedBy(2);
        }
        joinRefusals++;
        link.alarm(Alarm.JOIN, wait);
    }

    // Out of the channel.

    private void onPart(IrcLine line) {
        if (isTalkChannel(line.param(0)) && same(line.nick(), ownNick)) {
            inBotChannel = false;
            return;
        }
        if (!isOurChannel(line.param(0))) {
            return;
        }
        if (!same(line.nick(), ownNick)) {
            gone(line.nick());
            return;
        }
        String nick = renamingTo;
        out(nick == null ? "left " + settings.channel() : "changing the nick to " + nick);
        if (nick == null) {
            link.alarm(Alarm.JOIN, settings.rejoinAfter());
        } else {
            link.sendNow("NICK " + nick);
            // Whatever becomes of the nick: back into the channel.
            link.alarm(Alarm.JOIN, settings.rejoinAfter());
        }
    }

    private void onKick(IrcLine line) {
        String whom = line.param(1);
        if (isTalkChannel(line.param(0)) && same(whom, ownNick)) {
            inBotChannel = false;
            return;
        }
        if (!isOurChannel(line.param(0))) {
            return;
        }
        if (!same(whom, ownNick)) {
            gone(whom);
            return;
        }
        String reason = line.params().size() > 2 ? " (" + IrcText.oneLine(line.param(2)) + ")" : "";
        String why = "kicked by " + line.nick() + reason;
        link.trouble(why);
        out(why);
        link.alarm(Alarm.JOIN, settings.rejoinAfter());
    }

    /// We are no longer in the channel.
    private void out(String why) {
        inChannel = false;
        boolean was = joined;
        joined = false;
        roster.clear(casemapping());
        link.cancel(Alarm.NAMES);
        link.cancel(Alarm.REGAIN);
        link.dropWaiting();
        if (was) {
            link.event(new TurnEvent.Lost(why));
        }
    }

    private void gone(String nick) {
        if (same(nick, ownNick)) {
            return;
        }
        if (roster.remove(nick) && joined) {
            link.event(new TurnEvent.MemberLeft(nick));
        }
        if (joined && same(nick, wantedNick())) {
            lookForNick();
        }
    }

    // Names.

    private void onNick(IrcLine line) {
        String to = line.param(0);
        if (to.isEmpty()) {
            return;
        }
        String from = line.nick();
        boolean own = same(from, ownNick);
        boolean member = roster.rename(from, to);
        if (own) {
            ownNick = to;
            people.renamedOurselves(to);
            if (!inChannel && renamingTo != null) {
                link.wantNick(to);
                renamingTo = null;
                join();
            } else if (renamingTo != null && same(to, renamingTo)) {
                link.wantNick(to);
                renamingTo = null;
            }
            services.renamed();
        }
        if (joined && (member || own)) {
            link.event(new TurnEvent.Renamed(from, to));
        }
        if (own) {
            regainLater();
        } else if (joined && same(from, wantedNick())) {
            lookForNick();
        }
    }

    private void onNickRefused(IrcLine line) {
        if (!registered()) {
            registration.nickRefused(line);
            return;
        }
        String wanted = renamingTo;
        renamingTo = null;
        if (wanted != null && !same(wanted, link.wantedNick())) {
            link.send(
                    Outbox.Urgency.ANSWER,
                    "PRIVMSG "
                            + settings.channel()
                            + " :Cannot be "
                            + IrcText.oneLine(wanted)
                            + ": "
                            + IrcText.oneLine(line.last()));
        }
        if (!inChannel) {
            join();
        }
        regainLater();
    }

    /// A person wants us renamed.
    void rename(String nick) {
        if (!IrcText.isNick(nick) || nick.equals(ownNick)) {
            return;
        }
        if (!registered()) {
            link.wantNick(nick);
            return;
        }
        renamingTo = nick;
        if (inChannel && roster.hasLegacy()) {
            // Bots of generation 1 forget a nick when it parts, and only then.
            link.sendNow("PART " + settings.channel() + " :changing the nick to " + nick);
        } else {
            link.sendNow("NICK " + nick);
        }
    }

    /// The nick we want, as long as this server lets nicks be.
    String wantedNick() {
        String wanted = link.wantedNick();
        return wanted.substring(0, Math.min(wanted.length(), isupport.nickLength()));
    }

    boolean hasWantedNick() {
        return same(ownNick, wantedNick());
    }

    private void regainLater() {
        if (joined && !hasWantedNick()) {
            link.alarm(Alarm.REGAIN, settings.regainEvery());
        } else {
            link.cancel(Alarm.REGAIN);
        }
    }

    /// Regaining would mean leaving the channel while a bot of generation 1 is there, and that
    /// costs the group an election or us the turn; then it waits for the next join.
    private void lookForNick() {
        if (joined && !hasWantedNick() && !roster.hasLegacy()) {
            link.send(Outbox.Urgency.CHATTER, "ISON " + wantedNick());
        }
        regainLater();
    }

    private void onOnline(IrcLine line) {
        String wanted = wantedNick();
        boolean online = false;
        for (String nick : line.last().split(" +", -1)) {
            online |= same(nick, wanted);
        }
        if (!online && joined && !roster.hasLegacy() && !same(ownNick, wanted)) {
            link.sendNow("NICK " + wanted);
        }
    }
}
