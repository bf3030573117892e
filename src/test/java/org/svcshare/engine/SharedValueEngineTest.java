package org.svcshare.engine;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.TableRules;

/// The contract, with a memcached in memory.
final class SharedValueEngineTest extends PoolEngineContract {
    @Override
    protected PoolEngine start(TableRules rules) {
        return MemcachedEngine.start(
                rules,
                new MemcachedPlace(
                        "nowhere", 1, "svcshare", Duration.ofSeconds(1), Duration.ofMillis(200)),
                new FakeStore(),
                InstantSource.system(),
                new Random(1));
    }
}
