package org.svcshare.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.svcshare.cluster.Question.Stage;

/// What a node knows of itself beside the log: a file in its folder.
///
/// It tells a node that is new from one that has lost its disk. Both come with nothing; but the new
/// one wrote down that it is new before anybody could count on it.
///
/// @param founders with whom it began; empty where the group's log says with whom it is
record NodeFile(UUID group, String node, Stage stage, List<Member> founders) {
    private static final String NAME = "node";
    private static final String FORM = "svcshare-node 1";

    NodeFile {
        founders = List.copyOf(founders);
    }

    NodeFile at(Stage other, List<Member> others) {
        return new NodeFile(group, node, other, others);
    }

    /// @return empty where there is none
    /// @throws IOException when it cannot be read
    static Optional<NodeFile> read(Path folder) throws IOException {
        Path file = folder.resolve(NAME);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            List<String> lines = Files.readAllLines(file, UTF_8);
            if (!lines.getFirst().equals(FORM)) {
                throw new IllegalArgumentException("no form of ours: " + lines.getFirst());
            }
            return Optional.of(
                    new NodeFile(
                            UUID.fromString(lines.get(1)),
                            lines.get(2),
                            Stage.valueOf(lines.get(3)),
                            lines.stream().skip(4).map(NodeFile::member).toList()));
        } catch (RuntimeException e) {
            throw new IOException(file + " is damaged: " + e.getMessage(), e);
        }
    }

    private static Member member(String line) {
        String[] words = line.split(" ", -1);
        return new Member(
                new ClusterPeer(
                        words[0], words[1], Integer.parseInt(words[2]), Integer.parseInt(words[3])),
                Integer.parseInt(words[4]));
    }

    private static String line(Member member) {
        ClusterPeer peer = member.peer();
        return "%s %s %d %d %d"
                .formatted(
                        peer.id(),
                        peer.host(),
                        peer.raftPort(),
                        peer.handoverPort(),
                        member.priority());
    }

    /// Replaces it in one step.
    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        var lines = new ArrayList<>(List.of(FORM, group.toString(), node, stage.name()));
        founders.forEach(founder -> lines.add(line(founder)));
        byte[] text = (String.join("\n", lines) + "\n").getBytes(UTF_8);
        SyncedFile.write(folder.resolve(NAME), text);
    }
}
