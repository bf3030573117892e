package org.svcshare.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Settings.LogSettings;
import org.svcshare.demo.ReplicaDemo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `svcshare replica demo`: three copies of an application, one of which is killed and comes back.
@Command(
        header = "Watch three copies of an application stay the same; nothing to set up.",
        description = {
            "",
            "One copy is killed while clients write, and started again. Exits with 0 only when all"
                    + " three are equal at the end and no acknowledged write is missing.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  svcshare replica demo",
            "  svcshare replica demo --json          a summary for programs",
            "  svcshare replica demo --writes 20000  enough to look at it meanwhile"
        })
final class ReplicaDemoCommand implements Callable<Integer> {
    private static final int MOST_PORT = 65_535;
    private static final int MOST_WRITES = 100_000;

    private final Surroundings surroundings;
    private final Debug debug;

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "0",
            description = "Where the proxy listens; 0: any free port.")
    private int port;

    @Option(
            names = "--writes",
            paramLabel = "N",
            defaultValue = "1000",
            description =
                    "How many writes before a copy is killed, while it is away, and afterwards, 1"
                            + " to 100,000 (1,000).")
    private int writes;

    @Option(names = "--json", description = "Print only a summary, as one JSON document.")
    private boolean json;

    ReplicaDemoCommand(Surroundings surroundings, Debug debug) {
        this.surroundings = surroundings;
        this.debug = debug;
    }

    @Override
    public Integer call() throws Exception {
        if (port < 0 || port > MOST_PORT) {
            throw wrong("--port: expected a port from 0 to 65535, found " + port);
        }
        if (writes < 1 || writes > MOST_WRITES) {
            throw wrong("--writes: expected a number from 1 to 100000, found " + writes);
        }
        // That a copy is away is the demonstration; the log of it is not.
        var level = new LogSettings("error", false);
        try (LogSetup logs = LogSetup.start(level, debug.on(), surroundings)) {
            Thread runner = Thread.currentThread();
            StopSignals.install(logs).onFirst(() -> DemoCommand.interrupt(runner));
            return ReplicaDemo.run(
                    new ReplicaDemo.Options(json, port, writes),
                    surroundings.out(),
                    surroundings.err());
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }
}
