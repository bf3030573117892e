package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Nodes of a shared log as processes of their own, of which one is killed or stopped again and
/// again while records come in. `-Dshared.faults=N` does so more often.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(540)
class SharedLogKillIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int SOME = 2_000;

    @TempDir private Path folder;

    private final List<String> arguments = new ArrayList<>();
    private final Map<String, Node> nodes = new TreeMap<>();

    /// What was reported, by position; and when somebody acted as leader, in which term.
    private final Map<Long, String> reported = new ConcurrentSkipListMap<>();

    private final Map<Long, Long> acts = new ConcurrentSkipListMap<>();
    private final AtomicLong twice = new AtomicLong();

    private final class Node {
        private final String name;
        private final Process process;
        private final Writer to;
        private volatile long written = -1;

        /// When it last said that it acts.
        private volatile long actedNanos;

        Node(String name) throws IOException {
            this.name = name;
            var command =
                    new ArrayList<>(
                            List.of(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-Xmx256m",
                                    "--sun-misc-unsafe-memory-access=allow",
                                    "--enable-native-access=ALL-UNNAMED",
                                    "-cp",
                                    System.getProperty(
                                            "surefire.test.class.path",
                                            System.getProperty("java.class.path")),
                                    SharedLogNode.class.getName(),
                                    arguments.getFirst(),
                                    name,
                                    folder.resolve(name).toString()));
            command.addAll(arguments.subList(1, arguments.size()));
            process =
                    new ProcessBuilder(command)
                            .redirectError(new File(folder.toFile(), name + ".err"))
                            .start();
            to = process.outputWriter(StandardCharsets.UTF_8);
            Thread.ofVirtual().start(this::read);
        }

        private void read() {
            try (BufferedReader from = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = from.readLine(); line != null; line = from.readLine()) {
                    String[] words = line.split(" ", -1);
                    if (!words[words.length - 1].equals(".")) {
                        continue;
                    }
                    switch (words[0]) {
                        case "at" -> {
                            if (reported.put(Long.parseLong(words[1]), words[2]) != null) {
                                twice.incrementAndGet();
                            }
                        }
                        case "acts" -> {
                            actedNanos = Long.parseLong(words[1]);
                            acts.put(actedNanos, Long.parseLong(words[2]));
                        }
                        case "written" -> written = Long.parseLong(words[1]);
                        default -> {}
                    }
                }
            } catch (IOException _) {
                // It was killed within a line.
            }
        }

        void say(String line) throws IOException {
            to.write(line + "\n");
            to.flush();
        }

        long write(Path file) throws IOException {
            written = -1;
            say("write " + file);
            await(name + " has written", () -> written >= 0);
            return written;
        }

        void signal(String signal) throws IOException, InterruptedException {
            var kill = new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start();
            assertEquals(0, kill.waitFor());
        }
    }

    private static void await(String what, Callable<Boolean> wanted) {
        Awaitility.await(what).atMost(LIMIT).until(wanted);
    }

    private void records() {
        int wanted = reported.size() + SOME;
        await("records", () -> reported.size() >= wanted);
    }

    /// Who last acted.
    private @Nullable Node leader() {
        return nodes.values().stream()
                .filter(node -> node.actedNanos != 0)
                .max((a, b) -> Long.compare(a.actedNanos, b.actedNanos))
                .orElse(null);
    }

    private void start(String name) throws IOException {
        nodes.put(name, new Node(name));
    }

    @Test
    void given_nodes_that_are_killed_or_stopped_then_no_record_is_lost_and_one_acts_at_a_time()
            throws Exception {
        long seed = new SplittableRandom().nextLong() >>> 16;
        var chance = new SplittableRandom(seed);
        arguments.add(UUID.randomUUID().toString());
        for (int i = 0; i < 3; i++) {
            arguments.add("n" + i + "=" + TestGroup.free("n" + i).raftPort());
        }
        try {
            for (int i = 0; i < 3; i++) {
                start("n" + i);
            }
            for (int i = 0; i < Integer.getInteger("shared.faults", 6); i++) {
                records();
                Node leader = leader();
                Node victim =
                        leader == null || chance.nextInt(4) == 0
                                ? Objects.requireNonNull(nodes.get("n" + chance.nextInt(3)))
                                : leader;
                if (i % 2 == 0) {
                    victim.signal("KILL");
                    victim.process.waitFor();
                    records();
                    start(victim.name);
                } else {
                    victim.signal("STOP");
                    records();
                    victim.signal("CONT");
                }
            }
            records();
            check("seed " + seed);
        } finally {
            nodes.values().forEach(node -> node.process.destroyForcibly());
        }
    }

    private void check(String where) throws IOException {
        for (Node node : nodes.values()) {
            node.say("quiet");
        }
        Path one = folder.resolve("one");
        Path other = folder.resolve("other");
        List<Node> all = List.copyOf(nodes.values());
        await(
                "all have all",
                () -> {
                    long end = all.getFirst().write(one);
                    return end >= reported.size()
                            && all.get(1).write(other) == end
                            && all.get(2).write(other) == end;
                });
        List<String> records = Files.readAllLines(one);
        for (Node node : all) {
            node.write(other);
            assertEquals(records, Files.readAllLines(other), where);
        }
        assertEquals(0, twice.get(), where);
        assertEquals(records.size(), new HashSet<>(records).size(), where);
        reported.forEach((position, record) ->
                assertEquals(record, records.get((int) (position - 1)), where));
        long term = 0;
        for (var act : acts.entrySet()) {
            assertTrue(act.getValue() >= term, where + ": in term " + act + " after " + term);
            term = act.getValue();
        }
        assertTrue(term > 0, where);
    }
}
