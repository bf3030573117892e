package org.svcshare.config;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Durations and sizes as people write them: `1h30m`, `10 s`, `1.5G`, `512k`.
public final class Amounts {
    private static final Pattern PART =
            Pattern.compile("\\s*(\\d{1,12}(?:\\.\\d{1,6})?)\\s*(\\p{L}*)\\s*");
    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final double LARGEST_BYTES = 1L << 50;

    private Amounts() {}

    /// A duration: one or more numbers, each with its unit; only a zero needs none.
    ///
    /// @return empty when it is none, has no unit or is longer than ten years
    public static Optional<Duration> duration(String text) {
        var part = PART.matcher(text);
        double millis = 0;
        int end = 0;
        while (end < text.length()) {
            if (!part.find(end) || part.start() != end) {
                return Optional.empty();
            }
            double number = Double.parseDouble(part.group(1));
            double unit = unitMillis(part.group(2).toLowerCase(Locale.ROOT));
            if (unit == 0 && number != 0) {
                return Optional.empty();
            }
            millis += number * unit;
            end = part.end();
        }
        if (end == 0 || millis > LONGEST.toMillis()) {
            return Optional.empty();
        }
        return Optional.of(Duration.ofMillis(Math.round(millis)));
    }

    /// A number of bytes: a number and perhaps `k`, `M`, `G` or `T` (powers of 1024, any case, with
    /// or without `B` or `iB`, with or without `/s`).
    ///
    /// @return empty when it is none or beyond 2^50
    public static Optional<Long> bytes(String text) {
        String amount = text.strip();
        if (amount.endsWith("/s")) {
            amount = amount.substring(0, amount.length() - 2);
        }
        var part = PART.matcher(amount);
        if (!part.matches()) {
            return Optional.empty();
        }
        double factor =
                switch (part.group(2).toLowerCase(Locale.ROOT)) {
                    case "", "b" -> 1;
                    case "k", "kb", "kib" -> 1L << 10;
                    case "m", "mb", "mib" -> 1L << 20;
                    case "g", "gb", "gib" -> 1L << 30;
                    case "t", "tb", "tib" -> 1L << 40;
                    default -> -1;
                };
        double bytes = Double.parseDouble(part.group(1)) * factor;
        return bytes < 0 || factor < 0 || bytes > LARGEST_BYTES
                ? Optional.empty()
                : Optional.of(Math.round(bytes));
    }

    private static double unitMillis(String unit) {
        return switch (unit) {
            case "ms", "millis", "milliseconds" -> 1;
            case "s", "sec", "second", "seconds" -> 1000;
            case "m", "min", "minute", "minutes" -> 60_000;
            case "h", "hour", "hours" -> 3_600_000;
            case "d", "day", "days" -> 86_400_000;
            case "w", "week", "weeks" -> 604_800_000;
            default -> 0;
        };
    }
}
