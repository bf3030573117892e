package org.svcshare.irc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.channel.IrcText;
import org.svcshare.turn.Casemapping;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class IrcLineTest {

    @Test
    void given_tags_prefix_and_text_when_parsed_then_each_in_its_place() {
        assertEquals(
                new IrcLine(
                        Map.of("account", "anna", "bot", "", "+x/y", "a;b c\\"),
                        "ben",
                        "b",
                        "host",
                        "PRIVMSG",
                        List.of("#usenet", "hello :there")),
                IrcLine.parse(
                        "@account=anna;bot;+x/y=a\\:b\\sc\\\\ :ben!b@host privmsg  #usenet :hello"
                                + " :there"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ":", ":x", ":x ", "@a", "@a=b ", "@a :p", "\u0000", "é x"})
    void D4a_given_what_is_no_line_when_parsed_then_null(String raw) {
        assertNull(IrcLine.parse(raw));
    }

    @Test
    void given_a_server_and_a_bare_verb_when_parsed_then_nobody_is_invented() {
        var line = IrcLine.parse("PING");

        assertEquals(new IrcLine(Map.of(), "", "", "", "PING", List.of()), line);
    }

    @Test
    void given_isupport_tokens_when_learned_then_they_rule() {
        var isupport = new Isupport();
        isupport.learn(
                List.of(
                        "me",
                        "CASEMAPPING=ascii",
                        "PREFIX=(qaohv)~&@%+",
                        "BOT=B",
                        "LINELEN=1024",
                        "NICKLEN=x",
                        "CHANMODES=b,k,l,C",
                        "are supported"));

        assertEquals(Casemapping.ASCII, isupport.casemapping());
        assertEquals("~&@%+", isupport.rankSigns());
        assertEquals("B", isupport.botMode());
        assertEquals(1024, isupport.lineBytes());
        assertEquals(30, isupport.nickLength());
        assertTrue(isupport.takesArgument('o', false));
        assertTrue(isupport.takesArgument('k', false));
        assertFalse(isupport.takesArgument('l', false));
        assertFalse(isupport.takesArgument('C', true));
        isupport.learn(List.of("me", "-BOT", "PREFIX=(o", "x"));
        assertEquals("", isupport.botMode());
        assertEquals("@+", isupport.rankSigns());
    }

    @ParameterizedTest
    @CsvSource({"ss|anna, ssanna", "'', svcshare", "||, svcshare", "Verylongname1, verylongn"})
    void given_a_nick_as_user_name_then_one_that_servers_take(String wanted, String userName) {
        assertEquals(userName, IrcText.userName(wanted));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    PASS :secret|PASS ***
                    AUTHENTICATE PLAIN|AUTHENTICATE PLAIN
                    AUTHENTICATE YW5uYQ==|AUTHENTICATE ***
                    PRIVMSG NickServ :IDENTIFY anna sesame|PRIVMSG NickServ ***
                    JOIN #usenet k3y|JOIN #usenet ***
                    JOIN #usenet|JOIN #usenet
                    PRIVMSG #usenet :hello|PRIVMSG #usenet :hello
                    """)
    void given_a_line_for_the_log_then_no_password_is_in_it(String line, String logged) {
        assertEquals(logged, Wire.masked(line));
    }

    @Test
    void given_formatting_then_it_is_gone() {
        assertEquals(
                "force 5",
                IrcText.unformatted("\u0002fo\u000304,12rce\u0003\u000f \u0004ff00005\u001d"));
    }
}
