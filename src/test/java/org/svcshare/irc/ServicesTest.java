package org.svcshare.irc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.config.Endpoint;
import org.svcshare.config.IrcSettings;
import org.svcshare.config.IrcSettings.NickServSettings;
import org.svcshare.config.IrcSettings.SaslSettings;
import org.svcshare.config.Secret;
import org.svcshare.config.TlsSettings;
import org.svcshare.irc.Alarms.Alarm;
import org.svcshare.turn.TurnEvent;

/// What a session says to services and when it joins, line by line, without a socket or a clock.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ServicesTest {
    private static final String LOGGED_IN = ":irc.test 900 anna a!a@h anna :You are now logged in";

    private final Said said = new Said();
    private final Session session = new Session(settings(), said, RandomGenerator.getDefault());

    private static IrcSettings settings() {
        Duration second = Duration.ofSeconds(1);
        return new IrcSettings(
                new Endpoint("127.0.0.1", 1),
                TlsSettings.OFF,
                "anna",
                "anna",
                "a bot",
                "#usenet",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                SaslSettings.NONE,
                Optional.of(new NickServSettings("NickServ", "anna", new Secret("sesame"))),
                false,
                second,
                second,
                second,
                second,
                second,
                second,
                second,
                5,
                second,
                false);
    }

    /// A link that keeps what was sent since it was last asked.
    private static final class Said implements Link {
        private final List<String> lines = new ArrayList<>();
        private String trouble = "";

        List<String> taken() {
            List<String> taken = List.copyOf(lines);
            lines.clear();
            return taken;
        }

        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public void sendNow(String line) {
            lines.add(line);
        }

        @Override
        public void send(Outbox.Urgency urgency, String line) {
            lines.add(line);
        }

        @Override
        public void dropWaiting() {}

        @Override
        public void alarm(Alarm alarm, Duration delay) {}

        @Override
        public void cancel(Alarm alarm) {}

        @Override
        public void event(TurnEvent event) {}

        @Override
        public void trouble(String what) {
            trouble = what;
        }

        @Override
        public void rejected(String reason) {}

        @Override
        public void drop(String why) {}

        @Override
        public void giveUp(String why) {}

        @Override
        public boolean sts(String value) {
            return false;
        }

        @Override
        public String wantedNick() {
            return "anna";
        }

        @Override
        public void wantNick(String nick) {}
    }

    private void hear(String... lines) {
        for (String line : lines) {
            IrcLine parsed = IrcLine.parse(line);
            if (parsed != null && parsed.verb().equals("NOTICE")) {
                session.noticed(parsed.nick(), parsed.last());
            } else if (parsed != null) {
                session.handlers().handle(parsed);
            }
        }
    }

    private void welcomed(String nick) {
        hear(":irc.test 001 " + nick + " :Welcome", ":irc.test 376 " + nick + " :End of MOTD");
    }

    private void notice(String text) {
        hear(":NickServ!ns@services NOTICE anna :" + text);
    }

    private void joined(String nick) {
        hear(":" + nick + "!a@h JOIN #usenet", ":irc.test 366 " + nick + " #usenet :End");
    }

    @Test
    void given_a_greeting_of_the_service_when_it_comes_first_then_still_waits_for_the_login() {
        welcomed("anna");
        assertEquals(List.of("PRIVMSG NickServ :IDENTIFY anna sesame"), said.taken());

        notice("This nickname is registered. Please identify.");
        assertEquals(List.of(), said.taken());
        hear(LOGGED_IN);

        assertEquals(List.of("JOIN #usenet"), said.taken());
        assertEquals("", said.trouble);
    }

    @Test
    void given_a_wrong_password_then_joins_and_goes_on_saying_what_the_service_said() {
        welcomed("anna");
        said.taken();
        notice("Invalid password for anna (sesame).");
        session.on(Alarm.SERVICES);

        assertEquals(List.of("JOIN #usenet"), said.taken());
        joined("anna");
        assertEquals(
                "not logged in: NickServ says \"Invalid password for anna (***).\"", said.trouble);

        hear(LOGGED_IN);
        assertEquals("", said.trouble);
    }

    @Test
    void given_no_services_then_joins_at_once_and_says_so() {
        welcomed("anna");
        said.taken();
        hear(":irc.test 401 anna NickServ :No such nick");

        assertEquals(List.of("JOIN #usenet"), said.taken());
        assertEquals("not logged in: NickServ says \"No such nick\"", said.trouble);
    }

    @Test
    void given_a_server_without_900_then_the_user_mode_of_the_registered_is_a_login() {
        welcomed("anna");
        said.taken();
        hear(":anna MODE anna :+ir");
        assertEquals(List.of(), said.taken());
        hear(":irc.test MODE anna :-i+x");
        assertEquals(List.of(), said.taken());
        hear(":NickServ!ns@services MODE anna :+r");

        assertEquals(List.of("JOIN #usenet"), said.taken());
    }

    @Test
    void given_our_nick_taken_then_joins_only_when_it_is_ours() {
        welcomed("anna2");
        said.taken();
        hear(LOGGED_IN);
        assertEquals(List.of("PRIVMSG NickServ :REGAIN anna sesame"), said.taken());
        notice("You are now identified.");
        notice("anna has been regained.");
        assertEquals(List.of(), said.taken());
        hear(":anna2!a@h NICK :anna");

        assertEquals(List.of("JOIN #usenet"), said.taken());
    }

    @Test
    void given_a_nick_that_services_hold_when_connecting_then_the_usual_other_one() {
        hear(":irc.test 432 * anna :Invalid nickname: Nickname Enforcer");

        assertEquals(List.of("NICK anna2"), said.taken());
    }

    @Test
    void given_services_of_another_kind_then_the_next_way_back_is_tried() {
        welcomed("anna2");
        hear(LOGGED_IN);
        said.taken();
        notice("Unknown command REGAIN.");
        session.on(Alarm.SERVICES);
        assertEquals(List.of("PRIVMSG NickServ :RECOVER anna sesame"), said.taken());
        notice("Unknown command RECOVER.");
        session.on(Alarm.SERVICES);
        assertEquals(List.of("PRIVMSG NickServ :GHOST anna sesame"), said.taken());
        notice("anna has been ghosted.");
        assertEquals(List.of("NICK anna"), said.taken());
        hear(":anna2!a@h NICK :anna");

        assertEquals(List.of("JOIN #usenet"), said.taken());
    }

    @Test
    void given_a_nick_that_services_do_not_give_then_joins_under_the_other() {
        welcomed("anna2");
        hear(LOGGED_IN);
        for (int way = 0; way < 3; way++) {
            notice("No.");
            session.on(Alarm.SERVICES);
        }

        assertEquals("JOIN #usenet", said.taken().getLast());
    }

    @Test
    void given_nobody_logged_in_then_the_password_is_not_tried_more_than_twice() {
        welcomed("anna2");
        notice("Invalid password.");
        session.on(Alarm.SERVICES);
        notice("Invalid password.");
        session.on(Alarm.SERVICES);

        assertEquals(
                List.of(
                        "PRIVMSG NickServ :IDENTIFY anna sesame",
                        "PRIVMSG NickServ :REGAIN anna sesame",
                        "JOIN #usenet"),
                said.taken());
    }

    @Test
    void given_another_nick_that_speaks_then_it_is_not_the_service() {
        welcomed("anna");
        said.taken();
        hear(":Nick!x@h NOTICE anna :You are now identified.");
        session.on(Alarm.SERVICES);

        assertEquals("not logged in: NickServ does not answer", said.trouble);
    }
}
