package org.svcshare.gossip;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// The id of a member, which it keeps for as long as its folder is there.
final class IdFile {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{16}");
    private static final int MOST_BYTES = 64;

    private IdFile() {}

    /// Reads it, or draws one and writes it down.
    ///
    /// @throws IOException when it cannot be read or written, or is none; the message is for people
    static String in(Path folder, RandomGenerator random) throws IOException {
        Path file = folder.resolve("id");
        if (!Files.exists(file)) {
            return fresh(folder, random);
        }
        String id = Files.size(file) > MOST_BYTES ? "" : Files.readString(file, US_ASCII).strip();
        if (!ID.matcher(id).matches()) {
            throw new IOException(
                    file + " holds no id of a member; without the file a new one is drawn");
        }
        return id;
    }

    /// Draws a new one and writes it down.
    static String fresh(Path folder, RandomGenerator random) throws IOException {
        String id = "%016x".formatted(random.nextLong());
        Files.createDirectories(folder);
        Path next = folder.resolve("id.new");
        Files.writeString(next, id + "\n", US_ASCII);
        try {
            Files.move(
                    next,
                    folder.resolve("id"),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException(folder + " is on a file system that cannot rename safely", e);
        }
        return id;
    }
}
