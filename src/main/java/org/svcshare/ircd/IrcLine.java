package org.svcshare.ircd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One line of a client, taken apart: `[@tags] [:source] verb {params} [:last param]`.
///
/// Sources: RFC 2812 section 2.3.1, IRCv3 message-tags. What a client says its source is does not
/// matter and is dropped.
///
/// @param tags values as they were written, that is escaped; a tag without value has the empty one
/// @param verb in upper case
/// @param params at most 15, the last may hold blanks and be empty
record IrcLine(Map<String, String> tags, String verb, List<String> params) {
    private static final int MOST_PARAMS = 15;

    IrcLine {
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
        params = List.copyOf(params);
    }

    /// @return empty for a line that holds no verb
    static Optional<IrcLine> parse(String raw) {
        String line = Wire.withoutLineEnds(raw);
        int at = skipBlanks(line, 0);
        Map<String, String> tags = Map.of();
        if (at < line.length() && line.charAt(at) == '@') {
            int end = wordEnd(line, at);
            tags = tags(line.substring(at + 1, end));
            at = skipBlanks(line, end);
        }
        if (at < line.length() && line.charAt(at) == ':') {
            at = skipBlanks(line, wordEnd(line, at));
        }
        int verbEnd = wordEnd(line, at);
        if (verbEnd == at) {
            return Optional.empty();
        }
        String verb = upperCase(line.substring(at, verbEnd));
        return Optional.of(new IrcLine(tags, verb, params(line, verbEnd)));
    }

    /// The parameter, or the empty string where there is none.
    String param(int index) {
        return index < params.size() ? params.get(index) : "";
    }

    boolean has(int index) {
        return index < params.size();
    }

    /// The parameter's parts between commas, without the empty ones.
    List<String> list(int index) {
        var parts = new ArrayList<String>();
        for (String part : param(index).split(",", -1)) {
            if (!part.isEmpty()) {
                parts.add(part);
            }
        }
        return parts;
    }

    /// The tags that clients send to each other (`+…`), as they stand in a line; empty for none.
    String clientTags() {
        var joined = new StringBuilder();
        for (var tag : tags.entrySet()) {
            if (tag.getKey().startsWith("+")) {
                joined.append(joined.isEmpty() ? "" : ";").append(tag.getKey());
                if (!tag.getValue().isEmpty()) {
                    joined.append('=').append(tag.getValue());
                }
            }
        }
        return joined.toString();
    }

    private static List<String> params(String line, int from) {
        var params = new ArrayList<String>();
        int at = skipBlanks(line, from);
        while (at < line.length()) {
            if (line.charAt(at) == ':' || params.size() == MOST_PARAMS - 1) {
                params.add(line.substring(line.charAt(at) == ':' ? at + 1 : at));
                break;
            }
            int end = wordEnd(line, at);
            params.add(line.substring(at, end));
            at = skipBlanks(line, end);
        }
        return params;
    }

    private static Map<String, String> tags(String written) {
        var tags = new LinkedHashMap<String, String>();
        for (String tag : written.split(";", -1)) {
            int equals = tag.indexOf('=');
            String key = equals < 0 ? tag : tag.substring(0, equals);
            if (isKey(key)) {
                tags.put(key, equals < 0 ? "" : tag.substring(equals + 1));
            }
        }
        return tags;
    }

    /// `[+][vendor/]name`, of letters, digits, hyphens and, in the vendor, dots.
    private static boolean isKey(String key) {
        int from = key.startsWith("+") ? 1 : 0;
        for (int i = from; i < key.length(); i++) {
            char c = key.charAt(i);
            boolean letterOrDigit =
                    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letterOrDigit && c != '-' && c != '.' && c != '/') {
                return false;
            }
        }
        return key.length() > from;
    }

    /// Only ASCII letters: other chars are bytes of some encoding and have no case here.
    private static String upperCase(String word) {
        var upper = new StringBuilder(word.length());
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            upper.append(c >= 'a' && c <= 'z' ? (char) (c - ('a' - 'A')) : c);
        }
        return upper.toString();
    }

    private static int skipBlanks(String line, int from) {
        int at = from;
        while (at < line.length() && line.charAt(at) == ' ') {
            at++;
        }
        return at;
    }

    private static int wordEnd(String line, int from) {
        int blank = line.indexOf(' ', from);
        return blank < 0 ? line.length() : blank;
    }
}
