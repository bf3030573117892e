package org.svcshare.ircd;

import java.nio.charset.StandardCharsets;

/// The server's lines are strings in which every char is one byte, so that whatever encoding people
/// use passes through unchanged. This is the border to text for people.
final class Wire {
    /// A line without tags and without CR LF, in bytes (RFC 2812 section 2.3: 512 with them).
    static final int BODY_BYTES = 510;

    /// A client's tags with `@` and the blank after them, in bytes (IRCv3 message-tags).
    static final int TAG_BYTES = 4096;

    private Wire() {}

    /// Text of ours as wire bytes (UTF-8); control characters become blanks.
    static String fromText(String text) {
        var clean = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            clean.append(c < ' ' || c == 0x7f ? ' ' : c);
        }
        return new String(
                clean.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /// Wire bytes as text; bytes that are not UTF-8 become replacement characters.
    static String toText(String wire) {
        return new String(wire.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /// At most `bytes` bytes of `wire`, not cut within a UTF-8 character.
    static String cut(String wire, int bytes) {
        if (wire.length() <= bytes) {
            return wire;
        }
        int end = bytes;
        // A UTF-8 character has at most three continuation bytes; more means other bytes.
        for (int back = 0; back < 3 && end > 0 && isContinuation(wire.charAt(end)); back++) {
            end--;
        }
        return wire.substring(0, isContinuation(wire.charAt(end)) ? bytes : end);
    }

    /// `wire` without the three characters that may never be inside a line.
    static String withoutLineEnds(String wire) {
        if (wire.indexOf('\0') < 0 && wire.indexOf('\r') < 0 && wire.indexOf('\n') < 0) {
            return wire;
        }
        return wire.replace("\0", "").replace("\r", "").replace("\n", "");
    }

    private static boolean isContinuation(char c) {
        return (c & 0xC0) == 0x80;
    }
}
