package org.svcshare.cli;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.io.PrintStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.Settings.LogSettings;

/// Sends the logs to the standard error as the settings ask, until it is closed.
///
/// Logging never blocks who logs: lines wait in a bounded queue for a standard error that nobody
/// reads, and further ones are dropped.
final class LogSetup implements AutoCloseable {
    private static final int QUEUE = 2048;
    private static final int FLUSH_MS = 1000;
    private static final String OURS = "org.svcshare";

    /// Logs by the JDK's own means, past the settings. Kept, as the JDK forgets loggers; and not
    /// looked up where nobody needs it.
    private static final class Grpc {
        static final java.util.logging.Logger LOGGER =
                java.util.logging.Logger.getLogger("org.apache.ratis.thirdparty.io.grpc");
    }

    private final LoggerContext context;

    private LogSetup(LoggerContext context) {
        this.context = context;
    }

    /// @param debug `--debug`, which goes before the settings
    static LogSetup start(LogSettings settings, boolean debug, Surroundings surroundings) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        Level level = debug ? Level.DEBUG : Level.toLevel(settings.level(), Level.INFO);
        Grpc.LOGGER.setLevel(java.util.logging.Level.SEVERE);
        boolean journal = !surroundings.variable("JOURNAL_STREAM").isEmpty();
        apply(context, level, settings.json(), !journal, surroundings.err());
        return new LogSetup(context);
    }

    static void apply(
            LoggerContext context, Level level, boolean json, boolean times, PrintStream out) {
        context.reset();
        boolean traces = level.levelInt <= Level.DEBUG_INT;
        var lines =
                new LogAppender(
                        json ? new JsonLogLine(traces) : new TextLogLine(times, traces), out);
        lines.setContext(context);
        lines.start();
        var queue = new AsyncAppender();
        queue.setContext(context);
        queue.setName("stderr");
        queue.setQueueSize(QUEUE);
        queue.setDiscardingThreshold(0);
        queue.setNeverBlock(true);
        queue.setMaxFlushTime(FLUSH_MS);
        queue.addAppender(lines);
        queue.start();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(level.levelInt < Level.DEBUG_INT ? Level.DEBUG : Level.WARN);
        root.addAppender(queue);
        context.getLogger(OURS).setLevel(level);
        // It logs whole lines, passwords included; irc.log-lines does that with care.
        context.getLogger("org.pircbotx").setLevel(Level.WARN);
        // It warns several times a second while a node is away. Who leads and who is refused the
        // cluster engine says itself.
        context.getLogger("org.apache.ratis").setLevel(traces ? Level.WARN : Level.ERROR);
        // What matters of these the memcached engine says itself, with its reason and once.
        // Members that are gone are retried and complained about; the gossip room says it once.
        context.getLogger("org.jgroups").setLevel(traces ? Level.WARN : Level.OFF);
        context.getLogger("net.rubyeye.xmemcached").setLevel(Level.OFF);
        context.getLogger("com.google.code.yanf4j").setLevel(Level.OFF);
    }

    /// Writes what still waits.
    @Override
    public void close() {
        context.stop();
    }
}
