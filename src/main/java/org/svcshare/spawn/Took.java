package org.svcshare.spawn;

import java.math.BigDecimal;

/// How long something took, as Go writes durations: `850ns`, `12.5µs`, `1.234567ms`, `2.5s`.
final class Took {
    private Took() {}

    /// @param nanos below a minute, which is longer than a request takes
    static String text(long nanos) {
        if (nanos < 1000) {
            return nanos + "ns";
        }
        if (nanos < 1_000_000) {
            return number(nanos, 3) + "µs";
        }
        return nanos < 1_000_000_000 ? number(nanos, 6) + "ms" : number(nanos, 9) + "s";
    }

    private static String number(long nanos, int digits) {
        return BigDecimal.valueOf(nanos, digits).stripTrailingZeros().toPlainString();
    }
}
