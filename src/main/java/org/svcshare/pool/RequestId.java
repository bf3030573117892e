package org.svcshare.pool;

import java.util.HexFormat;
import java.util.Optional;

/// 128 bits that a client draws for one request. Who knows it may renew and release what the
/// request got, so it is also the ticket's token: it is told to nobody else.
public record RequestId(long high, long low) {
    private static final int DIGITS = 32;

    /// 32 hexadecimal digits, also with the dashes of a UUID.
    ///
    /// @return empty for anything else
    public static Optional<RequestId> parse(String text) {
        String digits = text.length() == DIGITS + 4 ? text.replace("-", "") : text;
        if (digits.length() != DIGITS || !digits.chars().allMatch(HexFormat::isHexDigit)) {
            return Optional.empty();
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

    /// Hides most of itself: it may end in a log.
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high).substring(0, 6) + "…";
    }
}
