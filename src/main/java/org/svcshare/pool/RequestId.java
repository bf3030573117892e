package org.svcshare.pool;

import java.util.HexFormat;
import java.util.Optional;

/// 128 bits that a client draws for one request. Who knows it may renew and release what the
/// request got, so it is also the ticket's token: it is told to nobody else.
///
/// Ids come from clients, who may draw them badly or on purpose so that they collide in a hash
/// table: the hash mixes all bits, and the order lets a table find one among many that still do.
public record RequestId(long high, long low) implements Comparable<RequestId> {
    private static final int DIGITS = 32;

    /// 32 hexadecimal digits, also with the dashes of a UUID.
    ///
    /// @return empty for anything else
    public static Optional<RequestId> parse(String text) {
        String digits = text.length() == DIGITS + 4 ? text.replace("-", "") : text;
        if (digits.length() != DIGITS) {
            return Optional.empty();
        }
        for (int i = 0; i < DIGITS; i++) {
            if (!HexFormat.isHexDigit(digits.charAt(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(
                new RequestId(
                        HexFormat.fromHexDigitsToLong(digits, 0, DIGITS / 2),
                        HexFormat.fromHexDigitsToLong(digits, DIGITS / 2, DIGITS)));
    }

    /// The 32 digits, small letters.
    public String text() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }

    @Override
    public int compareTo(RequestId other) {
        int byHigh = Long.compare(high, other.high);
        return byHigh == 0 ? Long.compare(low, other.low) : byHigh;
    }

    @Override
    public int hashCode() {
        // The finisher of MurmurHash3.
        long mixed = high * 0x9E3779B97F4A7C15L + low;
        mixed = (mixed ^ (mixed >>> 33)) * 0xFF51AFD7ED558CCDL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return (int) (mixed ^ (mixed >>> 33));
    }

    /// Hides most of itself: it may end in a log.
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high).substring(0, 6) + "…";
    }
}
