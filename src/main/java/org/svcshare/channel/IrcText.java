package org.svcshare.channel;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What may stand in a line, and how much of it.
public final class IrcText {
    private IrcText() {}

    /// Without what would end a line or begin a CTCP request.
    public static String oneLine(String text) {
        var clean = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            clean.append(c == '\r' || c == '\n' || c == '\0' || c == '\u0001' ? ' ' : c);
        }
        return clean.toString();
    }

    /// Whether a finished line may go to the server as it is.
    public static boolean isLine(String line) {
        return !line.isBlank() && line.chars().noneMatch(c -> c == '\r' || c == '\n' || c == '\0');
    }

    /// Without bold, colours and the like.
    ///
    /// Source: modern IRC formatting, modern.ircdocs.horse/formatting.
    public static String unformatted(String text) {
        return text.replaceAll(
                "\\x03(\\d{1,2}(,\\d{1,2})?)?|\\x04([0-9A-Fa-f]{6}(,[0-9A-Fa-f]{6})?)?"
                        + "|[\\x02\\x0f\\x11\\x16\\x1d\\x1e\\x1f]",
                "");
    }

    public static int bytes(String text) {
        return text.getBytes(UTF_8).length;
    }

    /// Pieces of at most so many bytes of UTF-8, cut between words where there are any, and never
    /// within a character.
    public static List<String> split(String text, int maxBytes) {
        if (maxBytes < 8) {
            throw new IllegalArgumentException("maxBytes=" + maxBytes);
        }
        var pieces = new ArrayList<String>();
        String rest = text.strip();
        while (bytes(rest) > maxBytes) {
            int fits = fitting(rest, maxBytes);
            int blank = rest.lastIndexOf(' ', fits);
            // A blank in the first half would waste the line: then the word is cut.
            int cut = blank > fits / 2 ? blank : fits;
            pieces.add(rest.substring(0, cut).stripTrailing());
            rest = rest.substring(cut).stripLeading();
        }
        if (!rest.isEmpty()) {
            pieces.add(rest);
        }
        return pieces;
    }

    private static int fitting(String text, int maxBytes) {
        int bytes = 0;
        int i = 0;
        while (i < text.length()) {
            int point = text.codePointAt(i);
            bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
            if (bytes > maxBytes) {
                break;
            }
            i += Character.charCount(point);
        }
        return i;
    }

    /// A USER name that servers take: letters, digits, `-`, `_` and `.`, at most nine. The default
    /// nick `ss|name` as user name is what made originals reconnect for ever.
    public static String userName(String wanted) {
        String clean = wanted.replaceAll("[^A-Za-z0-9._-]", "").replaceAll("^[._-]+", "");
        if (clean.isEmpty()) {
            return "svcshare";
        }
        return clean.substring(0, Math.min(9, clean.length())).toLowerCase(Locale.ROOT);
    }

    /// Whether a nick can be one on common networks. Source: RFC 2812 section 2.3.1, without its
    /// limit of nine characters.
    public static boolean isNick(String nick) {
        return nick.length() <= 50
                && nick.matches("[A-Za-z\\[\\]\\\\`_^{|}][A-Za-z0-9\\[\\]\\\\`_^{|}-]*");
    }

    /// The nearest nick that [#isNick].
    public static String nick(String wanted) {
        String clean = wanted.replaceAll("[^A-Za-z0-9\\[\\]\\\\`_^{|}-]", "_");
        if (clean.isEmpty()) {
            return "svcshare";
        }
        char first = clean.charAt(0);
        String nick = first == '-' || Character.isDigit(first) ? "_" + clean : clean;
        return nick.substring(0, Math.min(30, nick.length()));
    }
}
