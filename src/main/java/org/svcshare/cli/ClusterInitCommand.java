package org.svcshare.cli;

import java.util.concurrent.Callable;
import org.svcshare.config.Settings;
import org.svcshare.daemon.GroupInit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `svcshare cluster init`: from one machine to a group.
@Command(
        header = "Begin a group with the locks that this machine has kept alone.",
        description = {
            "",
            "Stop svcshare, set pools.engine = cluster and cluster.peers to this node alone, then run"
                    + " this: it makes cluster.folder out of the journal in pools.folder, with all"
                    + " tickets, tokens and ids, and leaves the journal as it is. Start svcshare, and"
                    + " the others with cluster.join.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {"  svcshare cluster init --from-journal -c config.conf"})
final class ClusterInitCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin private final SettingsFile file;

    @Option(names = "--from-journal", required = true, description = "Take them from the journal.")
    @SuppressWarnings("UnusedVariable") // said so that nobody does it without meaning it
    private boolean fromJournal;

    ClusterInitCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.file = new SettingsFile(surroundings);
    }

    @Override
    public Integer call() throws Exception {
        Settings settings = file.load().settings();
        if (settings.group().isEmpty()) {
            surroundings
                    .err()
                    .println(
                            "svcshare: set pools.engine = cluster, and cluster.peers to this node");
            return ExitCode.CONFIGURATION;
        }
        int tickets = GroupInit.fromJournal(settings);
        surroundings.out().println("the group begins with " + tickets + " tickets");
        return ExitCode.OK;
    }
}
