package org.svcshare.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The old bot that other tests lean on, on a real ngircd.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Lengthy
class OldBotOnIrcIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);

    @TempDir private Path folder;

    @Test
    void given_two_old_bots_on_ngircd_when_the_smaller_comes_then_it_takes_the_turn()
            throws IOException {
        int port = RealPart.freePort();
        try (var _ = ngircd(port);
                var one = OldBotOnIrc.start("127.0.0.1", port, "orig-1", "#usenet", "boss")) {
            one.queue(40);
            one.await("joins", LIMIT, OldBotOnIrc::inChannel);
            one.await("runs alone", LIMIT, OldBotOnIrc::gateOpen);
            try (var two = OldBotOnIrc.start("127.0.0.1", port, "orig-2", "#usenet", "boss")) {
                two.queue(10);
                two.await("meets", LIMIT, bot -> bot.peers().contains("orig-1"));
                two.await("takes the turn", LIMIT, OldBotOnIrc::gateOpen);
                one.await("yields", LIMIT, bot -> !bot.gateOpen());

                two.awaitSaid("Election won. Queue size: 10 MB.", LIMIT);
                one.awaitSaid("Yield request received. Pausing.", LIMIT);
                assertTrue(one.crashed().isEmpty());
            }
        }
    }

    @Test
    void given_a_taken_nick_and_a_deadly_line_when_they_meet_the_bot_then_it_acts_as_the_original()
            throws IOException {
        int port = RealPart.freePort();
        try (var _ = ngircd(port);
                var one = OldBotOnIrc.start("127.0.0.1", port, "orig-1", "#usenet", "boss")) {
            one.await("joins", LIMIT, OldBotOnIrc::inChannel);
            try (var two = OldBotOnIrc.start("127.0.0.1", port, "orig-1", "#usenet", "boss");
                    var stranger = new Socket(InetAddress.getLoopbackAddress(), port)) {
                two.await("joins", LIMIT, OldBotOnIrc::inChannel);
                assertEquals("orig-12", two.nick());
                stranger.getOutputStream()
                        .write(
                                """
                                NICK mean\r
                                USER mean 0 * :m\r
                                PRIVMSG orig-12 :\u0001SS_CONNUPDATE\u0001\r
                                """
                                        .getBytes(StandardCharsets.UTF_8));

                Awaitility.await().atMost(LIMIT).until(() -> two.crashed().isPresent());
                assertFalse(two.gateOpen());
                assertTrue(one.crashed().isEmpty());
            }
        }
    }

    private RealPart ngircd(int port) throws IOException {
        Path program = RealPart.find("ngircd");
        Path settings = folder.resolve("ngircd.conf");
        Files.writeString(
                settings,
                """
                [Global]
                Name = irc.test
                Info = test
                Listen = 127.0.0.1
                Ports = %d
                MotdPhrase = hello
                [Limits]
                MaxConnectionsIP = 0
                MaxJoins = 0
                [Options]
                DNS = no
                Ident = no
                PAM = no
                """
                        .formatted(port));
        RealPart server =
                RealPart.start(
                        folder,
                        Map.of(),
                        List.of(program.toString(), "-n", "-f", settings.toString()));
        Awaitility.await()
                .atMost(LIMIT)
                .until(() -> {
                    try (var probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
                        return probe.isConnected();
                    } catch (IOException _) {
                        return false;
                    }
                });
        return server;
    }
}
