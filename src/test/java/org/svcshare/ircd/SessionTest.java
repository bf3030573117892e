package org.svcshare.ircd;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Many made-up sessions; what fuzzing looks for, in the everyday tests.
class SessionTest {
    private static final int SESSIONS = 300;
    private static final int STEPS = 300;

    private static final List<String> VERBS =
            List.of(
                    "CAP",
                    "AUTHENTICATE",
                    "NICK",
                    "USER",
                    "PASS",
                    "JOIN",
                    "PART",
                    "PRIVMSG",
                    "NOTICE",
                    "TAGMSG",
                    "TOPIC",
                    "NAMES",
                    "LIST",
                    "WHO",
                    "WHOIS",
                    "WHOWAS",
                    "MODE",
                    "KICK",
                    "INVITE",
                    "AWAY",
                    "ISON",
                    "USERHOST",
                    "MONITOR",
                    "LUSERS",
                    "MOTD",
                    "VERSION",
                    "TIME",
                    "PING",
                    "PONG",
                    "QUIT",
                    "ERROR",
                    "SETNAME",
                    "FOO");
    private static final List<String> WORDS =
            List.of(
                    "#a",
                    "#A",
                    "#b",
                    "&c",
                    "n0",
                    "n1",
                    "n2",
                    "n3",
                    "#a,#b",
                    "n0,n1",
                    "+o",
                    "-o",
                    "+bbb",
                    "b",
                    "+k",
                    "+l",
                    "-lk",
                    "+ntsimC",
                    "-n",
                    "5",
                    "*",
                    "*!*@*",
                    "%tcuihsnfdlaor,1",
                    "LS",
                    "302",
                    "REQ",
                    "END",
                    ":sasl message-tags",
                    "PLAIN",
                    "AGFsaWNlAHB3",
                    "+",
                    "-",
                    "C",
                    "L",
                    "S",
                    "0",
                    ":",
                    ": ",
                    "::x",
                    ":a b  c",
                    "\u00e4\u00ff",
                    "\1X\1",
                    ">1",
                    "@",
                    "alice");
    private static final List<String> TAGS =
            List.of("", "", "", "@label=1 ", "@+x=1;label=2 ", "@;;= ", "@ ");

    @Test
    void given_any_lines_of_anybody_then_nothing_throws_and_every_line_fits() {
        long first = new Random().nextInt(1_000_000);
        for (long seed = first; seed < first + SESSIONS; seed++) {
            int step = 0;
            try {
                var random = new Random(seed);
                var session = new SessionRules();
                for (int who = 0; who < 4; who++) {
                    session.settles(who);
                }
                for (; step < STEPS; step++) {
                    step(session, random);
                }
            } catch (RuntimeException | AssertionError e) {
                fail("seed " + seed + ", step " + step, e);
            }
        }
    }

    private static void step(SessionRules session, Random random) {
        int who = random.nextInt(12);
        switch (random.nextInt(30)) {
            case 0 -> session.leaves(who);
            case 1 -> session.passes(Duration.ofSeconds(random.nextInt(40)));
            case 2 -> session.settles(who);
            default -> session.says(who, line(random));
        }
    }

    private static String line(Random random) {
        var line = new StringBuilder(pick(TAGS, random)).append(pick(VERBS, random));
        for (int params = random.nextInt(5); params > 0; params--) {
            String word = pick(WORDS, random);
            line.append(' ')
                    .append(random.nextInt(20) == 0 ? word.repeat(1 + random.nextInt(90)) : word);
        }
        return line.toString();
    }

    private static String pick(List<String> from, Random random) {
        return from.get(random.nextInt(from.size()));
    }
}
