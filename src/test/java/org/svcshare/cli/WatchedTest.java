package org.svcshare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class WatchedTest {
    @Test
    void given_what_is_there_in_the_beginning_then_it_is_news_only_if_asked_for() {
        var quiet = new Watched(false);
        quiet.begins();
        assertFalse(quiet.put("a", "1", true));
        assertTrue(quiet.put("b", "2", false));
        assertEquals(List.of(), quiet.ready());

        var curious = new Watched(true);
        curious.begins();
        assertTrue(curious.put("a", "1", true));
    }

    @Test
    void given_a_stream_that_broke_off_when_it_goes_on_then_the_differences_are_news() {
        var watched = new Watched(false);
        watched.begins();
        assertFalse(watched.put("same", "1", true));
        assertFalse(watched.put("changed", "2", true));
        assertFalse(watched.put("gone", "3", true));
        assertEquals(List.of(), watched.ready());
        assertTrue(watched.put("late", "4", false));

        watched.begins();
        assertFalse(watched.put("same", "1", true));
        assertTrue(watched.put("changed", "5", true));
        assertTrue(watched.put("new", "6", true));
        assertFalse(watched.put("late", "4", true));
        assertEquals(List.of(new Watched.Gone("gone", "3")), watched.ready());
    }

    @Test
    void given_another_server_that_is_behind_then_what_is_older_is_no_news() {
        var watched = new Watched(false);
        watched.begins();
        assertEquals(List.of(), watched.ready());
        assertTrue(watched.put("k", "5", false));

        watched.begins();
        assertFalse(watched.put("k", "4", true));
        assertEquals(List.of(), watched.ready());
        assertFalse(watched.removed("k", "4"));
        assertFalse(watched.put("k", "5", false));
        assertTrue(watched.removed("k", "5"));
        assertFalse(watched.removed("k", "5"));
    }

    @Test
    void given_a_key_that_goes_before_it_was_seen_then_that_is_news_in_the_first_stream_alone() {
        var watched = new Watched(false);
        watched.begins();
        assertTrue(watched.removed("k", "1"));
        assertEquals(List.of(), watched.ready());
        assertFalse(watched.removed("k", "1"));
    }
}
