package org.svcshare.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class SuggestionTest {
    @Test
    void given_swapped_letters_when_compared_then_it_is_one_edit() {
        assertEquals(1, Suggestion.distance("channel", "chanenl"));
        assertEquals(3, Suggestion.distance("kitten", "sitting"));
        assertEquals(4, Suggestion.distance("", "nick"));
    }

    @Test
    void given_nothing_near_when_asked_then_nothing_is_suggested() {
        assertEquals("", Suggestion.among(List.of("server", "nick"), "motd"));
        assertEquals("", Suggestion.among(List.of(), "motd"));
    }

    @Test
    void given_two_as_near_when_asked_then_the_first_of_the_alphabet_is_suggested() {
        assertEquals(" (did you mean cat?)", Suggestion.among(List.of("rat", "cat"), "bat"));
    }
}
