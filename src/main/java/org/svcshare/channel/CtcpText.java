package org.svcshare.channel;

import java.util.ArrayList;
import java.util.List;

/// The CTCP framing of a PRIVMSG, as the originals of generation 1 read and write it.
///
/// Source: the original's behaviour (docs/peer-protocol.md, "Framing"): low-level quoting is undone
/// and never applied, and one line may hold several requests between plain text.
public final class CtcpText {
    private static final char DELIMITER = '\u0001';
    private static final char QUOTE = '\u0010';

    private CtcpText() {}

    /// A part of a line.
    ///
    /// @param ctcp whether it stood between two delimiters
    public record Part(boolean ctcp, String text) {}

    public static String wrap(String body) {
        return DELIMITER + body + DELIMITER;
    }

    /// The parts of a line in order, empty ones left out. A delimiter without a partner makes what
    /// follows it plain text, itself included.
    public static List<Part> split(String text) {
        String line = unquote(text);
        var parts = new ArrayList<Part>();
        int from = 0;
        while (true) {
            int open = line.indexOf(DELIMITER, from);
            int close = open < 0 ? -1 : line.indexOf(DELIMITER, open + 1);
            if (close < 0) {
                add(parts, false, line.substring(from));
                return parts;
            }
            add(parts, false, line.substring(from, open));
            add(parts, true, line.substring(open + 1, close));
            from = close + 1;
        }
    }

    private static void add(List<Part> parts, boolean ctcp, String text) {
        if (!text.isEmpty()) {
            parts.add(new Part(ctcp, text));
        }
    }

    private static String unquote(String text) {
        if (text.indexOf(QUOTE) < 0) {
            return text;
        }
        var plain = new StringBuilder(text.length());
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted) {
                plain.append(
                        switch (c) {
                            case '0' -> '\0';
                            case 'n' -> '\n';
                            case 'r' -> '\r';
                            default -> c;
                        });
                quoted = false;
            } else if (c == QUOTE) {
                quoted = true;
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }
}
