package org.svcshare.cli;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.svcshare.config.Settings.LogSettings;
import org.svcshare.demo.GroupDemo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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

    @Mixin private final DemoOptions common = new DemoOptions();

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
        if (nodes < FEWEST || nodes > MOST) {
            throw common.wrong("--nodes: expected a number from 3 to 7, found " + nodes);
        }
        Optional<Duration> lasts =
                common.length().or(() -> json ? Optional.of(JSON_LENGTH) : Optional.empty());
        try (LogSetup logs =
                LogSetup.start(new LogSettings("warn", false), debug.on(), surroundings)) {
            Thread runner = Thread.currentThread();
            StopSignals.install(logs).onFirst(() -> DemoCommand.interrupt(runner));
            return GroupDemo.run(
                    new GroupDemo.Options(lasts, json, nodes),
                    surroundings.out(),
                    surroundings.err());
        }
    }
}
