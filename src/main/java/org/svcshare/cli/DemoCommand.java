package org.svcshare.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.svcshare.config.Settings.LogSettings;
import org.svcshare.demo.Demo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `svcshare demo`: three bots in one process.
@Command(
        header = "Watch three bots take turns with one service; nothing to set up.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  svcshare demo",
            "  svcshare demo --seconds 30 --json    a summary for programs; 1 when two gates were open"
        })
final class DemoCommand implements Callable<Integer> {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final Surroundings surroundings;
    private final Debug debug;

    @Mixin private final DemoOptions common = new DemoOptions();

    @Option(names = "--json", description = "Print only a summary, as one JSON document.")
    private boolean json;

    @Option(
            names = "--irc-port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "Where you can join with an IRC client of your own; 0: any free port.")
    private int ircPort;

    @Option(names = "--no-color", description = "No colours; NO_COLOR in the environment as well.")
    private boolean noColour;

    DemoCommand(Surroundings surroundings, Debug debug) {
        this.surroundings = surroundings;
        this.debug = debug;
    }

    @Override
    public Integer call() throws Exception {
        if (ircPort < 0 || ircPort > 65535) {
            throw common.wrong("--irc-port: expected a port from 0 to 65535, found " + ircPort);
        }
        var options =
                new Demo.Options(
                        common.length(),
                        json,
                        surroundings.colour() && !noColour,
                        ircPort,
                        Version.text());
        // What the bots say is the demonstration; their logs are not.
        var level = new LogSettings("warn", false);
        try (LogSetup logs = LogSetup.start(level, debug.on(), surroundings)) {
            Thread runner = Thread.currentThread();
            StopSignals.install(logs).onFirst(() -> interrupt(runner));
            return Demo.run(options, surroundings.out(), surroundings.err());
        }
    }

    /// Somebody has seen enough: the bots stop in order, and the summary is printed.
    static void interrupt(Thread runner) {
        runner.interrupt();
        try {
            runner.join(STOP_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
