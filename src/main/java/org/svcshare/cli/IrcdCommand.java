package org.svcshare.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.LoggerFactory;
import org.svcshare.config.LoadedSettings;
import org.svcshare.config.Problem;
import org.svcshare.config.SettingsException;
import org.svcshare.daemon.IrcServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `svcshare ircd`: the embedded IRC server without a bot.
@Command(
        header = "Run the embedded IRC server on its own, for a group that has none.",
        description = {
            "",
            "Needs no settings file. The options go before what a file named with -c says.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  svcshare ircd",
            "  svcshare ircd --listen 0.0.0.0:6667 --password-file ircd.password"
        })
final class IrcdCommand implements Callable<Integer> {
    private static final Map<String, String> OPTIONS =
            Map.of(
                    "SVCSHARE_IRCD_LISTEN", "--listen",
                    "SVCSHARE_IRCD_NAME", "--name",
                    "SVCSHARE_IRCD_PASSWORD_FILE", "--password-file");

    private final Surroundings surroundings;
    private final Debug debug;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "A settings file whose `ircd` block to use.")
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where to listen; 127.0.0.1:6667 if nothing else is set.")
    private Optional<String> listen = Optional.empty();

    @Option(names = "--name", paramLabel = "NAME", description = "What the server calls itself.")
    private Optional<String> name = Optional.empty();

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "A file with the password that every client has to give.")
    private Optional<Path> passwordFile = Optional.empty();

    IrcdCommand(Surroundings surroundings, Debug debug) {
        this.surroundings = surroundings;
        this.debug = debug;
    }

    @Override
    public Integer call() throws Exception {
        LoadedSettings loaded = load();
        try (LogSetup logs = LogSetup.start(loaded.settings().log(), debug.on(), surroundings)) {
            var log = LoggerFactory.getLogger(IrcdCommand.class);
            loaded.warnings().forEach(log::warn);
            var stopped = new CountDownLatch(1);
            var signals = StopSignals.install(logs);
            try (IrcServer server = IrcServer.start(loaded.settings().ircd())) {
                signals.onFirst(stopped::countDown);
                log.atInfo().addKeyValue("address", server.address()).log("IRC server runs");
                stopped.await();
            }
            log.info("stopped");
            return ExitCode.OK;
        }
    }

    /// The options become variables, so that the settings' own checks look at them too.
    private LoadedSettings load() throws SettingsException {
        var options = new HashMap<String, String>();
        options.put("SVCSHARE_IRCD_ENABLED", "true");
        // A server on its own has no gate; the settings as a whole ask for one.
        options.put("SVCSHARE_GATE_TARGETS", "127.0.0.1:6667");
        listen.ifPresent(text -> options.put("SVCSHARE_IRCD_LISTEN", text));
        name.ifPresent(text -> options.put("SVCSHARE_IRCD_NAME", text));
        passwordFile.ifPresent(path ->
                options.put("SVCSHARE_IRCD_PASSWORD_FILE", path.toAbsolutePath().toString()));
        try {
            return SettingsFile.load(file, options, surroundings);
        } catch (SettingsException e) {
            throw new SettingsException(e.problems().stream().map(IrcdCommand::asOption).toList());
        }
    }

    private static Problem asOption(Problem problem) {
        for (var option : List.copyOf(OPTIONS.entrySet())) {
            if (problem.where().equals("environment variable " + option.getKey())) {
                return new Problem(option.getValue(), "", problem.what());
            }
        }
        return problem;
    }
}
