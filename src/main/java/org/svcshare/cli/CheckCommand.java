package org.svcshare.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.svcshare.config.LoadedSettings;
import org.svcshare.daemon.Doctor;
import org.svcshare.daemon.Finding.Verdict;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `svcshare check`: are the settings right, and is everything there that they point to?
@Command(
        header = "Try the settings and everything they point to; changes nothing.",
        description = {
            "",
            "Prints a line per check. Exits with 0 when a bot could run, 1 when something is not"
                    + " there, 78 when the settings are wrong.",
            ""
        })
final class CheckCommand implements Callable<Integer> {
    private final Surroundings surroundings;
    private final boolean signs;

    @Mixin private final SettingsFile file;

    CheckCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.file = new SettingsFile(surroundings);
        this.signs = surroundings.canPrint("✓✗");
    }

    @Override
    public Integer call() throws Exception {
        LoadedSettings loaded = file.load();
        String from = loaded.file().map(Path::toString).orElse("no file, the defaults");
        line(Verdict.WELL, "settings", from);
        loaded.warnings().forEach(warning -> line(Verdict.DOUBTFUL, "settings", warning));
        boolean sound =
                new Doctor(loaded.settings())
                        .examine(f -> line(f.verdict(), f.subject(), f.text()));
        return sound ? ExitCode.OK : ExitCode.FAILED;
    }

    private void line(Verdict verdict, String subject, String text) {
        String sign =
                switch (verdict) {
                    case WELL -> signs ? "✓" : "ok  ";
                    case DOUBTFUL -> signs ? "!" : "warn";
                    case BROKEN -> signs ? "✗" : "FAIL";
                };
        String colour =
                switch (verdict) {
                    case WELL -> "32";
                    case DOUBTFUL -> "33";
                    case BROKEN -> "31";
                };
        String shown = surroundings.colour() ? "\u001b[" + colour + "m" + sign + "\u001b[0m" : sign;
        surroundings.out().printf("%s %-13s %s%n", shown, subject, text);
    }
}
