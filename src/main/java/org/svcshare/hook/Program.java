package org.svcshare.hook;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A program that is run for an event, without a shell.
final class Program {
    private static final Logger LOG = LoggerFactory.getLogger(Program.class);
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final int KEPT_OUTPUT_BYTES = 2000;

    private final List<String> command;
    private final Duration timeout;
    private final Semaphore running;

    /// @param running bounds how many programs run at once
    Program(List<String> command, Duration timeout, Semaphore running) {
        this.command = command;
        this.timeout = timeout;
        this.running = running;
    }

    /// Runs it to its end or to the time limit.
    ///
    /// @return whether it ended with 0
    boolean run(Notice notice) throws InterruptedException {
        running.acquire();
        try {
            return start(notice);
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("event", notice.event())
                    .addKeyValue("reason", e.getMessage())
                    .log("hook program did not start");
            return false;
        } finally {
            running.release();
        }
    }

    private boolean start(Notice notice) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        hideOurs(builder.environment());
        builder.environment().putAll(notice.environment());
        Process process = builder.start();
        try {
            CompletableFuture<String> output = printed(process);
            Thread.ofVirtual().name("hook input").start(() -> tell(process, notice));
            boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                LOG.atWarn()
                        .addKeyValue("program", command.getFirst())
                        .addKeyValue("event", notice.event())
                        .addKeyValue("limit", timeout)
                        .log("hook program took too long and was ended");
                return false;
            }
            return judge(process.exitValue(), text(output), notice);
        } finally {
            end(process);
        }
    }

    /// Our own variables may hold secrets (`SVCSHARE_IRC_SERVER_PASSWORD`); none is meant for
    /// hooks.
    static void hideOurs(Map<String, String> environment) {
        environment.keySet().removeIf(name -> name.startsWith("SVCSHARE_"));
    }

    private boolean judge(int code, String output, Notice notice) {
        (code == 0 ? LOG.atDebug() : LOG.atWarn())
                .addKeyValue("program", command.getFirst())
                .addKeyValue("event", notice.event())
                .addKeyValue("code", code)
                .addKeyValue("output", output)
                .log("hook program ended");
        return code == 0;
    }

    private static void tell(Process process, Notice notice) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(notice.json());
        } catch (IOException e) {
            LOG.trace("hook program does not read its input", e);
        }
    }

    /// Reads all, so that the program never waits for us, and keeps the beginning.
    private static CompletableFuture<String> printed(Process process) {
        var done = new CompletableFuture<String>();
        Thread.ofVirtual()
                .name("hook output")
                .start(() -> {
                    byte[] kept = new byte[0];
                    try (InputStream out = process.getInputStream()) {
                        kept = out.readNBytes(KEPT_OUTPUT_BYTES);
                        out.transferTo(OutputStream.nullOutputStream());
                    } catch (IOException e) {
                        LOG.trace("hook program's output ended", e);
                    }
                    done.complete(new String(kept, StandardCharsets.UTF_8).strip());
                });
        return done;
    }

    /// A program that left others behind keeps its output open; that must not keep us.
    private static String text(CompletableFuture<String> output) throws InterruptedException {
        try {
            return output.get(GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return "";
        }
    }

    /// Ends what still runs, with all that it started.
    private static void end(Process process) throws InterruptedException {
        if (!process.isAlive()) {
            return;
        }
        List<ProcessHandle> family =
                java.util.stream.Stream.concat(
                                process.descendants(),
                                java.util.stream.Stream.of(process.toHandle()))
                        .toList();
        family.forEach(ProcessHandle::destroy);
        if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
        }
        family.forEach(ProcessHandle::destroyForcibly);
    }
}
