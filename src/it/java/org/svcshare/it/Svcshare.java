package org.svcshare.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/// The built program as a process of its own, as people run it.
final class Svcshare implements AutoCloseable {
    private static final Path JAR = Path.of("target", "svcshare.jar").toAbsolutePath();
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Process process;
    private final Path out;
    private final Path err;

    private Svcshare(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /// Starts it in `folder`, its output in `folder/stdout` and `folder/stderr`.
    static Svcshare start(Path folder, Map<String, String> environment, String... arguments)
            throws IOException {
        return start(List.of(), folder, environment, arguments);
    }

    /// @param within what is put before the command, and becomes it
    static Svcshare start(
            List<String> within, Path folder, Map<String, String> environment, String... arguments)
            throws IOException {
        if (!Files.exists(JAR)) {
            throw new IllegalStateException(JAR + " is missing: build it with mvn package");
        }
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        var command = new ArrayList<>(within);
        command.addAll(
                List.of(
                        java.toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx192m",
                        "-XX:TieredStopAtLevel=1",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-jar",
                        JAR.toString()));
        command.addAll(List.of(arguments));
        Path out = folder.resolve("stdout");
        Path err = folder.resolve("stderr");
        var builder =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()))
                        .redirectError(ProcessBuilder.Redirect.appendTo(err.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("SVCSHARE_"));
        // Settings of the person who runs the tests must not be found.
        builder.environment().put("XDG_CONFIG_HOME", folder.toString());
        builder.environment().put("XDG_STATE_HOME", folder.toString());
        builder.environment().putAll(environment);
        return new Svcshare(builder.start(), out, err);
    }

    /// SIGTERM.
    void terminate() {
        process.destroy();
    }

    /// Sends a signal.
    ///
    /// @param name without `SIG`
    void signal(String name) throws IOException, InterruptedException {
        var kill =
                new ProcessBuilder("/bin/sh", "-c", "kill -s " + name + " " + process.pid())
                        .inheritIO()
                        .start();
        if (kill.waitFor() != 0) {
            throw new AssertionError("cannot send SIG" + name);
        }
    }

    /// SIGKILL, and waits until it is gone.
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    boolean alive() {
        return process.isAlive();
    }

    /// Waits for its end.
    int exit(Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still running after " + limit + "\n" + printed());
        }
        return process.exitValue();
    }

    /// Waits until it has logged this.
    void logs(String part) {
        try {
            Awaitility.await("logs " + part).atMost(LIMIT).until(() -> err().contains(part));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("does not log '" + part + "'\n" + printed(), e);
        }
    }

    String out() {
        return read(out);
    }

    String err() {
        return read(err);
    }

    String printed() {
        return "stdout:\n" + out() + "\nstderr:\n" + err();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Kills it, and whatever command it runs.
    @Override
    public void close() {
        List<ProcessHandle> all = process.descendants().toList();
        process.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
