package org.svcshare.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.journal.SharedLog.Image;
import org.svcshare.journal.SharedLog.ShortenedException;

/// A node's copy of the shared records, by itself.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class RecordStoreTest {
    /// Long enough that some of them fill a segment, and push others out of memory.
    private static final int LONG = 500_000;

    @TempDir private Path temp;

    private final AtomicInteger changes = new AtomicInteger();

    private Path folder() {
        return temp.resolve("shared");
    }

    private RecordStore open() throws IOException {
        var store = new RecordStore(folder(), changes::incrementAndGet);
        store.open();
        return store;
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static String record(long position) {
        return "record " + position;
    }

    private static String longRecord(long position) {
        return record(position) + " ".repeat(LONG);
    }

    private static List<String> records(long from, long to) {
        return LongStream.rangeClosed(from, to).mapToObj(RecordStoreTest::record).toList();
    }

    private static void append(RecordStore store, long from, long to) throws IOException {
        for (long position = from; position <= to; position++) {
            store.append(position, bytes(record(position)));
        }
        store.sync();
    }

    private static void appendLong(RecordStore store, long from, long to) throws IOException {
        for (long position = from; position <= to; position++) {
            store.append(position, bytes(longRecord(position)));
        }
        store.sync();
    }

    private static List<String> read(RecordStore store, long from) throws IOException {
        var found = new ArrayList<String>();
        long behind =
                store.read(
                        from,
                        Long.MAX_VALUE,
                        (position, record) -> {
                            assertEquals(from + found.size(), position);
                            found.add(LogKit.text(record).strip());
                        });
        assertEquals(from + found.size(), behind);
        return found;
    }

    private static void shorten(RecordStore store, long upTo, String image) {
        store.shorten(new Image(upTo, bytes(image)));
        LogKit.await("the image", () -> store.image().map(Image::upTo).equals(Optional.of(upTo)));
    }

    private static byte[] copy(RecordStore store) throws IOException {
        var to = new ByteArrayOutputStream();
        try (RecordStore.Copy copy = store.copy()) {
            copy.write(new DataOutputStream(to));
        }
        return to.toByteArray();
    }

    private static DataInputStream from(byte[] copy) {
        return new DataInputStream(new ByteArrayInputStream(copy));
    }

    @Test
    void given_nothing_when_opened_and_closed_then_there_is_no_folder() throws IOException {
        try (RecordStore store = open()) {
            assertEquals(0, store.end());
            assertEquals(List.of(), read(store, 1));
            assertEquals(Optional.empty(), store.image());
        }
        assertFalse(Files.exists(folder()));
    }

    @Test
    void given_records_when_opened_again_then_they_are_there_and_more_can_follow()
            throws IOException {
        try (RecordStore store = open()) {
            append(store, 1, 100);
            assertEquals(100, store.end());
            assertEquals(1, changes.get());
            assertEquals(records(1, 100), read(store, 1));
            assertThrows(IOException.class, () -> store.append(102, bytes("a gap")));
        }
        try (RecordStore store = open()) {
            assertEquals(100, store.end());
            assertEquals(records(40, 100), read(store, 40));
            append(store, 90, 110);
            assertEquals(records(1, 110), read(store, 1));
            assertEquals(List.of(), read(store, 111));
        }
    }

    @Test
    void given_records_from_memory_and_disk_when_read_then_the_reading_ends_with_the_bytes()
            throws IOException {
        try (RecordStore store = open()) {
            appendLong(store, 1, 60);
            assertEquals(records(1, 60), read(store, 1));
            assertEquals(records(17, 60), read(store, 17));
            assertEquals(2, store.read(1, 1, (_, _) -> {}));
            assertEquals(3, store.read(1, LONG + 100, (_, _) -> {}));
            assertEquals(61, store.read(60, 1, (_, _) -> {}));
            var failure = new IOException("the reader's");
            assertEquals(
                    failure,
                    assertThrows(
                            IOException.class,
                            () ->
                                    store.read(
                                            1,
                                            1,
                                            (_, _) -> {
                                                throw failure;
                                            })));
        }
    }

    @Test
    void given_an_image_when_shortened_then_what_it_stands_for_goes_away() throws IOException {
        try (RecordStore store = open()) {
            appendLong(store, 1, 60);
            store.shorten(new Image(61, bytes("not yet there")));
            shorten(store, 40, "forty");
            store.shorten(new Image(39, bytes("older")));
            assertThrows(ShortenedException.class, () -> read(store, 1));
            assertEquals(records(41, 60), read(store, 41));
            assertEquals("forty", LogKit.text(store.image().orElseThrow().bytes()));
        }
        try (RecordStore store = open()) {
            assertEquals(60, store.end());
            assertEquals(40, store.image().orElseThrow().upTo());
            assertEquals(records(41, 60), read(store, 41));
            assertThrows(ShortenedException.class, () -> read(store, 1));
            shorten(store, 60, "sixty");
            append(store, 61, 62);
            assertEquals(records(61, 62), read(store, 61));
        }
    }

    @Test
    void given_a_copy_when_it_replaces_what_another_store_has_then_both_have_the_same()
            throws IOException {
        byte[] copy;
        try (RecordStore store = open()) {
            appendLong(store, 1, 30);
            shorten(store, 25, "twentyfive");
            append(store, 31, 50);
            copy = copy(store);
        }
        NodeFolder.remove(folder());
        try (RecordStore store = open()) {
            append(store, 1, 3);
            changes.set(0);
            store.replace(from(copy));
            assertEquals(1, changes.get());
            assertEquals(50, store.end());
            assertEquals(records(26, 50), read(store, 26));
            assertThrows(ShortenedException.class, () -> read(store, 25));
            assertThrows(ShortenedException.class, () -> read(store, 1));
            append(store, 51, 60);
            assertEquals("twentyfive", LogKit.text(store.image().orElseThrow().bytes()));
        }
        try (RecordStore store = open()) {
            assertEquals(records(26, 60), read(store, 26));
            shorten(store, 55, "fiftyfive");
            byte[] again = copy(store);
            store.replace(from(again));
            assertEquals(60, store.end());
            assertEquals(records(56, 60), read(store, 56));
            assertThrows(ShortenedException.class, () -> read(store, 55));
        }
        try (var files = Files.list(temp)) {
            assertEquals(List.of(folder()), files.toList());
        }
    }

    @Test
    void given_a_copy_without_an_image_when_it_replaces_a_store_then_positions_begin_at_1()
            throws IOException {
        byte[] copy;
        try (RecordStore store = open()) {
            append(store, 1, 5);
            copy = copy(store);
        }
        NodeFolder.remove(folder());
        try (RecordStore store = open()) {
            store.replace(from(copy));
            assertEquals(records(1, 5), read(store, 1));
        }
    }

    @Test
    void given_a_copy_of_an_image_alone_when_it_replaces_a_store_then_the_next_record_follows()
            throws IOException {
        byte[] copy;
        try (RecordStore store = open()) {
            append(store, 1, 1);
            shorten(store, 1, "one");
            copy = copy(store);
        }
        NodeFolder.remove(folder());
        try (RecordStore store = open()) {
            store.replace(from(copy));
            assertEquals(1, store.end());
        }
        try (RecordStore store = open()) {
            assertEquals(1, store.end());
            assertThrows(ShortenedException.class, () -> read(store, 1));
            append(store, 2, 4);
            assertEquals(records(2, 4), read(store, 2));
        }
    }

    @Test
    void given_a_copy_that_is_cut_when_it_replaces_a_store_then_all_is_as_it_was()
            throws IOException {
        try (RecordStore store = open()) {
            append(store, 1, 5);
            byte[] copy = copy(store);
            var cut = new byte[copy.length - 1];
            System.arraycopy(copy, 0, cut, 0, cut.length);
            assertThrows(IOException.class, () -> store.replace(from(cut)));
            assertEquals(records(1, 5), read(store, 1));
            append(store, 6, 7);
        }
        try (RecordStore store = open()) {
            assertEquals(records(1, 7), read(store, 1));
        }
    }

    @Test
    void given_a_copy_under_way_when_shortened_then_nothing_of_it_goes_away() throws IOException {
        try (RecordStore store = open()) {
            appendLong(store, 1, 60);
            var to = new ByteArrayOutputStream();
            try (RecordStore.Copy copy = store.copy()) {
                store.shorten(new Image(50, bytes("fifty")));
                appendLong(store, 61, 62);
                copy.write(new DataOutputStream(to));
                assertEquals(Optional.empty(), store.image());
            }
            LogKit.await("the image", () -> store.image().isPresent());
            assertThrows(ShortenedException.class, () -> read(store, 1));
            store.replace(from(to.toByteArray()));
            assertEquals(records(1, 60), read(store, 1));
        }
    }

    /// As after a crash between two steps of a replacement.
    @Test
    void given_a_replacement_that_was_broken_off_when_opened_then_its_folders_are_removed()
            throws IOException {
        try (RecordStore store = open()) {
            append(store, 1, 5);
        }
        Files.createDirectories(temp.resolve("shared.new"));
        Files.writeString(temp.resolve("shared.new").resolve("rubbish"), "x");
        Files.createDirectories(temp.resolve("shared.old"));
        try (RecordStore store = open()) {
            assertEquals(records(1, 5), read(store, 1));
        }
        Files.move(folder(), temp.resolve("shared.old"));
        try (RecordStore store = open()) {
            assertEquals(0, store.end());
        }
        try (var files = Files.list(temp)) {
            assertEquals(List.of(), files.toList());
        }
    }

    private Path segment() throws IOException {
        try (var files = Files.list(folder())) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }

    private void overwrite(int at, int bytes) throws IOException {
        try (var file = FileChannel.open(segment(), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(bytes), at);
        }
    }

    /// A store that another program killed has the records at its end, or some of them.
    @Test
    void given_a_torn_end_when_opened_then_the_records_before_it_are_there() throws IOException {
        try (RecordStore killed = open()) {
            append(killed, 1, 5);
            append(killed, 6, 6);
            Files.createDirectories(temp.resolve("as it was"));
            try (var files = Files.list(folder())) {
                for (Path file : files.toList()) {
                    Files.copy(file, temp.resolve("as it was").resolve(file.getFileName()));
                }
            }
        }
        NodeFolder.remove(folder());
        Files.move(temp.resolve("as it was"), folder());
        long size = 0;
        byte[] content = Files.readAllBytes(segment());
        for (int i = content.length - 1; i >= 0 && size == 0; i--) {
            size = content[i] == 0 ? 0 : i + 1;
        }
        overwrite((int) size - 4, 4);
        try (RecordStore store = open()) {
            assertEquals(5, store.end());
            append(store, 6, 8);
            assertEquals(records(1, 8), read(store, 1));
        }
    }

    @Test
    void given_damage_when_opened_then_it_begins_anew() throws IOException {
        try (RecordStore store = open()) {
            append(store, 1, 5);
        }
        overwrite(40, 30);
        try (RecordStore store = open()) {
            assertEquals(0, store.end());
            append(store, 1, 5);
            assertEquals(records(1, 5), read(store, 1));
        }
    }

    /// Only with it positions are known.
    @Test
    void given_an_image_that_is_gone_when_opened_then_it_begins_anew() throws IOException {
        byte[] copy;
        try (RecordStore store = open()) {
            append(store, 1, 5);
            shorten(store, 1, "one");
            copy = copy(store);
            store.replace(from(copy));
        }
        try (var files = Files.list(folder())) {
            for (Path file : files.filter(f -> f.toString().endsWith(".snapshot")).toList()) {
                Files.delete(file);
            }
        }
        try (RecordStore store = open()) {
            assertEquals(0, store.end());
        }
    }

    @Test
    void given_a_closed_store_when_used_then_it_says_so() throws IOException {
        RecordStore store = open();
        append(store, 1, 5);
        store.close();
        assertThrows(IOException.class, () -> append(store, 6, 6));
        IOException why = assertThrows(IOException.class, () -> read(store, 1));
        assertTrue(String.valueOf(why.getMessage()).contains("closed"), why::toString);
    }
}
