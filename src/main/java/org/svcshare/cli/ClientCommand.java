package org.svcshare.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.svcshare.daemon.ClientLook;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `svcshare client …`: the client program by itself.
@Command(header = "Look at the client program.", synopsisSubcommandLabel = "COMMAND")
final class ClientCommand implements Runnable {
    @Spec private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "which command?");
    }

    /// `svcshare client check`.
    @Command(
            header = "Ask the client program for its version and queue; changes nothing.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  svcshare client check",
                "  SVCSHARE_CLIENT_TYPE=nzbget SVCSHARE_CLIENT_USER=me \\",
                "    SVCSHARE_CLIENT_PASSWORD_FILE=pw svcshare client check"
            })
    static final class Check implements Callable<Integer> {
        private final Surroundings surroundings;
        private final Debug debug;

        @Mixin private final SettingsFile file;

        Check(Surroundings surroundings, Debug debug) {
            this.surroundings = surroundings;
            this.debug = debug;
            this.file = new SettingsFile(surroundings);
        }

        @Override
        public Integer call() throws Exception {
            var settings = file.load().settings();
            try (var _ = LogSetup.start(settings.log(), debug.on(), surroundings)) {
                ClientLook look = ClientLook.at(settings);
                look.lines().forEach(surroundings.out()::println);
                return look.ok() ? ExitCode.OK : ExitCode.FAILED;
            }
        }
    }
}
