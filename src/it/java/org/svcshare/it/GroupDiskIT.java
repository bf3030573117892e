package org.svcshare.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.it.FaultRounds.Round;

/// The disk of one node of a group is full: it says so, sends away who waits at it, and leaves the
/// work to the others; it is back when there is room and it was restarted.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GroupDiskIT {
    /// Room for some pieces of the log, which are 8 MiB each.
    private static final int SIZE_MB = 40;

    /// How much is surely more than what is left of a piece, whose room the node has already.
    private static final int LOG_PIECE_BYTES = 9_000_000;

    private static final String POOL = "waited-for";

    @TempDir private Path folder;

    private final Map<String, SmallDisk> disks = new HashMap<>();

    private void onSmallDisks(Round round) throws Exception {
        FaultRounds.assumeWanted();
        try (var group = new NodeGroup(folder, 3)) {
            for (String name : group.names()) {
                var disk = new SmallDisk(folder.resolve(name + "-disk"), SIZE_MB);
                disks.put(name, disk);
                group.node(name).set("cluster.folder = \"" + disk.folder() + "/cluster\"");
            }
            FaultRounds.run(group.startAll(), round);
        } finally {
            for (SmallDisk disk : disks.values()) {
                disk.close();
            }
        }
    }

    private SmallDisk disk(String node) {
        return Objects.requireNonNull(disks.get(node));
    }

    /// It would write more than there is room for.
    private void isFull(NodeGroup group, LockUsers users, String sick, Runnable writes)
            throws Exception {
        GroupNode node = group.node(sick);
        GroupNode other = group.node(group.others(sick).getFirst());
        String holder = granted(other.lock(POOL, "{\"ttl\":\"5m\"}"));
        String waiter =
                "{\"id\":\"%s\",\"wait\":\"5m\",\"ttl\":\"5m\"}".formatted(UUID.randomUUID());
        var waiting = node.lockLater(POOL, waiter);
        group.await("it waits", () -> node.pool(POOL).path("waiting").asInt() == 1);

        disk(sick).fill();
        writes.run();
        group.await(
                sick + " says that it cannot write",
                () -> node.get("/readyz").contains("No space left on device"));

        String said = node.process().err();
        assertTrue(said.contains("the pools stop working"), said);
        users.goOn();
        assertNotEquals(sick, group.leader());
        // Nobody would ever be told there.
        assertEquals(503, waiting.get(60, TimeUnit.SECONDS).statusCode());
        assertEquals(204, other.release(POOL, holder));
        assertEquals(204, other.release(POOL, granted(other.lock(POOL, waiter))));

        disk(sick).free();
        assertEquals(0, group.stop(sick));
        group.start(sick);
        node.awaitReady();
    }

    private static String granted(HttpResponse<String> answer) {
        assertTrue(answer.statusCode() == 201 || answer.statusCode() == 200, answer.body());
        return GroupNode.json(answer.body()).path("token").asString();
    }

    @Test
    void given_load_when_a_disk_is_full_then_its_node_says_so_and_the_others_go_on()
            throws Exception {
        onSmallDisks((group, users) -> {
            String leader = group.leader();
            List<String> others = group.others(leader);
            // A new leader begins a new piece of the log.
            isFull(group, users, others.getFirst(), () -> group.lead(others.getLast()));
            isFull(group, users, group.leader(), () -> writeMuch(group));
        });
    }

    private static void writeMuch(NodeGroup group) {
        try (var writer = new LogFiller(group.addresses())) {
            writer.await(LOG_PIECE_BYTES);
        }
    }
}
