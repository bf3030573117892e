package org.svcshare.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// A command that runs beside us with our standard streams, and everything that it starts.
///
/// To end all of it the command should lead a process group of its own. Java cannot make one: a
/// group is made between fork and exec, or by the process itself. So a program does it that then
/// becomes the command: `setsid` (util-linux and BusyBox, on every Linux), or perl on a macOS. Job
/// control of the shell will not do: where there is no terminal, as in cron, dash refuses it.
///
/// In the foreground of a terminal the command stays in our group, as it does with flock. There the
/// kernel sends Ctrl-C and Ctrl-Z to everybody in the group, and only who is in it may read the
/// terminal: a group of its own would have to be handed the terminal and watched for stops, as a
/// shell does it. What the command has started is then told by who started whom; a grandchild whose
/// parent has gone is seen if it was there at an earlier look.
final class CommandGroup {
    private static final String SHELL = "/bin/sh";

    private final Process process;
    private final boolean leads;
    private final Set<ProcessHandle> seen = new LinkedHashSet<>();

    private CommandGroup(Process process, boolean leads) {
        this.process = process;
        this.leads = leads;
    }

    /// @param more variables beside those of our environment
    static CommandGroup start(
            List<String> command, Map<String, String> more, Surroundings surroundings)
            throws IOException {
        List<String> leader = foreground(surroundings) ? List.of() : leader(surroundings);
        var words = new ArrayList<>(leader);
        words.addAll(command);
        var builder = new ProcessBuilder(words).inheritIO();
        builder.environment().putAll(more);
        return new CommandGroup(builder.start(), !leader.isEmpty());
    }

    /// What makes the process that it becomes lead a session and so a group of its own.
    private static List<String> leader(Surroundings surroundings) {
        Optional<Path> setsid = find("setsid", surroundings);
        if (setsid.isPresent()) {
            return List.of(setsid.get().toString());
        }
        return find("perl", surroundings)
                .map(perl ->
                        List.of(
                                perl.toString(),
                                "-MPOSIX",
                                "-e",
                                "POSIX::setsid(); exec {$ARGV[0]} @ARGV; exit 126",
                                "--"))
                .orElse(List.of());
    }

    /// Where a command is.
    ///
    /// @param command with a slash: a path
    static Optional<Path> find(String command, Surroundings surroundings) {
        if (command.contains("/")) {
            return Optional.of(Path.of(command)).filter(Files::isRegularFile);
        }
        String path = surroundings.variable("PATH");
        return Stream.of((path.isEmpty() ? "/usr/bin:/bin" : path).split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder.isEmpty() ? "." : folder, command))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }

    /// Whether we are in the foreground of a terminal.
    private static boolean foreground(Surroundings surroundings) {
        try {
            // proc(5): after the name in brackets state, ppid, pgrp, session, tty, tpgid.
            String stat = Files.readString(Path.of("/proc/self/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 7);
            return !fields[4].equals("0") && fields[5].equals(fields[2]);
        } catch (IOException | IndexOutOfBoundsException _) {
            return surroundings.terminal().getAsBoolean();
        }
    }

    /// Whether what the terminal sends to us does not reach the command.
    boolean leads() {
        return leads;
    }

    /// Blocks until the command has ended; what it started may still be there.
    ///
    /// @return as a shell has it: 128 and the number of the signal that ended it
    int await() throws InterruptedException {
        return process.waitFor();
    }

    /// Remembers what the command has started so far.
    void look() {
        if (!leads) {
            process.descendants().forEach(seen::add);
        }
    }

    /// Sends a signal to all of it.
    ///
    /// @param name without `SIG`
    void signal(String name) {
        if (leads) {
            // The group is not there yet in the first moment.
            boolean sent = kill(name, "-" + process.pid());
            if (!sent && process.isAlive()) {
                kill(name, Long.toString(process.pid()));
            }
            return;
        }
        look();
        Stream.concat(Stream.of(process.toHandle()), List.copyOf(seen).stream())
                .filter(ProcessHandle::isAlive)
                .forEach(one -> kill(name, Long.toString(one.pid())));
    }

    /// Whether anything of it is still there.
    boolean anyLeft() {
        if (process.isAlive()) {
            return true;
        }
        return leads
                ? kill("0", "-" + process.pid())
                : seen.stream().anyMatch(ProcessHandle::isAlive);
    }

    private static boolean kill(String signal, String whom) {
        try {
            var kill =
                    new ProcessBuilder(SHELL, "-c", "kill -s \"$1\" -- \"$2\"", SHELL, signal, whom)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return kill.waitFor() == 0;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
