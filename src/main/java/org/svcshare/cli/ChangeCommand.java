package org.svcshare.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Runs somebody's command for one change after the other: the change in its environment, the value
/// on its standard input.
final class ChangeCommand {
    /// Between SIGTERM and SIGKILL when we are to end.
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final List<String> words;
    private @Nullable Process running;
    private boolean stopped;

    ChangeCommand(List<String> words) {
        this.words = List.copyOf(words);
    }

    /// Blocks until it has ended.
    ///
    /// @return its exit code
    /// @throws IOException when it cannot be run
    int run(String event, String key, String version, byte[] value)
            throws IOException, InterruptedException {
        var builder =
                new ProcessBuilder(words)
                        .redirectOutput(Redirect.INHERIT)
                        .redirectError(Redirect.INHERIT);
        builder.environment().put("SVCSHARE_EVENT", event);
        builder.environment().put("SVCSHARE_KEY", key);
        builder.environment().put("SVCSHARE_VERSION", version);
        Process process;
        synchronized (this) {
            if (stopped) {
                return ExitCode.FAILED;
            }
            process = builder.start();
            running = process;
        }
        try (OutputStream in = process.getOutputStream()) {
            in.write(value);
        } catch (IOException _) {
            // It does not read its input, which is its own affair.
        }
        return process.waitFor();
    }

    /// Ends what runs, and lets nothing more begin. Any thread.
    void stop() {
        Process process;
        synchronized (this) {
            stopped = true;
            process = running;
        }
        if (process == null) {
            return;
        }
        process.destroy();
        try {
            if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
