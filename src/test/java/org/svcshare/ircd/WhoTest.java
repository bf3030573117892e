package org.svcshare.ircd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// WHO, WHOIS, WHOWAS, ISON, USERHOST, MONITOR.
class WhoTest {
    private final TestNetwork network = new TestNetwork();

    @Test
    void given_whois_then_all_that_is_known_comes_in_order() {
        var bob = network.person("bob", "#a");
        var ann = network.person("ann", "#a");
        bob.says("AWAY :lunch");
        network.pass(Duration.ofSeconds(5));
        assertEquals(
                List.of(
                        ":irc.test 311 ann bob bob 10.0.0.1 * :Real bob",
                        ":irc.test 319 ann bob :@#a",
                        ":irc.test 312 ann bob irc.test :TestNet network",
                        ":irc.test 301 ann bob :lunch",
                        ":irc.test 317 ann bob 5 1767323045 :seconds idle, signon time",
                        ":irc.test 318 ann BOB :End of WHOIS list"),
                ann.asks("WHOIS BOB"));
        assertEquals(ann.asks("WHOIS BOB"), ann.asks("WHOIS irc.test BOB"));
        assertEquals(
                List.of(
                        ":irc.test 401 ann nobody :No such nick/channel",
                        ":irc.test 318 ann nobody :End of WHOIS list"),
                ann.asks("WHOIS nobody"));
    }

    @Test
    void given_who_on_a_channel_then_one_row_a_member() {
        var bob = network.person("bob", "#a");
        network.person("ann", "#a").says("AWAY :x");
        assertEquals(
                List.of(
                        ":irc.test 352 bob #a bob 10.0.0.1 irc.test bob H@ :0 Real bob",
                        ":irc.test 352 bob #a ann 10.0.0.2 irc.test ann G :0 Real ann",
                        ":irc.test 315 bob #a :End of WHO list"),
                bob.asks("WHO #a"));
        assertEquals(List.of(":irc.test 315 bob #a :End of WHO list"), bob.asks("WHO #a o"));
    }

    @Test
    void given_who_with_a_nick_or_a_mask_then_who_matches_and_may_be_seen() {
        var bob = network.person("bob", "#a");
        var ann = network.person("ann");
        ann.says("MODE ann +i");
        assertEquals(
                ":irc.test 352 bob * ann 10.0.0.2 irc.test ann H :0 Real ann",
                bob.asks("WHO ann").getFirst());
        assertFalse(bob.asks("WHO a*").toString().contains(" 352 "), "invisible to strangers");
        ann.says("JOIN #a");
        bob.hears();
        assertTrue(bob.asks("WHO *@10.0.0.2").getFirst().contains(" ann H "));
        assertEquals(3, bob.asks("WHO").size());
    }

    @Test
    void given_whox_then_the_fields_come_in_the_order_of_the_specification() {
        var bob = network.person("bob", "#a");
        assertEquals(
                List.of(
                        ":irc.test 354 bob 42 #a bob 10.0.0.1 bob H@ 0 :Real bob",
                        ":irc.test 315 bob #a :End of WHO list"),
                bob.asks("WHO #a %rafnhuct,42"));
        assertEquals(
                ":irc.test 354 bob 10.0.0.1 irc.test 0 0 n/a",
                bob.asks("WHO #a %oldsi").getFirst());
    }

    @Test
    void given_somebody_who_left_or_was_renamed_then_whowas_remembers() {
        var bob = network.person("bob");
        var ann = network.person("ann");
        bob.says("NICK rob");
        bob.says("QUIT");
        assertEquals(
                List.of(
                        ":irc.test 314 ann bob bob 10.0.0.1 * :Real bob",
                        ":irc.test 312 ann bob irc.test :2026-01-02T03:04:05.678Z",
                        ":irc.test 369 ann bob :End of WHOWAS"),
                ann.asks("WHOWAS bob"));
        assertTrue(ann.asks("WHOWAS rob").getFirst().contains(" 314 "));
        assertEquals(
                ":irc.test 406 ann nobody :There was no such nickname",
                ann.asks("WHOWAS nobody").getFirst());
    }

    @Test
    void given_ison_and_userhost_then_who_is_there() {
        var bob = network.person("bob");
        network.person("ann").says("AWAY :x");
        assertEquals(List.of(":irc.test 303 bob :bob ann"), bob.asks("ISON :BOB nobody ANN"));
        assertEquals(List.of(":irc.test 303 bob :"), bob.asks("ISON nobody"));
        assertEquals(
                List.of(":irc.test 302 bob :bob=+bob@10.0.0.1 ann=-ann@10.0.0.2"),
                bob.asks("USERHOST bob nobody ann"));
    }

    @Test
    void given_a_monitor_list_then_coming_going_and_renaming_is_told() {
        var bob = network.person("bob");
        assertEquals(
                List.of(":irc.test 730 bob :bob!bob@10.0.0.1", ":irc.test 731 bob :Ann,rob"),
                bob.asks("MONITOR + Ann,bob,rob,not/a/nick"));
        var ann = network.connect();
        ann.says("NICK ann");
        bob.hearsNothing();
        ann.says("USER ann 0 * :a");
        assertEquals(List.of(":irc.test 730 bob :ann!ann@10.0.0.2"), bob.hears());
        ann.says("NICK rob");
        assertEquals(
                List.of(":irc.test 731 bob :ann", ":irc.test 730 bob :rob!ann@10.0.0.2"),
                bob.hears());
        ann.says("QUIT");
        assertEquals(List.of(":irc.test 731 bob :rob"), bob.hears());
        assertEquals(
                List.of(":irc.test 732 bob :Ann,bob,rob", ":irc.test 733 bob :End of MONITOR list"),
                bob.asks("MONITOR L"));
        bob.says("MONITOR - ANN,rob");
        assertEquals(List.of(":irc.test 730 bob :bob!bob@10.0.0.1"), bob.asks("MONITOR S"));
        bob.says("MONITOR C");
        assertEquals(List.of(":irc.test 733 bob :End of MONITOR list"), bob.asks("MONITOR L"));
    }

    @Test
    void given_a_full_monitor_list_then_734_names_the_rest() {
        var bob = network.person("bob");
        for (int i = 0; i < Limits.MONITORED; i++) {
            bob.says("MONITOR + n" + i);
        }
        assertEquals(
                List.of(":irc.test 734 bob 100 x,y :Monitor list is full"),
                bob.asks("MONITOR + n1,x,y"));
    }
}
