package org.svcshare.cli;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The kernel's locks are between processes, so another one takes part.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class LocalLockTest {
    private static final String POOL = "a/../b";

    @TempDir private Path folder;

    /// Holds the lock until it is killed.
    static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws Exception {
            var lock = LocalLock.take(Path.of(args[0]), POOL, Duration.ZERO);
            System.out.println(lock.isPresent());
            Thread.sleep(Duration.ofMinutes(2));
        }
    }

    private Process holder() throws Exception {
        Process holder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Holder.class.getName(),
                                folder.toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertEquals("true", holder.inputReader().readLine());
        return holder;
    }

    @Test
    void given_another_process_with_the_lock_when_taken_then_it_waits_until_that_one_is_gone()
            throws Exception {
        Process holder = holder();
        try {
            assertFalse(LocalLock.take(folder, POOL, Duration.ZERO).isPresent());
            assertFalse(LocalLock.take(folder, POOL, Duration.ofMillis(50)).isPresent());
            try (var _ = LocalLock.take(folder, "other", Duration.ZERO).orElseThrow()) {
                assertTrue(Files.exists(folder));
            }
            holder.onExit().orTimeout(20, TimeUnit.SECONDS);
            Thread.ofVirtual().start(holder::destroyForcibly);
            // Its file is still there, and means nothing.
            try (var _ = LocalLock.take(folder, POOL, Duration.ofSeconds(20)).orElseThrow()) {
                assertTrue(Files.exists(folder.resolve("pool-a%2F..%2Fb.lock")));
            }
        } finally {
            holder.destroyForcibly().waitFor();
        }
    }

    @Test
    void given_somebody_waiting_when_interrupted_then_the_wait_ends() throws Exception {
        Process holder = holder();
        try {
            var ended = new boolean[1];
            Thread waiter =
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    var _ = LocalLock.take(folder, POOL, Duration.ofMinutes(1));
                                } catch (InterruptedException _) {
                                    ended[0] = true;
                                } catch (java.io.IOException e) {
                                    throw new java.io.UncheckedIOException(e);
                                }
                            });
            await().until(() -> waiter.getState() == Thread.State.TIMED_WAITING);
            waiter.interrupt();
            waiter.join(Duration.ofSeconds(10));
            assertTrue(ended[0]);
        } finally {
            holder.destroyForcibly().waitFor();
        }
    }
}
