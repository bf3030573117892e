package org.svcshare.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/// A real program that a test runs: found, started with its output in a file, ended by its id.
public final class RealPart implements AutoCloseable {
    private static final List<String> FOLDERS =
            Stream.concat(
                            Stream.of(System.getenv().getOrDefault("PATH", "").split(":")),
                            Stream.of("/usr/sbin", "/usr/lib/news/bin"))
                    .toList();

    private static final int BLOCK_SIZE = 120;
    private static final int BLOCKS = 140;
    private static final int BLOCK =
            15_000 + (int) (ProcessHandle.current().pid() % BLOCKS) * BLOCK_SIZE;
    private static final AtomicInteger NEXT_PORT = new AtomicInteger();

    private final Process process;
    private final Path output;

    private RealPart(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /// Where a program is; ends the test when it is not installed: as skipped, or as failed with
    /// `-Dit.missing=fail` (CI).
    public static Path find(String program) {
        for (String folder : FOLDERS) {
            Path candidate = Path.of(folder, program);
            if (Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        String missing = program + " is not installed";
        if ("fail".equals(System.getProperty("it.missing"))) {
            Assertions.fail(missing);
        }
        Assumptions.abort(missing);
        throw new AssertionError(missing);
    }

    /// Starts `command` in `folder` with its output in `folder/NAME.out`.
    public static RealPart start(
            Path folder, Map<String, String> environment, List<String> command) {
        Path output = folder.resolve(Path.of(command.getFirst()).getFileName() + ".out");
        var builder =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().putAll(environment);
        try {
            return new RealPart(builder.start(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A port that nobody listens on, and that nobody else is going to take: below the range from
    /// which systems draw for outgoing connections, a block for each process of tests, each port
    /// once.
    public static int freePort() {
        while (true) {
            int port = BLOCK + NEXT_PORT.getAndIncrement() % BLOCK_SIZE;
            try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return port;
            } catch (IOException _) {
                // Taken: the next one.
            }
        }
    }

    /// The same, with the port after it as well.
    public static int twoFreePorts() {
        int port = freePort();
        while (true) {
            int next = freePort();
            if (next == port + 1) {
                return port;
            }
            port = next;
        }
    }

    public boolean alive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /// What the program has printed, for messages of failed tests.
    public String printed() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            return "(" + e.getMessage() + ")";
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(Duration.ofSeconds(3).toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
