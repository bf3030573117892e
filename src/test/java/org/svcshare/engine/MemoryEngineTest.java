package org.svcshare.engine;

import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.TableRules;

final class MemoryEngineTest extends PoolEngineContract {
    @Override
    protected PoolEngine start(TableRules rules) {
        return Engines.memory(rules);
    }
}
