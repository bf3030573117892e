package org.svcshare.it;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.config.Endpoint;

/// A person with irssi on the embedded server of a running daemon.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PersonWithIrssiIT {
    @TempDir private Path folder;

    @Test
    void given_irssi_on_the_daemons_server_when_a_person_asks_then_the_answers_are_on_the_screen()
            throws Exception {
        int port = RealPart.freePort();
        try (var service = new EchoService()) {
            var bot =
                    new BotFolder(
                            folder,
                            "ss-boss",
                            "127.0.0.1:" + port,
                            service.port(),
                            "ircd { enabled = true, listen = \"127.0.0.1:" + port + "\" }");
            bot.queue(12);
            try (var daemon =
                    Svcshare.start(bot.folder, Map.of(), "run", "-c", bot.config().toString())) {
                daemon.logs("gate open");
                try (var boss = Irssi.connect(folder, new Endpoint("127.0.0.1", port), "boss")) {
                    boss.shows("End of MOTD command");
                    boss.types("/join #usenet");
                    boss.shows("ss-boss] [ boss]");
                    boss.shows("Join to #usenet was synced");
                    boss.types(".version");
                    boss.shows("ss-boss> svcshare version ");
                    boss.types("ss-boss: help");
                    boss.shows("Commands: status, version, election, enqueue, force, halt");
                    boss.types("/query ss-boss");
                    boss.types("status");
                    boss.shows("12 MB + 0 MB queued (0 items) @ 0 KB/s (0 conn)");
                    boss.types("halt 5");
                    boss.shows("ss-boss> Halting for 5 minutes.");
                    boss.types("unhalt");
                    boss.shows("ss-boss> Unhalted.");
                    boss.types("elektion");
                    boss.shows("did you mean \"election\"?");
                }
            }
        }
    }
}
