package org.svcshare.ircd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/// CAP, what the capabilities change, and SASL.
class CapabilitiesTest {
    private static final String TIME = "time=2026-01-02T03:04:05.678Z";
    private final TestNetwork network = new TestNetwork();

    private static String plain(String account, String password) {
        return Base64.getEncoder()
                .encodeToString(
                        ("\0" + account + "\0" + password).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void given_cap_ls_then_registration_waits_for_cap_end() {
        var bob = network.connect();
        assertEquals(
                List.of(
                        ":irc.test CAP * LS :account-notify account-tag away-notify batch"
                                + " cap-notify echo-message extended-join invite-notify"
                                + " labeled-response message-tags multi-prefix server-time setname"
                                + " userhost-in-names"),
                bob.asks("CAP LS 302"));
        bob.says("NICK bob");
        bob.says("USER bob 0 * :b");
        bob.hearsNothing();
        assertEquals(
                List.of(":irc.test CAP bob ACK :server-time  multi-prefix"),
                bob.asks("CAP REQ :server-time  multi-prefix"));
        assertTrue(bob.asks("CAP END").getFirst().startsWith("@" + TIME + " :irc.test 001 bob "));
    }

    @Test
    void given_one_unknown_capability_then_none_is_enabled() {
        var bob = network.person("bob");
        assertEquals(
                List.of(":irc.test CAP bob NAK :server-time nonsense"),
                bob.asks("CAP REQ :server-time nonsense"));
        assertEquals(List.of(":irc.test CAP bob LIST :"), bob.asks("CAP LIST"));
        assertEquals(
                List.of(":irc.test CAP bob NAK :sasl"),
                bob.asks("CAP REQ sasl"),
                "no accounts, no SASL");
        assertEquals(List.of(":irc.test 410 bob FOO :Invalid CAP command"), bob.asks("CAP FOO"));
    }

    @Test
    void given_a_capability_when_it_is_taken_back_then_it_is_off() {
        var bob = network.person("bob", "multi-prefix", "away-notify");
        bob.says("CAP REQ :-away-notify");
        bob.hears();
        assertEquals(List.of(":irc.test CAP bob LIST :multi-prefix"), bob.asks("CAP LIST"));
        bob.says("CAP LS 302");
        assertEquals(
                List.of(":irc.test CAP bob NAK :-cap-notify"), bob.asks("CAP REQ -cap-notify"));
    }

    @Test
    void given_extended_join_then_account_and_real_name_come_along() {
        var net = new TestNetwork(TestSettings.plain().withAccount("al", "pw").ircd());
        var old = net.person("old", "#a");
        var modern = net.person("modern", "extended-join", "#a");
        var al = net.person("al", "sasl", "account-notify");
        al.says("AUTHENTICATE PLAIN");
        al.says("AUTHENTICATE " + plain("al", "pw"));
        al.says("JOIN #a");
        assertTrue(old.hears().contains(":al!al@10.0.0.3 JOIN #a"));
        assertTrue(modern.hears().contains(":al!al@10.0.0.3 JOIN #a al :Real al"));
    }

    @Test
    void given_away_notify_then_going_and_coming_is_told() {
        var bob = network.person("bob", "#a");
        var ann = network.person("ann", "away-notify", "#a");
        var old = network.person("old", "#a");
        ann.hears();
        bob.says("AWAY :at lunch");
        bob.says("AWAY");
        assertEquals(
                List.of(":bob!bob@10.0.0.1 AWAY :at lunch", ":bob!bob@10.0.0.1 AWAY"), ann.hears());
        old.hearsNothing();
    }

    @Test
    void given_multi_prefix_then_all_prefixes_are_shown() {
        var bob = network.person("bob", "multi-prefix", "#a");
        bob.says("MODE #a +v bob");
        assertTrue(bob.asks("NAMES #a").contains(":irc.test 353 bob = #a :@+bob"));
        var old = network.person("old", "#a");
        assertTrue(old.asks("NAMES #a").contains(":irc.test 353 old = #a :@bob old"));
    }

    @Test
    void given_userhost_in_names_then_the_hostmasks_are_shown() {
        var bob = network.person("bob", "userhost-in-names", "#a");
        assertTrue(bob.asks("NAMES #a").contains(":irc.test 353 bob = #a :@bob!bob@10.0.0.1"));
    }

    @Test
    void given_setname_then_those_who_know_it_are_told() {
        var bob = network.person("bob", "setname", "#a");
        var ann = network.person("ann", "setname", "#a");
        var old = network.person("old", "#a");
        ann.hears();
        assertEquals(
                List.of(":bob!bob@10.0.0.1 SETNAME :Bob the Bot"),
                bob.asks("SETNAME :Bob the Bot"));
        assertEquals(List.of(":bob!bob@10.0.0.1 SETNAME :Bob the Bot"), ann.hears());
        old.hearsNothing();
    }

    @Test
    void given_a_label_then_one_line_carries_it_and_several_are_a_batch() {
        var bob = network.person("bob", "labeled-response", "batch");
        assertEquals(List.of("@label=1 :irc.test PONG irc.test :x"), bob.asks("@label=1 PING x"));
        assertEquals(List.of("@label=2 :irc.test ACK"), bob.asks("@label=2 PONG x"));
        var answer = bob.asks("@label=3 ISON bob nobody");
        assertEquals(List.of("@label=3 :irc.test 303 bob :bob"), answer);
        var batch = bob.asks("@label=4 MOTD");
        String id = batch.getLast().split(" -", -1)[1];
        assertEquals(
                List.of(
                        "@label=4 :irc.test BATCH +" + id + " labeled-response",
                        "@batch=" + id + " :irc.test 375 bob :- irc.test Message of the day - ",
                        "@batch=" + id + " :irc.test 372 bob :- Be kind.",
                        "@batch=" + id + " :irc.test 376 bob :End of MOTD command",
                        ":irc.test BATCH -" + id),
                batch);
        assertEquals(
                List.of(":irc.test PONG irc.test :x"),
                bob.asks("@label=" + "x".repeat(65) + " PING x"),
                "too long a label is none");
    }

    @Test
    void given_a_message_to_oneself_then_only_the_echo_is_labelled() {
        var bob =
                network.person("bob", "labeled-response", "batch", "echo-message", "message-tags");
        var lines = bob.asks("@label=5 PRIVMSG bob :hi");
        assertEquals(2, lines.size());
        assertTrue(lines.getFirst().startsWith("@msgid="), lines::toString);
        assertTrue(lines.getLast().startsWith("@label=5;msgid="), lines::toString);
    }

    @Test
    void given_sasl_plain_then_the_account_is_shown_everywhere() {
        var net = new TestNetwork(TestSettings.plain().withAccount("alice", "won der").ircd());
        var friend = net.person("friend", "account-tag", "account-notify", "extended-join", "#a");
        var al = net.connect();
        assertTrue(al.asks("CAP LS 302").getFirst().contains(" sasl=PLAIN "));
        assertTrue(al.asks("CAP LS").getFirst().contains(" sasl=PLAIN "), "once 302, always 302");
        al.says("CAP REQ :sasl");
        al.says("NICK al");
        al.says("USER al 0 * :Al");
        assertEquals(List.of("AUTHENTICATE +"), al.asks("AUTHENTICATE plain"));
        assertEquals(
                List.of(
                        ":irc.test 900 al al!al@10.0.0.2 alice :You are now logged in as alice",
                        ":irc.test 903 al :SASL authentication successful"),
                al.asks("AUTHENTICATE " + plain("alice", "won der")));
        assertEquals(
                List.of(":irc.test 907 al :You have already authenticated using SASL"),
                al.asks("AUTHENTICATE PLAIN"));
        al.says("CAP END");
        al.says("JOIN #a");
        al.says("PRIVMSG #a :hi");
        assertEquals(
                List.of(
                        "@account=alice :al!al@10.0.0.2 JOIN #a alice :Al",
                        "@account=alice :al!al@10.0.0.2 PRIVMSG #a :hi"),
                friend.hears());
        assertTrue(
                friend.asks("WHOIS al").contains(":irc.test 330 friend al alice :is logged in as"));
    }

    @Test
    void given_a_login_after_registration_then_friends_are_told() {
        var net = new TestNetwork(TestSettings.plain().withAccount("alice", "pw").ircd());
        var al = net.person("al", "sasl", "#a");
        var friend = net.person("friend", "account-notify", "#a");
        al.says("AUTHENTICATE PLAIN");
        al.says("AUTHENTICATE " + plain("alice", "pw"));
        assertEquals(List.of(":al!al@10.0.0.1 ACCOUNT alice"), friend.hears());
    }

    @Test
    void given_wrong_passwords_then_904_and_after_three_the_end() {
        var net = new TestNetwork(TestSettings.plain().withAccount("alice", "pw").ircd());
        var al = net.person("al", "sasl");
        for (String wrong : List.of(plain("alice", "px"), plain("nobody", ""), "!!!not base64")) {
            assertEquals("", al.closedFor);
            al.says("AUTHENTICATE PLAIN");
            al.hears();
            al.says("AUTHENTICATE " + wrong);
            assertEquals(":irc.test 904 al :SASL authentication failed", al.hears().getFirst());
        }
        assertEquals("Too many SASL failures", al.closedFor);
    }

    @Test
    void given_odd_sasl_messages_then_each_has_its_answer() {
        var net = new TestNetwork(TestSettings.plain().withAccount("alice", "pw").ircd());
        var al = net.person("al", "sasl");
        assertEquals(
                List.of(
                        ":irc.test 908 al PLAIN :are available SASL mechanisms",
                        ":irc.test 904 al :SASL authentication failed"),
                al.asks("AUTHENTICATE EXTERNAL"));
        al.says("AUTHENTICATE PLAIN");
        assertEquals(
                List.of(":irc.test 906 al :SASL authentication aborted"),
                al.asks("AUTHENTICATE *"));
        al.says("AUTHENTICATE PLAIN");
        assertEquals(
                List.of(":irc.test 905 al :SASL message too long"),
                al.asks("AUTHENTICATE " + "A".repeat(401)));
        var bob = net.person("bob");
        assertEquals(
                List.of(":irc.test 904 bob :SASL authentication failed"),
                bob.asks("AUTHENTICATE PLAIN"));
    }

    @Test
    void given_a_long_password_then_the_pieces_of_400_are_put_together() {
        String longPassword = "p".repeat(291);
        var net = new TestNetwork(TestSettings.plain().withAccount("alice", longPassword).ircd());
        String message = plain("alice", longPassword);
        assertEquals(400, message.length() - message.length() % 400);
        var al = net.person("al", "sasl");
        al.says("AUTHENTICATE PLAIN");
        assertEquals(List.of("AUTHENTICATE +"), al.hears());
        al.says("AUTHENTICATE " + message.substring(0, 400));
        al.hearsNothing();
        al.says("AUTHENTICATE " + (message.length() == 400 ? "+" : message.substring(400)));
        assertTrue(al.hears().getLast().contains(" 903 "));
    }

    @Test
    void given_a_bot_then_it_is_marked_wherever_bots_are_marked() {
        var bot = network.person("bot", "#a");
        var ann = network.person("ann", "message-tags", "#a");
        bot.says("MODE bot +B");
        bot.says("PRIVMSG #a :beep");
        assertTrue(
                ann.hears()
                        .getLast()
                        .matches("@bot;msgid=\\S+ :bot!bot@10.0.0.1 PRIVMSG #a :beep"));
        assertTrue(ann.asks("WHOIS bot").contains(":irc.test 335 ann bot :is a bot on TestNet"));
        assertTrue(
                ann.asks("WHO #a")
                        .contains(
                                ":irc.test 352 ann #a bot 10.0.0.1 irc.test bot HB@ :0 Real bot"));
    }
}
