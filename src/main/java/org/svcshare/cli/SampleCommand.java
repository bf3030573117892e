package org.svcshare.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Endpoint;
import org.svcshare.config.Settings.LogSettings;
import org.svcshare.demo.SampleApplication;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `svcshare replica sample`: one copy of the demonstration's application, as a process of its own.
@Command(
        header = "Run a small application to try replication with: items by key over HTTP.",
        hidden = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  svcshare replica sample --listen 127.0.0.1:8081 --data items",
            "  curl -X PUT -d tea http://127.0.0.1:8081/items/drink",
            "  curl http://127.0.0.1:8081/items; curl http://127.0.0.1:8081/log"
        })
final class SampleCommand implements Callable<Integer> {
    private final Surroundings surroundings;
    private final Debug debug;

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:0",
            description = "Where to listen; any free port if nothing else is set.")
    private String listen = "";

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "Where to keep what it has; without: nowhere.")
    private Optional<Path> data = Optional.empty();

    @Option(
            names = "--until-input-ends",
            description = "End with the standard input, so that it does not outlive its parent.")
    private boolean untilInputEnds;

    SampleCommand(Surroundings surroundings, Debug debug) {
        this.surroundings = surroundings;
        this.debug = debug;
    }

    @Override
    public Integer call() throws Exception {
        Endpoint endpoint = endpoint();
        try (LogSetup logs =
                LogSetup.start(new LogSettings("warn", false), debug.on(), surroundings)) {
            var stopped = new CountDownLatch(1);
            var signals = StopSignals.install(logs);
            try (var application = SampleApplication.start(endpoint, data)) {
                signals.onFirst(stopped::countDown);
                surroundings
                        .out()
                        .println("the sample application listens on " + application.listening());
                surroundings.out().flush();
                if (untilInputEnds) {
                    Thread.ofPlatform().name("input").daemon().start(() -> readInput(stopped));
                }
                stopped.await();
            }
            return ExitCode.OK;
        }
    }

    private static void readInput(CountDownLatch ended) {
        try {
            while (System.in.read() >= 0) {
                // Only its end says something.
            }
        } catch (IOException _) {
            // That is its end too.
        }
        ended.countDown();
    }

    private Endpoint endpoint() {
        int colon = listen.lastIndexOf(':');
        try {
            String host = listen.substring(0, Math.max(0, colon));
            return new Endpoint(
                    host.startsWith("[") && host.endsWith("]")
                            ? host.substring(1, host.length() - 1)
                            : host,
                    Integer.parseInt(listen.substring(colon + 1)));
        } catch (IllegalArgumentException _) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "--listen: expected HOST:PORT, found " + listen);
        }
    }
}
