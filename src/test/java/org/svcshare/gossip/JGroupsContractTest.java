package org.svcshare.gossip;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.gossip.Village.Inhabitant;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.MemberGroupContract;

/// The group on JGroups keeps what every group promises.
final class JGroupsContractTest extends MemberGroupContract {
    @TempDir private Path folder;

    private final List<Inhabitant> before = new ArrayList<>();
    private @Nullable Village village;

    @Override
    protected MemberGroup join(String name) throws Exception {
        Village home = village == null ? new Village(folder) : village;
        village = home;
        Inhabitant one = home.start(name, before.toArray(Inhabitant[]::new));
        before.add(one);
        return one.group();
    }

    /// Its sockets die with the process.
    @Override
    protected boolean kill(String name) {
        return false;
    }

    @AfterEach
    void close() {
        if (village != null) {
            village.close();
        }
    }
}
