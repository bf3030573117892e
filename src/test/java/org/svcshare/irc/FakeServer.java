package org.svcshare.irc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ServerSocketFactory;
import org.jspecify.annotations.Nullable;

/// A server on a real socket that says exactly what a test tells it to, byte for byte.
final class FakeServer implements AutoCloseable {
    /// Among the lines heard: nothing can come any more.
    private static final String END = "(end)";

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final ServerSocket listening;
    private final BlockingQueue<Socket> arrived = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final List<String> seen = new ArrayList<>();
    private @Nullable Socket socket;

    FakeServer() {
        this(ServerSocketFactory.getDefault());
    }

    /// @param sockets for one that speaks TLS
    FakeServer(ServerSocketFactory sockets) {
        try {
            listening = sockets.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::listen);
    }

    int port() {
        return listening.getLocalPort();
    }

    private void listen() {
        try {
            while (true) {
                arrived.add(listening.accept());
            }
        } catch (IOException _) {
            // Closed: the test is over.
        }
    }

    /// Waits for the next connection and talks to that one from now on.
    FakeServer accept() {
        try {
            Socket next = arrived.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (next == null) {
                throw new AssertionError("nobody connected");
            }
            socket = next;
            heard.clear();
            Thread.ofVirtual().start(() -> read(next));
            return this;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Whether somebody connects within that time.
    boolean isCalledWithin(Duration time) throws InterruptedException {
        Socket next = arrived.poll(time.toMillis(), TimeUnit.MILLISECONDS);
        if (next != null) {
            arrived.add(next);
        }
        return next != null;
    }

    private void read(Socket from) {
        try (var in = new BufferedReader(new InputStreamReader(from.getInputStream(), UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                heard.add(line);
            }
        } catch (IOException _) {
            // Cut: the test looks at what came before.
        } finally {
            heard.add(END);
        }
    }

    /// Waits for the other side to close; fails if it says anything before.
    void expectEnd() {
        String line = expect("");
        if (!line.equals(END)) {
            throw new AssertionError("unexpected: " + line);
        }
    }

    /// The next line that matches; those before it are skipped, and kept for the message.
    String expect(String regex) {
        var pattern = Pattern.compile(regex);
        long until = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (true) {
                String line = heard.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (line == null) {
                    throw new AssertionError("no line matches " + regex + "; came: " + seen);
                }
                seen.add(line);
                if (pattern.matcher(line).find()) {
                    return line;
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Fails if a matching line comes before the answer to a PING, that is: to all sent so far.
    void expectNothingLike(String regex) {
        String token = "t" + System.nanoTime();
        send("PING :" + token);
        var pattern = Pattern.compile(regex);
        while (true) {
            String line = expect(".*");
            if (line.equals("PONG :" + token)) {
                return;
            }
            if (pattern.matcher(line).find()) {
                throw new AssertionError("unexpected: " + line);
            }
        }
    }

    FakeServer send(String... lines) {
        for (String line : lines) {
            raw((line + "\r\n").getBytes(UTF_8));
        }
        return this;
    }

    void raw(byte[] bytes) {
        Socket open = socket;
        if (open == null) {
            throw new IllegalStateException("nobody is connected");
        }
        try {
            open.getOutputStream().write(bytes);
            open.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Takes the bot in under the nick it asked for, with a few tokens of ISUPPORT.
    FakeServer welcome(String nick) {
        expect("^USER ");
        return send(":irc.test CAP * LS :").register(nick);
    }

    /// The same, with tags on messages.
    FakeServer welcomeWithTags(String nick) {
        expect("^USER ");
        send(":irc.test CAP * LS :message-tags", ":irc.test CAP * ACK :message-tags");
        expect("^CAP END");
        return register(nick);
    }

    private FakeServer register(String nick) {
        return send(
                ":irc.test 001 " + nick + " :Welcome",
                ":irc.test 005 "
                        + nick
                        + " CASEMAPPING=rfc1459 NETWORK=TestNet PREFIX=(ov)@+ BOT=B"
                        + " CHANMODES=b,k,l,Cimnpst :are supported",
                ":irc.test 376 " + nick + " :End of MOTD");
    }

    /// Lets the bot into the channel, with these others.
    FakeServer admit(String nick, String others) {
        expect("^JOIN #usenet");
        return send(
                ":" + nick + "!bot@bot.host JOIN #usenet",
                ":irc.test 353 " + nick + " = #usenet :" + nick + " " + others,
                ":irc.test 366 " + nick + " #usenet :End of names");
    }

    void cut() {
        Socket open = socket;
        try {
            if (open != null) {
                open.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        cut();
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
