package org.svcshare.hook;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.store.Value;

/// A program that is run for an event, without a shell.
final class Program {
    private static final Logger LOG = LoggerFactory.getLogger(Program.class);
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final int KEPT_OUTPUT_BYTES = 2000;
    private static final int MOST_ANSWER_BYTES = 16 * 1024;
    private static final int LINE_END_BYTES = 2;

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
        return started(notice, false).isPresent();
    }

    /// The same; what it prints on its standard output, without the end of its last line, is the
    /// answer.
    ///
    /// @return whether it ended with 0, and with an answer of at most 16 KB
    boolean answer(Notice notice, Consumer<Value> answer) throws InterruptedException {
        Optional<byte[]> printed = started(notice, true);
        if (printed.isEmpty()) {
            return false;
        }
        byte[] bytes = withoutLineEnd(printed.get());
        if (bytes.length > MOST_ANSWER_BYTES) {
            LOG.atWarn()
                    .addKeyValue("program", command.getFirst())
                    .addKeyValue("limit", MOST_ANSWER_BYTES)
                    .log("hook program printed too much for an answer");
            return false;
        }
        answer.accept(Value.of(bytes));
        return true;
    }

    private static byte[] withoutLineEnd(byte[] bytes) {
        int end = bytes.length;
        if (end > 0 && bytes[end - 1] == '\n') {
            end--;
            if (end > 0 && bytes[end - 1] == '\r') {
                end--;
            }
        }
        return Arrays.copyOf(bytes, end);
    }

    /// @param asked whether its output is an answer: then its errors are apart from it
    /// @return what it printed, if it ended with 0
    private Optional<byte[]> started(Notice notice, boolean asked) throws InterruptedException {
        running.acquire();
        try {
            return start(notice, asked);
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("event", notice.event())
                    .addKeyValue("reason", e.getMessage())
                    .log("hook program did not start");
            return Optional.empty();
        } finally {
            running.release();
        }
    }

    private Optional<byte[]> start(Notice notice, boolean asked)
            throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command).redirectErrorStream(!asked);
        hideOurs(builder.environment());
        builder.environment().putAll(notice.environment());
        Process process = builder.start();
        try {
            int most = asked ? MOST_ANSWER_BYTES + LINE_END_BYTES + 1 : KEPT_OUTPUT_BYTES;
            CompletableFuture<byte[]> output = printed(process.getInputStream(), most);
            CompletableFuture<byte[]> said =
                    asked ? printed(process.getErrorStream(), KEPT_OUTPUT_BYTES) : output;
            Thread.ofVirtual().name("hook input").start(() -> tell(process, notice));
            boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                LOG.atWarn()
                        .addKeyValue("program", command.getFirst())
                        .addKeyValue("event", notice.event())
                        .addKeyValue("limit", timeout)
                        .log("hook program took too long and was ended");
                return Optional.empty();
            }
            Optional<byte[]> printed = kept(output);
            int code = process.exitValue();
            Optional<byte[]> heard = asked ? kept(said) : printed;
            judge(
                    code,
                    new String(heard.orElse(new byte[0]), StandardCharsets.UTF_8).strip(),
                    notice);
            if (code != 0) {
                return Optional.empty();
            }
            return asked ? printed : Optional.of(printed.orElse(new byte[0]));
        } finally {
            end(process);
        }
    }

    /// Our own variables may hold secrets (`SVCSHARE_IRC_SERVER_PASSWORD`); none is meant for
    /// hooks.
    static void hideOurs(Map<String, String> environment) {
        environment.keySet().removeIf(name -> name.startsWith("SVCSHARE_"));
    }

    private void judge(int code, String output, Notice notice) {
        (code == 0 ? LOG.atDebug() : LOG.atWarn())
                .addKeyValue("program", command.getFirst())
                .addKeyValue("event", notice.event())
                .addKeyValue("code", code)
                .addKeyValue("output", output)
                .log("hook program ended");
    }

    private static void tell(Process process, Notice notice) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(notice.json());
        } catch (IOException e) {
            LOG.trace("hook program does not read its input", e);
        }
    }

    /// Reads all, so that the program never waits for us, and keeps the beginning.
    private static CompletableFuture<byte[]> printed(InputStream from, int mostBytes) {
        var done = new CompletableFuture<byte[]>();
        Thread.ofVirtual()
                .name("hook output")
                .start(() -> {
                    byte[] kept = new byte[0];
                    try (InputStream out = from) {
                        kept = out.readNBytes(mostBytes);
                        out.transferTo(OutputStream.nullOutputStream());
                    } catch (IOException e) {
                        LOG.trace("hook program's output ended", e);
                    }
                    done.complete(kept);
                });
        return done;
    }

    /// A program that left others behind keeps its output open; that must not keep us.
    private static Optional<byte[]> kept(CompletableFuture<byte[]> output)
            throws InterruptedException {
        try {
            return Optional.of(output.get(GRACE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException | ExecutionException e) {
            return Optional.empty();
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
