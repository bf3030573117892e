package org.svcshare.cli;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Settings.LogSettings;
import org.svcshare.demo.GroupDemo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `svcshare cluster demo`: a group on this machine whose leader is killed now and then.
@Command(
        header = "Watch a group of three nodes survive the death of its leader; nothing to set up.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  svcshare cluster demo",
            "  svcshare cluster demo --json    half a minute; 1 when a lock was lost or had by two"
        })
final class ClusterDemoCommand implements Callable<Integer> {
    private static final Duration JSON_LENGTH = Duration.ofSeconds(30);
    private static final int FEWEST = 3;
    private static final int MOST = 7;

    private final Surroundings surroundings;
    private final Debug debug;

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "End by itself after so long; without: until it is stopped.")
    private Optional<Integer> seconds = Optional.empty();

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "3",
            description = "How many nodes, 3 to 7 (3).")
    private int nodes;

    @Option(
            names = "--json",
            description = "Print only a summary, as one JSON document; ends after 30 s.")
    private boolean json;

    ClusterDemoCommand(Surroundings surroundings, Debug debug) {
        this.surroundings = surroundings;
        this.debug = debug;
    }

    @Override
    public Integer call() throws Exception {
        if (seconds.isPresent() && seconds.get() <= 0) {
            throw usage("--seconds: expected a number above 0, found " + seconds.get());
        }
        if (nodes < FEWEST || nodes > MOST) {
            throw usage("--nodes: expected a number from 3 to 7, found " + nodes);
        }
        Optional<Duration> length =
                seconds.map(Duration::ofSeconds)
                        .or(() -> json ? Optional.of(JSON_LENGTH) : Optional.empty());
        try (LogSetup logs =
                LogSetup.start(new LogSettings("warn", false), debug.on(), surroundings)) {
            Thread runner = Thread.currentThread();
            StopSignals.install(logs).onFirst(() -> DemoCommand.interrupt(runner));
            return GroupDemo.run(
                    new GroupDemo.Options(length, json, nodes),
                    surroundings.out(),
                    surroundings.err());
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }
}
