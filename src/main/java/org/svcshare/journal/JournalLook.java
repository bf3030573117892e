package org.svcshare.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What is in a journal's folder, as [Journal#open] would find it; nothing is changed, and nothing
/// taken from a process that works with it.
public sealed interface JournalLook {
    /// No journal is there yet, perhaps not even the folder.
    record Empty() implements JournalLook {}

    /// Another process, or another part of this one, has it open; so it was not read.
    record InUse() implements JournalLook {}

    /// @param records up to which one, counted since it was begun
    record Sound(long records) implements JournalLook {}

    /// @param why for people; says what to do
    record Damaged(String why) implements JournalLook {}

    /// @throws IOException when the folder or a file in it cannot be read
    static JournalLook at(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return new Empty();
        }
        Path real = folder.toRealPath();
        if (RealDisk.inUse(real)) {
            return new InUse();
        }
        try (var disk = new ReadOnlyDisk(real)) {
            Recovery.Found found = Recovery.run(disk, new Fate());
            Tail tail = found.tail();
            if (tail != null) {
                tail.close();
            }
            long records = Math.max(found.last(), found.snapshotIndex());
            return records == 0 ? new Empty() : new Sound(records);
        } catch (JournalDamagedException e) {
            return new Damaged(String.valueOf(e.getMessage()));
        }
    }
}
