package org.svcshare.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `svcshare version`, for the help; [Main] answers it without the parser.
@Command(header = "Print the version.")
final class VersionCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    VersionCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        surroundings.out().println(Version.line());
        return ExitCode.OK;
    }
}
