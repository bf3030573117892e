package org.svcshare.sim;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Numbers as Python reads them, which is what an [OldBot] accepts on the wire.
final class PythonNumbers {
    private static final Pattern DECIMAL =
            Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
    private static final Pattern WHOLE = Pattern.compile("[+-]?\\d{1,18}");

    private PythonNumbers() {}

    /// `float(text)`; 0 where Python would refuse.
    static double floatOrZero(String text) {
        String trimmed = text.strip();
        if (DECIMAL.matcher(trimmed).matches()) {
            return Double.parseDouble(trimmed);
        }
        return switch (trimmed.toLowerCase(Locale.ROOT)) {
            case "inf", "+inf", "infinity", "+infinity" -> Double.POSITIVE_INFINITY;
            case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
            case "nan", "+nan", "-nan" -> Double.NaN;
            default -> 0;
        };
    }

    /// `int(text)`; null where Python would refuse. Cut at 18 digits.
    static @Nullable Long wholeOrNull(String text) {
        String trimmed = text.strip();
        return WHOLE.matcher(trimmed).matches() ? Long.valueOf(trimmed) : null;
    }
}
