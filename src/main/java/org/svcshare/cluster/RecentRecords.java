package org.svcshare.cluster;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// The newest records in memory: whoever follows the log reads each of them a moment after it has
/// come. Not thread-safe.
final class RecentRecords {
    private static final int MOST_BYTES = 8 << 20;

    private final ArrayDeque<ByteBuffer> records = new ArrayDeque<>();

    /// Of the newest one.
    private long last;

    private long bytes;

    /// @param position one above the last, or anything when there is none
    void add(long position, ByteBuffer record) {
        records.add(record);
        last = position;
        bytes += record.remaining();
        while (bytes > MOST_BYTES) {
            bytes -= records.remove().remaining();
        }
    }

    void clear() {
        records.clear();
        bytes = 0;
    }

    /// @param upTo not above the last one
    /// @param mostBytes ends the list; at least one is in it
    /// @return none when the first one wanted is not here
    List<ByteBuffer> from(long position, long upTo, long mostBytes) {
        long first = last - records.size() + 1;
        if (position < first || position > upTo) {
            return List.of();
        }
        var found = new ArrayList<ByteBuffer>();
        long left = mostBytes;
        long at = first;
        for (ByteBuffer record : records) {
            if (at > upTo || (left <= 0 && !found.isEmpty())) {
                break;
            }
            if (at >= position) {
                found.add(record.duplicate());
                left -= record.remaining();
            }
            at++;
        }
        return found;
    }
}
