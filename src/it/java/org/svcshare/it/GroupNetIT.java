package org.svcshare.it;

import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nodes with a network of their own each, and certificates. A cable is unplugged: what is sent
/// vanishes, while users still reach all nodes.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GroupNetIT {
    @TempDir private Path folder;
    @TempDir private Path certificates;

    @Test
    void given_load_when_nodes_are_unplugged_then_no_lock_is_lost_or_doubled() throws Exception {
        FaultRounds.assumeWanted();
        var net = new Namespaces(certificates, List.of("n1", "n2", "n3"));
        try (var group = new NodeGroup(folder, net, 3).startAll()) {
            FaultRounds.run(
                    group,
                    (_, users) -> {
                        String leader = group.leader();
                        String follower = group.others(leader).getFirst();
                        net.unplug(leader);
                        users.goOn();
                        assertNotEquals(leader, group.leader());
                        net.plugIn(leader);
                        group.awaitReady();

                        net.unplug(follower);
                        users.goOn();
                        net.plugIn(follower);
                    });
        }
    }
}
