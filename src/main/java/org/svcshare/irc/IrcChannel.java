package org.svcshare.irc;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.channel.ChannelStatus;
import org.svcshare.channel.IrcText;
import org.svcshare.channel.PeerChannel;
import org.svcshare.channel.PeerCodec;
import org.svcshare.channel.Permissions;
import org.svcshare.channel.Trust;
import org.svcshare.config.CommandSettings;
import org.svcshare.config.IrcSettings;
import org.svcshare.config.PeerSettings;
import org.svcshare.irc.Alarms.Alarm;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnEffect.Weight;
import org.svcshare.turn.TurnEvent;

/// [PeerChannel] on an IRC network: stays connected, stays in the channel, and passes on what is
/// said there.
///
/// One thread of its own, the loop, owns everything but the sockets; connections bring it lines and
/// callers bring it wishes, both through one bounded queue.
public final class IrcChannel implements PeerChannel {
    private static final Logger LOG = LoggerFactory.getLogger(IrcChannel.class);
    private static final int MAX_INBOX = 4096;
    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(10);

    /// A connection that held so long was a good one: the next wait begins small again.
    private static final Duration STABLE = Duration.ofSeconds(60);

    private static final Duration REGISTRATION_PATIENCE = Duration.ofSeconds(60);

    private final IrcSettings settings;
    private final Permissions permissions;
    private final Trust trust;
    private final PeerCodec codec = new PeerCodec();
    private final InstantSource clock;
    private final RandomGenerator random;
    private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>(MAX_INBOX);
    private final Alarms alarms = new Alarms();
    private final Sts sts;
    private final Speech.Courtesy courtesy = new Speech.Courtesy();
    private final Map<String, Long> rejected = new TreeMap<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final LoopLink link = new LoopLink();
    private Consumer<TurnEvent> events = _ -> {};
    private @Nullable Wire wire;
    private @Nullable Session session;
    private @Nullable Speech speech;
    private Outbox outbox;
    private String wantedNick;
    private String trouble = "";
    private @Nullable Instant since;
    private long upSinceNanos;
    private long reconnects;
    private long received;
    private long sent;

    /// By the outboxes of earlier connections, as [#dropped].
    private long throttled;

    private long dropped;
    private int failures;
    private boolean heardSincePing;
    private boolean secured;
    private boolean stopping;
    private @Nullable String goodbye;
    private volatile boolean closed;
    private volatile @Nullable Thread thread;
    private volatile ChannelStatus status;

    /// @param bootId this process's, 16 hexadecimal digits; what our signatures are tied to
    /// @param clock counts our messages and judges the age of others'
    /// @param random for jitter and last-resort nicks
    public IrcChannel(
            IrcSettings settings,
            PeerSettings peers,
            CommandSettings commands,
            String bootId,
            InstantSource clock,
            RandomGenerator random) {
        this.settings = settings;
        this.sts = new Sts(settings);
        this.permissions = new Permissions(commands);
        this.trust = new Trust(peers, bootId);
        this.clock = clock;
        this.random = random;
        this.wantedNick = IrcText.nick(settings.nick());
        this.outbox = newOutbox();
        this.status =
                new ChannelStatus(
                        false,
                        where(),
                        settings.nick(),
                        null,
                        "",
                        0,
                        0,
                        ChannelStatus.Lines.NONE,
                        Map.of());
    }

    @Override
    public void start(Consumer<TurnEvent> events) {
        if (thread != null) {
            throw new IllegalStateException("started before");
        }
        this.events = events;
        if (settings.tls().enabled() && !settings.tls().verify()) {
            LOG.warn("the server's certificate is not verified (irc.tls.verify = false)");
        }
        Thread loop = new Thread(this::loop, "svcshare-irc");
        loop.setDaemon(true);
        thread = loop;
        loop.start();
    }

    @Override
    public void send(@Nullable String to, PeerMessage message) {
        offer(() -> {
            if (speech != null) {
                speech.send(to, message);
            }
        });
    }

    @Override
    public void say(@Nullable String to, String text, Weight weight) {
        offer(() -> {
            if (speech != null) {
                speech.say(to, text, weight);
            }
        });
    }

    @Override
    public void rename(String nick) {
        offer(() -> {
            if (session != null) {
                session.rename(nick);
            } else if (IrcText.isNick(nick)) {
                wantedNick = nick;
            }
        });
    }

    @Override
    public ChannelStatus status() {
        return status;
    }

    @Override
    public void leave(String reason, Duration limit) {
        if (thread == null) {
            closed = true;
            return;
        }
        offer(() -> goodbye = IrcText.oneLine(reason));
        try {
            if (!ended.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.info("left without waiting for the server any longer");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
    }

    @Override
    public void close() {
        closed = true;
        Thread loop = thread;
        if (loop != null) {
            loop.interrupt();
        }
    }

    /// A full queue means that the loop is stuck or flooded; then what is wished is dropped, since
    /// no caller may block.
    private void offer(Runnable wish) {
        if (!inbox.offer(wish)) {
            LOG.debug("too much at once, something was not sent");
        }
    }

    private String where() {
        return settings.server() + " " + settings.channel();
    }

    private void freshOutbox() {
        throttled += outbox.throttled();
        dropped += outbox.dropped();
        outbox = newOutbox();
    }

    private Outbox newOutbox() {
        return new Outbox(settings.floodBurst(), settings.floodInterval(), System.nanoTime());
    }

    // The loop. Everything below runs on its thread.

    private void loop() {
        try {
            connect();
            while (!closed && !over()) {
                Runnable wish = inbox.poll(sleepNanos(), TimeUnit.NANOSECONDS);
                for (int i = 0; wish != null && i < 256; i++) {
                    guarded(wish);
                    wish = inbox.poll();
                }
                for (Alarm alarm : alarms.due(System.nanoTime())) {
                    guarded(() -> on(alarm));
                }
                guarded(this::flush);
                publish();
            }
        } catch (InterruptedException _) {
            // Only close() interrupts us.
            LOG.debug("loop ended");
        } finally {
            closed = true;
            Wire open = wire;
            if (open != null) {
                open.close();
            }
            publish();
            ended.countDown();
        }
    }

    /// A defect in one line's handling must not end the loop (T6): it is logged and counted.
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            rejected.merge("internal-error", 1L, Long::sum);
            LOG.warn("{} at {}", e, at(e));
        }
    }

    private static Object at(RuntimeException e) {
        StackTraceElement[] trace = e.getStackTrace();
        return trace.length == 0 ? "?" : trace[0];
    }

    private long sleepNanos() {
        long now = System.nanoTime();
        long sleep = Math.min(alarms.waitNanos(now), LONGEST_SLEEP.toNanos());
        return wire == null ? sleep : Math.min(sleep, outbox.waitNanos(now));
    }

    /// After a goodbye: nothing waits any more and the connection is gone.
    private boolean over() {
        return wire == null && (stopping || goodbye != null);
    }

    private void on(Alarm alarm) {
        switch (alarm) {
            case CONNECT -> connect();
            case REGISTERED -> drop("the server did not take us in time");
            case PING -> {
                heardSincePing = false;
                link.sendNow("PING :svcshare-" + Long.toString(random.nextLong() >>> 40, 36));
                link.alarm(Alarm.PONG, settings.pingTimeout());
            }
            case PONG -> {
                if (!heardSincePing) {
                    drop(
                            "the server has not answered for "
                                    + settings.pingTimeout().toSeconds()
                                    + " s");
                }
            }
            case SERVICES, NAMES, JOIN, REGAIN -> {
                if (session != null) {
                    session.on(alarm);
                }
            }
        }
    }

    private void connect() {
        if (stopping || goodbye != null) {
            return;
        }
        alarms.clear();
        freshOutbox();
        IrcSettings now = sts.settings(System.nanoTime());
        secured = now.tls().enabled();
        session = new Session(now, link, random);
        speech = new Speech(session, link, permissions, trust, codec, courtesy);
        wire = new Wire(now, new Lines());
        link.alarm(Alarm.REGISTERED, settings.connectTimeout().plus(REGISTRATION_PATIENCE));
        upSinceNanos = System.nanoTime();
        wire.start();
    }

    private void drop(String why) {
        Wire open = wire;
        if (open != null) {
            open.close();
            down(open, why);
        }
    }

    private void down(Wire gone, String why) {
        if (gone != wire) {
            return;
        }
        String farewell = session == null ? "" : session.farewell();
        boolean was = session != null && session.joined();
        wire = null;
        session = null;
        sts.closed(System.nanoTime());
        speech = null;
        alarms.clear();
        freshOutbox();
        String reason = farewell.isEmpty() ? why : farewell;
        if (goodbye == null) {
            link.trouble(reason);
        }
        if (was) {
            emit(new TurnEvent.Lost(reason));
        }
        if (stopping || goodbye != null) {
            return;
        }
        reconnects++;
        boolean stable = was && System.nanoTime() - upSinceNanos > STABLE.toNanos();
        failures = stable ? 0 : failures + 1;
        link.alarm(Alarm.CONNECT, backOff());
    }

    /// Doubles with every failure; the random half keeps a group from coming back all at once.
    private Duration backOff() {
        long least = Math.max(1, settings.reconnectMin().toMillis());
        long most = Math.max(least, settings.reconnectMax().toMillis());
        long millis = least;
        for (int i = 1; i < failures && millis < most; i++) {
            millis *= 2;
        }
        millis = Math.min(millis, most);
        return Duration.ofMillis(millis / 2 + random.nextLong(millis / 2 + 1));
    }

    private void heard(Wire from, String raw) {
        if (from != wire || session == null) {
            return;
        }
        received++;
        heardSincePing = true;
        link.cancel(Alarm.PONG);
        link.alarm(Alarm.PING, settings.pingEvery());
        IrcLine line = IrcLine.parse(raw);
        if (line == null) {
            rejected.merge("not-irc", 1L, Long::sum);
            return;
        }
        session.handlers().handle(line);
    }

    private void flush() {
        Wire open = wire;
        if (open == null) {
            return;
        }
        long now = System.nanoTime();
        for (String line = outbox.next(now); line != null; line = outbox.next(now)) {
            if (!open.send(line)) {
                drop("the server does not read what we send");
                return;
            }
            sent++;
        }
        if (goodbye != null && outbox.size() == 0 && !stopping) {
            stopping = true;
            // The server answers with ERROR and closes, which is how we know that all was read.
            open.send("QUIT :" + goodbye);
        }
    }

    private void emit(TurnEvent event) {
        Session now = session;
        switch (event) {
            case TurnEvent.Joined joined -> {
                since = clock.instant();
                if (now != null) {
                    trust.joined(
                            new Trust.Place(
                                    now.isupport().network(),
                                    settings.channel(),
                                    joined.casemapping()),
                            joined.nick(),
                            clock.instant());
                }
                LOG.info("in {} as {}", settings.channel(), joined.nick());
            }
            case TurnEvent.Lost(String why) -> {
                since = clock.instant();
                LOG.info("out of {}: {}", settings.channel(), why);
            }
            case TurnEvent.MemberLeft(String nick) -> trust.left(nick);
            case TurnEvent.Renamed(String from, String to) -> trust.renamed(from, to);
            default -> {}
        }
        // Who hears the event and asks for the status must not see the one before it.
        publish();
        guarded(() -> events.accept(event));
    }

    private void publish() {
        Session now = session;
        status =
                new ChannelStatus(
                        now != null && now.joined(),
                        where(),
                        now == null || now.ownNick().isEmpty() ? wantedNick : now.ownNick(),
                        since,
                        trouble,
                        outbox.size(),
                        reconnects,
                        new ChannelStatus.Lines(
                                received,
                                sent,
                                throttled + outbox.throttled(),
                                dropped + outbox.dropped()),
                        Map.copyOf(rejected));
    }

    /// Brings a connection's news onto the loop. A full inbox blocks the connection's reader, which
    /// makes the server wait.
    private final class Lines implements Wire.Ear {
        @Override
        public void up(Wire from) {
            put(() -> {
                if (from == wire && session != null) {
                    link.alarm(Alarm.PING, settings.pingEvery());
                    session.begin();
                }
            });
        }

        @Override
        public void line(Wire from, String line) {
            put(() -> heard(from, line));
        }

        @Override
        public void down(Wire from, String why) {
            put(() -> IrcChannel.this.down(from, why));
        }

        private void put(Runnable news) {
            try {
                while (!closed && !inbox.offer(news, 1, TimeUnit.SECONDS)) {
                    LOG.debug("the server sends faster than we read");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private final class LoopLink implements Link {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public Instant now() {
            return clock.instant();
        }

        @Override
        public void sendNow(String line) {
            send(Outbox.Urgency.NOW, line);
        }

        @Override
        public void send(Outbox.Urgency urgency, String line) {
            outbox.add(urgency, line, System.nanoTime());
        }

        @Override
        public void dropWaiting() {
            outbox.clear();
        }

        @Override
        public void alarm(Alarm alarm, Duration delay) {
            alarms.set(alarm, delay, System.nanoTime());
        }

        @Override
        public void cancel(Alarm alarm) {
            alarms.cancel(alarm);
        }

        @Override
        public void event(TurnEvent event) {
            emit(event);
        }

        @Override
        public void trouble(String what) {
            if (!what.equals(trouble)) {
                trouble = what;
                if (!what.isEmpty()) {
                    LOG.warn("{}", what);
                }
            }
        }

        @Override
        public void rejected(String reason) {
            if (rejected.merge(reason, 1L, Long::sum) == 1) {
                LOG.info("a message was not believed or not understood: {}", reason);
            }
        }

        @Override
        public void drop(String why) {
            IrcChannel.this.drop(why);
        }

        @Override
        public void giveUp(String why) {
            stopping = true;
            IrcChannel.this.drop(why);
        }

        @Override
        public boolean sts(String value) {
            if (!sts.told(value, secured)) {
                return false;
            }
            IrcChannel.this.drop("the server wants TLS (sts)");
            if (!stopping && goodbye == null) {
                alarm(Alarm.CONNECT, Duration.ZERO);
            }
            return true;
        }

        @Override
        public String wantedNick() {
            return wantedNick;
        }

        @Override
        public void wantNick(String nick) {
            wantedNick = nick;
        }
    }
}
