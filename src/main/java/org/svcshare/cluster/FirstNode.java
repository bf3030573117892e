package org.svcshare.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.svcshare.cluster.Question.Stage;
import org.svcshare.pool.TableImage;

/// Makes the folder of the first node of a group out of a table that was kept elsewhere.
public final class FirstNode {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LOOK = Duration.ofMillis(10);

    private FirstNode() {}

    /// Makes the folder whole or not at all: a group of this one node, which others may join.
    ///
    /// Ratis itself writes it, as a node that for a moment runs alone at its ports.
    ///
    /// @param settings of the node; its folder must be empty, or not be there
    /// @throws IOException with what is in the way, for people
    public static void make(ClusterSettings settings, TableImage table)
            throws IOException, InterruptedException {
        Path folder = settings.folder();
        if (Files.exists(folder) && !empty(folder)) {
            throw new IOException(folder + " is not empty: it may be that of a group");
        }
        Path draft = folder.resolveSibling(folder.getFileName() + ".new");
        NodeFolder.remove(draft);
        var alone = settings.alone(draft);
        var me = new Member(settings.me(), settings.priority());
        Files.createDirectories(draft);
        write(alone, me, table);
        new NodeFile(settings.group(), settings.self(), Stage.MEMBER, List.of(me)).write(draft);
        Files.move(draft, folder, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void write(ClusterSettings alone, Member me, TableImage table)
            throws IOException, InterruptedException {
        var clock = new GroupClock(InstantSource.system(), System::nanoTime);
        try (var store = new RecordStore(NodeFolder.shared(alone.folder()), () -> {})) {
            var machine =
                    new TableMachine(
                            0,
                            clock,
                            new SharedRecords(store),
                            _ -> {},
                            _ -> {},
                            _ -> {},
                            () -> {});
            machine.begin(table);
            write(alone, me, machine);
        }
    }

    private static void write(ClusterSettings alone, Member me, TableMachine machine)
            throws IOException, InterruptedException {
        try (var node = new RaftNode(alone, machine)) {
            node.begin(List.of(me));
            long until = System.nanoTime() + PATIENCE.toNanos();
            while (!node.leads()) {
                if (System.nanoTime() - until > 0) {
                    throw new IOException("the new group does not begin");
                }
                Thread.sleep(LOOK);
            }
            machine.writeDown();
        }
    }

    private static boolean empty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }
}
