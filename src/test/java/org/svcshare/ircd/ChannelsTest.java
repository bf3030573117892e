package org.svcshare.ircd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/// JOIN, PART, KICK, INVITE, TOPIC, NAMES, LIST.
class ChannelsTest {
    private final TestNetwork network = new TestNetwork();

    @Test
    void given_the_first_joiner_then_it_is_operator_and_the_next_is_not() {
        var bob = network.person("bob");
        assertEquals(
                List.of(
                        ":bob!bob@10.0.0.1 JOIN #a",
                        ":irc.test 353 bob = #a :@bob",
                        ":irc.test 366 bob #a :End of NAMES list"),
                bob.asks("JOIN #a"));
        var ann = network.person("ann");
        assertEquals(
                List.of(
                        ":ann!ann@10.0.0.2 JOIN #a",
                        ":irc.test 353 ann = #a :@bob ann",
                        ":irc.test 366 ann #a :End of NAMES list"),
                ann.asks("JOIN #a"));
        assertEquals(List.of(":ann!ann@10.0.0.2 JOIN #a"), bob.hears());
        assertEquals(List.of("#a +bob", "#a +ann"), network.news);
    }

    @Test
    void given_another_spelling_then_the_joiner_sees_its_own_and_the_others_the_first() {
        var bob = network.person("bob", "#Use[net]");
        var ann = network.person("ann");
        var heard = ann.asks("JOIN #use{NET}");
        assertEquals(":ann!ann@10.0.0.2 JOIN #use{NET}", heard.getFirst());
        assertEquals(":irc.test 353 ann = #Use[net] :@bob ann", heard.get(1));
        assertEquals(List.of(":ann!ann@10.0.0.2 JOIN #Use[net]"), bob.hears());
    }

    @Test
    void given_several_channels_with_keys_then_each_key_is_for_its_place() {
        var bob = network.person("bob", "#a", "#b");
        bob.says("MODE #b +k sesame");
        var ann = network.person("ann");
        var heard = ann.asks("JOIN #a,#b ,sesame");
        assertTrue(heard.contains(":ann!ann@10.0.0.2 JOIN #a"));
        assertTrue(heard.contains(":ann!ann@10.0.0.2 JOIN #b"));
    }

    @Test
    void given_closed_doors_then_each_has_its_numeric() {
        var bob = network.person("bob", "#key", "#full", "#inv", "#ban");
        bob.says("MODE #key +k k");
        bob.says("MODE #full +l 1");
        bob.says("MODE #inv +i");
        bob.says("MODE #ban +b ann");
        var ann = network.person("ann");
        assertEquals(
                List.of(
                        ":irc.test 475 ann #key :Cannot join channel (+k)",
                        ":irc.test 471 ann #full :Cannot join channel (+l)",
                        ":irc.test 473 ann #inv :Cannot join channel (+i)",
                        ":irc.test 474 ann #ban :Cannot join channel (+b)",
                        ":irc.test 403 ann nochan :No such channel",
                        ":irc.test 403 ann # :No such channel"),
                ann.asks("JOIN #key,#full,#inv,#ban,nochan,# wrong"));
    }

    @Test
    void given_an_exception_or_a_standing_invitation_then_the_door_opens() {
        var bob = network.person("bob", "#a");
        bob.says("MODE #a +be *!*@* ann!*@*");
        bob.says("MODE #a +iI *!ann@*");
        var ann = network.person("ann", "#a");
        assertTrue(ann.asks("NAMES #a").getFirst().endsWith(":@bob ann"));
    }

    @Test
    void given_too_many_channels_then_405() {
        var bob = network.person("bob");
        for (int i = 0; i < Limits.CHANNELS; i++) {
            bob.says("JOIN #c" + i);
        }
        assertEquals(
                List.of(":irc.test 405 bob #more :You have joined too many channels"),
                bob.asks("JOIN #more,#evenmore"));
    }

    @Test
    void given_join_0_then_all_channels_are_left() {
        var bob = network.person("bob", "#a", "#b");
        assertEquals(
                List.of(":bob!bob@10.0.0.1 PART #a", ":bob!bob@10.0.0.1 PART #b"),
                bob.asks("JOIN 0"));
    }

    @Test
    void given_parts_then_members_hear_them_and_strangers_get_errors() {
        var bob = network.person("bob", "#a", "#c");
        var ann = network.person("ann", "#a");
        bob.hears();
        assertEquals(
                List.of(
                        ":ann!ann@10.0.0.2 PART #a :bye all",
                        ":irc.test 403 ann #b :No such channel",
                        ":irc.test 442 ann #c :You're not on that channel"),
                ann.asks("PART #a,#b,#c :bye all"));
        assertEquals(List.of(":ann!ann@10.0.0.2 PART #a :bye all"), bob.hears());
    }

    @Test
    void given_the_last_one_leaves_then_the_channel_begins_anew() {
        var bob = network.person("bob", "#a");
        bob.says("MODE #a +k x");
        bob.says("PART #a");
        var ann = network.person("ann");
        assertTrue(ann.asks("JOIN #a").contains(":irc.test 353 ann = #a :@ann"));
    }

    @Test
    void given_an_operator_when_it_kicks_then_everybody_hears_why() {
        var bob = network.person("bob", "#a");
        var ann = network.person("ann", "#a");
        bob.hears();
        assertEquals(
                List.of(":bob!bob@10.0.0.1 KICK #a ann :too loud"),
                bob.asks("KICK #A ANN :too loud"));
        assertEquals(List.of(":bob!bob@10.0.0.1 KICK #a ann :too loud"), ann.hears());
        assertEquals(
                List.of(":irc.test 441 bob ann #a :They aren't on that channel"),
                bob.asks("KICK #a ann"));
        assertEquals(
                List.of(":irc.test 401 bob nobody :No such nick/channel"),
                bob.asks("KICK #a nobody"));
        ann.says("JOIN #a");
        assertEquals(List.of(":bob!bob@10.0.0.1 KICK #a ann :bob"), last(bob.asks("KICK #a ann")));
    }

    @Test
    void given_no_operator_when_it_kicks_then_482_or_442() {
        network.person("bob", "#a");
        var ann = network.person("ann", "#a");
        assertEquals(
                List.of(":irc.test 482 ann #a :You're not channel operator"),
                ann.asks("KICK #a bob"));
        var far = network.person("far");
        assertEquals(
                List.of(":irc.test 442 far #a :You're not on that channel"),
                far.asks("KICK #a bob"));
        assertEquals(List.of(":irc.test 403 far #zzz :No such channel"), far.asks("KICK #zzz bob"));
    }

    @Test
    void given_an_invitation_then_the_guest_gets_in_once() {
        var bob = network.person("bob", "#a");
        var ann = network.person("ann");
        bob.says("MODE #a +ik x");
        assertEquals(List.of(":irc.test 341 bob ann #a"), bob.asks("INVITE ann #a"));
        assertEquals(List.of(":bob!bob@10.0.0.1 INVITE ann #a"), ann.hears());
        assertEquals(":ann!ann@10.0.0.2 JOIN #a", ann.asks("JOIN #a").getFirst());
        assertEquals(
                List.of(":irc.test 443 bob ann #a :is already on channel"),
                last(bob.asks("INVITE ann #a")));
        ann.says("PART #a");
        assertEquals(
                List.of(":irc.test 473 ann #a :Cannot join channel (+i)"), ann.asks("JOIN #a x"));
    }

    @Test
    void given_an_invitation_when_the_channel_begins_anew_then_it_is_void() {
        var bob = network.person("bob", "#a");
        var ann = network.person("ann");
        bob.says("INVITE ann #a");
        bob.says("JOIN 0");
        bob.says("JOIN #a");
        bob.says("MODE #a +i");
        assertEquals(
                List.of(":irc.test 473 ann #a :Cannot join channel (+i)"), ann.asks("JOIN #a"));
    }

    @Test
    void given_invitations_by_those_who_may_not_then_errors() {
        var bob = network.person("bob", "#a");
        bob.says("MODE #a +i");
        var ann = network.person("ann");
        var far = network.person("far");
        assertEquals(
                List.of(":irc.test 442 ann #a :You're not on that channel"),
                ann.asks("INVITE far #a"));
        bob.says("INVITE ann #a");
        ann.says("JOIN #a");
        assertEquals(
                List.of(":irc.test 482 ann #a :You're not channel operator"),
                ann.asks("INVITE far #a"));
        assertEquals(
                List.of(":irc.test 401 ann nobody :No such nick/channel"),
                ann.asks("INVITE nobody #a"));
        far.hearsNothing();
    }

    @Test
    void given_a_topic_then_it_is_told_shown_and_kept_within_the_limit() {
        var bob = network.person("bob", "#a");
        assertEquals(List.of(":irc.test 331 bob #a :No topic is set"), bob.asks("TOPIC #a"));
        assertEquals(
                List.of(":bob!bob@10.0.0.1 TOPIC #a :turns: bob"),
                bob.asks("TOPIC #a :turns: bob"));
        var shown =
                List.of(
                        ":irc.test 332 bob #a :turns: bob",
                        ":irc.test 333 bob #a bob!bob@10.0.0.1 1767323045");
        assertEquals(shown, bob.asks("TOPIC #a"));
        var ann = network.person("ann");
        assertTrue(ann.asks("JOIN #a").contains(":irc.test 332 ann #a :turns: bob"));
        assertEquals(
                List.of(":irc.test 482 ann #a :You're not channel operator"),
                ann.asks("TOPIC #a :mine"));
        bob.says("MODE #a -t");
        bob.hears();
        ann.says("TOPIC #a :" + "x".repeat(450));
        assertEquals(":ann!ann@10.0.0.2 TOPIC #a :" + "x".repeat(390), bob.hears().getLast());
        bob.says("TOPIC #a :");
        assertEquals(List.of(":irc.test 331 bob #a :No topic is set"), bob.asks("TOPIC #a"));
    }

    @Test
    void given_a_secret_channel_when_a_stranger_lists_then_it_is_not_there() {
        var bob = network.person("bob", "#open", "#hidden");
        bob.says("MODE #hidden +s");
        bob.says("TOPIC #open :hello");
        bob.says("TOPIC #hidden :psst");
        var ann = network.person("ann");
        assertEquals(
                List.of(
                        ":irc.test 321 ann Channel :Users  Name",
                        ":irc.test 322 ann #open 1 :hello",
                        ":irc.test 323 ann :End of LIST"),
                ann.asks("LIST"));
        assertFalse(ann.asks("LIST #hidden").toString().contains("322"));
        assertEquals(
                List.of(":irc.test 366 ann #hidden :End of NAMES list"), ann.asks("NAMES #hidden"));
        assertEquals(
                List.of(":irc.test 442 ann #hidden :You're not on that channel"),
                ann.asks("TOPIC #hidden"));
        assertFalse(ann.asks("WHO #hidden").toString().contains("352"));
        assertFalse(ann.asks("WHOIS bob").toString().contains("#hidden"));
        assertTrue(bob.asks("LIST").contains(":irc.test 322 bob #hidden 1 :psst"));
        assertTrue(bob.asks("NAMES #hidden").contains(":irc.test 353 bob @ #hidden :@bob"));
    }

    @Test
    void given_conditions_then_the_list_keeps_to_them() {
        network.person("bob", "#ab", "#ac", "#b");
        var ann = network.person("ann", "#ab");
        assertEquals(List.of("#ab"), listed(ann.asks("LIST >1")));
        assertEquals(List.of("#ac", "#b"), listed(ann.asks("LIST <2")));
        assertEquals(List.of("#ab", "#ac"), listed(ann.asks("LIST #A*")));
        assertEquals(List.of("#b"), listed(ann.asks("LIST !#a*")));
        assertEquals(List.of(), listed(ann.asks("LIST >x9,#nosuch")));
    }

    @Test
    void given_invisible_people_then_strangers_do_not_see_them_in_names() {
        var bob = network.person("bob", "#a");
        bob.says("MODE bob +i");
        var ann = network.person("ann");
        assertEquals(List.of(":irc.test 366 ann #a :End of NAMES list"), ann.asks("NAMES #a"));
        assertEquals(List.of(":irc.test 366 ann * :End of NAMES list"), ann.asks("NAMES"));
    }

    @Test
    void given_a_big_channel_then_its_names_come_in_lines_that_fit() {
        var bob = network.person("bob", "#a");
        for (int i = 0; i < 60; i++) {
            network.person("a_rather_long_nickname_" + i, "#a");
        }
        var lines = bob.asks("NAMES #a");
        int names = 0;
        for (String line : lines) {
            assertTrue(line.length() <= Wire.BODY_BYTES, line);
            if (line.contains(" 353 ")) {
                names += line.split(":", -1)[2].split(" ", -1).length;
            }
        }
        assertEquals(61, names);
    }

    private static List<String> last(List<String> lines) {
        return List.of(lines.getLast());
    }

    private static List<String> listed(List<String> lines) {
        return lines.stream()
                .filter(line -> line.contains(" 322 "))
                .map(line -> line.split(" ", -1)[3])
                .toList();
    }
}
