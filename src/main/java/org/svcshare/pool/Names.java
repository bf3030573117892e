package org.svcshare.pool;

/// What names and reasons may be.
final class Names {
    private Names() {}

    /// Whether a name has a letter at least, no control character, and so many UTF-8 bytes at most.
    static boolean name(String text, int maxBytes) {
        return !text.isEmpty() && plain(text, maxBytes);
    }

    /// The same, or empty.
    static boolean plain(String text, int maxBytes) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || (c >= 0x7f && c < 0xa0) || c == '\u2028' || c == '\u2029') {
                return false;
            }
            if (Character.isHighSurrogate(c)) {
                if (i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return false;
                }
                i++;
                bytes += 4;
            } else if (Character.isLowSurrogate(c)) {
                return false;
            } else {
                bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
            }
        }
        return bytes <= maxBytes;
    }
}
