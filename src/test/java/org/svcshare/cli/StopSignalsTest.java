package org.svcshare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/// Signals end a process, so each test has one of its own.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class StopSignalsTest {

    /// Waits to be stopped; with `stubborn` the polite stop never ends.
    static final class Program {
        private Program() {}

        public static void main(String[] args) throws InterruptedException {
            var stopped = new CountDownLatch(1);
            var signals = StopSignals.install(() -> System.out.println("logs closed"));
            signals.onFirst(() -> {
                System.out.println("stopping");
                if (args[0].equals("stubborn")) {
                    await(new CountDownLatch(1));
                }
                stopped.countDown();
            });
            System.out.println("ready");
            await(stopped);
            System.out.println("stopped");
            System.exit(0);
        }

        private static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Process start(String how) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        how)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static int end(Process process) throws InterruptedException {
        assertTrue(process.waitFor(Duration.ofSeconds(30).toSeconds(), TimeUnit.SECONDS));
        return process.exitValue();
    }

    @Test
    void given_one_signal_when_it_comes_then_the_process_stops_in_order() throws Exception {
        Process process = start("polite");
        try (BufferedReader printed = process.inputReader()) {
            assertEquals("ready", printed.readLine());
            process.toHandle().destroy();

            assertEquals("stopping", printed.readLine());
            assertEquals("stopped", printed.readLine());
            assertEquals(0, end(process));
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void given_a_stop_that_does_not_end_when_a_second_signal_comes_then_it_ends_at_once()
            throws Exception {
        Process process = start("stubborn");
        try (BufferedReader printed = process.inputReader()) {
            assertEquals("ready", printed.readLine());
            process.toHandle().destroy();
            assertEquals("stopping", printed.readLine());
            process.toHandle().destroy();

            assertEquals("logs closed", printed.readLine());
            assertEquals(143, end(process));
        } finally {
            process.destroyForcibly();
        }
    }
}
