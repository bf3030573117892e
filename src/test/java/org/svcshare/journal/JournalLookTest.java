package org.svcshare.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.svcshare.journal.Records.bytes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class JournalLookTest {
    @TempDir Path temp;

    private Path folder() {
        return temp.resolve("journal");
    }

    private void write(int records) throws IOException {
        try (Journal journal = Journal.open(folder(), JournalSettings.usual())) {
            for (int i = 0; i < records; i++) {
                journal.append(bytes("record " + i));
            }
            journal.sync();
        }
    }

    /// Names and what is in them.
    private Map<String, Integer> content() throws IOException {
        var content = new TreeMap<String, Integer>();
        try (Stream<Path> files = Files.list(folder())) {
            for (Path file : files.toList()) {
                content.put(file.toString(), Arrays.hashCode(Files.readAllBytes(file)));
            }
        }
        return content;
    }

    private Path segment() throws IOException {
        try (Stream<Path> files = Files.list(folder())) {
            return files.filter(file -> Files.isRegularFile(file) && !file.endsWith("lock"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void given_no_folder_or_no_record_then_empty_and_nothing_is_made() throws IOException {
        assertEquals(new JournalLook.Empty(), JournalLook.at(folder()));
        assertTrue(Files.notExists(folder()));
        write(0);
        assertEquals(new JournalLook.Empty(), JournalLook.at(folder()));
    }

    @Test
    void given_a_journal_then_it_is_read_and_not_touched() throws IOException {
        write(3);
        Map<String, Integer> before = content();

        assertEquals(new JournalLook.Sound(3), JournalLook.at(folder()));
        assertEquals(before, content());
    }

    @Test
    void given_a_torn_end_then_it_is_read_and_left_torn() throws IOException {
        write(3);
        try (var file = Files.newByteChannel(segment(), StandardOpenOption.WRITE)) {
            file.position(file.size() - 5);
            file.write(bytes("torn"));
        }
        Map<String, Integer> before = content();

        assertEquals(new JournalLook.Sound(3), JournalLook.at(folder()));
        assertEquals(before, content());
    }

    @Test
    void given_a_journal_in_use_when_looked_at_then_its_process_keeps_it() throws IOException {
        try (Journal journal = Journal.open(folder(), JournalSettings.usual())) {
            journal.append(bytes("one"));
            journal.sync();

            assertEquals(new JournalLook.InUse(), JournalLook.at(folder()));
            assertEquals(new JournalLook.InUse(), JournalLook.at(folder()));
            journal.append(bytes("two"));
            journal.sync();
        }
        assertEquals(new JournalLook.Sound(2), JournalLook.at(folder()));
    }

    @Test
    void given_a_damaged_journal_then_it_says_so_and_what_to_do() throws IOException {
        write(3);
        try (var file = Files.newByteChannel(segment(), StandardOpenOption.WRITE)) {
            file.write(bytes("not a journal"));
        }

        var damaged = assertInstanceOf(JournalLook.Damaged.class, JournalLook.at(folder()));
        assertTrue(damaged.why().contains("Restore the folder from a backup"), damaged.why());
    }
}
