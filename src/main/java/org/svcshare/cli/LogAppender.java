package org.svcshare.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.PrintStream;

/// Writes one line per event, and fewer of those that say the same again and again.
final class LogAppender extends AppenderBase<ILoggingEvent> {
    private final LogLine line;
    private final PrintStream out;
    private final RepeatLimit repeats = RepeatLimit.usual();

    LogAppender(LogLine line, PrintStream out) {
        this.line = line;
        this.out = out;
        setName("lines");
    }

    @Override
    protected void append(ILoggingEvent event) {
        String kind = event.getLevel() + event.getLoggerName() + event.getMessage();
        long similar = repeats.admit(kind, event.getTimeStamp());
        if (similar >= 0) {
            out.print(line.of(event, similar));
            out.flush();
        }
    }
}
