package org.svcshare.ircd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the connections' events to the core and carries out what the core wants.
///
/// Everything here runs on the one event loop that all connections share; only [#clients] is for
/// other threads.
final class IrcLoop {
    private static final Logger LOG = LoggerFactory.getLogger(IrcLoop.class);

    /// How long a closed connection may take to read what was sent to it and to close its side.
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final IrcServer server;
    private final InstantSource clock;
    private final Map<Long, Channel> channels = new HashMap<>();
    private final Deque<Effect> effects = new ArrayDeque<>();
    private final Map<String, Long> closings = new HashMap<>();
    private final AtomicInteger clients = new AtomicInteger();
    private long lastId;
    private boolean applying;

    IrcLoop(IrcServer server, InstantSource clock) {
        this.server = server;
        this.clock = clock;
    }

    /// From any thread.
    int clients() {
        return clients.get();
    }

    Instant now() {
        return clock.instant();
    }

    long connected(Channel channel, String host, boolean secure) {
        long id = ++lastId;
        channels.put(id, channel);
        run(now -> server.connected(id, host, secure, now));
        return id;
    }

    void heard(long id) {
        server.heard(id, now());
    }

    /// Whether the server still listens to it.
    boolean knows(long id) {
        return channels.containsKey(id);
    }

    void received(long id, Frame frame) {
        run(now ->
                switch (frame) {
                    case Frame.Line line -> server.received(id, line.text(), now);
                    case Frame.TooLong _ -> server.receivedTooLong(id, now);
                    case Frame.Endless _ -> server.dismiss(id, "Excess Flood", now);
                });
    }

    void dismiss(long id, String why) {
        run(now -> server.dismiss(id, why, now));
    }

    void gone(long id, String why) {
        channels.remove(id);
        run(now -> server.gone(id, why, now));
    }

    void tick() {
        try {
            run(server::tick);
        } catch (RuntimeException e) {
            // The event loop would never call again.
            LOG.error("the IRC server's clock tick failed", e);
        }
    }

    void shutdown() {
        run(server::shutdown);
    }

    private void run(Function<Instant, List<Effect>> event) {
        effects.addAll(event.apply(now()));
        clients.set(server.clients());
        if (applying) {
            // An effect led to this event; its own effects come after those already waiting.
            return;
        }
        applying = true;
        try {
            applyAll();
        } finally {
            applying = false;
        }
    }

    private void applyAll() {
        Set<Long> written = new LinkedHashSet<>();
        while (!effects.isEmpty()) {
            while (!effects.isEmpty()) {
                Effect effect = effects.removeFirst();
                Channel channel = channels.get(effect.id());
                if (channel == null) {
                    continue;
                }
                switch (effect) {
                    case Effect.Send send -> {
                        var _ = channel.write(encode(channel, send.line()), channel.voidPromise());
                        written.add(send.id());
                    }
                    case Effect.Close close -> close(close, channel);
                }
            }
            flush(written);
        }
    }

    private void flush(Set<Long> written) {
        var ids = List.copyOf(written);
        written.clear();
        for (long id : ids) {
            Channel channel = channels.get(id);
            if (channel == null) {
                continue;
            }
            channel.flush();
            if (!channel.isWritable() && channel.isActive()) {
                // What it does not read cannot be kept for ever; nor would it read an ERROR now.
                count("SendQ exceeded");
                gone(id, "SendQ exceeded");
                var _ = channel.close();
            }
        }
    }

    private void close(Effect.Close close, Channel channel) {
        channels.remove(close.id());
        count(close.reason());
        var _ = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> sayNoMore(channel));
        var _ =
                channel.eventLoop()
                        .schedule(
                                () -> {
                                    var _ = channel.close();
                                },
                                LAST_WORDS.toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    /// Ends our half and leaves the other open for a moment: to close with bytes unread would reset
    /// the connection, and the client would never read why it was sent away.
    private static void sayNoMore(Channel channel) {
        boolean tls = channel.pipeline().get(SslHandler.class) != null;
        if (channel instanceof DuplexChannel duplex && !tls) {
            var _ = duplex.shutdownOutput();
        } else {
            var _ = channel.close();
        }
    }

    /// Logs each kind of ending once; later ones are only counted.
    private void count(String reason) {
        if (reason.startsWith("Quit")) {
            return;
        }
        String kind = reason.indexOf(':') < 0 ? reason : reason.substring(0, reason.indexOf(':'));
        long times = closings.merge(kind, 1L, Long::sum);
        if (times == 1) {
            LOG.info("closed a connection: {} (further ones are counted)", kind);
        }
        LOG.debug("closed a connection: {}, {} times so far", kind, times);
    }

    private static ByteBuf encode(Channel channel, String line) {
        ByteBuf buffer = channel.alloc().buffer(line.length() + 2);
        buffer.writeCharSequence(line, StandardCharsets.ISO_8859_1);
        return buffer.writeByte('\r').writeByte('\n');
    }
}
