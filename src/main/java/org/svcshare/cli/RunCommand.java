package org.svcshare.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.GossipSettings;
import org.svcshare.config.LoadedSettings;
import org.svcshare.config.Problem;
import org.svcshare.config.Settings;
import org.svcshare.config.SettingsException;
import org.svcshare.daemon.Daemon;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `svcshare run`: the daemon, until a signal stops it.
@Command(
        header = "Run a bot: its gate, its client program, its place in the channel.",
        description = {
            "",
            "Without a settings file it starts on its own: an IRC server on this machine with the"
                    + " bot on it, for a first try. With --gossip or --seed it does without IRC: a"
                    + " member of a group that shares keys and values and votes among itself.",
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
            "  svcshare run --spawn spawn.conf --port 8000",
            "  svcshare run --gossip",
            "  svcshare run --seed 127.0.0.1:5555",
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

    @Option(
            names = "--spawn",
            paramLabel = "FILE",
            description = {
                "Serve the nodes of spawn's JSON file, and nothing else: no bot, no pools. Of a"
                        + " settings file only replica, http and log are used."
            })
    private Optional<Path> spawn = Optional.empty();

    @ArgGroup(validate = false, heading = "%nBeside --spawn, as spawnctl had them:%n")
    private SpawnOptions spawnOptions = new SpawnOptions();

    @Option(
            names = "--gossip",
            description = {
                "Vote in a group of members instead of on IRC (channel = gossip). Without a settings"
                        + " file and without --seed: found a group on this machine."
            })
    private boolean gossip;

    @Option(
            names = "--seed",
            paramLabel = "HOST:PORT",
            description = {
                "The same, and join the group through this member; may be repeated. Instead of"
                        + " gossip.seeds."
            })
    private List<String> seeds = List.of();

    RunCommand(Surroundings surroundings, Debug debug) {
        this.surroundings = surroundings;
        this.debug = debug;
        this.file = new SettingsFile(surroundings);
    }

    @Override
    public Integer call() throws Exception {
        if (httpPort.isPresent() && (httpPort.get() < 0 || httpPort.get() > 65_535)) {
            throw wrong("--http-port", "expected a port from 0 to 65535");
        }
        boolean inGroup = gossip || !seeds.isEmpty();
        if (inGroup && distributex.isPresent()) {
            throw wrong("--distributex", "expected without --gossip, --seed");
        }
        if (spawn.isPresent()) {
            if (inGroup || distributex.isPresent()) {
                throw wrong("--spawn", "expected without --gossip, --seed, --distributex");
            }
            return run(file.load(spawn.get(), spawnOptions.said()), List.of());
        }
        for (String option : spawnOptions.said().keySet()) {
            throw wrong("--" + option, "expected with --spawn");
        }
        if (inGroup && file.find().isEmpty()) {
            try (FirstPlaces places = FirstPlaces.find(surroundings, seeds, httpPort)) {
                return run(file.load(seeds, places.settings()), places.changes());
            }
        }
        if (inGroup) {
            return run(file.load(seeds, Map.of()), List.of());
        }
        return run(distributex.isPresent() ? file.load(distributex.get()) : file.load(), List.of());
    }

    private static SettingsException wrong(String option, String what) {
        return new SettingsException(List.of(new Problem(option, "", what)));
    }

    /// @param changes what is not where it usually is, as that is taken
    private int run(LoadedSettings loaded, List<String> changes) throws Exception {
        Settings settings =
                httpPort.isPresent()
                        ? loaded.settings().with(loaded.settings().http().atPort(httpPort.get()))
                        : loaded.settings();
        try (LogSetup logs = LogSetup.start(settings.log(), debug.on(), surroundings)) {
            Logger log = LoggerFactory.getLogger(RunCommand.class);
            loaded.warnings().forEach(log::warn);
            if (loaded.file().isEmpty() && settings.bot()) {
                surroundings
                        .err()
                        .print(
                                settings.channel().onIrc()
                                        ? firstSteps(settings)
                                        : firstSteps(settings, settings.gossip().orElseThrow()));
            }
            changes.forEach(change -> log.info("several run on this machine: {}", change));
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

    private String firstSteps(Settings settings, GossipSettings group) {
        String server = settings.http().listen().toString();
        boolean usual = server.equals(PoolAccess.DEFAULT_SERVER.replaceFirst("^http://", ""));
        return """
        No settings file (%s): trying a group out.
          this member:      %s at %s%s
          another member:   svcshare run --seed %s
          who is there:     svcshare members%s
          keys and values:  svcshare kv put colour blue%s
          the gate:         %s leads to %s; connecting to it asks for the turn
          the status page:  http://%s
          kept in:          %s
        """
                .formatted(
                        places(),
                        group.name(),
                        group.listen(),
                        group.seeds().isEmpty()
                                ? ", the first of its group"
                                : ", joining through " + joined(group.seeds()),
                        group.reachedAt(),
                        usual ? "" : " --server " + server,
                        usual ? "" : " --server " + server,
                        settings.gate().listen(),
                        joined(settings.gate().targets()),
                        server,
                        settings.stateFolder());
    }

    private static String joined(List<?> parts) {
        return parts.stream().map(Object::toString).collect(Collectors.joining(", "));
    }

    private String places() {
        return joined(file.places());
    }

    private String firstSteps(Settings settings) {
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
                        places(),
                        settings.irc().server(),
                        settings.irc().channel(),
                        settings.irc().nick(),
                        settings.gate().listen(),
                        joined(settings.gate().targets()),
                        settings.http().listen());
    }
}
