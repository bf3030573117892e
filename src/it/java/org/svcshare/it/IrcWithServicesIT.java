package org.svcshare.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.config.CommandSettings;
import org.svcshare.config.IrcSettings.Mechanism;
import org.svcshare.config.IrcSettings.SaslSettings;
import org.svcshare.config.Secret;
import org.svcshare.config.TlsSettings;
import org.svcshare.turn.Asker;
import org.svcshare.turn.Command;
import org.svcshare.turn.TurnEvent;

/// Accounts on a network with services: ours by SASL and NickServ, and those of people.
///
/// One network for all tests; each has accounts and nicks of its own.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(60)
class IrcWithServicesIT {
    @TempDir static Path folder;
    private static AthemeOnInspircd network;
    private static OwnCertificate server;
    private static final String REFUSED =
            "^:ivo!\\S+ NOTICE %s :You may not give the command force";
    private static IrcUser boss;

    @BeforeAll
    static void serve() throws Exception {
        server = OwnCertificate.create(folder, "irc.test.net");
        network = AthemeOnInspircd.start(folder);
        boss = IrcUser.connect(network.port, "boss", "");
        boss.say("CAP REQ :extended-join", "JOIN #usenet");
        boss.expect(" 366 ");
    }

    @AfterAll
    static void end() {
        if (boss != null) {
            boss.close();
        }
        if (network != null) {
            network.close();
        }
    }

    private static SaslSettings plain(String account, String password, boolean required) {
        return new SaslSettings(
                Mechanism.PLAIN, account, Optional.of(new Secret(password)), required);
    }

    private static void seesAccount(String nick, String account) {
        boss.expect("^:" + nick + "!\\S+ JOIN #usenet " + account.replace("*", "\\*") + " ");
    }

    @Test
    void given_sasl_plain_then_the_channel_sees_the_account() {
        network.register("anna", "sesame").close();
        try (var bot =
                new IrcBot.Wish(network.port, "annabot")
                        .sasl(plain("anna", "sesame", true))
                        .start()) {
            bot.next(TurnEvent.Joined.class);

            seesAccount("annabot", "anna");
            assertEquals("", bot.channel.status().trouble());
        }
    }

    @Test
    void given_a_wrong_password_when_sasl_is_required_then_stays_out_and_says_why() {
        network.register("bert", "sesame").close();
        try (var bot =
                new IrcBot.Wish(network.port, "bertbot")
                        .sasl(plain("bert", "mistaken", true))
                        .start()) {
            await().until(() -> bot.channel.status().trouble().startsWith("SASL failed"));

            boss.say("ISON bertbot");
            assertFalse(boss.expect(" 303 ").contains("bertbot"));
            assertFalse(bot.channel.status().joined());
            assertFalse(bot.channel.status().trouble().contains("mistaken"));
        }
    }

    @Test
    void given_a_wrong_password_when_sasl_is_not_required_then_joins_and_goes_on_saying_why() {
        network.register("carl", "sesame").close();
        try (var bot =
                new IrcBot.Wish(network.port, "carlbot")
                        .sasl(plain("carl", "mistaken", false))
                        .start()) {
            bot.next(TurnEvent.Joined.class);

            seesAccount("carlbot", "*");
            assertTrue(bot.channel.status().trouble().startsWith("SASL failed"));
        }
    }

    @Test
    void given_nickserv_without_sasl_then_joins_with_the_account() {
        network.register("dora", "sesame").close();
        try (var bot = new IrcBot.Wish(network.port, "dora").nickServ("sesame").start()) {
            bot.next(TurnEvent.Joined.class);

            seesAccount("dora", "dora");
            assertEquals("", bot.channel.status().trouble());
        }
    }

    @Test
    void given_nickserv_when_the_password_is_wrong_then_joins_and_goes_on_saying_why() {
        network.register("emil", "sesame").close();
        try (var bot = new IrcBot.Wish(network.port, "emil").nickServ("mistaken").start()) {
            bot.next(TurnEvent.Joined.class);

            seesAccount("emil", "*");
            assertEquals(
                    "not logged in: NickServ says \"Invalid password for emil.\"",
                    bot.channel.status().trouble().replace("\u0002", ""));
        }
    }

    @Test
    void given_somebody_with_our_nick_then_services_give_it_back_before_we_join() {
        network.register("fred", "sesame").close();
        try (var thief = thief("fred");
                var bot = new IrcBot.Wish(network.port, "fred").nickServ("sesame").start()) {
            assertEquals("fred", bot.next(TurnEvent.Joined.class).nick());

            seesAccount("fred", "fred");
            thief.expect("^:fred!\\S+ NICK :?Guest");
        }
    }

    private static IrcUser thief(String nick) {
        await().until(() -> {
            try (var probe = IrcUser.connect(network.port, "probe", "")) {
                probe.say("ISON " + nick);
                return !probe.expect(" 303 ").contains(nick);
            }
        });
        return IrcUser.connect(network.port, nick, "");
    }

    @Test
    void given_a_client_certificate_that_services_know_then_sasl_external_logs_in()
            throws Exception {
        OwnCertificate ours =
                OwnCertificate.create(Files.createDirectory(folder.resolve("gina")), "gina");
        try (var gina = network.register("gina", "sesame")) {
            gina.say("PRIVMSG NickServ :CERT ADD " + ours.fingerprint());
            gina.expect("NOTICE gina :.*fingerprint");
        }
        try (var bot = external("ginabot", ours);
                var stranger =
                        external(
                                "stranger",
                                OwnCertificate.create(
                                        Files.createDirectory(folder.resolve("other")), "other"))) {
            bot.next(TurnEvent.Joined.class);

            seesAccount("ginabot", "gina");
            await().until(() -> stranger.channel.status().trouble().startsWith("SASL failed"));
        }
    }

    private static IrcBot external(String nick, OwnCertificate certificate) {
        return new IrcBot.Wish(network.tlsPort, nick)
                .tls(
                        new TlsSettings(
                                true,
                                true,
                                Optional.of(server.fingerprint()),
                                Optional.empty(),
                                Optional.of(certificate.store()),
                                Optional.of(new Secret(OwnCertificate.PASSWORD)),
                                Optional.empty()))
                .sasl(new SaslSettings(Mechanism.EXTERNAL, "", Optional.empty(), true))
                .start();
    }

    private static void force(IrcUser person) {
        person.say("PRIVMSG #usenet :ivo: force 500mb");
    }

    @Test
    void given_commands_for_an_account_then_only_who_is_logged_in_to_it_may_give_them() {
        var rules = List.of("account:hanna");
        var commands = new CommandSettings("boss", rules, Map.of("force", rules));
        try (var hanna = network.register("hanna", "sesame");
                var bot = new IrcBot.Wish(network.port, "ivo").commands(commands).start();
                var jack = network.register("jack", "sesame")) {
            bot.next(TurnEvent.Joined.class);
            for (IrcUser person : List.of(hanna, jack)) {
                person.say("JOIN #usenet");
                person.expect(" 366 ");
            }
            assertTrue(hanna.ask("ivo", "whoami").contains("account hanna, my owner"));
            force(jack);
            jack.expect(REFUSED.formatted("jack"));

            // The account goes where its holder goes, and not with the nick.
            hanna.say("NICK hanna2");
            jack.expect("^:hanna!\\S+ NICK ");
            jack.say("NICK hanna");
            force(jack);
            jack.expect(REFUSED.formatted("hanna"));
            force(hanna);
            assertEquals(
                    new TurnEvent.Asked(
                            new Asker("hanna2", false, "hanna"), new Command.Force(500)),
                    bot.next(TurnEvent.Asked.class));

            hanna.say("PRIVMSG NickServ :LOGOUT");
            hanna.expect(" 901 ");
            force(hanna);
            hanna.expect(REFUSED.formatted("hanna2"));
        }
    }
}
