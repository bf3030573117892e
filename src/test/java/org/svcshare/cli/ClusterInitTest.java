package org.svcshare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.engine.EngineKit;
import org.svcshare.engine.Engines;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class ClusterInitTest {
    private static final String GROUP =
            """
            bot = false
            state-folder = "%s"
            pools.engine = cluster
            cluster { node = n1, peers = ["n1=127.0.0.1:%d"%s] }
            """;

    @TempDir private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int init(String settings) throws IOException {
        Path file = Files.writeString(folder.resolve("config.conf"), settings);
        out.reset();
        err.reset();
        return Main.execute(
                new String[] {"cluster", "init", "--from-journal", "-c", file.toString()},
                new Surroundings(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        () -> false,
                        Map.of(),
                        "anna",
                        folder,
                        folder));
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /// A free port below a free one.
    private static int port() throws IOException {
        while (true) {
            try (var one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    var _ =
                            new ServerSocket(
                                    one.getLocalPort() + 1, 1, InetAddress.getLoopbackAddress())) {
                return one.getLocalPort();
            } catch (BindException _) {
                // Somebody has the one above: draw again.
            }
        }
    }

    @Test
    void given_a_journal_when_a_group_is_begun_then_the_folder_is_made_once() throws Exception {
        String settings = GROUP.formatted(folder, port(), "");
        assertEquals(ExitCode.UNAVAILABLE, init(settings));
        assertTrue(err().contains("no journal"), err());

        Path journal = folder.resolve("pools");
        try (var at =
                new EngineKit(
                        Engines.journal(journal, EngineKit.RULES, Duration.ZERO, Duration.ZERO))) {
            at.granted("anna", "bench");
            at.acquire("bob", "bench");
            assertEquals(ExitCode.UNAVAILABLE, init(settings));
            assertTrue(err().contains("in use"), err());
        }

        assertEquals(ExitCode.OK, init(settings), err());
        assertEquals(
                "the group begins with 2 tickets" + System.lineSeparator(),
                out.toString(StandardCharsets.UTF_8));
        assertTrue(Files.exists(folder.resolve("cluster").resolve("node")));

        assertEquals(ExitCode.UNAVAILABLE, init(settings));
        assertTrue(err().contains("not empty"), err());
    }

    @Test
    void given_other_settings_when_a_group_is_to_begin_then_the_mistake_is_named()
            throws Exception {
        assertEquals(ExitCode.CONFIGURATION, init("bot = false"));
        assertTrue(err().contains("pools.engine = cluster"), err());

        String two = GROUP.formatted(folder, port(), ", \"n2=127.0.0.1:1\"");
        assertEquals(ExitCode.UNAVAILABLE, init(two));
        assertTrue(err().contains("begins with this node alone"), err());
    }
}
