package org.svcshare.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.LoadedSettings;
import org.svcshare.config.Problem;
import org.svcshare.config.Settings;
import org.svcshare.config.SettingsException;
import org.svcshare.daemon.Daemon;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `svcshare run`: the daemon, until a signal stops it.
@Command(
        header = "Run a bot: its gate, its client program, its place in the channel.",
        description = {
            "",
            "Without a settings file it starts on its own: an IRC server on this machine with the"
                    + " bot on it, for a first try.",
            "",
            "SIGINT or SIGTERM: gives up the turn, says goodbye and ends, within stop-limit. A"
                    + " second one ends it at once.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  svcshare run",
            "  svcshare run -c /etc/svcshare/config.conf",
            "  svcshare run --distributex distributex.yaml",
            "  SVCSHARE_IRC_SERVER=irc.example.net \\",
            "    SVCSHARE_GATE_TARGETS=news.example.net:563 svcshare run"
        })
final class RunCommand implements Callable<Integer> {
    private final Surroundings surroundings;
    private final Debug debug;

    @Mixin private final SettingsFile file;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            description = "Serve HTTP on this port instead of the one of http.listen.")
    private Optional<Integer> httpPort = Optional.empty();

    @Option(
            names = "--distributex",
            paramLabel = "FILE",
            description = {
                "Serve the pools of a distributex.yaml, and nothing else: no bot, no IRC, no"
                        + " gate. Of a settings file only http, pools and log are used."
            })
    private Optional<Path> distributex = Optional.empty();

    RunCommand(Surroundings surroundings, Debug debug) {
        this.surroundings = surroundings;
        this.debug = debug;
        this.file = new SettingsFile(surroundings);
    }

    @Override
    public Integer call() throws Exception {
        if (httpPort.isPresent() && (httpPort.get() < 0 || httpPort.get() > 65_535)) {
            throw new SettingsException(
                    List.of(new Problem("--http-port", "", "expected a port from 0 to 65535")));
        }
        LoadedSettings loaded =
                distributex.isPresent() ? file.load(distributex.get()) : file.load();
        Settings settings =
                httpPort.isPresent()
                        ? loaded.settings().with(loaded.settings().http().atPort(httpPort.get()))
                        : loaded.settings();
        try (LogSetup logs = LogSetup.start(settings.log(), debug.on(), surroundings)) {
            Logger log = LoggerFactory.getLogger(RunCommand.class);
            loaded.warnings().forEach(log::warn);
            if (loaded.file().isEmpty() && settings.bot()) {
                surroundings.err().print(firstSteps(settings));
            }
            log.atInfo()
                    .addKeyValue("version", Version.text())
                    .addKeyValue("settings", loaded.file().map(Path::toString).orElse("none"))
                    .log("starting");
            var signals = StopSignals.install(logs);
            try (Daemon daemon = Daemon.start(settings)) {
                signals.onFirst(() -> daemon.stop(settings.stopLimit()));
                if (!daemon.await()) {
                    log.error("the bot failed");
                    return ExitCode.FAILED;
                }
            }
            log.info("stopped");
            return ExitCode.OK;
        }
    }

    private String firstSteps(Settings settings) {
        String places =
                file.places().stream().map(Path::toString).collect(Collectors.joining(", "));
        String service =
                settings.gate().targets().stream()
                        .map(Object::toString)
                        .collect(Collectors.joining(", "));
        return """
        No settings file (%s): trying things out.
          talk to the bot:  an IRC client to %s, channel %s; say `%s: help`
          the gate:         %s leads to %s
          the status page:  http://%s
          next:             copy config.conf.dist to config.conf and set
                            owner         who commands this bot
                            irc.server    where your group meets
                            gate.targets  the service you share
                            client.type   the program to pause and resume
        """
                .formatted(
                        places,
                        settings.irc().server(),
                        settings.irc().channel(),
                        settings.irc().nick(),
                        settings.gate().listen(),
                        service,
                        settings.http().listen());
    }
}
