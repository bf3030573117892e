package org.svcshare.irc;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import org.pircbotx.Configuration;
import org.pircbotx.InputParser;
import org.pircbotx.PircBotX;
import org.pircbotx.exception.IrcException;
import org.pircbotx.hooks.Event;
import org.pircbotx.hooks.Listener;
import org.pircbotx.hooks.managers.ListenerManager;
import org.pircbotx.output.OutputCAP;
import org.pircbotx.output.OutputRaw;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.channel.IrcText;
import org.svcshare.config.IrcSettings;

/// One connection to a server, by PircBotX: its life, its streams, its line by line reading. What
/// the lines mean is decided by the channel's loop, not by PircBotX, whose parser splits message
/// tags at the wrong place and dies of odd lines, whose output waits a second after every line and
/// logs passwords, and whose every failed connect is a stack trace.
///
/// Two threads of its own, one that reads and one that writes, so that a server that does not read
/// blocks nobody else.
final class Wire implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Wire.class);

    /// A line with tags has at most 8191 + 512 bytes.
    private static final int MAX_LINE_CHARS = 8703;

    private static final int MAX_UNWRITTEN = 256;

    private final IrcSettings settings;
    private final Ear ear;
    private final BlockingQueue<String> unwritten = new ArrayBlockingQueue<>(MAX_UNWRITTEN);
    private final TlsSockets sockets;
    private final Bot bot;
    private volatile @Nullable Socket socket;
    private volatile boolean closed;
    private volatile String trouble = "";

    /// Hears what happens on a wire, on the wire's own threads. May block the reader, which is how
    /// a server that sends too fast is slowed down.
    interface Ear {
        void up(Wire wire);

        void line(Wire wire, String line);

        /// The last call for this wire.
        void down(Wire wire, String why);
    }

    Wire(IrcSettings settings, Ear ear) {
        this.settings = settings;
        this.ear = ear;
        this.sockets =
                new TlsSockets(
                        settings.server(), settings.tls(), settings.connectTimeout(), this::opened);
        this.bot = new Bot(configuration());
    }

    /// Begins to connect; [Ear#up] or [Ear#down] follows.
    void start() {
        Thread.ofVirtual().name("irc-read").start(this::read);
    }

    /// @return false when the server has not been reading for a long time; the line is lost
    boolean send(String line) {
        if (!IrcText.isLine(line)) {
            throw new IllegalArgumentException("not one line");
        }
        return !closed && unwritten.offer(line);
    }

    /// Cuts the connection at once.
    @Override
    public void close() {
        closed = true;
        // An empty line wakes the writer, so that it can end.
        unwritten.clear();
        unwritten.offer("");
        Socket open = socket;
        if (open != null) {
            try {
                // The plain socket below TLS: closing that one never waits for a stuck writer.
                open.close();
            } catch (IOException e) {
                LOG.debug("closing the socket: {}", e.getMessage());
            }
        }
    }

    private void read() {
        String why = "connection closed";
        try {
            bot.startBot();
        } catch (Exception e) {
            why = reason(e);
        } finally {
            String known = trouble;
            close();
            ear.down(this, known.isEmpty() ? why : known);
        }
    }

    private void write() {
        try {
            while (!closed) {
                String line = unwritten.take();
                if (line.isEmpty()) {
                    return;
                }
                bot.write(line);
                if (settings.logLines()) {
                    LOG.info("> {}", masked(line));
                }
            }
        } catch (IOException e) {
            note("could not send: " + e.getMessage());
            close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void note(String why) {
        if (trouble.isEmpty() && !closed) {
            trouble = why;
        }
    }

    /// The innermost message that says something; PircBotX wraps.
    private static String reason(Throwable failure) {
        String reason = failure.getClass().getSimpleName();
        int depth = 0;
        for (Throwable t = failure; t != null && depth < 8; t = t.getCause(), depth++) {
            if (t.getMessage() != null) {
                reason = t.getMessage();
            }
        }
        return IrcText.oneLine(reason);
    }

    /// A line fit for a log: without passwords.
    static String masked(String line) {
        String upper = line.toUpperCase(Locale.ROOT);
        if (upper.startsWith("PASS ")) {
            return "PASS ***";
        }
        if (upper.startsWith("AUTHENTICATE ")
                && !upper.equals("AUTHENTICATE PLAIN")
                && !upper.equals("AUTHENTICATE EXTERNAL")) {
            return "AUTHENTICATE ***";
        }
        if (upper.matches("(PRIVMSG|NOTICE) \\S+ :?(IDENTIFY|REGAIN|GHOST|RECOVER|RELEASE) .*")) {
            return line.substring(0, line.indexOf(' ', line.indexOf(' ') + 1)) + " ***";
        }
        // JOIN carries the channel's key.
        return upper.matches("JOIN \\S+ \\S.*")
                ? line.substring(0, line.indexOf(' ', 5)) + " ***"
                : line;
    }

    private Configuration configuration() {
        return new Configuration.Builder()
                .setName(IrcText.nick(settings.nick()))
                .setLogin(IrcText.userName(settings.userName()))
                .setRealName(settings.realName())
                .addServer(settings.server().host(), settings.server().port())
                // Silence is judged by the loop's own PING.
                .setSocketTimeout(Integer.MAX_VALUE)
                .setMessageDelay(0)
                .setMaxLineLength(Integer.MAX_VALUE)
                .setAutoSplitMessage(false)
                .setAutoReconnect(false)
                .setAutoNickChange(false)
                .setCapEnabled(false)
                .setShutdownHookEnabled(false)
                .setEncoding(UTF_8)
                .setLocale(Locale.ROOT)
                .setListenerManager(new NoListeners())
                .setBotFactory(new Parts())
                .buildConfiguration();
    }

    private void opened(Socket open) {
        socket = open;
        if (closed) {
            close();
        }
    }

    /// PircBotX with the parts that matter replaced.
    private final class Bot extends PircBotX {
        Bot(Configuration configuration) {
            super(configuration);
        }

        /// Tries the server's addresses in order.
        @Override
        protected ImmutableMap<InetSocketAddress, Exception> connect() {
            try {
                Socket open = sockets.connect();
                changeSocket(open);
                startLineProcessing();
            } catch (IOException e) {
                note("cannot connect: " + reason(e));
            }
            return ImmutableMap.of();
        }

        @Override
        protected boolean processNextLine() {
            try {
                String line = inputReader.readLine();
                if (line != null) {
                    inputParser.handleLine(line);
                }
                return line != null;
            } catch (IOException | IrcException e) {
                note("connection lost: " + reason(e));
                return false;
            }
        }

        @Override
        protected void changeSocket(Socket open) throws IOException {
            super.changeSocket(open);
            inputReader = new BoundedLines(new InputStreamReader(open.getInputStream(), UTF_8));
            Thread.ofVirtual().name("irc-write").start(Wire.this::write);
            ear.up(Wire.this);
        }

        void write(String line) throws IOException {
            sendRawLineToServer(line);
        }
    }

    private final class Parts extends Configuration.BotFactory {
        @Override
        public InputParser createInputParser(PircBotX bot) {
            return new InputParser(bot) {
                @Override
                public void handleLine(String rawLine) {
                    if (!rawLine.isEmpty()) {
                        if (settings.logLines()) {
                            LOG.info("< {}", IrcText.oneLine(rawLine));
                        }
                        ear.line(Wire.this, rawLine);
                    }
                }
            };
        }

        /// Registration is the loop's business: what PircBotX itself would say is left unsaid.
        @Override
        public OutputRaw createOutputRaw(PircBotX bot) {
            return new OutputRaw(bot) {
                @Override
                public void rawLine(String line) {}

                @Override
                public void rawLineNow(String line) {}

                @Override
                public void rawLineNow(String line, boolean resetDelay) {}
            };
        }

        @Override
        public OutputCAP createOutputCAP(PircBotX bot) {
            return new OutputCAP(bot) {
                @Override
                public void getSupported() {}
            };
        }
    }

    /// Lines of bounded length; what is longer is skipped as an empty line.
    private static final class BoundedLines extends BufferedReader {
        BoundedLines(Reader in) {
            super(in, 16_384);
        }

        @Override
        public @Nullable String readLine() throws IOException {
            var line = new StringBuilder(128);
            boolean tooLong = false;
            while (true) {
                int c = read();
                if (c < 0) {
                    return line.isEmpty() ? null : line.toString();
                }
                if (c == '\n') {
                    return tooLong ? "" : line.toString();
                }
                if (line.length() >= MAX_LINE_CHARS) {
                    tooLong = true;
                } else if (c != '\r' && c != '\0') {
                    line.append((char) c);
                }
            }
        }
    }

    /// PircBotX's events are not used.
    private static final class NoListeners implements ListenerManager {
        @Override
        public void onEvent(Event event) {}

        @Override
        public void addListener(Listener listener) {}

        @Override
        public boolean removeListener(Listener listener) {
            return false;
        }

        @Override
        public boolean listenerExists(Listener listener) {
            return false;
        }

        @Override
        public ImmutableSet<Listener> getListeners() {
            return ImmutableSet.of();
        }

        @Override
        public void shutdown(PircBotX bot) {}
    }
}
