package org.svcshare.ircd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IrcLineTest {
    private static IrcLine parsed(String line) {
        return IrcLine.parse(line).orElseThrow();
    }

    @Test
    void given_a_plain_line_then_verb_and_params_are_told_apart() {
        assertEquals(
                new IrcLine(Map.of(), "PRIVMSG", List.of("#a", "hello  there :x ")),
                parsed("privmsg #a :hello  there :x "));
    }

    @Test
    void given_tags_and_a_source_then_the_tags_stay_as_written_and_the_source_is_dropped() {
        assertEquals(
                new IrcLine(
                        Map.of("label", "a\\sb", "+draft/x", "", "+typing", "active=1"),
                        "TAGMSG",
                        List.of("bob")),
                parsed("@label=a\\sb;+draft/x;+typing=active=1;b_d=1;;=2 :me!u@h TAGMSG bob"));
    }

    @Test
    void given_many_blanks_then_they_count_as_one() {
        assertEquals(
                new IrcLine(Map.of(), "MODE", List.of("#a", "+o", "bob")),
                parsed("  MODE   #a  +o bob  "));
    }

    @Test
    void given_an_empty_last_param_then_it_is_there_and_empty() {
        var line = parsed("TOPIC #a :");
        assertEquals(List.of("#a", ""), line.params());
        assertEquals("", line.param(7));
    }

    @Test
    void given_more_than_fifteen_params_then_the_fifteenth_takes_the_rest() {
        var line = parsed("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17");
        assertEquals(15, line.params().size());
        assertEquals("15 16 17", line.params().getLast());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "@", "@a=b", "@a=b ", ":", ":source", ":source ", "\r", "\0"})
    void given_no_verb_then_there_is_no_line(String raw) {
        assertEquals(Optional.empty(), IrcLine.parse(raw));
    }

    @Test
    void given_line_ends_within_then_they_are_gone() {
        assertEquals(List.of("#a", "xQUIT"), parsed("PRIVMSG #a :x\r\n\0QUIT").params());
    }

    @Test
    void given_bytes_above_ascii_then_they_stay_as_they_are() {
        var line = parsed("\u00ff\u00b5x #\u00e4 :\u00df");
        assertEquals("\u00ff\u00b5X", line.verb());
        assertEquals(List.of("#\u00e4", "\u00df"), line.params());
    }

    @Test
    void given_lists_then_empty_parts_are_left_out() {
        assertEquals(List.of("#a", "#b"), parsed("JOIN ,#a,,#b,").list(0));
    }

    @Test
    void given_client_tags_then_only_those_are_handed_on() {
        assertEquals(
                "+a=1;+b/c",
                parsed("@x=1;+a=1;time=now;+b/c;account=root PRIVMSG a b").clientTags());
    }
}
