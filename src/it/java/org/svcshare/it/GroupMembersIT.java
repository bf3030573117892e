package org.svcshare.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nodes come to a group of real processes that is in use, and leave it, with certificates and with
/// the commands that people have for it.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GroupMembersIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @TempDir private Path folder;
    @TempDir private Path certificates;

    /// No name is used twice.
    private int rounds;

    private void svcshare(NodeGroup group, String asked, String... words) throws Exception {
        var command = new ArrayList<>(List.of("cluster"));
        command.addAll(List.of(words));
        command.addAll(List.of("--server", group.node(asked).at.toString()));
        try (var svcshare = Svcshare.start(folder, Map.of(), command.toArray(String[]::new))) {
            assertEquals(0, svcshare.exit(LIMIT), svcshare::printed);
        }
    }

    @Test
    void given_load_when_nodes_come_and_go_then_no_lock_is_lost_or_doubled() throws Exception {
        FaultRounds.assumeWanted();
        try (var group = new NodeGroup(folder, new LoopbackPlaces(certificates), 3).startAll()) {
            FaultRounds.run(
                    group,
                    (_, users) -> {
                        rounds++;
                        oneJoinsAndIsRemoved(group, users, "joins" + rounds);
                        oneLosesItsDisk(group, users, "new" + rounds);
                    });
        }
    }

    private void oneJoinsAndIsRemoved(NodeGroup group, LockUsers users, String name)
            throws Exception {
        String follower = group.others(group.leader()).getFirst();
        GroupNode node = group.joining(name, follower);
        group.start(name);
        node.awaitReady();
        users.goOn();

        svcshare(group, follower, "remove", name);
        saysSoonWhy(group, node, "was removed from the group");
        group.forget(name);
        users.goOn();
    }

    private void oneLosesItsDisk(NodeGroup group, LockUsers users, String name) throws Exception {
        String lost = group.others(group.leader()).getFirst();
        group.kill(lost);
        wipe(group.node(lost).folder.resolve("state"));
        group.start(lost);
        saysSoonWhy(group, group.node(lost), "has lost what it had");
        users.goOn();

        group.node(lost).close();
        GroupNode node = group.inPlaceOf(lost, name);
        group.start(name);
        saysSoonWhy(group, node, "the group has begun without this node");
        svcshare(group, group.leader(), "replace", lost, name + "=" + group.address(name));
        node.awaitReady();
        users.goOn();
    }

    private static void saysSoonWhy(NodeGroup group, GroupNode node, String why) {
        group.await(node.name + " says that it " + why, () -> node.get("/readyz").contains(why));
    }

    private static void wipe(Path state) throws IOException {
        try (Stream<Path> files = Files.walk(state)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
