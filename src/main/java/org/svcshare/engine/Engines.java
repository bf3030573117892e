package org.svcshare.engine;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.svcshare.journal.JournalSettings;
import org.svcshare.pool.Operation;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.TableRules;

/// The engines there are.
public final class Engines {
    private Engines() {}

    /// Forgets everything when it ends.
    public static PoolEngine memory(TableRules rules) {
        try {
            return start(new NoLog(), rules, Duration.ZERO, Duration.ZERO);
        } catch (IOException e) {
            throw new IllegalStateException("nothing to read, and still", e);
        }
    }

    /// Keeps everything on disk before it answers.
    ///
    /// @param folder a folder of its own
    /// @param restartGrace how long after a start no lease ends, since nobody could renew
    /// @param claim how long a lock is then kept for a waiter of before who has not come back
    /// @throws IOException when the folder cannot be used, another process uses it, or what is in
    ///   it is damaged; the message says what to do
    public static PoolEngine journal(
            Path folder, TableRules rules, Duration restartGrace, Duration claim)
            throws IOException {
        return start(new JournalLog(folder, JournalSettings.usual()), rules, restartGrace, claim);
    }

    /// Keeps the pools in a memcached, which other servers may share: what they all see survives
    /// this server, but not memcached's own end. Begins even when it cannot be reached; see
    /// [PoolEngine#status].
    public static PoolEngine memcached(TableRules rules, MemcachedPlace place) {
        return MemcachedEngine.start(rules, place);
    }

    static SerialEngine start(BatchLog log, TableRules rules, Duration restartGrace, Duration claim)
            throws IOException {
        var afterRestart = new Operation.Restarted(restartGrace.toMillis(), claim.toMillis());
        return SerialEngine.start(
                log, rules, afterRestart, InstantSource.system(), System::nanoTime);
    }
}
