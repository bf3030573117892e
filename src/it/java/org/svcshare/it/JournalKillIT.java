package org.svcshare.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.journal.Journal;

/// Kills a process that appends, again and again, on one journal. `-Djournal.kills=N` kills more.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class JournalKillIT {
    @TempDir Path temp;

    @Test
    void given_a_writer_when_it_is_killed_then_no_record_that_it_acknowledged_is_lost()
            throws Exception {
        Path folder = temp.resolve("journal");
        long seed = new SplittableRandom().nextLong() >>> 16;
        var chance = new SplittableRandom(seed);
        for (int kill = 0; kill < Integer.getInteger("journal.kills", 20); kill++) {
            long acknowledged = killed(folder, chance);
            String where = "seed " + seed + ", kill " + kill;
            try (Journal journal = Journal.open(folder, JournalWriter.SETTINGS)) {
                assertTrue(
                        journal.lastIndex() >= acknowledged,
                        where
                                + ": ends at "
                                + journal.lastIndex()
                                + ", acknowledged "
                                + acknowledged);
                assertNull(JournalWriter.wrong(journal), where);
            }
        }
    }

    /// Runs a writer for some batches.
    ///
    /// @return the last index that it said was synced
    private static long killed(Path folder, SplittableRandom chance)
            throws IOException, InterruptedException {
        Process writer = writer(folder, chance.nextLong());
        long acknowledged = 0;
        try (BufferedReader out = writer.inputReader(StandardCharsets.UTF_8)) {
            int lines = 1 + chance.nextInt(400);
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                acknowledged = JournalWriter.synced(line, acknowledged);
                if (--lines == 0) {
                    break;
                }
            }
            assertEquals(0, lines, "it ended by itself");
            // Not Process.destroyForcibly, which closes the stream that is still to be read.
            writer.toHandle().destroyForcibly();
            var rest = new StringWriter();
            out.transferTo(rest);
            // What it still said; the last line may be cut.
            for (String line : rest.toString().split("(?<=\n)", -1)) {
                if (line.endsWith("\n")) {
                    acknowledged = JournalWriter.synced(line.strip(), acknowledged);
                }
            }
        } finally {
            writer.destroyForcibly().waitFor();
        }
        return acknowledged;
    }

    private static Process writer(Path folder, long seed) throws IOException {
        return new ProcessBuilder(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx128m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                JournalWriter.class.getName(),
                                folder.toString(),
                                Long.toString(seed)))
                .redirectErrorStream(true)
                .start();
    }

    @Test
    void given_a_journal_in_use_when_another_process_opens_it_then_it_is_told_who_holds_it()
            throws Exception {
        Path folder = temp.resolve("journal");
        try (Journal journal = Journal.open(folder, JournalWriter.SETTINGS)) {
            // A second opening here must not give up the lock of the first: POSIX locks would.
            assertThrows(IOException.class, () -> Journal.open(folder, JournalWriter.SETTINGS));
            Process other = writer(folder, 1);
            String said;
            try (BufferedReader out = other.inputReader(StandardCharsets.UTF_8)) {
                said = out.lines().collect(Collectors.joining("\n"));
            } finally {
                other.destroyForcibly().waitFor();
            }
            assertTrue(said.contains(folder.toRealPath() + "/lock"), said);
            assertEquals(0, journal.lastIndex());
        }
    }
}
