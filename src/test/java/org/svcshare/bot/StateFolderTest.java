package org.svcshare.bot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.turn.KeptState;

class StateFolderTest {
    @TempDir Path folder;

    @Test
    void given_a_state_when_it_was_saved_then_the_next_process_finds_it() throws IOException {
        var kept =
                new KeptState(
                        42,
                        Instant.parse("2026-11-21T12:00:00Z"),
                        false,
                        812L << 20,
                        new TreeMap<>(Map.of(20_778L, 123L)));
        try (var state = StateFolder.open(folder)) {
            state.saveTurn(kept);
            state.savePaused(Set.of("a", "b"));
        }

        try (var state = StateFolder.open(folder)) {
            assertEquals(kept, state.loadTurn());
            assertEquals(Set.of("a", "b"), state.loadPaused());
        }
        assertFalse(Files.exists(folder.resolve("turn.json.new")));
    }

    @Test
    void given_an_empty_folder_then_nothing_was_kept() throws IOException {
        try (var state = StateFolder.open(folder.resolve("new"))) {
            assertEquals(KeptState.NONE, state.loadTurn());
            assertEquals(Set.of(), state.loadPaused());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]]",
                "\"x\"",
                "{\"haltedUntil\":\"soon\"}",
                "{\"usedBytesByDay\":{\"x\":1}}"
            })
    void given_a_file_that_cannot_be_read_then_it_is_put_aside_and_nothing_is_lost(String content)
            throws IOException {
        Files.writeString(folder.resolve("turn.json"), content);
        try (var state = StateFolder.open(folder)) {
            assertEquals(KeptState.NONE, state.loadTurn());
        }
        if (Files.notExists(folder.resolve("turn.json"))) {
            assertEquals(content, Files.readString(folder.resolve("turn.json.unreadable")));
        }
    }

    @Test
    void given_a_folder_in_use_then_a_second_process_is_told_what_to_do() throws IOException {
        try (var state = StateFolder.open(folder)) {
            var refused = assertThrows(IOException.class, () -> StateFolder.open(folder));
            assertTrue(String.valueOf(refused.getMessage()).contains("in use by another svcshare"));
            assertEquals(0, state.loadTurn().turn());
        }
    }

    @Test
    void given_a_folder_in_use_when_this_process_was_refused_then_other_processes_still_are()
            throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder);
        try (var state = StateFolder.open(folder)) {
            assertThrows(IOException.class, () -> StateFolder.open(link));

            assertEquals("locked", elsewhere(folder.resolve("lock")));
            assertEquals(0, state.loadTurn().turn());
        }
        assertEquals("free", elsewhere(folder.resolve("lock")));
        try (var again = StateFolder.open(link)) {
            assertEquals(0, again.loadTurn().turn());
        }
    }

    /// Whether another process can lock a file.
    private String elsewhere(Path file) throws Exception {
        Path source =
                Files.writeString(
                        folder.resolve("Look.java"),
                        """
                        import java.nio.channels.FileChannel;
                        import java.nio.file.*;

                        void main(String[] args) throws Exception {
                            try (var c = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE)) {
                                IO.println(c.tryLock() == null ? "locked" : "free");
                            }
                        }
                        """);
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Path out = folder.resolve("out");
        int code =
                new ProcessBuilder(java.toString(), source.toString(), file.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .start()
                        .waitFor();
        assertEquals(0, code, () -> read(out));
        return read(out).strip();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void given_a_folder_that_cannot_be_made_then_the_message_names_it() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");

        var refused =
                assertThrows(IOException.class, () -> StateFolder.open(file.resolve("below")));
        assertTrue(
                String.valueOf(refused.getMessage()).contains(file.toString()), refused::toString);
    }
}
