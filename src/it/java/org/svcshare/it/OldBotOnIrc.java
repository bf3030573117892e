package org.svcshare.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;
import org.jspecify.annotations.Nullable;
import org.svcshare.sim.OldBot;
import org.svcshare.turn.QueueSnapshot;

/// A bot of svcshare 0.3 on a real IRC server: an [OldBot] behind a plain socket, so that tests can
/// mix generations.
///
/// A thread of its own owns the bot and the socket; the methods may be called from any other.
public final class OldBotOnIrc implements AutoCloseable {
    private static final int TICK_MILLIS = 100;
    private static final Duration SILENCE = Duration.ofMinutes(5);

    private final String host;
    private final int port;
    private final OldBot bot;
    private final ConcurrentLinkedQueue<Runnable> wishes = new ConcurrentLinkedQueue<>();
    private final List<String> said = new CopyOnWriteArrayList<>();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean closing;
    private volatile boolean gateOpen;
    private volatile boolean inChannel;
    private volatile boolean halted = true;
    private volatile boolean electing;
    private volatile Set<String> peers = Set.of();
    private volatile String nick;
    private volatile @Nullable String crashed;

    private @Nullable Socket socket;
    private ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private Instant lastLine = Instant.now();

    private OldBotOnIrc(String host, int port, OldBot.Settings settings) {
        this.host = host;
        this.port = port;
        this.nick = settings.nick();
        this.bot = new OldBot(settings, new SplittableRandom(settings.nick().hashCode()));
        this.thread = Thread.ofPlatform().name(settings.nick()).daemon().unstarted(this::live);
    }

    /// Connects without TLS, joins, and goes on by itself.
    public static OldBotOnIrc start(String host, int port, OldBot.Settings settings) {
        var onIrc = new OldBotOnIrc(host, port, settings);
        onIrc.thread.start();
        return onIrc;
    }

    /// The same for a bot with a client, auto-resume on, and `owner` as its owner's nick.
    public static OldBotOnIrc start(
            String host, int port, String nick, String channel, String owner) {
        return start(host, port, new OldBot.Settings(owner, nick, channel, true, true));
    }

    /// What its client has left to do from now on.
    public void queue(double mb) {
        client(new QueueSnapshot(mb, 0, 0, 0, false, 0));
    }

    /// @param answer null for a client that cannot be reached
    public void client(@Nullable QueueSnapshot answer) {
        wishes.add(() -> bot.client(answer));
    }

    /// What its proxy counts from now on.
    public void traffic(int connections, long movedBytes) {
        wishes.add(() -> bot.traffic(connections, movedBytes));
    }

    /// Drops the connection without a word, as a broken line does; the bot comes back 15 s later.
    public void breakConnection() {
        wishes.add(this::disconnect);
    }

    public boolean gateOpen() {
        return gateOpen;
    }

    public boolean inChannel() {
        return inChannel;
    }

    /// True also for the first 8 s in the channel.
    public boolean halted() {
        return halted;
    }

    public boolean electing() {
        return electing;
    }

    public Set<String> peers() {
        return peers;
    }

    /// As the server confirmed it.
    public String nick() {
        return nick;
    }

    /// Everything it sent to channel and people, as `target text`, with `\x01` for CTCP.
    public List<String> said() {
        return List.copyOf(said);
    }

    /// Everything it heard, as `sender target text`.
    public List<String> heard() {
        return List.copyOf(heard);
    }

    /// What has killed its process, if anything has.
    public Optional<String> crashed() {
        return Optional.ofNullable(crashed);
    }

    /// Waits until the condition holds, and fails with everything said and heard if it does not.
    public void await(String what, Duration limit, Predicate<OldBotOnIrc> condition) {
        try {
            Awaitility.await(what)
                    .atMost(limit)
                    .failFast("the old bot has died", () -> crashed != null)
                    .until(() -> condition.test(this));
        } catch (ConditionTimeoutException | TerminalFailureException e) {
            throw new AssertionError(what + ", but is: " + this + " crashed: " + crashed, e);
        }
    }

    public void awaitSaid(String part, Duration limit) {
        await(
                nick + " says: " + part,
                limit,
                tested -> tested.said.stream().anyMatch(line -> line.contains(part)));
    }

    @Override
    public String toString() {
        return nick + (gateOpen ? " (open)" : " (closed)") + "\nsaid " + said + "\nheard " + heard;
    }

    @Override
    public void close() {
        closing = true;
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void live() {
        carryOut(bot.start(Instant.now()));
        while (!closing && bot.crashed() == null) {
            for (Runnable wish = wishes.poll(); wish != null; wish = wishes.poll()) {
                wish.run();
            }
            read();
            happen(new OldBot.Event.Tick());
            halted = bot.halted(Instant.now());
            electing = bot.electing();
            peers = bot.peers();
            nick = bot.nick();
        }
        write("QUIT :bye");
        drop();
    }

    private void happen(OldBot.Event event) {
        carryOut(bot.on(event, Instant.now()));
    }

    private void carryOut(List<OldBot.Action> actions) {
        for (OldBot.Action action : actions) {
            switch (action) {
                case OldBot.Action.Privmsg(String target, String text) -> {
                    write("PRIVMSG " + target + " :" + text);
                    said.add(target + " " + text);
                }
                case OldBot.Action.Join(String channel) -> write("JOIN " + channel);
                case OldBot.Action.Nick(String asked) -> write("NICK " + asked);
                case OldBot.Action.Connect(String asked) -> connect(asked);
                case OldBot.Action.OpenProxy() -> gateOpen = true;
                case OldBot.Action.CloseProxy() -> gateOpen = false;
                case OldBot.Action.Died(String why) -> {
                    gateOpen = false;
                    crashed = why;
                }
                case OldBot.Action.PauseClient _,
                        OldBot.Action.ResumeClient _,
                        OldBot.Action.Enqueue _ -> {
                    // No client program here; the test tells the bot its queue.
                }
            }
        }
    }

    private void connect(String asked) {
        drop();
        partial = new ByteArrayOutputStream();
        try {
            var fresh = new Socket();
            socket = fresh;
            fresh.connect(new InetSocketAddress(host, port), 5000);
            fresh.setSoTimeout(TICK_MILLIS);
            fresh.setTcpNoDelay(true);
            lastLine = Instant.now();
            write("NICK " + asked);
            write("USER " + asked + " 0 * :" + asked);
        } catch (IOException _) {
            drop();
            happen(new OldBot.Event.ConnectFailed());
        }
    }

    private void read() {
        Socket open = socket;
        if (open == null) {
            pause();
            return;
        }
        try {
            InputStream in = open.getInputStream();
            byte[] bytes = new byte[4096];
            int count = in.read(bytes);
            if (count < 0) {
                disconnect();
                return;
            }
            for (int i = 0; i < count; i++) {
                if (bytes[i] == '\n') {
                    String line = partial.toString(StandardCharsets.UTF_8);
                    partial.reset();
                    line(line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
                } else {
                    partial.write(bytes[i]);
                }
            }
        } catch (SocketTimeoutException _) {
            if (Duration.between(lastLine, Instant.now()).compareTo(SILENCE) > 0) {
                disconnect();
            }
        } catch (IOException _) {
            disconnect();
        }
    }

    /// Between connections the thread has nothing to read and waits out its tick.
    private static void pause() {
        try {
            Thread.sleep(TICK_MILLIS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void line(String line) {
        lastLine = Instant.now();
        String source = "";
        String rest = line;
        if (rest.startsWith(":")) {
            int blank = rest.indexOf(' ');
            source = rest.substring(1, blank < 0 ? rest.length() : blank);
            rest = blank < 0 ? "" : rest.substring(blank + 1);
        }
        int trailing = rest.indexOf(" :");
        @Nullable String last = trailing < 0 ? null : rest.substring(trailing + 2);
        String[] words = (trailing < 0 ? rest : rest.substring(0, trailing)).split(" +", -1);
        int bang = source.indexOf('!');
        String who = bang < 0 ? source : source.substring(0, bang);
        String first = words.length > 1 ? words[1] : last == null ? "" : last;
        switch (words[0]) {
            case "PING" -> write("PONG :" + first);
            case "001" -> happen(new OldBot.Event.Welcome(first));
            case "433" -> happen(new OldBot.Event.NickInUse());
            case "JOIN" -> {
                happen(new OldBot.Event.Joined(who, first));
                inChannel |= who.equals(bot.nick());
            }
            case "PART", "QUIT" -> happen(new OldBot.Event.Left(who));
            case "KICK" -> {
                String kicked = words.length > 2 ? words[2] : "";
                inChannel &= !kicked.equals(bot.nick());
                happen(new OldBot.Event.Kicked(kicked));
            }
            case "NICK" -> happen(new OldBot.Event.Renamed(who, first));
            case "PRIVMSG" -> {
                String text = last == null ? words[words.length - 1] : last;
                heard.add(who + " " + first + " " + text);
                happen(new OldBot.Event.Line(who, first, text));
            }
            default -> {
                // The original looks at nothing else.
            }
        }
    }

    private void disconnect() {
        drop();
        happen(new OldBot.Event.Disconnected());
    }

    private void drop() {
        inChannel = false;
        Socket old = socket;
        socket = null;
        if (old != null) {
            try {
                old.close();
            } catch (IOException _) {
                // It is gone either way.
            }
        }
    }

    private void write(String line) {
        Socket open = socket;
        if (open != null) {
            try {
                open.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
            } catch (IOException _) {
                // The reading side notices a broken connection.
            }
        }
    }
}
