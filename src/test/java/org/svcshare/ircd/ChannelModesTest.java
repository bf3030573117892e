package org.svcshare.ircd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChannelModesTest {
    private final TestNetwork network = new TestNetwork();
    private TestNetwork.Person bob;
    private TestNetwork.Person ann;

    @BeforeEach
    void bob_is_operator_of_a_channel_with_ann() {
        bob = network.person("bob", "#a");
        ann = network.person("ann", "#a");
        bob.hears();
    }

    @Test
    void given_a_new_channel_then_it_has_n_and_t() {
        assertEquals(
                List.of(":irc.test 324 ann #a +nt", ":irc.test 329 ann #a 1767323045"),
                ann.asks("MODE #A"));
    }

    @Test
    void given_several_changes_then_one_line_tells_what_really_changed() {
        assertEquals(
                List.of(":bob!bob@10.0.0.1 MODE #a +mo-n+kl ann sesame 7"),
                bob.asks("MODE #a +mto-n+kl ann sesame 7"));
        assertEquals(List.of(":bob!bob@10.0.0.1 MODE #a +mo-n+kl ann sesame 7"), ann.hears());
        assertEquals(":irc.test 324 ann #a +mtkl sesame 7", ann.asks("MODE #a").getFirst());
        var stranger = network.person("stranger");
        assertEquals(":irc.test 324 stranger #a +mtkl * 7", stranger.asks("MODE #a").getFirst());
        assertEquals(List.of(":bob!bob@10.0.0.1 MODE #a -klm sesame"), bob.asks("MODE #a -klm x"));
    }

    @Test
    void given_no_operator_then_482_once_and_nothing_changes() {
        assertEquals(
                List.of(":irc.test 482 ann #a :You're not channel operator"),
                ann.asks("MODE #a +mio-n ann"));
        var stranger = network.person("stranger");
        assertEquals(
                List.of(":irc.test 442 stranger #a :You're not on that channel"),
                stranger.asks("MODE #a +m"));
        assertEquals(
                List.of(":irc.test 403 stranger #zzz :No such channel"),
                stranger.asks("MODE #zzz"));
        bob.hearsNothing();
    }

    @Test
    void given_wrong_input_then_each_mistake_has_its_numeric() {
        network.person("far");
        assertEquals(
                List.of(":irc.test 472 bob z :is unknown mode char to me"), bob.asks("MODE #a +z"));
        assertEquals(
                List.of(":irc.test 461 bob MODE :Not enough parameters"), bob.asks("MODE #a +o"));
        assertEquals(
                List.of(":irc.test 461 bob MODE :Not enough parameters"), bob.asks("MODE #a +l"));
        assertEquals(
                List.of(":irc.test 461 bob MODE :Not enough parameters"), bob.asks("MODE #a +k"));
        assertEquals(
                List.of(":irc.test 441 bob far #a :They aren't on that channel"),
                bob.asks("MODE #a +o far"));
        assertEquals(
                List.of(":irc.test 401 bob nobody :No such nick/channel"),
                bob.asks("MODE #a +v nobody"));
        assertEquals(
                List.of(":irc.test 696 bob #a l -5 :Not a number above 0"),
                bob.asks("MODE #a +l -5"));
        assertEquals(
                List.of(":irc.test 696 bob #a k a,b :Not a channel key"),
                bob.asks("MODE #a +k a,b"));
        assertEquals(
                List.of(":irc.test 696 bob #a l 99999999999 :Not a number above 0"),
                bob.asks("MODE #a +l 99999999999"));
    }

    @Test
    void given_bans_then_the_list_tells_who_set_them_and_ends() {
        assertEquals(List.of(":bob!bob@10.0.0.1 MODE #a +b ann!*@*"), bob.asks("MODE #a +b ann"));
        assertEquals(List.of(), bob.asks("MODE #a +b ANN!*@*"), "there already");
        assertEquals(
                List.of(
                        ":irc.test 367 bob #a ann!*@* bob!bob@10.0.0.1 1767323045",
                        ":irc.test 368 bob #a :End of channel ban list"),
                bob.asks("MODE #a b"));
        assertEquals(
                List.of(":irc.test 349 ann #a :End of channel exception list"),
                last(ann.asks("MODE #a +eeee")));
        assertEquals(
                List.of(":irc.test 347 ann #a :End of channel invite list"), ann.asks("MODE #a I"));
        assertEquals(List.of(":bob!bob@10.0.0.1 MODE #a -b Ann!*@*"), bob.asks("MODE #a -b Ann"));
        assertEquals(
                List.of(":irc.test 368 bob #a :End of channel ban list"), bob.asks("MODE #a +b"));
    }

    @Test
    void given_a_full_ban_list_then_478() {
        for (int i = 0; i < Limits.LIST_ENTRIES; i++) {
            bob.says("MODE #a +b nick" + i);
        }
        assertEquals(
                List.of(":irc.test 478 bob #a more!*@* :Channel list is full"),
                bob.asks("MODE #a +b more"));
    }

    @Test
    void given_more_params_than_announced_then_the_rest_is_left_alone() {
        bob.says("MODE #a +bbbbbbbb 1 2 3 4 5 6 7 8");
        assertEquals(
                Limits.MODES,
                bob.asks("MODE #a b").stream().filter(line -> line.contains(" 367 ")).count());
    }

    @Test
    void given_long_masks_then_the_change_is_told_in_lines_that_fit() {
        String mask = "x".repeat(90);
        bob.says(
                "MODE #a +bbbbbb 1" + mask + " 2" + mask + " 3" + mask + " 4" + mask + " 5" + mask);
        var lines = ann.hears();
        assertTrue(lines.size() > 1);
        assertEquals(
                5, String.join(" ", lines).split("xxx!", -1).length - 1, "all masks are whole");
        lines.forEach(line -> assertTrue(line.length() <= Wire.BODY_BYTES, line));
    }

    @Test
    void given_an_operator_that_gives_it_away_then_the_other_has_it() {
        bob.says("MODE #a +o-o ann bob");
        ann.hears();
        assertEquals(
                List.of(":irc.test 482 bob #a :You're not channel operator"),
                last(bob.asks("MODE #a +o bob")));
        assertEquals(List.of(":ann!ann@10.0.0.2 MODE #a +v bob"), ann.asks("MODE #a +v bob"));
    }

    private static List<String> last(List<String> lines) {
        return List.of(lines.getLast());
    }
}
