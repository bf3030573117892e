package org.svcshare.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.QueueSnapshot;

/// A bot of svcshare 0.3.7 as the others see it, defects included: sections 3 to 9 and 11 of the
/// protocol description as a state machine. Events go in, actions come out, in order.
///
/// What its blocking client API and its proxy would answer is told to it beforehand, with [#client]
/// and [#traffic]. Not modelled: the answers of a client API that kill it (D4), odd server lines
/// (D4a, D4b), the reporter, and what the proxy does to bytes (D14 to D17).
public final class OldBot {
    static final Duration POLL = Duration.ofMillis(400);
    static final Duration REJOIN = Duration.ofSeconds(5);
    static final Duration RECONNECT = Duration.ofSeconds(15);
    static final Duration UNHALT = Duration.ofSeconds(8);
    static final Duration FIRST_CHECK = Duration.ofSeconds(10);
    static final Duration CONNECTIONS = Duration.ofSeconds(10);
    static final Duration ELECTION = Duration.ofSeconds(20);
    static final Duration TRANSITION = Duration.ofMinutes(1);
    static final Duration QUEUE_CHECK = Duration.ofMinutes(30);
    private static final String VERSION = "svcshare version 0.3.7 (e7f3f)";
    private static final long MB = 1024 * 1024;
    private static final long LONGEST_HALT_MINUTES = 1_000_000_000;

    /// Section 2. Nicks and the channel are compared case by case, as the original does.
    ///
    /// @param hasClient false for the client "proxy"
    public record Settings(
            String owner, String nick, String channel, boolean autoResume, boolean hasClient) {}

    /// What happens to the bot.
    public sealed interface Event {
        /// 001, with the nick that the server confirms.
        record Welcome(String nick) implements Event {}

        /// 433.
        record NickInUse() implements Event {}

        record Joined(String nick, String channel) implements Event {}

        /// Somebody's PART or QUIT.
        record Left(String nick) implements Event {}

        record Kicked(String nick) implements Event {}

        record Renamed(String from, String to) implements Event {}

        /// A PRIVMSG; NOTICE never reaches the bot's ears.
        record Line(String from, String target, String text) implements Event {}

        record Disconnected() implements Event {}

        record ConnectFailed() implements Event {}

        /// Time has passed: run what is due. The original looks every 0.4 s.
        record Tick() implements Event {}
    }

    /// What the bot does.
    public sealed interface Action {
        record Privmsg(String target, String text) implements Action {}

        record Join(String channel) implements Action {}

        record Nick(String nick) implements Action {}

        /// Connect and send NICK and USER with this nick.
        record Connect(String nick) implements Action {}

        record OpenProxy() implements Action {}

        record CloseProxy() implements Action {}

        record PauseClient() implements Action {}

        record ResumeClient() implements Action {}

        record Enqueue(List<String> ids) implements Action {}

        /// The process has ended with a traceback.
        record Died(String why) implements Action {}
    }

    private enum Job {
        UNHALT,
        CHECK,
        DELAYED_CHECK,
        CONNECTIONS,
        TRANSITION,
        QUEUE_CHECK,
        ELECTION
    }

    private record Planned(Job job, Instant due) {}

    private enum Kind {
        MAJOR,
        MINOR
    }

    private record Election(Kind kind, Map<String, Double> answers) {}

    private final Settings settings;
    private final RandomGenerator random;
    private final List<Planned> plan = new ArrayList<>();
    private final Set<String> peers = new LinkedHashSet<>();
    private final Queue<Event> unread = new ArrayDeque<>();

    private String nick;
    private int collisions = 1;
    private boolean synced;
    private boolean everJoined;
    private boolean running;
    private @Nullable String crashed;
    private @Nullable String killer;

    private @Nullable Instant asleepUntil;
    private boolean rejoins;

    private @Nullable Election election;
    private @Nullable Instant lastMajor;
    private double lastLookMb;

    private boolean halted;
    private @Nullable Instant haltEnd;
    private boolean toUnhalt;

    private long forceEnd;
    private boolean sawForce;

    private @Nullable QueueSnapshot queue;
    private int connections;
    private long moved;
    private int toldConnections;
    private long movedAtFirstSight;
    private Instant firstSight = Instant.EPOCH;

    private List<Action> actions = new ArrayList<>();

    public OldBot(Settings settings, RandomGenerator random) {
        this.settings = settings;
        this.random = random;
        this.nick = settings.nick();
        this.queue = settings.hasClient() ? QueueSnapshot.EMPTY : null;
    }

    /// What its client would answer from now on.
    ///
    /// @param answer null for a client that cannot be reached
    public void client(@Nullable QueueSnapshot answer) {
        queue = settings.hasClient() ? answer : null;
    }

    /// What its proxy would count from now on.
    ///
    /// @param movedBytes both directions, since the start
    public void traffic(int open, long movedBytes) {
        connections = open;
        moved = movedBytes;
    }

    /// Whether the proxy is on.
    public boolean running() {
        return running;
    }

    /// Why the process has ended; null while it lives.
    public @Nullable String crashed() {
        return crashed;
    }

    /// Who sent the line that ended it; null while it lives.
    public @Nullable String killer() {
        return killer;
    }

    public boolean halted(Instant now) {
        return halted && (haltEnd == null || now.isBefore(haltEnd));
    }

    public boolean forced() {
        return moved < forceEnd;
    }

    public boolean electing() {
        return election != null;
    }

    public Set<String> peers() {
        return Set.copyOf(peers);
    }

    /// Its own nick as it believes it to be.
    public String nick() {
        return nick;
    }

    /// When the next [Event.Tick] has something to do; null when never.
    public @Nullable Instant nextDue() {
        if (crashed != null) {
            return null;
        }
        if (asleepUntil != null) {
            return asleepUntil;
        }
        return plan.stream().map(Planned::due).min(Comparator.naturalOrder()).orElse(null);
    }

    /// Section 8.1, first line. The proxy is open for an instant (D17).
    public List<Action> start(Instant now) {
        halted = true;
        toUnhalt = true;
        return collect(() -> {
            act(new Action.OpenProxy());
            pause();
            act(new Action.Connect(nick));
        });
    }

    /// Applies one event.
    ///
    /// @param now never goes back
    public List<Action> on(Event event, Instant now) {
        if (crashed != null) {
            return List.of();
        }
        return collect(() -> {
            wake(now);
            if (asleepUntil != null) {
                unread.add(event);
            } else {
                handle(event, now);
            }
        });
    }

    private List<Action> collect(Runnable work) {
        var collected = new ArrayList<Action>();
        actions = collected;
        work.run();
        return collected;
    }

    /// A kicked or disconnected bot sleeps with its only thread: what arrives waits.
    private void wake(Instant now) {
        if (asleepUntil == null || now.isBefore(asleepUntil)) {
            return;
        }
        asleepUntil = null;
        act(rejoins ? new Action.Join(settings.channel()) : new Action.Connect(nick));
        while (asleepUntil == null && crashed == null) {
            Event waiting = unread.poll();
            if (waiting == null) {
                return;
            }
            handle(waiting, now);
        }
    }

    private void handle(Event event, Instant now) {
        switch (event) {
            case Event.Welcome(String confirmed) -> {
                nick = confirmed;
                collisions = 1;
                act(new Action.Join(settings.channel()));
            }
            case Event.NickInUse() -> act(new Action.Nick(nick + ++collisions));
            case Event.Joined(String who, String channel) -> {
                if (who.equals(nick) && channel.equals(settings.channel())) {
                    joined(now);
                }
            }
            case Event.Left(String who) -> {
                if (who.equals(nick)) {
                    out(now);
                } else {
                    peers.remove(who);
                }
            }
            case Event.Kicked(String who) -> {
                if (who.equals(nick)) {
                    out(now);
                    sleep(now.plus(REJOIN), true);
                } else {
                    peers.remove(who);
                }
            }
            case Event.Renamed _ -> {
                // Neither a peer's change of nick nor its own is noticed: D5, D10.
            }
            case Event.Line line -> heard(line, now);
            case Event.Disconnected() -> {
                out(now);
                sleep(now.plus(RECONNECT), false);
            }
            case Event.ConnectFailed() -> sleep(now.plus(RECONNECT), false);
            case Event.Tick() -> runDue(now);
        }
    }

    private void joined(Instant now) {
        synced = true;
        peers.clear();
        ctcp(settings.channel(), "SS_ANNOUNCE");
        plan(Job.UNHALT, now.plus(UNHALT));
        if (!everJoined) {
            everJoined = true;
            plan(Job.CHECK, now.plus(FIRST_CHECK));
            plan(Job.CONNECTIONS, now.plus(CONNECTIONS));
            plan(Job.TRANSITION, now.plus(TRANSITION));
            plan(Job.QUEUE_CHECK, now.plus(QUEUE_CHECK));
        }
    }

    private void out(Instant now) {
        synced = false;
        pause();
        forceEnd = 0;
        // A halt that is already there, the bot's own included, is taken for a human's: D7.
        toUnhalt = !halted(now);
        if (toUnhalt) {
            halted = true;
            haltEnd = null;
        }
    }

    private void sleep(Instant until, boolean rejoin) {
        asleepUntil = until;
        rejoins = rejoin;
    }

    private void plan(Job job, Instant due) {
        plan.add(new Planned(job, due));
    }

    private void runDue(Instant now) {
        while (crashed == null && asleepUntil == null) {
            Planned next = null;
            for (Planned planned : plan) {
                if (!planned.due().isAfter(now)
                        && (next == null || planned.due().isBefore(next.due()))) {
                    next = planned;
                }
            }
            if (next == null) {
                return;
            }
            plan.remove(next);
            run(next.job(), now);
        }
    }

    /// Periodic jobs are planned anew from the moment they run, so they drift.
    private void run(Job job, Instant now) {
        switch (job) {
            case UNHALT -> {
                if (toUnhalt) {
                    toUnhalt = false;
                    halted = false;
                    haltEnd = null;
                }
            }
            case CHECK, DELAYED_CHECK -> queueCheck(now);
            case QUEUE_CHECK -> {
                queueCheck(now);
                plan(Job.QUEUE_CHECK, now.plus(QUEUE_CHECK));
            }
            case CONNECTIONS -> {
                connectionsLook(now);
                forceLook(now);
                plan(Job.CONNECTIONS, now.plus(CONNECTIONS));
            }
            case TRANSITION -> {
                transitionLook(now);
                plan(Job.TRANSITION, now.plus(TRANSITION));
            }
            case ELECTION -> {
                countElection();
                // Not complete now, whichever election this test was planned for: dropped.
                election = null;
            }
        }
    }

    // What others say: sections 4 and 5.

    private void heard(Event.Line line, Instant now) {
        String[] parts = line.text().split("\u0001", -1);
        for (int i = 0; i < parts.length && crashed == null; i++) {
            boolean quoted = i % 2 == 1 && i < parts.length - 1;
            if (quoted) {
                heardCtcp(line, unquote(parts[i]), now);
            } else if (!parts[i].isEmpty()) {
                heardText(line, parts[i], now);
            }
        }
    }

    private void heardCtcp(Event.Line line, String body, Instant now) {
        int blank = body.indexOf(' ');
        String verb = blank < 0 ? body : body.substring(0, blank);
        @Nullable String argument = blank < 0 ? null : body.substring(blank + 1);
        String from = line.from();
        if (verb.equals("SSMSG")) {
            if (argument == null) {
                die(from, "SSMSG without argument (D2)");
            }
            return;
        }
        switch (verb.length() <= 3 ? "" : verb.substring(3).toLowerCase(Locale.ROOT)) {
            case "announce" -> {
                peers.add(from);
                ctcp(from, argument == null ? "SS_ACK" : "SS_ACK " + argument);
            }
            case "ack" -> peers.add(from);
            case "startelection" -> {
                if (!forced()) {
                    String size = halted(now) ? "0" : String.format(Locale.ROOT, "%f", queueMb());
                    ctcp(from, "SS_QUEUESIZE " + size);
                }
            }
            case "queuesize" -> {
                if (argument != null) {
                    answered(from, PythonNumbers.floatOrZero(argument));
                }
            }
            case "connstat" -> ctcp(from, "SS_CONNUPDATE " + settings.owner() + " " + connections);
            case "connupdate" -> heardConnections(from, argument, now);
            case "yield" -> {
                if (running) {
                    say(settings.channel(), "Yield request received. Pausing.");
                    pause();
                    forceEnd = 0;
                }
                plan.removeIf(planned -> planned.job() == Job.DELAYED_CHECK);
            }
            default -> {
                // Unknown verbs, PING and VERSION among them, get no answer.
            }
        }
    }

    private void heardConnections(String from, @Nullable String argument, Instant now) {
        String[] words = argument == null ? new String[0] : argument.strip().split("\\s+");
        @Nullable Long count =
                words.length == 0 || words.length > 2
                        ? null
                        : PythonNumbers.wholeOrNull(words[words.length - 1]);
        if (count == null) {
            die(from, "SS_CONNUPDATE '" + argument + "' (D1)");
        } else if (election != null) {
            answered(from, count);
        } else if (count == 0 && queueMb() > 0) {
            plan(Job.DELAYED_CHECK, now.plusSeconds(random.nextInt(180, 301)));
        }
    }

    private void heardText(Event.Line line, String text, Instant now) {
        boolean direct = line.target().equals(nick);
        String command = text.stripTrailing();
        if (!direct) {
            if (command.equals(".version")) {
                chat(settings.channel(), VERSION);
                return;
            }
            if (command.equals(".status")) {
                if (connections > 0) {
                    say(settings.channel(), status(now));
                }
                return;
            }
            if (!command.startsWith(nick + ":")) {
                return;
            }
            command = command.substring(nick.length() + 1);
        }
        command = command.stripLeading();
        int blank = command.indexOf(' ');
        String word = blank < 0 ? command : command.substring(0, blank);
        String rest = blank < 0 ? "" : command.substring(blank + 1).strip();
        command(line.from(), direct, word.toLowerCase(Locale.ROOT), rest, now);
    }

    // What people ask: section 9.1.

    private void command(String asker, boolean direct, String word, String rest, Instant now) {
        String answer = direct ? asker : settings.channel();
        switch (word) {
            case "version" -> chat(settings.channel(), VERSION);
            case "status" -> say(answer, status(now));
            // Private ones are answered to a nick "None": D12.
            case "election", "resume", "continue" ->
                    askedElection(direct ? "None" : settings.channel(), now);
            case "enqueue", "enq" -> enqueue(asker, answer, rest, now);
            case "force" -> force(rest);
            case "halt" -> halt(rest, now);
            case "unhalt" -> {
                if (halted(now)) {
                    unhaltNow();
                    chat(settings.channel(), "Unhalted.");
                    queueCheck(now);
                } else {
                    chat(settings.channel(), "System was not in halted state.");
                }
            }
            case "pause" -> {
                pause();
                forceEnd = 0;
                chat(
                        settings.channel(),
                        queue != null ? "Paused." : "Paused proxy. Failed to pause client.");
            }
            case "nick" -> {
                if (rest.isEmpty()) {
                    die(asker, "nick without argument (D3)");
                } else if (synced) {
                    act(new Action.Nick(rest.split(" ", -1)[0]));
                }
            }
            default -> {
                // Unknown commands get no answer.
            }
        }
    }

    private void askedElection(String answer, Instant now) {
        if (!halted(now)) {
            startMajor(now);
            chat(answer, "Election started.");
        } else if (haltEnd != null) {
            double minutes = seconds(now, haltEnd) / 60;
            say(
                    answer,
                    "System is halted for another %d minute%s."
                            .formatted((long) minutes, minutes == 1.0 ? "" : "s"));
        } else {
            say(answer, "System is indefinitely halted.");
        }
    }

    private void enqueue(String asker, String answer, String rest, Instant now) {
        if (!asker.equals(settings.owner()) || rest.isEmpty()) {
            return;
        }
        if (queue == null) {
            chat(answer, "Failed to queue items.");
            return;
        }
        List<String> ids = List.of(rest.split("\\s+"));
        act(new Action.Enqueue(ids));
        chat(answer, "Queued: " + String.join(", ", ids));
        plan(Job.CHECK, now.plus(FIRST_CHECK));
    }

    private void force(String rest) {
        @Nullable Long asked = PythonNumbers.wholeOrNull(rest);
        double mb = asked == null ? 0 : asked;
        if (asked != null && (asked == 0 || asked > queueMb())) {
            mb = queueMb();
        }
        forceEnd = moved + (long) (mb * MB);
        chat(settings.channel(), "Resuming. Forced allotment: %d MB.".formatted((long) mb));
        ctcp(settings.channel(), "SS_YIELD");
        unhaltNow();
        resume();
    }

    private void halt(String rest, Instant now) {
        @Nullable Long minutes = PythonNumbers.wholeOrNull(rest);
        halted = true;
        haltEnd =
                minutes != null && minutes > 0
                        ? now.plusSeconds(60 * Math.min(minutes, LONGEST_HALT_MINUTES))
                        : null;
        chat(
                settings.channel(),
                minutes == null
                        ? "Halting indefinitely."
                        : "Halting for %d minutes.".formatted(minutes));
        pause();
        forceEnd = 0;
    }

    private void unhaltNow() {
        halted = false;
        haltEnd = null;
    }

    // Elections: section 6.

    private void startMajor(Instant now) {
        lastMajor = now;
        start(Kind.MAJOR, "SS_STARTELECTION", now);
    }

    private void start(Kind kind, String question, Instant now) {
        election = new Election(kind, new LinkedHashMap<>());
        plan(Job.ELECTION, now.plus(ELECTION));
        ctcp(settings.channel(), question);
    }

    /// An answer of either kind goes to an election of either kind: D6.
    private void answered(String from, double value) {
        if (election != null) {
            election.answers().put(from, value);
            if (election.answers().keySet().equals(peers)) {
                countElection();
            }
        }
    }

    private void countElection() {
        Election counted = election;
        if (counted == null || !counted.answers().keySet().equals(peers)) {
            return;
        }
        election = null;
        switch (counted.kind()) {
            case MAJOR -> countMajor(counted.answers());
            case MINOR -> countMinor(counted.answers());
        }
    }

    private void countMajor(Map<String, Double> sizes) {
        double own = queueMb();
        if (sizes.values().stream().anyMatch(size -> size > 0 && size < own)) {
            return;
        }
        if (own == 0) {
            say(settings.channel(), "Election won, but queue is empty. Ignoring.");
            return;
        }
        say(settings.channel(), "Election won. Queue size: %d MB.".formatted((long) own));
        ctcp(settings.channel(), "SS_YIELD");
        resume();
    }

    private void countMinor(Map<String, Double> counts) {
        double own = queueMb();
        if (own == 0 || counts.values().stream().anyMatch(count -> count > 0)) {
            return;
        }
        say(settings.channel(), "Autoresume activated. Queue size: %d MB.".formatted((long) own));
        ctcp(settings.channel(), "SS_YIELD");
        resume();
    }

    /// AUTO_RESUME off is only logged here: D8.
    private void queueCheck(Instant now) {
        double own = queueMb();
        lastLookMb = own;
        if (own == 0 || running || halted(now)) {
            return;
        }
        if (lastMajor == null || now.isAfter(lastMajor.plus(QUEUE_CHECK))) {
            startMajor(now);
        } else {
            start(Kind.MINOR, "SS_CONNSTAT", now);
        }
    }

    private void transitionLook(Instant now) {
        if (halted(now)) {
            return;
        }
        double own = queueMb();
        if (own == 0) {
            forceEnd = 0;
        } else if (lastLookMb == 0 && !running && settings.autoResume()) {
            start(Kind.MINOR, "SS_CONNSTAT", now);
        }
        lastLookMb = own;
    }

    // Proxy, force and their reports: sections 8 and 9.2.

    private void pause() {
        running = false;
        act(new Action.CloseProxy());
        act(new Action.PauseClient());
    }

    private void resume() {
        running = true;
        act(new Action.ResumeClient());
        act(new Action.OpenProxy());
    }

    private void connectionsLook(Instant now) {
        if (toldConnections == 0 && connections > 0) {
            firstSight = now;
            movedAtFirstSight = moved;
            say(settings.channel(), status(now));
            tellConnections();
        } else if (toldConnections > 0 && connections == 0) {
            double span = seconds(firstSight, now);
            double mb = (double) (moved - movedAtFirstSight) / MB;
            say(
                    settings.channel(),
                    "0 connections. [%d MB in %dm%ds (%d KB/s)]"
                            .formatted(
                                    (long) mb,
                                    (long) span / 60,
                                    (long) span % 60,
                                    (long) (mb * 1024 / span)));
            tellConnections();
        }
        toldConnections = connections;
    }

    private void tellConnections() {
        ctcp(settings.channel(), "SS_CONNUPDATE " + settings.owner() + " " + connections);
    }

    private void forceLook(Instant now) {
        if (sawForce && !forced()) {
            say(settings.channel(), "Force has ended. Queue: " + status(now));
        }
        sawForce = forced();
    }

    private String status(Instant now) {
        var text = new StringBuilder(queueStatus());
        text.append(" (").append(connections).append(" conn");
        if (forced()) {
            text.append(", force: ").append((forceEnd - moved) / MB).append(" MB");
        }
        if (halted(now)) {
            text.append(", halted");
            if (haltEnd != null) {
                text.append(": ").append((long) (seconds(now, haltEnd) / 60)).append('m');
            }
        }
        return text.append(')').toString();
    }

    private String queueStatus() {
        QueueSnapshot seen = queue;
        if (seen == null) {
            return "Queue status unknown";
        }
        long speed = seen.speedBps() / 1024;
        String text =
                "%d MB + %d MB queued (%d item%s) @ %d KB/s"
                        .formatted(
                                (long) seen.currentMb(),
                                (long) seen.restMb(),
                                seen.items(),
                                seen.items() == 1 ? "" : "s",
                                speed);
        if (speed == 0) {
            return text;
        }
        return text
                + " [%s / %s]"
                        .formatted(
                                hours(seen.currentMb() * 1024 / speed),
                                hours(seen.totalMb() * 1024 / speed));
    }

    private static String hours(double seconds) {
        long minutes = (long) seconds / 60;
        return "%dh%dm".formatted(minutes / 60, minutes % 60);
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toNanos() / 1e9;
    }

    /// An unreachable client counts as an empty queue.
    private double queueMb() {
        return queue == null ? 0 : queue.totalMb();
    }

    // Speaking.

    private void ctcp(String target, String body) {
        act(new Action.Privmsg(target, '\u0001' + body + '\u0001'));
    }

    /// Goes out whether or not the bot knows itself in the channel.
    private void say(String target, String text) {
        act(new Action.Privmsg(target, text));
    }

    /// Dropped in silence before the own JOIN has been seen.
    private void chat(String target, String text) {
        if (synced) {
            say(target, text);
        }
    }

    private void die(String sender, String why) {
        crashed = why;
        killer = sender;
        running = false;
        act(new Action.Died(why));
    }

    private void act(Action action) {
        actions.add(action);
    }

    /// Low-level quoting: \x10 before 0, n, r or itself.
    private static String unquote(String text) {
        if (text.indexOf('\u0010') < 0) {
            return text;
        }
        var plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\u0010' || i + 1 == text.length()) {
                plain.append(c);
                continue;
            }
            char quoted = text.charAt(++i);
            plain.append(
                    switch (quoted) {
                        case '0' -> '\0';
                        case 'n' -> '\n';
                        case 'r' -> '\r';
                        default -> quoted;
                    });
        }
        return plain.toString();
    }
}
