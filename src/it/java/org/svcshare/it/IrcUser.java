package org.svcshare.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/// A person at a real server, for tests: says lines, waits for lines.
final class IrcUser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Socket socket;
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final List<String> seen = new ArrayList<>();

    private IrcUser(Socket socket) {
        this.socket = socket;
        Thread.ofVirtual().start(this::read);
    }

    /// Connects, tries again while the server is starting, and registers.
    static IrcUser connect(int port, String nick, String password) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                var user = new IrcUser(new Socket(InetAddress.getLoopbackAddress(), port));
                if (!password.isEmpty()) {
                    user.say("PASS :" + password);
                }
                user.say("NICK " + nick, "USER " + nick + " 0 * :" + nick);
                user.expect(" (376|422) ");
                return user;
            } catch (IOException e) {
                if (System.nanoTime() > until) {
                    throw new UncheckedIOException(e);
                }
                Thread.onSpinWait();
            }
        }
    }

    private void read() {
        try (var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("PING ")) {
                    say("PONG " + line.substring(5));
                }
                heard.add(line);
            }
        } catch (IOException _) {
            // Gone: the test looks at what came before.
        }
    }

    /// Writes in one piece: after a QUIT the server may have closed already, and then the reader
    /// closes the socket.
    synchronized void say(String... lines) {
        var piece = String.join("\r\n", lines) + "\r\n";
        try {
            socket.getOutputStream().write(piece.getBytes(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The next line that matches; those before it are skipped.
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

    /// Waits until somebody is in a channel.
    void untilThere(String channel, String nick) {
        Awaitility.await(nick + " is in " + channel)
                .atMost(PATIENCE)
                .until(() -> {
                    say("NAMES " + channel);
                    String names = expect(" 353 ");
                    return List.of(names.substring(names.indexOf(" :") + 2).split(" ")).stream()
                            .anyMatch(name -> name.replaceFirst("^[@+]", "").equals(nick));
                });
    }

    /// Asks a bot privately.
    ///
    /// @return its first answer
    String ask(String bot, String command) {
        say("PRIVMSG " + bot + " :" + command);
        String line =
                expect("^:" + Pattern.quote(bot) + "!\\S+ (PRIVMSG|NOTICE) [^#]\\S* :[^\u0001]");
        return line.substring(line.indexOf(" :") + 2);
    }

    /// What came last, for messages of failed tests.
    String seen() {
        heard.drainTo(seen);
        return String.join("\n", seen.subList(Math.max(0, seen.size() - 40), seen.size()));
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
