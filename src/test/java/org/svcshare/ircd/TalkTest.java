package org.svcshare.ircd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/// PRIVMSG, NOTICE, TAGMSG and who hears them.
class TalkTest {
    private final TestNetwork network = new TestNetwork();

    @Test
    void given_a_channel_then_all_members_but_the_speaker_hear_a_message() {
        var bob = network.person("bob", "#a");
        var ann = network.person("ann", "#a");
        bob.hears();
        assertEquals(List.of(), bob.asks("PRIVMSG #A :hello  all"));
        assertEquals(List.of(":bob!bob@10.0.0.1 PRIVMSG #a :hello  all"), ann.hears());
        assertEquals("#a <bob> hello  all", network.news.getLast());
        ann.says("NOTICE #a note");
        assertEquals(List.of(":ann!ann@10.0.0.2 NOTICE #a :note"), bob.hears());
        assertEquals("#a -ann- note", network.news.getLast());
    }

    @Test
    void given_the_ctcp_of_old_bots_then_it_passes_unchanged() {
        var bob = network.person("ss|bob", "#a");
        var ann = network.person("ss|ann", "#a");
        bob.says("PRIVMSG #a :\1SS_ANNOUNCE\1");
        ann.says("PRIVMSG ss|bob :\1SS_ACK\1");
        assertEquals(List.of(":ss|bob!ss_bob@10.0.0.1 PRIVMSG #a :\1SS_ANNOUNCE\1"), ann.hears());
        assertTrue(bob.hears().contains(":ss|ann!ss_ann@10.0.0.2 PRIVMSG ss|bob :\1SS_ACK\1"));
    }

    @Test
    void given_any_bytes_then_they_arrive_as_they_were_sent() {
        network.person("bob", "#a");
        var ann = network.person("ann", "#a");
        var bytes = new StringBuilder();
        for (char c = 1; c < 256; c++) {
            if (c != '\r' && c != '\n') {
                bytes.append(c);
            }
        }
        var old = network.person("old", "#a");
        old.says("PRIVMSG #a :" + bytes);
        assertTrue(ann.hears().getLast().endsWith(" PRIVMSG #a :" + bytes));
    }

    @Test
    void given_a_long_line_then_it_is_cut_to_the_limit_with_its_source_and_at_a_character() {
        var bob = network.person("bob");
        var ann = network.person("ann");
        bob.says("PRIVMSG ann :" + Wire.fromText("ä".repeat(240)));
        String heard = ann.hears().getLast();
        assertTrue(heard.length() >= Wire.BODY_BYTES - 1 && heard.length() <= Wire.BODY_BYTES);
        assertTrue(Wire.toText(heard).endsWith("ää"), heard);
    }

    @Test
    void given_mistakes_then_a_privmsg_is_answered_and_a_notice_never() {
        var bob = network.person("bob");
        network.person("ann", "#a");
        assertEquals(
                List.of(":irc.test 411 bob :No recipient given (PRIVMSG)"), bob.asks("PRIVMSG"));
        assertEquals(List.of(":irc.test 412 bob :No text to send"), bob.asks("PRIVMSG ann"));
        assertEquals(List.of(":irc.test 412 bob :No text to send"), bob.asks("PRIVMSG ann :"));
        assertEquals(
                List.of(":irc.test 401 bob None :No such nick/channel"),
                bob.asks("PRIVMSG None :x"));
        assertEquals(
                List.of(":irc.test 403 bob #zzz :No such channel"), bob.asks("PRIVMSG #zzz :x"));
        assertEquals(
                List.of(":irc.test 404 bob #a :Cannot send to channel"), bob.asks("PRIVMSG #a :x"));
        assertEquals(
                List.of(":irc.test 407 bob e :Too many targets"),
                last(bob.asks("PRIVMSG a,b,c,d,e :x")));
        for (String notice :
                List.of(
                        "NOTICE",
                        "NOTICE ann",
                        "NOTICE None :x",
                        "NOTICE #zzz :x",
                        "NOTICE #a :x")) {
            assertEquals(List.of(), bob.asks(notice), notice);
        }
    }

    @Test
    void given_several_targets_then_each_gets_it() {
        var bob = network.person("bob");
        var ann = network.person("ann");
        var cyd = network.person("cyd");
        bob.says("PRIVMSG ann,cyd :hi");
        assertEquals(List.of(":bob!bob@10.0.0.1 PRIVMSG ann :hi"), ann.hears());
        assertEquals(List.of(":bob!bob@10.0.0.1 PRIVMSG cyd :hi"), cyd.hears());
    }

    @Test
    void given_a_moderated_channel_then_only_voices_speak() {
        var bob = network.person("bob", "#a");
        var ann = network.person("ann", "#a");
        bob.says("MODE #a +m");
        assertEquals(
                List.of(":irc.test 404 ann #a :Cannot send to channel"),
                last(ann.asks("PRIVMSG #a :x")));
        bob.says("MODE #a +v ann");
        bob.hears();
        ann.says("PRIVMSG #a :x");
        assertEquals(List.of(":ann!ann@10.0.0.2 PRIVMSG #a :x"), bob.hears());
    }

    @Test
    void given_a_banned_member_then_it_cannot_speak() {
        var bob = network.person("bob", "#a");
        var ann = network.person("ann", "#a");
        bob.says("MODE #a +b *!*@10.0.0.2");
        assertEquals(
                List.of(":irc.test 404 ann #a :Cannot send to channel"),
                last(ann.asks("PRIVMSG #a :x")));
    }

    @Test
    void given_an_open_channel_then_strangers_may_speak_into_it() {
        var bob = network.person("bob", "#a");
        bob.says("MODE #a -n");
        bob.hears();
        network.person("far").says("PRIVMSG #a :psst");
        assertEquals(List.of(":far!far@10.0.0.2 PRIVMSG #a :psst"), bob.hears());
    }

    @Test
    void given_a_channel_without_ctcp_then_actions_still_pass() {
        var bob = network.person("bob", "#a");
        var ann = network.person("ann", "#a");
        bob.says("MODE #a +C");
        bob.hears();
        ann.hears();
        assertEquals(
                List.of(":irc.test 404 ann #a :Cannot send to channel"),
                ann.asks("PRIVMSG #a :\1SS_YIELD\1"));
        bob.hearsNothing();
        ann.says("PRIVMSG #a :\1ACTION waves\1");
        assertEquals(List.of(":ann!ann@10.0.0.2 PRIVMSG #a :\1ACTION waves\1"), bob.hears());
    }

    @Test
    void given_somebody_away_then_a_message_is_answered_and_a_notice_not() {
        var bob = network.person("bob");
        var ann = network.person("ann");
        ann.says("AWAY :at lunch");
        assertEquals(List.of(":irc.test 301 bob ann :at lunch"), bob.asks("PRIVMSG ann :hi"));
        assertEquals(List.of(), bob.asks("NOTICE ann :hi"));
    }

    @Test
    void given_message_tags_then_client_tags_and_an_id_go_to_those_who_asked() {
        var bob = network.person("bob", "message-tags", "#a");
        var ann = network.person("ann", "message-tags", "#a");
        var old = network.person("old", "#a");
        ann.hears();
        bob.says("@+typing=active;time=1999;account=root PRIVMSG #a :x");
        assertTrue(
                ann.hears()
                        .getLast()
                        .matches("@msgid=\\S+;\\+typing=active :bob!bob@10.0.0.1 PRIVMSG #a :x"));
        assertEquals(List.of(":bob!bob@10.0.0.1 PRIVMSG #a :x"), old.hears());
        bob.says("@+typing=active TAGMSG #a");
        assertTrue(
                ann.hears()
                        .getLast()
                        .matches("@msgid=\\S+;\\+typing=active :bob!bob@10.0.0.1 TAGMSG #a"));
        old.hearsNothing();
        bob.says("TAGMSG #a");
        ann.hearsNothing();
    }

    @Test
    void given_echo_message_then_the_speaker_sees_what_was_delivered() {
        var bob = network.person("bob", "echo-message", "#A");
        network.person("ann");
        assertEquals(List.of(":bob!bob@10.0.0.1 PRIVMSG #A :x"), bob.asks("PRIVMSG #a :x"));
        assertEquals(List.of(":bob!bob@10.0.0.1 NOTICE ann :y"), bob.asks("NOTICE ANN :y"));
        assertEquals(
                List.of(":irc.test 401 bob nobody :No such nick/channel"),
                bob.asks("PRIVMSG nobody :x"));
    }

    private static List<String> last(List<String> lines) {
        return List.of(lines.getLast());
    }
}
