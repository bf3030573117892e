package org.svcshare.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// `2026-11-21T09:12:14.120Z INFO gate: opened turn=3`, for people.
final class TextLogLine implements LogLine {
    private final boolean times;
    private final boolean traces;

    /// @param times false where somebody else writes the time down, as systemd's journal does
    /// @param traces whether errors come with their stack trace
    TextLogLine(boolean times, boolean traces) {
        this.times = times;
        this.traces = traces;
    }

    @Override
    public String of(ILoggingEvent event, long similar) {
        var line = new StringBuilder();
        if (times) {
            Instant time = Instant.ofEpochMilli(event.getTimeStamp());
            line.append(time.truncatedTo(ChronoUnit.MILLIS)).append(' ');
        }
        String level = event.getLevel().toString();
        line.append(level).append(" ".repeat(Math.max(1, 6 - level.length())));
        line.append(LogLine.component(event.getLoggerName())).append(": ");
        line.append(oneLine(event.getFormattedMessage()));
        LogLine.values(event, similar)
                .forEach((key, value) ->
                        line.append(' ').append(key).append('=').append(word(value)));
        line.append('\n');
        if (traces && event.getThrowableProxy() != null) {
            line.append(ThrowableProxyUtil.asString(event.getThrowableProxy())).append('\n');
        }
        return line.toString();
    }

    /// As it is when it is one plain word, else in quotes.
    private static String word(String value) {
        String text = oneLine(value);
        boolean plain = !text.isEmpty() && text.chars().noneMatch(c -> c <= ' ' || c == '"');
        return plain ? text : '"' + text.replace("\"", "\\\"") + '"';
    }

    /// What comes from outside must not be able to begin a line of its own or steer a terminal.
    private static String oneLine(String text) {
        var line = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c -> {
                    if (Character.isISOControl(c)) {
                        line.append(
                                switch (c) {
                                    case '\n' -> "\\n";
                                    case '\r' -> "\\r";
                                    case '\t' -> "\\t";
                                    default -> String.format("\\u%04x", c);
                                });
                    } else {
                        line.appendCodePoint(c);
                    }
                });
        return line.toString();
    }
}
