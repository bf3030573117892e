package org.svcshare.cluster;

import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.engine.PoolEngineContract;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.TableRules;

/// What every engine promises, on a group in one process.
abstract class GroupEngineContract extends PoolEngineContract {
    private final int nodes;
    private final Function<TestGroup, String> asked;
    @TempDir private Path folder;
    private @Nullable TestGroup group;

    /// @param asked which node is asked
    GroupEngineContract(int nodes, Function<TestGroup, String> asked) {
        this.nodes = nodes;
        this.asked = asked;
    }

    @Override
    protected PoolEngine start(TableRules rules) throws Exception {
        group = new TestGroup(folder, nodes, rules).startAll();
        return group.engine(asked.apply(group));
    }

    @AfterEach
    void stop() {
        if (group != null) {
            group.close();
        }
    }
}
