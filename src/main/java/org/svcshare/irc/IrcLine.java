package org.svcshare.irc;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One line from the server, taken apart.
///
/// Source: modern IRC client protocol, "Message format"; IRCv3 message-tags.
///
/// @param nick who sent it; the server's name when a server did, empty when nobody is named
/// @param user empty when not given
/// @param host empty when not given
/// @param verb in capitals, or three digits
record IrcLine(
        Map<String, String> tags,
        String nick,
        String user,
        String host,
        String verb,
        List<String> params) {
    private static final int MAX_CHARS = 9000;
    private static final int MAX_PARAMS = 64;
    private static final int MAX_TAGS = 64;

    /// @return null for what is no line of IRC; never throws
    static @Nullable IrcLine parse(String raw) {
        if (raw.length() > MAX_CHARS) {
            return null;
        }
        String rest = raw.strip().isEmpty() ? "" : raw;
        Map<String, String> tags = Map.of();
        if (rest.startsWith("@")) {
            int blank = rest.indexOf(' ');
            if (blank < 0) {
                return null;
            }
            tags = tags(rest.substring(1, blank));
            rest = rest.substring(blank).stripLeading();
        }
        String prefix = "";
        if (rest.startsWith(":")) {
            int blank = rest.indexOf(' ');
            if (blank < 0) {
                return null;
            }
            prefix = rest.substring(1, blank);
            rest = rest.substring(blank).stripLeading();
        }
        List<String> words = words(rest);
        if (words.isEmpty() || !isVerb(words.getFirst())) {
            return null;
        }
        int at = prefix.lastIndexOf('@');
        String host = at < 0 ? "" : prefix.substring(at + 1);
        String name = at < 0 ? prefix : prefix.substring(0, at);
        int bang = name.indexOf('!');
        String user = bang < 0 ? "" : name.substring(bang + 1);
        String nick = bang < 0 ? name : name.substring(0, bang);
        return new IrcLine(
                tags,
                nick,
                user,
                host,
                words.getFirst().toUpperCase(Locale.ROOT),
                List.copyOf(words.subList(1, words.size())));
    }

    /// @return the empty text when there are not that many
    String param(int index) {
        return index < params.size() ? params.get(index) : "";
    }

    String last() {
        return params.isEmpty() ? "" : params.getLast();
    }

    private static List<String> words(String text) {
        var words = new ArrayList<String>();
        int i = 0;
        while (i < text.length() && words.size() < MAX_PARAMS) {
            char c = text.charAt(i);
            if (c == ' ') {
                i++;
            } else if (c == ':' && !words.isEmpty()) {
                words.add(text.substring(i + 1));
                return words;
            } else {
                int end = text.indexOf(' ', i);
                end = end < 0 ? text.length() : end;
                words.add(text.substring(i, end));
                i = end;
            }
        }
        return words;
    }

    private static boolean isVerb(String word) {
        if (word.isEmpty() || word.length() > 32) {
            return false;
        }
        return word.chars().allMatch(c -> c < 128 && Character.isLetterOrDigit(c));
    }

    private static Map<String, String> tags(String text) {
        var tags = new HashMap<String, String>();
        for (String tag : text.split(";", MAX_TAGS)) {
            int equals = tag.indexOf('=');
            String key = equals < 0 ? tag : tag.substring(0, equals);
            if (!key.isEmpty()) {
                tags.put(key, equals < 0 ? "" : unescape(tag.substring(equals + 1)));
            }
        }
        return Map.copyOf(tags);
    }

    private static String unescape(String value) {
        if (value.indexOf('\\') < 0) {
            return value;
        }
        var plain = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c != '\\') {
                plain.append(c);
            } else if (++i < value.length()) {
                char escaped = value.charAt(i);
                plain.append(
                        switch (escaped) {
                            case ':' -> ';';
                            case 's' -> ' ';
                            case 'r' -> '\r';
                            case 'n' -> '\n';
                            default -> escaped;
                        });
            }
        }
        return plain.toString();
    }
}
