package org.svcshare.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.config.PeerSettings;
import org.svcshare.config.Secret;
import org.svcshare.config.TlsSettings;
import org.svcshare.turn.Asker;
import org.svcshare.turn.Command;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnEvent;

/// What an IrcChannel must do on any real server; one subclass for each.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(60)
abstract class IrcServerContract {
    @TempDir Path folder;
    final int port = RealPart.freePort();
    final int tlsPort = RealPart.freePort();
    private @Nullable RealPart server;

    /// Writes the configuration and gives the command line.
    ///
    /// @param password of the server, empty for none
    abstract List<String> command(String password) throws IOException;

    void serve(String password) throws IOException {
        server = RealPart.start(folder, Map.of(), command(password));
    }

    IrcUser boss() {
        var boss = IrcUser.connect(port, "boss", "");
        boss.say("JOIN #usenet");
        boss.expect(" 366 ");
        return boss;
    }

    @AfterEach
    void end() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void given_two_bots_when_they_talk_then_each_hears_the_other() throws IOException {
        serve("");
        try (var boss = boss();
                var anna = new IrcBot.Wish(port, "anna").start();
                var ben = new IrcBot.Wish(port, "ss|ben").start()) {
            anna.next(TurnEvent.Joined.class);
            Set<String> members = ben.next(TurnEvent.Joined.class).members();
            assertTrue(members.contains("boss"), members.toString());
            await().until(() -> anna.channel.status().joined());
            anna.channel.send(null, new PeerMessage.Announce(""));
            boss.expect("^:anna!\\S+ PRIVMSG #usenet :\u0001SS_ANNOUNCE\u0001$");
            ben.next(TurnEvent.Heard.class);
            ben.channel.send("anna", new PeerMessage.Ack(""));

            assertEquals(
                    new TurnEvent.Heard("ss|ben", true, new PeerMessage.Ack("")),
                    anna.next(TurnEvent.Heard.class));

            boss.say("PRIVMSG #usenet :ANNA: force 500mb");
            assertEquals(
                    new TurnEvent.Asked(new Asker("boss", false), new Command.Force(500)),
                    anna.next(TurnEvent.Asked.class));
        }
    }

    @Test
    void given_a_signed_group_when_they_say_hello_then_believed_and_strangers_not()
            throws IOException {
        serve("");
        var signed = new PeerSettings(List.of(new Secret("s".repeat(32))), true);
        try (var boss = boss();
                var anna = new IrcBot.Wish(port, "anna").peers(signed).start()) {
            anna.next(TurnEvent.Joined.class);
            try (var ben = new IrcBot.Wish(port, "ben").peers(signed).start()) {
                ben.next(TurnEvent.Joined.class);
                anna.next(TurnEvent.MemberJoined.class);
                boss.say("PRIVMSG #usenet :\u0001SS_YIELD\u0001");
                ben.channel.send(null, ben.hello());
                assertEquals("ben", anna.next(TurnEvent.Heard.class).from());
                anna.channel.send("ben", anna.hello());
                assertEquals("anna", ben.next(TurnEvent.Heard.class).from());
                anna.channel.send(null, new PeerMessage.Yield(7));

                assertEquals(
                        new TurnEvent.Heard("anna", false, new PeerMessage.Yield(7)),
                        ben.next(TurnEvent.Heard.class));
                assertEquals(1L, anna.channel.status().rejected().get("unsigned"));
            }
        }
    }

    @Test
    void given_a_kick_then_lost_and_back_again() throws IOException {
        serve("");
        try (var boss = boss();
                var anna = new IrcBot.Wish(port, "anna").start()) {
            anna.next(TurnEvent.Joined.class);
            boss.say("KICK #usenet anna :out");

            assertTrue(anna.next(TurnEvent.Lost.class).why().startsWith("kicked by boss"));
            anna.next(TurnEvent.Joined.class);
        }
    }

    @Test
    void given_a_ban_when_it_is_lifted_then_joins_in_the_end() throws IOException {
        serve("");
        try (var boss = boss()) {
            boss.say("MODE #usenet +b anna!*@*");
            boss.expect(" MODE #usenet \\+b");
            try (var anna = new IrcBot.Wish(port, "anna").start()) {
                await().until(() -> anna.channel.status().trouble().contains("banned"));
                boss.say("MODE #usenet -b anna!*@*");

                anna.next(TurnEvent.Joined.class);
            }
        }
    }

    @Test
    void given_a_channel_key_then_only_the_bot_that_knows_it_gets_in() throws IOException {
        serve("");
        try (var boss = boss()) {
            boss.say("MODE #usenet +k sesame");
            boss.expect(" MODE #usenet \\+k");
            try (var anna = new IrcBot.Wish(port, "anna").key("sesame").start();
                    var ben = new IrcBot.Wish(port, "ben").start()) {
                anna.next(TurnEvent.Joined.class);
                await().until(() -> ben.channel.status().trouble().contains("key"));
            }
        }
    }

    @Test
    void given_a_taken_nick_then_another_one_and_back_when_it_is_free() throws IOException {
        serve("");
        try (var thief = IrcUser.connect(port, "anna", "");
                var anna = new IrcBot.Wish(port, "anna").start()) {
            assertEquals("anna2", anna.next(TurnEvent.Joined.class).nick());

            thief.say("QUIT :bye");

            assertEquals(
                    new TurnEvent.Renamed("anna2", "anna"), anna.next(TurnEvent.Renamed.class));
        }
    }

    @Test
    void given_a_server_password_then_only_the_bot_that_knows_it_gets_in() throws IOException {
        serve("door");
        try (var person = IrcUser.connect(port, "person", "door");
                var anna = new IrcBot.Wish(port, "anna").password("door").start();
                var ben = new IrcBot.Wish(port, "ben").password("wrong").start()) {
            anna.next(TurnEvent.Joined.class);
            await().until(() -> ben.channel.status().reconnects() > 0);
            assertTrue(!ben.channel.status().trouble().isEmpty());
            person.say("PING :still-here");
            person.expect("still-here");
        }
    }

    @Test
    void given_a_server_killed_when_it_comes_back_then_the_bot_does_too() throws IOException {
        serve("");
        boss().close();
        try (var anna = new IrcBot.Wish(port, "anna").start()) {
            anna.next(TurnEvent.Joined.class);
            end();
            anna.next(TurnEvent.Lost.class);

            serve("");

            anna.next(TurnEvent.Joined.class);
        }
    }

    @Test
    void given_leaving_then_the_others_see_the_reason() throws IOException {
        serve("");
        try (var boss = boss();
                var anna = new IrcBot.Wish(port, "anna").start()) {
            anna.next(TurnEvent.Joined.class);
            anna.channel.leave("going home", Duration.ofSeconds(5));

            boss.expect("^:anna!\\S+ QUIT :.*going home");
        }
    }

    @Test
    void given_tls_then_a_pinned_or_known_certificate_is_accepted_and_no_other() throws Exception {
        OwnCertificate certificate = OwnCertificate.create(folder, "irc.test.net");
        serve("");
        boss().close();
        try (var pinned =
                        new IrcBot.Wish(tlsPort, "pinned")
                                .tls(tls(Optional.of(certificate.fingerprint()), Optional.empty()))
                                .start();
                var known =
                        new IrcBot.Wish(tlsPort, "known")
                                .tls(tls(Optional.empty(), Optional.of(certificate.pem())))
                                .start();
                var wrong =
                        new IrcBot.Wish(tlsPort, "wrong")
                                .tls(tls(Optional.of("00".repeat(32)), Optional.empty()))
                                .start();
                var strict = new IrcBot.Wish(tlsPort, "strict").tls(TlsSettings.VERIFIED).start()) {
            pinned.next(TurnEvent.Joined.class);
            known.next(TurnEvent.Joined.class);
            await().untilAsserted(() ->
                    assertTrue(
                            wrong.channel.status().trouble().contains("not the pinned one"),
                            wrong.channel.status().trouble()));
            await().untilAsserted(() ->
                    assertTrue(
                            strict.channel.status().trouble().contains("certification path"),
                            strict.channel.status().trouble()));
        }
    }

    private static TlsSettings tls(Optional<String> pin, Optional<Path> ca) {
        return new TlsSettings(
                true,
                true,
                pin,
                ca,
                Optional.empty(),
                Optional.empty(),
                Optional.of("irc.test.net"));
    }

    boolean hasCertificate() {
        return Files.exists(folder.resolve("cert.pem"));
    }
}
