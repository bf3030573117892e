package org.svcshare.ircd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistrationTest {
    private final TestNetwork network = new TestNetwork();

    private static List<String> numerics(List<String> lines) {
        return lines.stream().map(line -> line.split(" ", -1)[1]).toList();
    }

    @Test
    void given_nick_and_user_then_the_welcome_comes_in_the_order_clients_expect() {
        var bob = network.connect();
        assertEquals(List.of(), bob.asks("NICK bob"));
        var welcome = bob.asks("USER bob 0 * :Bob B.");
        assertEquals(
                List.of(
                        "001", "002", "003", "004", "005", "005", "251", "254", "255", "265", "266",
                        "375", "372", "376"),
                numerics(welcome));
        assertEquals(
                ":irc.test 001 bob :Welcome to the TestNet network, bob!bob@10.0.0.1",
                welcome.getFirst());
        assertTrue(welcome.contains(":irc.test 372 bob :- Be kind."), welcome::toString);
    }

    @Test
    void given_a_bot_of_the_first_generation_then_its_user_name_is_made_fit() {
        var bot = network.connect();
        bot.says("NICK ss|bob");
        bot.says("USER ss|bob 0 * :ss|bob");
        assertTrue(bot.hears().getFirst().endsWith("ss|bob!ss_bob@10.0.0.1"));
    }

    @Test
    void given_the_isupport_lines_then_they_hold_what_the_server_keeps() {
        var bob = network.person("bob");
        String tokens = String.join(" ", bob.asks("VERSION"));
        for (String token :
                List.of(
                        "CASEMAPPING=rfc1459",
                        "CHANTYPES=#&",
                        "PREFIX=(ov)@+",
                        "CHANMODES=Ibe,k,l,Cimnst",
                        "NICKLEN=30",
                        "CHANNELLEN=64",
                        "TOPICLEN=390",
                        "NETWORK=TestNet",
                        "MODES=6",
                        "MONITOR=100",
                        "BOT=B",
                        "AWAYLEN=200",
                        "KICKLEN=300",
                        "WHOX")) {
            assertTrue(tokens.contains(" " + token + " "), token + " in " + tokens);
        }
    }

    @Test
    void given_nothing_but_commands_when_not_registered_then_451() {
        var stranger = network.connect();
        assertEquals(List.of(":irc.test 451 * :You have not registered"), stranger.asks("JOIN #a"));
        assertEquals(
                List.of(":irc.test 451 * :You have not registered"), stranger.asks("NONSENSE"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1", "POST / HTTP/1.1", "CONNECT x:1 HTTP/1.1"})
    void given_a_browser_when_it_speaks_http_then_it_is_sent_away(String line) {
        var browser = network.connect();
        browser.says(line);
        assertEquals("This is an IRC server", browser.closedFor);
        browser.hears();
        browser.says("NICK a");
        browser.says("USER a 0 * :a");
        browser.hearsNothing();
    }

    @Test
    void given_a_taken_nick_when_another_wants_it_in_another_case_then_433() {
        network.person("Bob[]");
        var other = network.connect();
        assertEquals(
                List.of(":irc.test 433 * bob{} :Nickname is already in use"),
                other.asks("NICK bob{}"));
        other.says("NICK bob2");
        other.says("USER x 0 * :x");
        assertEquals(
                List.of(":irc.test 433 bob2 BOB[] :Nickname is already in use"),
                other.asks("NICK BOB[]"));
    }

    @Test
    void given_a_bad_nick_then_432_and_given_none_then_431() {
        var bob = network.person("bob");
        assertEquals(List.of(":irc.test 432 bob 1x :Erroneous nickname"), bob.asks("NICK 1x"));
        assertEquals(List.of(":irc.test 431 bob :No nickname given"), bob.asks("NICK"));
        assertEquals(List.of(":irc.test 431 bob :No nickname given"), bob.asks("NICK :"));
        assertEquals(List.of(":irc.test 432 bob _x_y :Erroneous nickname"), bob.asks("NICK ::x y"));
    }

    @Test
    void given_a_rename_then_everybody_in_common_channels_hears_it_once() {
        var bob = network.person("bob", "#a", "#b");
        var ann = network.person("ann", "#a", "#b");
        var far = network.person("far", "#c");
        assertEquals(List.of(":bob!bob@10.0.0.1 NICK rob"), bob.asks("NICK rob"));
        assertEquals(List.of(":bob!bob@10.0.0.1 NICK rob"), ann.hears());
        far.hearsNothing();
        assertEquals(List.of(":rob!bob@10.0.0.1 NICK Rob"), bob.asks("NICK Rob"));
        assertEquals(List.of(), bob.asks("NICK Rob"));
        assertTrue(network.news.containsAll(List.of("bob is rob", "rob is Rob")));
    }

    @Test
    void given_a_server_password_when_it_is_wrong_or_missing_then_464_and_the_end() {
        var locked = new TestNetwork(TestSettings.plain().withPassword("open sesame").ircd());
        for (String pass : List.of("PASS :open sesam", "PASS x", "PONG x")) {
            var guest = locked.connect();
            guest.says(pass);
            guest.says("NICK guest");
            guest.says("USER g 0 * :g");
            assertEquals(
                    List.of(
                            ":irc.test 464 guest :Password incorrect",
                            "ERROR :Closing link: 10.0.0." + guest.id + " (Bad password)"),
                    guest.hears());
        }
        assertEquals(0, locked.clients());
    }

    @Test
    void given_a_server_password_when_it_is_right_then_welcome() {
        var locked = new TestNetwork(TestSettings.plain().withPassword("open sesame").ircd());
        var guest = locked.connect();
        guest.says("PASS :open sesame");
        guest.says("NICK guest");
        guest.says("USER g 0 * :g");
        assertTrue(guest.hears().getFirst().startsWith(":irc.test 001 guest "));
        assertEquals(List.of(":irc.test 462 guest :You may not reregister"), guest.asks("PASS x"));
        assertEquals(
                List.of(":irc.test 462 guest :You may not reregister"), guest.asks("USER a b c d"));
    }

    @Test
    void given_a_full_server_then_the_next_is_refused_with_a_reason() {
        var small = new TestNetwork(TestSettings.plain().withMaxClients(1).ircd());
        small.person("bob");
        var next = small.connect();
        assertEquals(List.of("ERROR :Closing link: 10.0.0.2 (Too many connections)"), next.hears());
        assertEquals("Too many connections", next.closedFor);
        assertEquals(1, small.clients());
    }

    @Test
    void given_nobody_registers_in_time_then_the_connection_ends() {
        var silent = network.connect();
        silent.says("CAP LS 302");
        network.pass(Duration.ofSeconds(19), Duration.ofSeconds(1));
        assertEquals("", silent.closedFor);
        network.pass(Duration.ofSeconds(1));
        assertEquals("Registration timed out", silent.closedFor);
    }

    @Test
    void given_silence_then_a_ping_and_then_the_end_that_others_hear() {
        var bob = network.person("bob", "#a");
        var ann = network.person("ann", "#a");
        network.pass(Duration.ofSeconds(59), Duration.ofSeconds(1));
        ann.says("PONG x");
        bob.hearsNothing();
        network.pass(Duration.ofSeconds(1));
        assertEquals(List.of("PING :irc.test"), bob.hears());
        network.pass(Duration.ofSeconds(29), Duration.ofSeconds(1));
        assertEquals("", bob.closedFor);
        ann.says("PONG x");
        network.pass(Duration.ofSeconds(1));
        assertEquals("Ping timeout: 90 seconds", bob.closedFor);
        assertEquals(List.of(":bob!bob@10.0.0.1 QUIT :Ping timeout: 90 seconds"), ann.hears());
    }

    @Test
    void given_a_pong_then_the_client_stays() {
        var bob = network.person("bob");
        network.pass(Duration.ofSeconds(60), Duration.ofSeconds(1));
        assertEquals(List.of("PING :irc.test"), bob.hears());
        bob.says("PONG :irc.test");
        network.pass(Duration.ofSeconds(59), Duration.ofSeconds(1));
        bob.hearsNothing();
    }

    @Test
    void given_a_machine_that_slept_or_a_clock_that_was_set_then_nobody_is_timed_out() {
        var bob = network.person("bob");
        network.pass(Duration.ofHours(8));
        network.pass(Duration.ofHours(-9));
        network.pass(Duration.ofSeconds(1));
        assertEquals("", bob.closedFor);
        bob.hearsNothing();
    }

    @Test
    void given_a_quit_then_the_others_hear_the_reason_once_and_the_nick_is_free() {
        var bob = network.person("bob", "#a", "#b");
        var ann = network.person("ann", "#a", "#b");
        assertEquals(
                List.of("ERROR :Closing link: 10.0.0.1 (Quit: so long)"),
                bob.asks("QUIT :so long"));
        assertEquals(List.of(":bob!bob@10.0.0.1 QUIT :Quit: so long"), ann.hears());
        assertEquals(List.of(":ann!ann@10.0.0.2 NICK bob"), ann.asks("NICK bob"));
        assertTrue(network.news.contains("#b -bob (Quit: so long)"), network.news::toString);
    }

    @Test
    void given_a_lost_connection_then_the_others_hear_so() {
        var bob = network.person("bob", "#a");
        var ann = network.person("ann", "#a");
        bob.disconnects();
        assertEquals(List.of(":bob!bob@10.0.0.1 QUIT :Connection closed"), ann.hears());
    }

    @Test
    void given_ping_then_pong_with_the_same_word() {
        var bob = network.person("bob");
        assertEquals(List.of(":irc.test PONG irc.test :a b"), bob.asks("PING :a b"));
        assertEquals(List.of(":irc.test 409 bob :No origin specified"), bob.asks("PING"));
    }

    @Test
    void given_unknown_commands_then_421_and_given_too_few_params_then_461() {
        var bob = network.person("bob");
        for (String verb : List.of("INFO", "ADMIN", "STATS", "OPER", "KILL", "XYZZY")) {
            assertEquals(
                    List.of(":irc.test 421 bob " + verb + " :Unknown command"), bob.asks(verb));
        }
        assertEquals(List.of(":irc.test 461 bob JOIN :Not enough parameters"), bob.asks("JOIN"));
        assertEquals(List.of(":irc.test 461 bob KICK :Not enough parameters"), bob.asks("KICK #a"));
    }

    @Test
    void given_questions_about_the_server_then_it_answers() {
        var bob = network.person("bob");
        assertEquals(
                List.of(":irc.test 391 bob irc.test :Fri Jan 02 2026 03:04:05 UTC"),
                bob.asks("TIME"));
        assertEquals("351", numerics(bob.asks("VERSION")).getFirst());
        assertEquals(List.of("375", "372", "376"), numerics(bob.asks("MOTD")));
        assertTrue(
                bob.asks("LUSERS")
                        .contains(
                                ":irc.test 251 bob :There are 1 users and 0 invisible on 1"
                                        + " server"));
    }

    @Test
    void given_a_user_mode_then_it_is_kept_shown_and_confirmed() {
        var bob = network.person("bob");
        network.person("ann");
        assertEquals(List.of(":bob!bob@10.0.0.1 MODE bob +Bi"), bob.asks("MODE BOB +iB"));
        assertEquals(List.of(":irc.test 221 bob +Bi"), bob.asks("MODE bob"));
        assertEquals(List.of(), bob.asks("MODE bob +i"));
        assertEquals(
                List.of(":irc.test 501 bob :Unknown MODE flag", ":bob!bob@10.0.0.1 MODE bob -i"),
                bob.asks("MODE bob -i+wx"));
        assertEquals(
                List.of(":irc.test 502 bob :Cannot change mode for other users"),
                bob.asks("MODE ann +i"));
        assertEquals(
                List.of(":irc.test 401 bob nobody :No such nick/channel"),
                bob.asks("MODE nobody +i"));
    }
}
