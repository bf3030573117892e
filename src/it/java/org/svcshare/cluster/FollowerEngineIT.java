package org.svcshare.cluster;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.engine.PoolEngineContract;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.TableRules;

/// The contract, on a group of 3, asked at the follower.
final class FollowerEngineIT extends PoolEngineContract {
    @TempDir private Path folder;
    private @Nullable TestGroup group;

    @Override
    protected PoolEngine start(TableRules rules) throws Exception {
        group = new TestGroup(folder, 3, rules).startAll();
        return group.engine(group.follower());
    }

    @AfterEach
    void stop() {
        if (group != null) {
            group.close();
        }
    }
}
