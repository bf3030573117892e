package org.svcshare.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `svcshare distributex`, for its help and for completion: [DistributexWords] reads it.
@SuppressWarnings("UnusedVariable") // filled by picocli, which only describes them
@Command(
        header = "The wrapper of distributex, for crontabs that have it.",
        customSynopsis = "svcshare distributex [-H HOST] [-p PORT] -r POOL [-l] 'COMMAND LINE'",
        description = {
            "",
            "Waits for the lock, runs the command line in a shell, gives the lock back. SIGINT and"
                    + " SIGTERM end it, and then we end with 1. For new things: svcshare lock.",
            ""
        })
final class DistributexCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "-H",
            paramLabel = "HOST",
            description = "The server; without: only a lock on this machine.")
    private String host = "";

    @Option(names = "-p", paramLabel = "PORT", description = "Its port (9889).")
    private int port;

    @Option(names = "-r", paramLabel = "POOL", description = "Which lock.")
    private String pool = "";

    @Option(names = "-l", description = "Lock on this machine as well.")
    private boolean local;

    @Parameters(arity = "0..1", paramLabel = "COMMAND LINE", description = "For a shell.")
    private String command = "";

    @Override
    public Integer call() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(), "expected -r POOL 'COMMAND LINE'");
    }
}
