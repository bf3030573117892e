package org.svcshare.irc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.svcshare.channel.CommandParser;
import org.svcshare.channel.CommandWord;
import org.svcshare.channel.CtcpText;
import org.svcshare.channel.Decoded;
import org.svcshare.channel.IrcText;
import org.svcshare.channel.PeerCodec;
import org.svcshare.channel.Permissions;
import org.svcshare.channel.Spoken;
import org.svcshare.channel.Trust;
import org.svcshare.turn.Asker;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnEffect.Weight;
import org.svcshare.turn.TurnEvent;

/// What is said on a connection: messages of peers, commands of people, questions of CTCP; and what
/// we say.
///
/// Owned by the channel's loop.
final class Speech {
    private static final int MAX_SAID_LINES = 10;

    /// Before the further lines of what does not fit into one. A long answer quotes what others
    /// named, such as the holders of a lock, and no line of it may read like a command to a bot.
    private static final String CONTINUED = "… ";

    private final Session session;
    private final Link link;
    private final Permissions permissions;
    private final Trust trust;
    private final PeerCodec codec;
    private final Courtesy courtesy;
    private final Carriage carriage;
    private final Questions questions;
    private PeerMessage.@Nullable Hello ownHello;

    /// Whether our last HELLO said that we hear tags.
    private boolean saidHearsTags;

    /// How often we bother to answer; outlives a connection.
    static final class Courtesy {
        private final SlowRate refusals = new SlowRate(Duration.ofSeconds(30));
        private final SlowRate hints = new SlowRate(Duration.ofMinutes(10));
        private final Questions.Rates questions = new Questions.Rates();
        private final SlowRate hellos = new SlowRate(Duration.ofSeconds(10));
    }

    Speech(
            Session session,
            Link link,
            Permissions permissions,
            Trust trust,
            PeerCodec codec,
            Courtesy courtesy) {
        this.session = session;
        this.link = link;
        this.permissions = permissions;
        this.trust = trust;
        this.codec = codec;
        this.courtesy = courtesy;
        this.questions = new Questions(session, link, courtesy.questions);
        this.carriage =
                new Carriage(
                        session.roster(),
                        session::takesTags,
                        session.people()::filtersCtcp,
                        session::settled);
        session.handlers().on(this::onPrivmsg, "PRIVMSG");
        session.handlers().on(this::onTagMessage, "TAGMSG");
        // Never answered: that is what a NOTICE is.
        session.handlers().on(line -> session.noticed(line.nick(), line.last()), "NOTICE");
        session.handlers().on(this::onCannotSend, "404");
        session.handlers().on(line -> onCommandRefused(line.param(1)), "421");
        session.handlers().on(line -> onCommandRefused(line.param(0)), "FAIL");
        session.handlers().after(_ -> sayWhatWeHear(), "CAP");
    }

    // Hearing.

    private void onPrivmsg(IrcLine line) {
        if (line.params().size() < 2 || !isForUs(line)) {
            return;
        }
        boolean direct = isDirect(line);
        boolean people = session.isOurChannel(line.param(0));
        for (CtcpText.Part part : CtcpText.split(line.param(1))) {
            String text = part.text();
            if (part.ctcp()) {
                ctcp(line, direct, text);
            } else if (text.startsWith(PeerCodec.VERB + " ")) {
                withoutQuotes(line, direct, text);
            } else if (direct || people) {
                command(line, direct, IrcText.oneLine(IrcText.unformatted(text)));
            }
        }
    }

    /// A tag on anything else than a TAGMSG is not looked at: what a PRIVMSG says, it says once.
    private void onTagMessage(IrcLine line) {
        String text = line.tags().getOrDefault(Carriage.TAG, "");
        if (isForUs(line) && text.startsWith(PeerCodec.VERB + " ")) {
            withoutQuotes(line, isDirect(line), text);
        }
    }

    private boolean isForUs(IrcLine line) {
        String target = line.param(0);
        return !session.same(line.nick(), session.ownNick())
                && (isDirect(line)
                        || session.isOurChannel(target)
                        || session.isTalkChannel(target));
    }

    private boolean isDirect(IrcLine line) {
        return session.same(line.param(0), session.ownNick());
    }

    private void ctcp(IrcLine line, boolean direct, String body) {
        switch (codec.decode(body)) {
            case Decoded.Message message -> peer(line, direct, message);
            case Decoded.Ignored _ -> questions.asked(line, body);
            case Decoded.Bad(String reason) -> link.rejected(reason);
        }
    }

    /// Generation 2 in a tag, or where a channel filters CTCP. What only looks like it is nobody's
    /// command.
    private void withoutQuotes(IrcLine line, boolean direct, String text) {
        switch (codec.decode(text.strip())) {
            case Decoded.Message message -> peer(line, direct, message);
            case Decoded.Ignored _ -> {}
            case Decoded.Bad(String reason) -> link.rejected(reason);
        }
    }

    private void peer(IrcLine line, boolean direct, Decoded.Message heard) {
        String from = line.nick();
        if (!session.joined() || !session.roster().has(from)) {
            link.rejected("not-in-channel");
            return;
        }
        switch (trust.judge(from, direct, heard, link.now())) {
            case Trust.Verdict.Believed() -> {
                Decoded.Envelope envelope = heard.envelope();
                session.heard(from, envelope != null);
                if (envelope != null && heard.message() instanceof PeerMessage.Hello) {
                    session.greeted(from, envelope.hearsTags());
                }
                link.event(new TurnEvent.Heard(from, direct, heard.message()));
            }
            case Trust.Verdict.Rejected(String reason) -> link.rejected(reason);
            case Trust.Verdict.Doubtful() -> {
                link.rejected("doubtful-hello");
                PeerMessage.Hello hello = ownHello;
                if (hello != null && courtesy.hellos.allows("", link.nanos())) {
                    send(null, hello);
                }
            }
        }
    }

    private void command(IrcLine line, boolean direct, String text) {
        Spoken spoken = CommandParser.parse(text, direct, session.ownNick(), session.casemapping());
        switch (spoken) {
            case Spoken.NotForUs() -> {}
            case Spoken.Unknown(String word) -> unknown(line, word);
            case Spoken.Unusable(CommandWord word, String answer) -> {
                if (mayAsk(line, direct, word)) {
                    refuse(line, answer);
                }
            }
            case Spoken.Help(String topic) -> {
                if (mayAsk(line, direct, CommandWord.HELP)) {
                    help(line, direct, topic);
                }
            }
            case Spoken.WhoAmI() -> {
                if (mayAsk(line, direct, CommandWord.WHOAMI)) {
                    answer(line, direct, whoAmI(line));
                }
            }
            case Spoken.Order(CommandWord word, var command) -> {
                if (mayAsk(line, direct, word)) {
                    String account = session.people().person(line).account();
                    var asker = new Asker(line.nick(), direct, account == null ? "" : account);
                    link.event(new TurnEvent.Asked(asker, command));
                }
            }
        }
    }

    private boolean mayAsk(IrcLine line, boolean direct, CommandWord word) {
        if (!session.joined() || line.nick().isEmpty()) {
            return false;
        }
        if (direct && !session.roster().has(line.nick())) {
            refuse(line, "Commands are for people in the channel.");
            return false;
        }
        if (!permissions.allows(session.people().person(line), word, session.casemapping())) {
            refuse(line, "You may not give the command " + word.word() + ".");
            return false;
        }
        return true;
    }

    /// One NOTICE, and not soon again the same to the same person.
    private void refuse(IrcLine line, String text) {
        String key = session.casemapping().fold(line.nick()) + " " + text;
        if (!isBot(line) && courtesy.refusals.allows(key, link.nanos())) {
            for (String piece : pieces("NOTICE", line.nick(), text)) {
                link.send(Outbox.Urgency.ANSWER, "NOTICE " + line.nick() + " :" + piece);
            }
        }
    }

    private void unknown(IrcLine line, String word) {
        boolean member = session.roster().has(line.nick());
        if (!member
                || isBot(line)
                || !courtesy.hints.allows(session.casemapping().fold(line.nick()), link.nanos())) {
            return;
        }
        String hint =
                CommandWord.near(word)
                        .map(near -> "did you mean \"" + near.word() + "\"?")
                        .orElse("\"help\" lists the commands.");
        refuse(line, "I do not know that command; " + hint);
    }

    private boolean isBot(IrcLine line) {
        Roster.Member member = session.roster().get(line.nick());
        return line.tags().containsKey("bot") || (member != null && member.bot);
    }

    private void help(IrcLine line, boolean direct, String topic) {
        Optional<CommandWord> word = topic.isEmpty() ? Optional.empty() : CommandWord.of(topic);
        if (word.isPresent()) {
            answer(line, direct, word.get().usage());
        } else if (!direct) {
            answer(line, false, CommandWord.list());
        } else {
            for (CommandWord known : CommandWord.values()) {
                answer(line, true, known.usage());
            }
        }
    }

    private String whoAmI(IrcLine line) {
        Permissions.Person person = session.people().person(line);
        String may =
                Arrays.stream(CommandWord.values())
                        .filter(word -> permissions.allows(person, word, session.casemapping()))
                        .map(CommandWord::word)
                        .collect(Collectors.joining(", "));
        return "You are "
                + person.mask()
                + (person.account() == null ? ", not logged in" : ", account " + person.account())
                + (permissions.isOwner(person, session.casemapping()) ? ", my owner" : "")
                + (person.op() ? ", operator" : person.voice() ? ", voiced" : "")
                + ". You may: "
                + (may.isEmpty() ? "nothing" : may)
                + ".";
    }

    private void answer(IrcLine line, boolean direct, String text) {
        say(direct ? line.nick() : null, text, Weight.ANSWER);
    }

    /// The channel refused a line. If that was because of its CTCP, the same goes plain; if it was
    /// a tag, as CTCP.
    private void onCannotSend(IrcLine line) {
        String channel = line.param(1);
        if (!session.isOurChannel(channel) && !session.isTalkChannel(channel)) {
            return;
        }
        if (!line.last().toUpperCase(Locale.ROOT).contains("CTCP")) {
            if (carriage.areTagsMeant(link.nanos())) {
                sayAgain(carriage.tagsRefused(link.nanos()));
                return;
            }
            link.trouble("cannot speak in " + channel + ": " + line.last());
            return;
        }
        link.trouble(
                channel + " filters CTCP (+C): bots of the old generation cannot be heard there");
        session.people().filtersCtcp(true);
        sayAgain(carriage.ctcpRefused(link.nanos()));
    }

    /// 421, or a FAIL, which names the command as well.
    private void onCommandRefused(String command) {
        if (command.equalsIgnoreCase("TAGMSG")) {
            sayAgain(carriage.tagsRefused(link.nanos()));
        }
    }

    private void sayAgain(List<Carriage.Sent> lost) {
        for (Carriage.Sent sent : lost) {
            send(sent.to(), sent.message());
        }
    }

    /// The server gave or took a capability: peers must not use what we no longer hear.
    private void sayWhatWeHear() {
        PeerMessage.Hello hello = ownHello;
        if (hello != null && saidHearsTags != carriage.hearsTags()) {
            send(null, hello);
        }
    }

    // Speaking.

    /// @param to a nick, or null for everybody
    void send(@Nullable String to, PeerMessage message) {
        if (!session.joined() || (to != null && !isTarget(to))) {
            return;
        }
        if (message instanceof PeerMessage.Hello hello) {
            if (to != null && trust.signs() && !trust.knows(to)) {
                // What is signed for one alone covers its boot id. One that comes back after a
                // netsplit has been forgotten with it, and answers a HELLO to all.
                if (courtesy.hellos.allows("", link.nanos())) {
                    send(null, hello);
                }
                return;
            }
            ownHello = hello;
            saidHearsTags = carriage.hearsTags();
        }
        String text;
        try {
            text =
                    codec.encode(
                            message,
                            carriage.hearsTags(),
                            (type, body) -> trust.seal(to, type, body, link.now()));
        } catch (IllegalArgumentException e) {
            link.rejected("own-out-of-range");
            return;
        }
        boolean second = Carriage.isSecond(message);
        String target = to != null ? to : second ? session.talkChannel() : session.channel();
        Carriage.Way way = carriage.way(to, message);
        String line = Carriage.line(way, target, text, room());
        if (line == null) {
            link.rejected("own-too-long");
            return;
        }
        carriage.sent(to, message, way, link.nanos());
        link.send(Outbox.Urgency.ELECTION, line);
    }

    /// @param to a nick, or null for the channel
    void say(@Nullable String to, String text, Weight weight) {
        if (to == null ? !session.joined() : !session.registered() || !isTarget(to)) {
            return;
        }
        String target = to == null ? session.channel() : to;
        Outbox.Urgency urgency =
                switch (weight) {
                    case ELECTION -> Outbox.Urgency.ELECTION;
                    case ANSWER -> Outbox.Urgency.ANSWER;
                    case CHATTER -> Outbox.Urgency.CHATTER;
                };
        for (String piece : pieces("PRIVMSG", target, text)) {
            link.send(urgency, "PRIVMSG " + target + " :" + piece);
        }
    }

    private List<String> pieces(String verb, String target, String text) {
        int budget = room() - IrcText.bytes(verb + " " + target + " :") - IrcText.bytes(CONTINUED);
        List<String> pieces = IrcText.split(IrcText.oneLine(text), Math.max(40, budget));
        var lines = new ArrayList<String>();
        for (String piece : pieces.subList(0, Math.min(MAX_SAID_LINES, pieces.size()))) {
            lines.add(lines.isEmpty() ? piece : CONTINUED + piece);
        }
        return lines;
    }

    /// Bytes of a line that the server will not cut when it passes it on with our prefix.
    private int room() {
        return session.isupport().lineBytes()
                - 2
                - IrcText.bytes(":" + session.people().ownMask() + " ");
    }

    /// Whether a name can stand as a target; a list, a blank or a channel cannot.
    private static boolean isTarget(String nick) {
        return !nick.isEmpty()
                && nick.length() <= 64
                && nick.chars().noneMatch(c -> c <= ' ' || c == ',' || c == ':' || c == '#');
    }
}
