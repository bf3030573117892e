package org.svcshare.engine;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.TableRules;

/// The contract, kept on disk.
final class JournalEngineTest extends PoolEngineContract {
    @TempDir private Path folder;

    @Override
    protected PoolEngine start(TableRules rules) throws Exception {
        return Engines.journal(folder, rules, Duration.ofSeconds(5), Duration.ofSeconds(10));
    }
}
