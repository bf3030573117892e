package org.svcshare.gate;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(30)
class SelectorLoopTest {
    private static final long MILLI = Duration.ofMillis(1).toNanos();

    private final SelectorLoop loop = new SelectorLoop("test loop");

    @AfterEach
    void stop() {
        loop.start();
        loop.stop();
        loop.awaitEnd(Duration.ofSeconds(5));
    }

    @Test
    void given_tasks_from_outside_then_they_run_in_order_on_the_loop() throws Exception {
        var seen = new CopyOnWriteArrayList<Integer>();
        for (int i = 0; i < 3; i++) {
            int number = i;
            loop.execute(() -> seen.add(number));
        }
        loop.start();
        var inside = new CompletableFuture<Boolean>();
        loop.execute(() -> inside.complete(loop.inLoop()));

        assertTrue(inside.get(5, TimeUnit.SECONDS));
        assertFalse(loop.inLoop());
        assertEquals(List.of(0, 1, 2), seen);
    }

    @Test
    void given_later_tasks_then_the_earlier_one_runs_first_and_none_too_early() throws Exception {
        loop.start();
        var seen = new CopyOnWriteArrayList<String>();
        var done = new CompletableFuture<Long>();
        long begin = System.nanoTime();
        loop.execute(() -> {
            loop.schedule(() -> done.complete(System.nanoTime()), 60 * MILLI);
            loop.schedule(() -> seen.add("second"), 30 * MILLI);
            loop.schedule(() -> seen.add("first"), 10 * MILLI);
            loop.schedule(() -> seen.add("at once"), 0);
        });

        assertTrue(done.get(5, TimeUnit.SECONDS) - begin >= 60 * MILLI);
        assertEquals(List.of("at once", "first", "second"), seen);
    }

    @Test
    void given_a_task_that_throws_then_the_loop_goes_on() throws Exception {
        loop.start();
        var done = new CompletableFuture<Boolean>();
        loop.execute(() -> {
            throw new IllegalStateException("thrown by the test");
        });
        loop.execute(() -> done.complete(true));
        assertTrue(done.get(5, TimeUnit.SECONDS));
    }

    @Test
    void given_a_stopped_loop_then_what_was_asked_before_is_done_and_the_rest_refused()
            throws Exception {
        var done = new AtomicInteger();
        loop.execute(done::incrementAndGet);
        loop.stop();
        loop.start();
        loop.awaitEnd(Duration.ofSeconds(5));

        assertEquals(1, done.get());
        assertThrows(RejectedExecutionException.class, () -> loop.execute(done::incrementAndGet));
    }

    @Test
    void given_a_socket_whose_handling_throws_then_it_is_told_and_nothing_spins() throws Exception {
        loop.start();
        var calls = new AtomicInteger();
        try (var door = ServerSocketChannel.open()) {
            door.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
            door.configureBlocking(false);
            loop.execute(() -> register(door, calls));
            try (var client =
                    new Socket(InetAddress.ofLiteral("127.0.0.1"), door.socket().getLocalPort())) {
                assertTrue(client.isConnected());
                await().atMost(Duration.ofSeconds(5)).until(() -> calls.get() >= 1);
                await().pollDelay(Duration.ofMillis(100)).until(() -> calls.get() == 1);
            }
        }
    }

    private void register(ServerSocketChannel door, AtomicInteger calls) {
        try {
            var _ =
                    loop.register(
                            door,
                            SelectionKey.OP_ACCEPT,
                            new SelectorLoop.Ready() {
                                @Override
                                public void ready(SelectionKey key) {
                                    calls.incrementAndGet();
                                    key.interestOps(0);
                                    throw new IllegalStateException("thrown by the test");
                                }

                                @Override
                                public void failed() {}
                            });
        } catch (java.nio.channels.ClosedChannelException e) {
            throw new IllegalStateException(e);
        }
    }
}
