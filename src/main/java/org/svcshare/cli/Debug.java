package org.svcshare.cli;

import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// The option of every command that asks for more to be told.
final class Debug {
    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Log at debug level, and show where an error comes from.")
    private boolean on;

    boolean on() {
        return on;
    }
}
