package org.svcshare.spawn;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Percent-encoding of paths and forms (RFC 3986 section 2.1), strictly UTF-8.
final class Percent {
    private Percent() {}

    /// @param plus whether `+` is a blank, as in a form
    /// @return empty when it is not UTF-8, or a `%` has no two digits behind it
    static Optional<String> decode(String text, boolean plus) {
        byte[] bytes = new byte[text.length()];
        int size = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
                int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    return Optional.empty();
                }
                bytes[size++] = (byte) (high << 4 | low);
                i += 2;
            } else if (c <= 0xff) {
                bytes[size++] = (byte) (plus && c == '+' ? ' ' : c);
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

    /// The fields of a form; the first of each name, and none that cannot be decoded.
    static Map<String, String> form(String text) {
        var fields = new HashMap<String, String>();
        for (String part : text.split("&", -1)) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                Optional<String> name = decode(part.substring(0, equals), true);
                Optional<String> value = decode(part.substring(equals + 1), true);
                if (name.isPresent() && value.isPresent()) {
                    fields.putIfAbsent(name.get(), value.get());
                }
            }
        }
        return fields;
    }
}
