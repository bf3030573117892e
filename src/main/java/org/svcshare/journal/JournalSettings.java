package org.svcshare.journal;

import java.util.Objects;

/// How a journal is kept.
///
/// @param segmentBytes size of one segment file, filled with zeros when it is made; 256 bytes (of
///   use to tests) to 1 GiB. May differ from what existing segments have.
/// @param maxRecordBytes the longest record taken, 1 byte to 512 MiB; one that is longer than a
///   segment gets a segment of its own
/// @param durability what a sync waits for
public record JournalSettings(int segmentBytes, int maxRecordBytes, Durability durability) {
    private static final int MIB = 1024 * 1024;

    public JournalSettings {
        within("segmentBytes", segmentBytes, 256, 1024 * MIB);
        within("maxRecordBytes", maxRecordBytes, 1, 512 * MIB);
        Objects.requireNonNull(durability, "durability");
    }

    /// Segments of 16 MiB, records of at most 8 MiB, on the disk when synced.
    public static JournalSettings usual() {
        return new JournalSettings(16 * MIB, 8 * MIB, Durability.FSYNC);
    }

    private static void within(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "%s is %d; %d to %d is possible".formatted(name, value, least, most));
        }
    }
}
