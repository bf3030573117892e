package org.svcshare.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.svcshare.bot.StateFolder;
import org.svcshare.cluster.FirstNode;
import org.svcshare.cluster.NodeFolder;
import org.svcshare.config.GroupSettings;
import org.svcshare.config.Settings;
import org.svcshare.engine.JournalTable;
import org.svcshare.pool.TableImage;

/// Begins a group of one with the locks that this machine kept alone.
public final class GroupInit {
    private GroupInit() {}

    /// Makes the group's folder out of the journal, which is left as it is.
    ///
    /// @param settings with a group
    /// @return how many tickets there were
    /// @throws IOException with what is in the way, for people: a svcshare that runs, no journal, a
    ///   folder that is not empty
    public static int fromJournal(Settings settings) throws IOException, InterruptedException {
        GroupSettings group = settings.group().orElseThrow();
        if (group.peers().size() != 1 || !group.join().isEmpty()) {
            throw new IOException(
                    "the group begins with this node alone: expected cluster.peers with nothing"
                            + " else, and no cluster.join; the others join later");
        }
        Path journal = settings.pools().folder();
        if (!Files.exists(journal)) {
            throw new IOException(
                    "there is no journal in " + journal + " (pools.folder): nothing to take along");
        }
        if (NodeFolder.inUse(group.folder())) {
            throw new IOException(group.folder() + " is in use by a svcshare that runs: stop it");
        }
        try (StateFolder _ = StateFolder.open(settings.stateFolder())) {
            TableImage table = JournalTable.read(journal);
            Files.createDirectories(group.folder().toAbsolutePath().getParent());
            FirstNode.make(GroupStart.settings(group), table);
            return table.tickets().size();
        }
    }
}
