package org.svcshare.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnEvent;

/// The IRC channel on InspIRCd, which offers capabilities, bot mode, and channels without CTCP.
class IrcOnInspircdIT extends IrcServerContract {
    @Override
    List<String> command(String password) throws IOException {
        Path program = RealPart.find("inspircd");
        Path config = folder.resolve("inspircd.conf");
        String tls =
                hasCertificate()
                        ? """
                        <module name="ssl_gnutls">
                        <sslprofile name="test" provider="gnutls" certfile="%s" keyfile="%s">
                        <bind address="127.0.0.1" port="%d" type="clients" sslprofile="test">
                        """
                                .formatted(
                                        folder.resolve("cert.pem"),
                                        folder.resolve("key.pem"),
                                        tlsPort)
                        : "";
        Files.writeString(
                config,
                """
                <config format="xml">
                <server name="irc.test.net" description="test" network="TestNet">
                <admin name="a" nick="a" email="a@test.net">
                <bind address="127.0.0.1" port="%d" type="clients">
                <connect allow="*" %s timeout="20" maxchans="20" localmax="1000" globalmax="1000"
                    fakelag="no" commandrate="1000000" threshold="1000" softsendq="65536">
                <path datadir="%s" logdir="%s" runtimedir="%s">
                <pid file="%s">
                <log method="file" type="*" level="default" target="%s">
                <options casemapping="ascii" splitwhois="no">
                <performance somaxconn="128">
                <module name="cap">
                <module name="ircv3">
                <module name="ircv3_accounttag">
                <module name="ircv3_ctctags">
                <module name="services_account">
                <module name="botmode">
                <module name="namesx">
                <module name="uhnames">
                <module name="noctcp">
                %s
                """
                        .formatted(
                                port,
                                password.isEmpty() ? "" : "password=\"" + password + "\"",
                                folder,
                                folder,
                                folder,
                                folder.resolve("pid"),
                                folder.resolve("log"),
                                tls));
        return List.of(
                program.toString(), "--nofork", "--nopid", "--runasroot", "--config=" + config);
    }

    @Test
    void given_a_channel_that_begins_to_filter_ctcp_then_the_bots_go_on_plainly()
            throws IOException {
        serve("");
        try (var boss = boss();
                var anna = new IrcBot.Wish(port, "anna").start();
                var ben = new IrcBot.Wish(port, "ben").start()) {
            anna.next(TurnEvent.Joined.class);
            ben.next(TurnEvent.Joined.class);
            boss.say("MODE #usenet +C");
            boss.expect(" MODE #usenet .*C");
            anna.channel.send(null, new PeerMessage.Yield(1));

            assertEquals(new PeerMessage.Yield(1), ben.next(TurnEvent.Heard.class).message());
        }
    }

    @Test
    void given_a_channel_that_filters_ctcp_when_the_bots_come_then_they_talk_plainly()
            throws IOException {
        serve("");
        try (var boss = boss()) {
            boss.say("MODE #usenet +C");
            boss.expect(" MODE #usenet .*C");
            try (var anna = new IrcBot.Wish(port, "anna").start();
                    var ben = new IrcBot.Wish(port, "ben").start()) {
                anna.next(TurnEvent.Joined.class);
                ben.next(TurnEvent.Joined.class);
                anna.channel.send(null, new PeerMessage.Yield(2));

                assertEquals(new PeerMessage.Yield(2), ben.next(TurnEvent.Heard.class).message());
                boss.expect("PRIVMSG #usenet :SSMSG 2 5");
            }
        }
    }

    @Test
    void given_two_bots_and_a_person_when_they_talk_then_the_person_sees_their_hellos_only()
            throws IOException {
        serve("");
        boss().close();
        TalkInTags.unseen(port);
    }

    @Test
    void given_a_bot_that_does_not_hear_tags_then_all_hear_all() throws IOException {
        serve("");
        boss().close();
        TalkInTags.heardByAll(port);
    }

    @Test
    void given_bot_mode_then_others_see_that_we_are_bots() throws IOException {
        serve("");
        try (var boss = boss();
                var anna = new IrcBot.Wish(port, "anna").start()) {
            anna.next(TurnEvent.Joined.class);
            boss.say("WHOIS anna");

            boss.expect(" 335 boss anna ");
        }
    }
}
