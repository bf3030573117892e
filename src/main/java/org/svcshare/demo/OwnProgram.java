package org.svcshare.demo;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// This program once more, as a process of its own, so that it can be killed as a machine dies. Its
/// input ends with us, however we end. One thread starts and ends it.
final class OwnProgram {
    private static final int LAST_WORDS = 5;

    final String name;
    private final Path log;
    private final List<String> arguments;
    private @Nullable Process process;

    /// @param name for people
    /// @param log where its standard error goes
    OwnProgram(String name, Path log, String... arguments) {
        this.name = name;
        this.log = log;
        this.arguments = List.of(arguments);
    }

    void start() throws IOException {
        process =
                new ProcessBuilder(command())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
    }

    /// The same Java with the same options, so that it starts as quickly as we did.
    private List<String> command() {
        var command = new ArrayList<String>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> !option.startsWith("-agentlib") && !option.startsWith("-D"))
                .forEach(command::add);
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), "org.svcshare.cli.Start"));
        command.addAll(arguments);
        return command;
    }

    /// SIGKILL.
    void kill() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.destroyForcibly().waitFor();
            process = null;
        }
    }

    /// SIGTERM, and SIGKILL when that does not help.
    void stop(Duration patience) {
        Process running = process;
        if (running == null) {
            return;
        }
        running.destroy();
        try {
            if (!running.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                running.destroyForcibly();
            }
        } catch (InterruptedException _) {
            running.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /// Whether it was started and not killed since.
    boolean runs() {
        return process != null;
    }

    /// Whether its process has ended by itself.
    boolean died() {
        return process != null && !process.isAlive();
    }

    /// What it logged last.
    String lastWords() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join(
                    "\n", lines.subList(Math.max(0, lines.size() - LAST_WORDS), lines.size()));
        } catch (IOException _) {
            return "";
        }
    }
}
