package org.svcshare.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class AmountsTest {
    @ParameterizedTest
    @CsvSource({
        "10s, PT10S", "500ms, PT0.5S", "1h30m, PT1H30M", "1 h 30 min, PT1H30M", "2d, PT48H",
        "1w, PT168H", "1.5h, PT1H30M", "0, PT0S", "0s, PT0S", "90 MINUTES, PT1H30M"
    })
    void given_a_duration_when_read_then_it_is_understood(String text, Duration expected) {
        assertEquals(Optional.of(expected), Amounts.duration(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "10", "s", "-1s", "1x", "1s,2s", "11y", "99999d", "1e3s", "NaN"})
    void given_something_else_when_read_as_a_duration_then_it_is_none(String text) {
        assertEquals(Optional.empty(), Amounts.duration(text));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "500, 500",
        "500k, 512000",
        "5M, 5242880",
        "1.5G, 1610612736",
        "2 MiB, 2097152",
        "10MB/s, 10485760",
        "1t, 1099511627776"
    })
    void given_a_size_when_read_then_it_is_understood(String text, long expected) {
        assertEquals(Optional.of(expected), Amounts.bytes(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "5x", "M", "1e9", "99999999999T", "1 2"})
    void given_something_else_when_read_as_a_size_then_it_is_none(String text) {
        assertEquals(Optional.empty(), Amounts.bytes(text));
    }
}
