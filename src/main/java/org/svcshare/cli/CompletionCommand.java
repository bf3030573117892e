package org.svcshare.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `svcshare completion`: what a shell needs to complete our words.
@Command(
        header = "Print what a shell needs to complete commands and options.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  source <(svcshare completion bash)",
            "  svcshare completion zsh > ~/.svcshare-completion; source ~/.svcshare-completion"
        })
final class CompletionCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    /// One script serves both: it switches zsh into bash's ways by itself.
    enum Shell {
        bash,
        zsh
    }

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    @SuppressWarnings("UnusedVariable") // read by picocli, which refuses other shells
    private Shell shell = Shell.bash;

    CompletionCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        String script = AutoComplete.bash("svcshare", Main.commandLine(surroundings));
        surroundings.out().print(script);
        return ExitCode.OK;
    }
}
