package org.svcshare.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;

/// One JSON object a line, for programs. Always with its time: no journal adds one inside.
final class JsonLogLine implements LogLine {
    private static final Set<String> OURS =
            Set.of("time", "level", "component", "message", "thread", "stack");

    private final boolean traces;

    JsonLogLine(boolean traces) {
        this.traces = traces;
    }

    @Override
    public String of(ILoggingEvent event, long similar) {
        var line = new StringBuilder("{");
        member(line, "time", Instant.ofEpochMilli(event.getTimeStamp()).toString());
        member(line, "level", event.getLevel().toString().toLowerCase(Locale.ROOT));
        member(line, "component", LogLine.component(event.getLoggerName()));
        member(line, "message", event.getFormattedMessage());
        member(line, "thread", event.getThreadName());
        LogLine.values(event, similar)
                .forEach((key, value) -> member(line, OURS.contains(key) ? key + "_" : key, value));
        if (traces && event.getThrowableProxy() != null) {
            member(line, "stack", ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        return line.append("}\n").toString();
    }

    private static void member(StringBuilder line, String name, String value) {
        if (line.length() > 1) {
            line.append(',');
        }
        quoted(line, name);
        line.append(':');
        quoted(line, value);
    }

    /// RFC 8259 section 7.
    private static void quoted(StringBuilder line, String text) {
        line.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> line.append("\\\"");
                case '\\' -> line.append("\\\\");
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> {
                    if (c < ' ' || c == 0x7f || isLone(text, i)) {
                        line.append(String.format("\\u%04x", (int) c));
                    } else {
                        line.append(c);
                    }
                }
            }
        }
        line.append('"');
    }

    /// Half a character beyond the first 65536, which no decoder would take.
    private static boolean isLone(String text, int i) {
        if (!Character.isSurrogate(text.charAt(i))) {
            return false;
        }
        boolean paired =
                Character.isHighSurrogate(text.charAt(i))
                        ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                        : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
        return !paired;
    }
}
