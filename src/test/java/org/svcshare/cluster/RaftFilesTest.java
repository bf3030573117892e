package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.ratis.util.AtomicFileOutputStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The files in which Ratis keeps what a node must not forget.
@DisplayNameGeneration(ReplaceUnderscores.class)
class RaftFilesTest {
    @TempDir private Path folder;

    private Path kept() throws IOException {
        return Files.writeString(folder.resolve("raft-meta"), "before");
    }

    private static void write(AtomicFileOutputStream to) throws IOException {
        to.write("after".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void given_a_class_of_ours_in_place_of_one_of_ratis_then_ours_is_found() {
        assertEquals(
                TableMachine.class.getProtectionDomain().getCodeSource().getLocation(),
                AtomicFileOutputStream.class.getProtectionDomain().getCodeSource().getLocation());
    }

    @Test
    void given_a_file_when_it_is_written_anew_then_it_changes_only_at_the_end() throws IOException {
        Path file = kept();
        try (var to = new AtomicFileOutputStream(file.toFile())) {
            write(to);
            assertEquals("before", Files.readString(file));
        }
        assertEquals("after", Files.readString(file));
        assertEquals(1, folder.toFile().list().length);
    }

    @Test
    void given_a_file_when_it_cannot_be_written_then_it_is_as_it_was() throws IOException {
        Path file = kept();
        assertThrows(
                IOException.class,
                () -> {
                    try (var to = new AtomicFileOutputStream(file.toFile())) {
                        write(to);
                        // More than there is: it fails as on a full disk.
                        assertThrows(
                                IndexOutOfBoundsException.class, () -> to.write(new byte[1], 0, 2));
                    }
                });
        assertEquals("before", Files.readString(file));
        assertEquals(1, folder.toFile().list().length);
    }

    @Test
    void given_a_file_when_its_new_form_is_given_up_then_it_is_as_it_was() throws IOException {
        Path file = kept();
        var to = new AtomicFileOutputStream(file.toFile());
        write(to);
        to.abort();
        assertEquals("before", Files.readString(file));
        assertEquals(1, folder.toFile().list().length);
    }
}
