package org.svcshare.engine;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.TableRules;

/// The engines there are.
public final class Engines {
    private Engines() {}

    /// Forgets everything when it ends.
    public static PoolEngine memory(TableRules rules) {
        try {
            return start(new NoLog(), rules, Duration.ZERO);
        } catch (IOException e) {
            throw new IllegalStateException("nothing to read, and still", e);
        }
    }

    static SerialEngine start(BatchLog log, TableRules rules, Duration restartGrace)
            throws IOException {
        return SerialEngine.start(
                log, rules, restartGrace, InstantSource.system(), System::nanoTime);
    }
}
