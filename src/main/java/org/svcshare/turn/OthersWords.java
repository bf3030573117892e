package org.svcshare.turn;

/// What others wrote, made fit for a line of the channel.
final class OthersWords {
    /// Where something was left out.
    static final String CUT = "…";

    private OthersWords() {}

    /// Without control and formatting characters, and of at most so many bytes of UTF-8.
    static String clean(String text, int mostBytes) {
        var clean = new StringBuilder();
        int used = 0;
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            i += Character.charCount(point);
            int shown = isLegible(point) ? point : ' ';
            used += bytes(shown);
            if (used > mostBytes) {
                return clean.toString().strip() + CUT;
            }
            clean.appendCodePoint(shown);
        }
        return clean.toString().strip();
    }

    /// Marks that turn the direction of writing are none, as they change what stands behind them.
    private static boolean isLegible(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }

    /// How many a text has in UTF-8.
    static int bytes(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            i += Character.charCount(point);
            bytes += bytes(point);
        }
        return bytes;
    }

    private static int bytes(int point) {
        return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    }
}
