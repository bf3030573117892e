package org.svcshare.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The demonstration of replication as people start it.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ReplicaDemoIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Pattern LOG = Pattern.compile("curl http://(\\S+)/log");

    @TempDir private Path folder;

    private Svcshare start(String... options) throws Exception {
        Files.createDirectories(folder.resolve("tmp"));
        var arguments = new ArrayList<>(List.of("replica", "demo"));
        arguments.addAll(List.of(options));
        return Svcshare.start(
                folder,
                Map.of("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + folder.resolve("tmp")),
                arguments.toArray(String[]::new));
    }

    /// What it put there is gone again.
    private void assertClean() throws Exception {
        try (var files = Files.list(folder.resolve("tmp"))) {
            assertEquals(
                    List.of(),
                    files.filter(file -> file.getFileName().toString().startsWith("svcshare-"))
                            .toList());
        }
    }

    @Test
    void given_json_when_it_is_over_then_the_copies_are_equal_and_stdout_has_the_summary()
            throws Exception {
        try (var demo = start("--json", "--writes", "200")) {
            assertEquals(0, demo.exit(LIMIT), demo::printed);

            JsonNode summary = JsonMapper.shared().readTree(demo.out());
            assertEquals(1, demo.out().lines().count(), demo::out);
            assertEquals(3, summary.path("copies").asInt());
            assertTrue(summary.path("acknowledged").asInt() >= 600, demo::out);
            assertTrue(summary.path("whileAway").asInt() >= 200, demo::out);
            assertEquals(0, summary.path("missing").asInt(-1));
            assertEquals(0, summary.path("doubled").asInt(-1));
            assertTrue(summary.path("equal").asBoolean(), demo::out);
            assertTrue(demo.err().contains("b is killed after "), demo::err);
        }
        assertClean();
    }

    @Test
    void given_a_demonstration_when_it_is_stopped_then_nothing_of_it_is_left() throws Exception {
        try (var demo = start("--writes", "100000")) {
            await("the clients write")
                    .atMost(LIMIT)
                    .until(() -> demo.out().contains("clients begin to write"));
            demo.signal("INT");

            assertEquals(1, demo.exit(LIMIT), demo::printed);
            assertTrue(demo.out().contains("  stopped"), demo::out);
            List<Integer> ports =
                    LOG.matcher(demo.out())
                            .results()
                            .map(found -> found.group(1))
                            .map(address -> address.substring(address.lastIndexOf(':') + 1))
                            .map(Integer::valueOf)
                            .toList();
            assertEquals(3, ports.size(), demo::out);
            assertTrue(
                    OpenPorts.of(ports.stream().collect(Collectors.toSet())).isEmpty(), demo::out);
        }
        assertClean();
    }
}
