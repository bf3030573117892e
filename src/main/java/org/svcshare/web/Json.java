package org.svcshare.web;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/// Writes JSON straight into bytes: an answer to a lock request must cost next to nothing.
///
/// One per event loop, used again for each answer.
final class Json {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int SECONDS_LENGTH = "2026-11-21T12:00:00".length();

    private byte[] bytes = new byte[1024];
    private int size;
    private final byte[] digits = new byte[20];

    /// Times of answers lie close together: the date and the seconds are written once a second.
    private long second = Long.MIN_VALUE;

    private byte[] secondText = {};

    Json begin() {
        size = 0;
        return this;
    }

    /// Text that is JSON already: ASCII without anything to escape.
    Json raw(String ascii) {
        int length = ascii.length();
        room(length);
        for (int i = 0; i < length; i++) {
            bytes[size++] = (byte) ascii.charAt(i);
        }
        return this;
    }

    Json number(long number) {
        if (number == Long.MIN_VALUE) {
            return raw(Long.toString(number));
        }
        room(digits.length);
        long left = Math.abs(number);
        int at = digits.length;
        do {
            digits[--at] = (byte) ('0' + left % 10);
            left /= 10;
        } while (left > 0);
        if (number < 0) {
            bytes[size++] = '-';
        }
        System.arraycopy(digits, at, bytes, size, digits.length - at);
        size += digits.length - at;
        return this;
    }

    Json flag(boolean flag) {
        return raw(flag ? "true" : "false");
    }

    /// A finite number with a few decimals.
    Json decimal(double number) {
        return raw(Double.isFinite(number) ? Double.toString(number) : "null");
    }

    /// A text in quotes, escaped (RFC 8259 section 7).
    Json text(String text) {
        int length = text.length();
        room(length * 6 + 2);
        bytes[size++] = '"';
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c == 0x7f || c == '"' || c == '\\') {
                escape(c);
            } else if (c < 0x80) {
                bytes[size++] = (byte) c;
            } else {
                i += beyondAscii(text, i);
            }
        }
        bytes[size++] = '"';
        return this;
    }

    private void escape(char c) {
        bytes[size++] = '\\';
        if (c == '"' || c == '\\') {
            bytes[size++] = (byte) c;
            return;
        }
        bytes[size++] = 'u';
        bytes[size++] = '0';
        bytes[size++] = '0';
        bytes[size++] = HEX[c >> 4];
        bytes[size++] = HEX[c & 15];
    }

    /// @return how many chars it took beyond the first
    private int beyondAscii(String text, int at) {
        int point = text.codePointAt(at);
        boolean lone = point >= 0xd800 && point <= 0xdfff;
        byte[] utf8 =
                (lone ? "\ufffd" : Character.toString(point)).getBytes(StandardCharsets.UTF_8);
        System.arraycopy(utf8, 0, bytes, size, utf8.length);
        size += utf8.length;
        return Character.charCount(point) - 1;
    }

    /// An ISO-8601 instant in quotes; [Long#MAX_VALUE], which stands for never, becomes null.
    Json time(long epochMs) {
        if (epochMs == Long.MAX_VALUE) {
            return raw("null");
        }
        long seconds = Math.floorDiv(epochMs, 1000L);
        if (seconds != second) {
            String text = Instant.ofEpochSecond(seconds).toString();
            if (text.length() != SECONDS_LENGTH + 1) {
                // Beyond the year 9999.
                return text(Instant.ofEpochMilli(epochMs).toString());
            }
            second = seconds;
            secondText = text.getBytes(StandardCharsets.US_ASCII);
        }
        room(SECONDS_LENGTH + 8);
        bytes[size++] = '"';
        System.arraycopy(secondText, 0, bytes, size, SECONDS_LENGTH);
        size += SECONDS_LENGTH;
        int millis = (int) Math.floorMod(epochMs, 1000L);
        bytes[size++] = '.';
        bytes[size++] = (byte) ('0' + millis / 100);
        bytes[size++] = (byte) ('0' + millis / 10 % 10);
        bytes[size++] = (byte) ('0' + millis % 10);
        bytes[size++] = 'Z';
        bytes[size++] = '"';
        return this;
    }

    /// A copy, so that this can begin anew.
    Buffer done() {
        return Buffer.buffer(size).appendBytes(bytes, 0, size);
    }

    private void room(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }
}
