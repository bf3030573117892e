package org.svcshare.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.demo.Comparison.Found;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class ComparisonTest {
    /// A copy that did writes with these keys.
    private static Found copy(String... keys) {
        return new Found(
                Stream.of(keys)
                        .map(key -> "{\"method\":\"POST\",\"key\":\"" + key + "\"}")
                        .collect(Collectors.joining(",", "[", "]")),
                "{\"1\":\"tea\"}");
    }

    private static Comparison compare(Found... copies) {
        return Comparison.among(List.of(copies), List.of("k1", "k2"));
    }

    @Test
    void given_copies_that_did_the_same_when_compared_then_nothing_is_wrong() {
        Comparison found = compare(copy("k1", "k2"), copy("k1", "k2"), copy("k1", "k2"));

        assertTrue(found.good());
        assertEquals(List.of(2, 2, 2), found.writes());
        assertEquals(List.of(1, 1, 1), found.items());
    }

    @Test
    void given_a_copy_that_lacks_a_write_when_compared_then_it_is_missing() {
        Comparison found = compare(copy("k1", "k2"), copy("k1"), copy("k1", "k2"));

        assertEquals(1, found.missing());
        assertFalse(found.equal());
        assertFalse(found.good());
    }

    @Test
    void given_all_copies_lack_a_write_when_compared_then_equal_is_not_enough() {
        Comparison found = compare(copy("k1"), copy("k1"), copy("k1"));

        assertTrue(found.equal());
        assertEquals(3, found.missing());
        assertFalse(found.good());
    }

    @Test
    void given_a_write_that_was_done_twice_everywhere_when_compared_then_it_is_found() {
        Found twice = copy("k1", "k2", "k1");
        Comparison found = compare(twice, twice, twice);

        assertEquals(3, found.doubled());
        assertFalse(found.good());
    }

    @Test
    void given_another_order_when_compared_then_they_are_not_equal() {
        assertFalse(compare(copy("k1", "k2"), copy("k2", "k1")).good());
    }
}
