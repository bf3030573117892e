package org.svcshare.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.config.Endpoint;
import org.svcshare.config.IrcdSettings;
import org.svcshare.config.Secret;
import org.svcshare.ircd.Ircd;
import org.svcshare.ircd.IrcdListener;

/// The embedded IRC server with two real irssi.
class IrcdWithIrssiIT {
    static IrcdSettings settings() {
        return new IrcdSettings(
                true,
                new Endpoint("127.0.0.1", 0),
                "irc.test",
                "TestNet",
                Optional.empty(),
                Map.of("alice", new Secret("wonder land")),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                100,
                20,
                Duration.ofMillis(100),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30));
    }

    @Test
    void given_two_people_when_they_meet_then_they_talk_kick_and_look_at_each_other(
            @TempDir Path folder) throws Exception {
        var said = new CopyOnWriteArrayList<String>();
        var listener =
                new IrcdListener() {
                    @Override
                    public void said(String channel, String nick, String text) {
                        said.add(channel + " " + nick + " " + text);
                    }
                };
        try (var ircd = Ircd.start(settings(), listener);
                var ann = Irssi.connect(folder, ircd.listening(), "ann");
                var bob = Irssi.connect(folder, ircd.listening(), "bob")) {
            ann.shows("End of MOTD command");
            ann.shows("Mode change [+i] for user ann");
            bob.shows("End of MOTD command");

            ann.types("/join #usenet");
            ann.shows("[1 ops, 0 halfops, 0 voices, 0 normal]");
            ann.shows("[@ann(+i)]");
            ann.shows("Join to #usenet was synced");
            bob.types("/join #Usenet");
            bob.shows("[1 ops, 0 halfops, 0 voices, 1 normal]");
            ann.shows("bob [bob@127.0.0.1] has joined #usenet");

            ann.types("hello bob, grüße");
            bob.shows("<@ann> hello bob, grüße");
            bob.types("/me waves");
            ann.shows("* bob waves");
            assertTrue(said.contains("#usenet ann hello bob, grüße"), said::toString);

            ann.types("/topic whose turn is it");
            bob.shows("ann changed the topic of #usenet to: whose turn is it");
            ann.types("/mode +b evil!*@*");
            bob.shows("mode/#Usenet [+b evil!*@*] by ann");
            ann.types("/op bob");
            bob.shows("mode/#Usenet [+o bob] by ann");

            bob.types("/kick ann enough");
            ann.shows("ann was kicked from #usenet by bob [enough]");
            bob.types("/nick robert");
            bob.shows("You're now known as robert");
            bob.types("/window 1");
            bob.types("/whois ann");
            bob.shows("ann [ann@127.0.0.1]");
            bob.shows("ircname  : Real ann");
            bob.shows("server   : irc.test [TestNet network]");
            bob.shows("End of WHOIS");
            bob.types("/list -YES");
            bob.shows("#usenet 1 whose turn is it");
            bob.types("/quit");
            await().until(() -> ircd.clients() == 1);
        }
    }

    @Test
    void given_an_account_then_irssi_logs_in_with_sasl(@TempDir Path folder) throws Exception {
        try (var ircd = Ircd.start(settings());
                var ann = Irssi.connect(folder, ircd.listening(), "ann", "alice", "wonder land")) {
            ann.shows("SASL authentication succeeded");
            ann.shows("End of MOTD command");
            ann.types("/whois ann");
            ann.shows("account  : alice");
        }
    }
}
