package org.svcshare.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/// What one key was set to, or that it was removed.
///
/// @param key see [#problem]
/// @param value null for a tombstone
/// @param expiresMs from when on it counts as removed, milliseconds since 1970; 0 for never
public record Entry(String key, @Nullable Value value, Version version, long expiresMs)
        implements Comparable<Entry> {
    public static final int MAX_KEY_BYTES = 512;
    public static final int MAX_VALUE_BYTES = 64 * 1024;

    public Entry {
        if (value != null && value.sizeBytes() > MAX_VALUE_BYTES) {
            throw new IllegalArgumentException(value + " for " + key);
        }
        if (!problem(key).isEmpty() || expiresMs < 0) {
            throw new IllegalArgumentException(problem(key) + " " + expiresMs);
        }
    }

    /// What is wrong with a key: it has 1 to 512 bytes of UTF-8 and no control character.
    ///
    /// @return for people; empty when nothing is
    public static String problem(String key) {
        if (key.isEmpty()) {
            return "a key has at least one character";
        }
        if (key.length() > MAX_KEY_BYTES || key.getBytes(UTF_8).length > MAX_KEY_BYTES) {
            return "a key has at most " + MAX_KEY_BYTES + " bytes";
        }
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (Character.isISOControl(c)) {
                return "a key has no control characters";
            }
            if (Character.isSurrogate(c)) {
                boolean pair =
                        Character.isHighSurrogate(c)
                                && i + 1 < key.length()
                                && Character.isLowSurrogate(key.charAt(i + 1));
                if (!pair) {
                    return "a key is UTF-8";
                }
                i++;
            }
        }
        return "";
    }

    public boolean tombstone() {
        return value == null;
    }

    /// Whether a reader sees it.
    public boolean live(long nowMs) {
        return value != null && (expiresMs == 0 || nowMs < expiresMs);
    }

    /// Which of two writes of one key stands: the later one. Total, so that all agree; of two with
    /// one version, which only a member whose folder was copied can make, the greater stands.
    @Override
    public int compareTo(Entry other) {
        int order = version.compareTo(other.version);
        if (order != 0) {
            return order;
        }
        if (value == null || other.value == null) {
            order = Boolean.compare(value != null, other.value != null);
        } else {
            order = value.compareTo(other.value);
        }
        if (order != 0) {
            return order;
        }
        order = Long.compare(expiresMs, other.expiresMs);
        return order != 0 ? order : key.compareTo(other.key);
    }
}
