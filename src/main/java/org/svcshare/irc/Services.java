package org.svcshare.irc;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.svcshare.channel.IrcText;
import org.svcshare.config.IrcSettings;
import org.svcshare.config.IrcSettings.NickServSettings;
import org.svcshare.irc.Alarms.Alarm;

/// What the network's services do for us between the welcome and the channel: log us in, and get
/// our nick back from somebody who has it.
///
/// What they say is for people, in any language, and may be about something else; so it only ends
/// the waiting soon. What counts is what the server says: a login (900) and a new nick.
///
/// Owned by the channel's loop.
final class Services {
    /// For a service that says nothing.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /// After a service has said something: what it does comes close before or after its words, and
    /// its greeting for a registered nick comes just before its answer to us.
    private static final Duration GRACE = Duration.ofSeconds(2);

    /// Each takes a nick and a password: Atheme, Anope, and for those that know neither the one
    /// that only frees the nick.
    private static final List<String> WAYS_BACK = List.of("REGAIN", "RECOVER", "GHOST");

    private static final String FREES_ONLY = "GHOST";
    private static final int MAX_WORDS = 200;

    private final Optional<NickServSettings> nickServ;
    private final Link link;
    private final Session session;
    private final Runnable done;
    private Step step = Step.BEFORE;
    private boolean loggedIn;
    private int waysTried;
    private String words = "";
    private String trouble = "";

    private enum Step {
        BEFORE,
        IDENTIFYING,
        REGAINING,
        DONE
    }

    /// @param done what to do when there is nothing more to wait for
    Services(IrcSettings settings, Link link, Session session, Handlers handlers, Runnable done) {
        this.nickServ = settings.nickServ();
        this.link = link;
        this.session = session;
        this.done = done;
        handlers.on(_ -> loggedIn(), "900");
        handlers.on(this::onNoSuchNick, "401");
        handlers.after(this::onMode, "MODE");
    }

    boolean done() {
        return step == Step.DONE;
    }

    /// Why we are not logged in though the settings ask for it; empty when all is well.
    String trouble() {
        return trouble;
    }

    /// @param loggedIn by SASL
    /// @param trouble why SASL did not; empty when it did or was not asked to
    void begin(boolean loggedIn, String trouble) {
        this.loggedIn = loggedIn;
        this.trouble = trouble;
        if (nickServ.isEmpty()) {
            end();
        } else if (this.loggedIn) {
            regain();
        } else {
            step = Step.IDENTIFYING;
            String account = nickServ.get().account();
            say("IDENTIFY " + (account.isEmpty() ? "" : account + " ") + password());
        }
    }

    /// A NOTICE came; services talk that way.
    void noticed(String from, String text) {
        boolean waits = step == Step.IDENTIFYING || step == Step.REGAINING;
        if (waits && isService(from)) {
            words = IrcText.oneLine(text.replace(password(), "***"));
            words = words.substring(0, Math.min(words.length(), MAX_WORDS));
            if (step == Step.REGAINING && WAYS_BACK.get(waysTried - 1).equals(FREES_ONLY)) {
                link.sendNow("NICK " + session.wantedNick());
            }
            link.alarm(Alarm.SERVICES, GRACE);
        }
    }

    /// Our nick is another one now.
    void renamed() {
        if (step == Step.REGAINING && session.hasWantedNick()) {
            end();
        }
    }

    /// Whatever they still had to say, they had the time.
    void timeIsUp() {
        switch (step) {
            case IDENTIFYING -> {
                trouble = "not logged in: " + said();
                link.trouble(trouble);
                regain();
            }
            case REGAINING -> regain();
            case BEFORE, DONE -> {}
        }
    }

    private String said() {
        return service() + (words.isEmpty() ? " does not answer" : " says \"" + words + "\"");
    }

    private void loggedIn() {
        loggedIn = true;
        if (!trouble.isEmpty()) {
            // Late: services were slow.
            trouble = "";
            if (session.joined()) {
                link.trouble("");
            }
        }
        if (step == Step.IDENTIFYING) {
            regain();
        }
    }

    /// Where there is no 900, somebody else sets our user mode: `r`, and on ngircd `R`.
    private void onMode(IrcLine line) {
        String modes = line.param(1);
        boolean registered = modes.matches("\\+[^-]*[rR].*");
        if (registered
                && session.same(line.param(0), session.ownNick())
                && !session.same(line.nick(), session.ownNick())) {
            loggedIn();
        }
    }

    private void onNoSuchNick(IrcLine line) {
        if (isService(line.param(1)) && (step == Step.IDENTIFYING || step == Step.REGAINING)) {
            words = IrcText.oneLine(line.last());
            timeIsUp();
        }
    }

    /// Tries one way after the other. Who is not logged in tries one only: services count wrong
    /// passwords.
    private void regain() {
        boolean another = waysTried < (loggedIn ? WAYS_BACK.size() : 1);
        boolean answered = waysTried == 0 || !words.isEmpty();
        if (session.hasWantedNick() || !another || !answered) {
            end();
            return;
        }
        step = Step.REGAINING;
        words = "";
        String way = WAYS_BACK.get(waysTried++);
        say(way + " " + session.wantedNick() + " " + password());
    }

    private void end() {
        step = Step.DONE;
        link.cancel(Alarm.SERVICES);
        done.run();
    }

    private void say(String text) {
        link.sendNow("PRIVMSG " + service() + " :" + IrcText.oneLine(text));
        link.alarm(Alarm.SERVICES, PATIENCE);
    }

    private boolean isService(String nick) {
        return session.same(nick, service().replaceFirst("@.*", ""));
    }

    private String service() {
        return nickServ.map(NickServSettings::service).orElse("");
    }

    private String password() {
        return nickServ.map(s -> s.password().reveal()).orElse("");
    }
}
