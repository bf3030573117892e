package org.svcshare.engine;

import java.io.IOException;
import java.nio.file.Path;
import org.svcshare.journal.Journal;
import org.svcshare.pool.LockTable;
import org.svcshare.pool.TableImage;

/// The table that a journal of ours keeps, for those who take it elsewhere.
public final class JournalTable {
    private JournalTable() {}

    /// Reads it, and changes nothing.
    ///
    /// @throws IOException when there is none, a svcshare that runs uses it, or it is damaged; the
    ///   message is for people
    public static TableImage read(Path folder) throws IOException {
        var table = new LockTable(_ -> {});
        try (var log = new JournalLog(Journal.look(folder))) {
            SerialEngine.recover(log, table);
        }
        return table.image();
    }
}
