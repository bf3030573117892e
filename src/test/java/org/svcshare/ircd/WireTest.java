package org.svcshare.ircd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.turn.Casemapping;

/// The small parts: bytes, names, masks.
class WireTest {
    @Test
    void given_text_with_line_ends_when_it_becomes_bytes_then_they_are_blanks() {
        assertEquals("a  b \u00c3\u00a4", Wire.fromText("a\r\nb\0\u00e4"));
        assertEquals("\u00e4", Wire.toText("\u00c3\u00a4"));
    }

    @Test
    void given_a_character_across_the_border_when_cut_then_it_goes_as_a_whole() {
        String euro = Wire.fromText("ab€");
        assertEquals("ab", Wire.cut(euro, 3));
        assertEquals("ab", Wire.cut(euro, 4));
        assertEquals(euro, Wire.cut(euro, 5));
    }

    @Test
    void given_bytes_that_are_no_utf8_when_cut_then_the_limit_still_counts() {
        assertEquals(4, Wire.cut("\u0080".repeat(9), 4).length());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "ss|bob", "[x]\\`_^{|}", "a-1", "_0", "abcdefghijklmnopqrstuvwxyz0123"})
    void given_a_nick_of_rfc_2812_then_it_is_taken(String nick) {
        assertTrue(Names.isNick(nick));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1a",
                "-a",
                "a b",
                "a!b",
                "#a",
                "a:b",
                "a,b",
                "\u00e4",
                "a~b",
                "*",
                "abcdefghijklmnopqrstuvwxyz01234"
            })
    void given_anything_else_then_it_is_no_nick(String nick) {
        assertFalse(Names.isNick(nick));
    }

    @ParameterizedTest
    @ValueSource(strings = {"#", "a", "#a b", "#a,b", "#a\u0007", "#a:b", ""})
    void given_a_broken_channel_name_then_it_is_refused(String name) {
        assertFalse(Names.isChannel(name));
    }

    @ParameterizedTest
    @CsvSource({
        "ss|bob,ss_bob",
        "a@b!c,a_b_c",
        "'',user",
        "0123456789012345678901,01234567890123456789"
    })
    void given_a_user_name_that_does_not_fit_then_it_is_made_fit(String wished, String user) {
        assertEquals(user, Names.user(wished));
    }

    @ParameterizedTest
    @CsvSource({
        "bob,bob!*@*",
        "bob!x,bob!x@*",
        "x@h,*!x@h",
        "a!b@c,a!b@c",
        "10.0.0.1,*!*@10.0.0.1",
        "!@,*!*@*"
    })
    void given_a_short_mask_then_it_is_completed(String typed, String mask) {
        assertEquals(mask, Mask.complete(typed));
    }

    @ParameterizedTest
    @CsvSource({
        "*,anything,true",
        "B?b*,bob!x@y,true",
        "{a},[A],true",
        "*a*b,xaxxab,true",
        "*a*b,xaxxabc,false",
        "a?,a,false",
        "a,ab,false"
    })
    void given_masks_then_they_match_by_casemapping(String mask, String name, boolean matches) {
        assertEquals(matches, Mask.matches(Casemapping.RFC1459, mask, name));
    }

    @Test
    void given_a_mask_made_to_be_slow_then_it_is_not() {
        assertTimeoutPreemptively(
                Duration.ofSeconds(2),
                () ->
                        assertFalse(
                                Mask.matches(
                                        Casemapping.RFC1459,
                                        "*a".repeat(50) + "b",
                                        "a".repeat(5000))));
    }
}
