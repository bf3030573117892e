package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class ContactTest {
    private long nowMs = Long.MAX_VALUE / 1_000_000 - 50;
    private final Contact contact = new Contact(() -> TimeUnit.MILLISECONDS.toNanos(nowMs));

    @Test
    void given_none_then_there_is_no_time() {
        assertEquals(OptionalLong.empty(), contact.agoMs());
    }

    @Test
    void given_one_then_it_counts_on_and_an_older_one_does_not_matter() {
        contact.was(10);
        nowMs += 20;
        assertEquals(OptionalLong.of(30), contact.agoMs());

        contact.was(40);
        assertEquals(OptionalLong.of(30), contact.agoMs());
        contact.was(5);
        assertEquals(OptionalLong.of(5), contact.agoMs());
    }

    @Test
    void given_a_time_by_the_clock_then_it_counts_from_there() {
        contact.wasAt(TimeUnit.MILLISECONDS.toNanos(nowMs - 15));
        assertEquals(OptionalLong.of(15), contact.agoMs());
    }
}
