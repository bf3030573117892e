package org.svcshare.client;

import java.time.Duration;

/// Foreign text made fit for a message: one line, short, nothing that steers a terminal or IRC.
final class Texts {
    private static final int EXCERPT_CHARS = 120;

    private Texts() {}

    static String excerpt(String text) {
        var line = new StringBuilder();
        text.codePoints()
                .map(c -> shown(c) ? c : ' ')
                .limit(4L * EXCERPT_CHARS)
                .forEach(line::appendCodePoint);
        String plain = line.toString().strip().replaceAll(" {2,}", " ");
        return plain.codePointCount(0, plain.length()) <= EXCERPT_CHARS
                ? plain
                : plain.substring(0, plain.offsetByCodePoints(0, EXCERPT_CHARS)) + "…";
    }

    static String seconds(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }

    /// Format characters (bidirectional overrides among them) would let an answer rewrite the line.
    private static boolean shown(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }
}
