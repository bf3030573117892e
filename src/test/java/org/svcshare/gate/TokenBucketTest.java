package org.svcshare.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TokenBucketTest {
    private static final long T0 = Long.MAX_VALUE - 12345; // nanoTime may overflow
    private static final long MILLI = Duration.ofMillis(1).toNanos();

    private static TokenBucket bucket(long rate) {
        var bucket = new TokenBucket();
        bucket.rate(rate, T0);
        return bucket;
    }

    @Test
    void given_a_new_rate_then_it_starts_empty_and_fills_with_time() {
        TokenBucket bucket = bucket(1_000_000);
        assertEquals(0, bucket.available(T0));
        assertEquals(10_000, bucket.available(T0 + 10 * MILLI));
    }

    @Test
    void given_a_long_silence_then_the_burst_is_what_flows_in_50_ms() {
        assertEquals(50_000, bucket(1_000_000).available(T0 + 3_600_000 * MILLI));
    }

    @Test
    void given_a_tiny_rate_then_a_packet_still_fits() {
        assertEquals(4096, bucket(100).available(T0 + 3_600_000 * MILLI));
    }

    @Test
    void given_more_spent_than_was_there_then_the_debt_is_waited_for() {
        TokenBucket bucket = bucket(1_000_000);
        bucket.spend(20_000, T0);

        assertEquals(-20_000, bucket.available(T0));
        // The debt and five milliseconds' worth.
        assertEquals(25 * MILLI, bucket.nanosUntilWorthwhile(T0));
        assertEquals(0, bucket.nanosUntilWorthwhile(T0 + 25 * MILLI));
        assertEquals(5_000, bucket.available(T0 + 25 * MILLI));
    }

    @Test
    void given_a_clock_that_stands_or_goes_back_then_nothing_is_gained() {
        TokenBucket bucket = bucket(1_000_000);
        assertEquals(10_000, bucket.available(T0 + 10 * MILLI));
        assertEquals(10_000, bucket.available(T0 + 10 * MILLI));
        assertEquals(10_000, bucket.available(T0));
        assertEquals(10_000, bucket.available(T0 + 10 * MILLI));
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000, 1_000_000, 100_000_000, 10_000_000_000L})
    void given_greedy_readers_that_wake_late_then_the_rate_is_kept_within_a_percent(long rate) {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        TokenBucket bucket = bucket(rate);
        long now = T0;
        long moved = 0;
        long end = T0 + 60_000 * MILLI;
        while (now - end < 0) {
            long wait = bucket.nanosUntilWorthwhile(now);
            if (wait > 0) {
                now += wait + random.nextLong(3 * MILLI);
            }
            long read = Math.clamp(bucket.available(now), 512, 256 * 1024);
            bucket.spend(read, now);
            moved += read;
        }
        double seconds = (now - T0) / 1e9;
        assertEquals(1, moved / (rate * seconds), 0.01, "seed " + seed);
        assertTrue(moved > 0);
    }
}
