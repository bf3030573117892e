package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class BellTest {
    private static final long LONG_S = 30;

    private final Bell bell = new Bell("test");

    @Test
    void given_a_ring_before_anybody_waits_then_the_next_wait_is_over_at_once_and_no_other()
            throws Exception {
        bell.signal();
        bell.signal();

        assertTrue(bell.await(LONG_S, TimeUnit.SECONDS));
        assertFalse(bell.await(1, TimeUnit.MILLISECONDS));
    }

    @Test
    void given_who_waits_when_it_rings_then_the_wait_is_over() throws Exception {
        var heard = new CompletableFuture<Boolean>();
        Thread waiter =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                heard.complete(bell.await(LONG_S, TimeUnit.SECONDS));
                            } catch (InterruptedException e) {
                                heard.completeExceptionally(e);
                            }
                        });
        Awaitility.await("it waits").until(() -> waiter.getState() == Thread.State.TIMED_WAITING);

        bell.signal();

        assertTrue(heard.get(LONG_S, TimeUnit.SECONDS));
    }

    @Test
    void given_no_time_then_nobody_waits_and_a_ring_is_kept() throws Exception {
        bell.signal();

        assertFalse(bell.await(0, TimeUnit.SECONDS));
        assertTrue(bell.await(LONG_S, TimeUnit.SECONDS));
    }

    @Test
    void given_an_interrupt_when_waiting_then_it_ends() {
        Thread.currentThread().interrupt();

        assertThrows(InterruptedException.class, () -> bell.await(LONG_S, TimeUnit.SECONDS));
        assertFalse(Thread.interrupted());
    }
}
