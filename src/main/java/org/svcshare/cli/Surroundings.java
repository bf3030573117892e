package org.svcshare.cli;

import java.io.Console;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// What a command sees of the world, so that tests can give it another one.
///
/// @param out data
/// @param err messages
/// @param terminal whether `out` is a terminal
/// @param folder the working folder
record Surroundings(
        PrintStream out,
        PrintStream err,
        BooleanSupplier terminal,
        Map<String, String> environment,
        String user,
        Path folder,
        Path home) {

    static Surroundings ofProcess() {
        return new Surroundings(
                System.out,
                System.err,
                Surroundings::isTerminal,
                System.getenv(),
                System.getProperty("user.name", ""),
                Path.of(""),
                Path.of(System.getProperty("user.home", ".")));
    }

    @SuppressWarnings("SystemConsoleNull") // since JDK 25 it is null again without a terminal
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    String variable(String name) {
        return environment.getOrDefault(name, "");
    }

    /// Colours only for people who have not said no: https://no-color.org
    boolean colour() {
        return variable("NO_COLOR").isEmpty()
                && !variable("TERM").equals("dumb")
                && terminal.getAsBoolean();
    }

    /// Whether signs beyond ASCII come out as themselves.
    boolean canPrint(String text) {
        return out.charset().equals(StandardCharsets.UTF_8)
                || out.charset().newEncoder().canEncode(text);
    }
}
