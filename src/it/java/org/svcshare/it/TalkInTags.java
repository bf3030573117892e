package org.svcshare.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.svcshare.config.PeerSettings;
import org.svcshare.config.Secret;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnEvent;

/// Two bots and a person in one channel of a server that passes tags on.
final class TalkInTags {
    private TalkInTags() {}

    /// The person's client, which asked for no tags, shows nothing but the greetings; another one,
    /// which did, gets the messages.
    static void unseen(int port) {
        var signed = new PeerSettings(List.of(new Secret("s".repeat(32))), true);
        try (var person = person(port, "boss", "");
                var watcher = person(port, "watcher", "message-tags");
                var anna = new IrcBot.Wish(port, "anna").peers(signed).start()) {
            anna.next(TurnEvent.Joined.class);
            try (var ben = new IrcBot.Wish(port, "ben").peers(signed).start()) {
                ben.next(TurnEvent.Joined.class);
                ben.channel.send(null, ben.hello());
                assertEquals("ben", anna.next(TurnEvent.Heard.class).from());
                anna.channel.send("ben", anna.hello());
                assertEquals("anna", ben.next(TurnEvent.Heard.class).from());
                person.expect("^:ben!\\S+ PRIVMSG #usenet :\u0001SSMSG 2 1 ");

                var result = new PeerMessage.Result("e-1", "ben", 7, "a; \\ ünï: b");
                anna.channel.send(null, result);
                assertEquals(
                        new TurnEvent.Heard("anna", false, result),
                        ben.next(TurnEvent.Heard.class));
                ben.channel.send("anna", new PeerMessage.Yield(8));
                assertEquals(
                        new TurnEvent.Heard("ben", true, new PeerMessage.Yield(8)),
                        anna.next(TurnEvent.Heard.class));

                watcher.expect("^@\\S*\\+svcshare.org/msg=SSMSG\\\\s2\\\\s4\\S* :anna!\\S+ TAGMSG");
                watcher.say("PRIVMSG #usenet :that was all");
                for (String line = ""; !line.contains("that was all"); line = person.expect("")) {
                    assertFalse(line.contains("SSMSG"), line);
                    assertFalse(line.contains("TAGMSG"), line);
                }
            }
        }
    }

    /// A third bot's connection has no tags; what goes to the channel goes to it too.
    static void heardByAll(int port) {
        try (var plain = person(port, "plain", "");
                var anna = new IrcBot.Wish(port, "anna").start();
                var ben = new IrcBot.Wish(port, "ben").start()) {
            anna.next(TurnEvent.Joined.class);
            ben.next(TurnEvent.Joined.class);
            ben.channel.send("anna", ben.hello());
            anna.next(TurnEvent.Heard.class);
            plain.say(
                    "PRIVMSG #usenet :\u0001SSMSG 2 1 {\"o\":\"o\",\"v\":\"1\",\"g\":2,\"b\":\"p\","
                            + "\"p\":\"fifo\"}\u0001");
            anna.next(TurnEvent.Heard.class);
            anna.channel.send(null, new PeerMessage.Yield(7));

            plain.expect("^:anna!\\S+ PRIVMSG #usenet :\u0001SSMSG 2 5 ");
            assertEquals(new PeerMessage.Yield(7), next(ben, PeerMessage.Yield.class));
        }
    }

    private static PeerMessage next(IrcBot bot, Class<? extends PeerMessage> kind) {
        while (true) {
            PeerMessage heard = bot.next(TurnEvent.Heard.class).message();
            if (kind.isInstance(heard)) {
                return heard;
            }
        }
    }

    private static IrcUser person(int port, String nick, String capability) {
        var person = IrcUser.connect(port, nick, "");
        if (!capability.isEmpty()) {
            person.say("CAP REQ :" + capability);
            person.expect(" CAP \\S+ ACK ");
        }
        person.say("JOIN #usenet");
        person.expect(" 366 ");
        return person;
    }
}
