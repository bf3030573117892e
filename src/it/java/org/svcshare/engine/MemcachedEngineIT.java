package org.svcshare.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.TableRules;

/// The contract, with a real memcached.
final class MemcachedEngineIT extends PoolEngineContract {
    private static final AtomicInteger GROUPS = new AtomicInteger();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static Memcached memcached;

    @BeforeAll
    static void startMemcached() {
        memcached = Memcached.start(folder);
    }

    @AfterAll
    static void stopMemcached() {
        memcached.close();
    }

    @Override
    protected PoolEngine start(TableRules rules) {
        // Other keys for each test.
        String prefix = "group" + GROUPS.incrementAndGet();
        return Engines.memcached(
                rules,
                new MemcachedPlace(
                        "127.0.0.1",
                        memcached.port,
                        prefix,
                        Duration.ofSeconds(1),
                        Duration.ofMillis(200)));
    }
}
