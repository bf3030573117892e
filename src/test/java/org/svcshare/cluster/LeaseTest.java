package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/// How long a leader counts as one, by a clock of the test's own.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class LeaseTest {
    private static final long SECOND = 1_000_000_000;

    /// Close to where such a clock turns negative.
    private long nanos = Long.MAX_VALUE - SECOND / 2;

    private final Lease lease = new Lease(Duration.ofSeconds(1), () -> nanos);

    @Test
    void given_no_proof_when_asked_then_it_does_not_hold() {
        assertFalse(lease.holds(0));
        assertFalse(lease.holds(1));
        assertTrue(lease.isOld(1));
    }

    @Test
    void given_a_proof_when_its_begin_is_longer_ago_than_the_lease_then_it_is_over() {
        long begun = nanos;
        nanos += SECOND / 4;
        lease.proven(3, begun);

        assertTrue(lease.holds(3));
        assertFalse(lease.isOld(3));
        assertFalse(lease.holds(2));
        assertFalse(lease.holds(4));
        nanos = begun + SECOND / 2 + 1;
        assertTrue(lease.isOld(3));
        nanos = begun + SECOND;
        assertTrue(lease.holds(3));
        nanos++;
        assertFalse(lease.holds(3));
    }

    /// The process was stopped while the proof was under way.
    @Test
    void given_a_proof_that_took_longer_than_the_lease_when_it_comes_in_then_it_does_not_hold() {
        long begun = nanos;
        nanos += 5 * SECOND;
        lease.proven(3, begun);

        assertFalse(lease.holds(3));
        lease.proven(3, nanos - 1);
        assertTrue(lease.holds(3));
    }

    @Test
    void given_proofs_in_another_order_when_they_come_in_then_the_latest_counts() {
        long begun = nanos;
        lease.proven(3, begun + SECOND);
        lease.proven(3, begun);
        lease.proven(2, begun + 2 * SECOND);

        nanos = begun + 2 * SECOND;
        assertTrue(lease.holds(3));
        assertFalse(lease.holds(2));
        nanos++;
        assertFalse(lease.holds(3));
        lease.proven(4, begun);
        assertFalse(lease.holds(4));
        assertFalse(lease.holds(3));
    }
}
