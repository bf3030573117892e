package org.svcshare.web;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Percent-encoding of paths and queries (RFC 3986 section 2.1), strictly UTF-8.
final class Percent {
    private static final String UNRESERVED = "-._~";

    private Percent() {}

    /// @param plus whether `+` is a blank, as in the query of a form
    /// @return empty when it is not UTF-8, or a `%` has no two digits behind it
    static Optional<String> decode(String text, int begin, int end, boolean plus) {
        boolean plain = true;
        for (int i = begin; i < end && plain; i++) {
            char c = text.charAt(i);
            plain = c != '%' && c < 0x80 && !(plus && c == '+');
        }
        return plain ? Optional.of(text.substring(begin, end)) : decodeAll(text, begin, end, plus);
    }

    private static Optional<String> decodeAll(String text, int begin, int end, boolean plus) {
        byte[] bytes = new byte[end - begin];
        int size = 0;
        for (int i = begin; i < end; i++) {
            char c = text.charAt(i);
            if (c == '%') {
                int high = i + 2 < end ? Character.digit(text.charAt(i + 1), 16) : -1;
                int low = i + 2 < end ? Character.digit(text.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    return Optional.empty();
                }
                bytes[size++] = (byte) (high << 4 | low);
                i += 2;
            } else if (c < 0x80) {
                bytes[size++] = (byte) (plus && c == '+' ? ' ' : c);
            } else if (c <= 0xff) {
                // Sent as it is: the decoder of the request line makes one char of each byte.
                bytes[size++] = (byte) c;
            } else {
                return Optional.empty();
            }
        }
        try {
            return Optional.of(
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes, 0, size))
                            .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /// A parameter of a query.
    ///
    /// @param text empty when it is not given, or cannot be decoded
    record Parameter(boolean given, Optional<String> text) {
        private static final Parameter NONE = new Parameter(false, Optional.empty());

        /// Given, but not so that it can be read.
        boolean garbled() {
            return given && text.isEmpty();
        }
    }

    /// The first parameter of this name.
    static Parameter parameter(@Nullable String query, String name) {
        if (query == null) {
            return Parameter.NONE;
        }
        int length = query.length();
        for (int begin = 0; begin < length; ) {
            int amp = query.indexOf('&', begin);
            int end = amp < 0 ? length : amp;
            if (end - begin > name.length()
                    && query.charAt(begin + name.length()) == '='
                    && query.startsWith(name, begin)) {
                return new Parameter(true, decode(query, begin + name.length() + 1, end, true));
            }
            begin = end + 1;
        }
        return Parameter.NONE;
    }

    /// What a query says about something that is wanted or not.
    enum Flag {
        ON,
        OFF,
        GARBLED
    }

    /// `name` and `name=true` are on; `name=false`, and nothing, off. The first of this name
    /// counts.
    static Flag flag(@Nullable String query, String name) {
        if (query == null) {
            return Flag.OFF;
        }
        for (String part : query.split("&", -1)) {
            if (part.equals(name)) {
                return Flag.ON;
            }
            if (part.startsWith(name + "=")) {
                return switch (part.substring(name.length() + 1)) {
                    case "", "true" -> Flag.ON;
                    case "false" -> Flag.OFF;
                    default -> Flag.GARBLED;
                };
            }
        }
        return Flag.OFF;
    }

    static String encode(String text) {
        var encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain =
                    (c >= 'a' && c <= 'z')
                            || (c >= 'A' && c <= 'Z')
                            || (c >= '0' && c <= '9')
                            || UNRESERVED.indexOf(c) >= 0;
            if (plain) {
                encoded.append(c);
            } else {
                encoded.append('%')
                        .append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
            }
        }
        return encoded.toString();
    }
}
