package org.svcshare.cli;

import java.time.Duration;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// What commands that print a table take: whether it is a document instead, and whether it comes
/// again.
final class TableOptions {
    private static final Duration EVERY = Duration.ofSeconds(2);
    private static final String CLEAR = "\u001b[H\u001b[2J";

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Option(names = "--json", description = "The same as one JSON document.")
    private boolean json;

    @Option(names = "--watch", description = "Again every two seconds, until stopped.")
    private boolean watch;

    boolean json() {
        return json;
    }

    /// Looks once, or again and again.
    ///
    /// @param look returns an exit code
    /// @param goesOn after which exit codes it is worth to look again
    int run(IntSupplier look, IntPredicate goesOn) throws InterruptedException {
        if (json && watch) {
            throw new ParameterException(
                    Objects.requireNonNull(command).commandLine(),
                    "--json prints one document, --watch many: expected one of them");
        }
        int code = look.getAsInt();
        while (watch && goesOn.test(code)) {
            Thread.sleep(EVERY);
            code = look.getAsInt();
        }
        return code;
    }

    /// Makes room on a terminal for the next table of a watch.
    void clear(Surroundings surroundings) {
        if (watch && surroundings.terminal().getAsBoolean()) {
            surroundings.out().print(CLEAR);
        }
    }
}
