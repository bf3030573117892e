package org.svcshare.store;

import java.util.Optional;
import java.util.regex.Pattern;

/// When and by whom an entry was written. No two writes have the same, so that it tells a reader
/// whether an entry is still the one it saw.
///
/// @param stamp of the writer's [HybridClock]
/// @param writer the member's id, 16 hexadecimal digits, which outlives its restarts
public record Version(long stamp, String writer) implements Comparable<Version> {
    private static final Pattern TEXT = Pattern.compile("([0-9a-f]{16})-([0-9a-f]{16})");

    public Version {
        if (stamp < 0 || writer.length() != 16) {
            throw new IllegalArgumentException(stamp + " by " + writer);
        }
    }

    /// What [#toString] gave.
    public static Optional<Version> parse(String text) {
        var found = TEXT.matcher(text);
        if (!found.matches() || text.charAt(0) > '7') {
            return Optional.empty();
        }
        return Optional.of(new Version(Long.parseLong(found.group(1), 16), found.group(2)));
    }

    /// Milliseconds since 1970 by the writer's clock, which others may have pushed forward.
    public long writtenMs() {
        return stamp >>> HybridClock.COUNT_BITS;
    }

    @Override
    public int compareTo(Version other) {
        int byStamp = Long.compare(stamp, other.stamp);
        return byStamp != 0 ? byStamp : writer.compareTo(other.writer);
    }

    /// 33 characters that [#parse] reads.
    @Override
    public String toString() {
        return "%016x-%s".formatted(stamp, writer);
    }
}
