package org.svcshare.cli;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.LoadedSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `svcshare config …`: the settings by themselves.
@Command(header = "Look at the settings.", synopsisSubcommandLabel = "COMMAND")
final class ConfigCommand implements Runnable {
    @Spec private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "which command?");
    }

    /// `svcshare config show`.
    @Command(
            header = "Print what is in force and where it comes from; secrets as ***.",
            description = {"", "The output is a settings file by itself.", ""})
    static final class Show implements Callable<Integer> {
        private final Surroundings surroundings;

        @Mixin private final SettingsFile file;

        Show(Surroundings surroundings) {
            this.surroundings = surroundings;
            this.file = new SettingsFile(surroundings);
        }

        @Override
        public Integer call() throws Exception {
            surroundings.out().print(file.load().show());
            return ExitCode.OK;
        }
    }

    /// `svcshare config check`.
    @Command(
            header = "Say what is wrong with the settings; connects to nothing.",
            description = {
                "",
                "Exits with 0 or 78. `svcshare check` tries the connections too.",
                ""
            })
    static final class Check implements Callable<Integer> {
        private final Surroundings surroundings;

        @Mixin private final SettingsFile file;

        Check(Surroundings surroundings) {
            this.surroundings = surroundings;
            this.file = new SettingsFile(surroundings);
        }

        @Override
        public Integer call() throws Exception {
            LoadedSettings loaded = file.load();
            loaded.warnings().forEach(warning -> surroundings.err().println("warning: " + warning));
            String from = loaded.file().map(Path::toString).orElse("no file, the defaults");
            surroundings.out().println("ok: " + from);
            return ExitCode.OK;
        }
    }
}
