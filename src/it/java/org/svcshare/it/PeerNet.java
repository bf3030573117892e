package org.svcshare.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// The network among processes on one machine. Each knows the others by name and sees each at an
/// address of its own, behind which a relay stands that can be cut, silenced or slowed down, each
/// way for itself. What was held up while a way was silent goes on afterwards, as TCP does.
public final class PeerNet implements NodePlaces {
    /// How data gets from one to another.
    private static final class Way {
        private boolean silent;
        private boolean cut;
        private Duration delay = Duration.ZERO;

        private synchronized void let(boolean isSilent, boolean isCut, Duration after) {
            silent = isSilent;
            cut = isCut;
            delay = after;
            notifyAll();
        }

        private synchronized boolean isCut() {
            return cut;
        }

        /// Returns when something may pass.
        private void pass() throws InterruptedException {
            Duration pause;
            synchronized (this) {
                while (silent) {
                    wait();
                }
                pause = delay;
            }
            if (!pause.isZero()) {
                TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            }
        }
    }

    private record Pair(String from, String to) {}

    /// Of this many processes of tests each has a network of its own.
    private static final int NETS = 200;

    private final String net = "127." + (20 + (int) (ProcessHandle.current().pid() % NETS)) + ".";
    private final List<String> names;
    private final int port;
    private final Map<Pair, Way> ways = new HashMap<>();
    private final List<ServerSocket> listeners = new ArrayList<>();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Map<Socket, Pair> pairs = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /// @param ports where each of them listens, the first for whoever is not told
    PeerNet(List<String> names, List<Integer> ports) throws IOException {
        this.names = List.copyOf(names);
        port = ports.getFirst();
        for (String from : names) {
            for (String to : names) {
                ways.put(new Pair(from, to), new Way());
            }
        }
        for (String from : names) {
            for (String to : names) {
                for (int port : from.equals(to) ? List.<Integer>of() : ports) {
                    relay(new Pair(from, to), port);
                }
            }
        }
    }

    @Override
    public String address(String node) {
        return node + ":" + port;
    }

    @Override
    public String settings(String node) {
        return "cluster.plain = true";
    }

    @Override
    public Map<String, String> environment(String node, Path folder) {
        return Map.of("JDK_JAVA_OPTIONS", "-Djdk.net.hosts.file=" + hosts(node, folder));
    }

    /// Where a process really listens.
    private String home(String name) {
        return address(name, name);
    }

    private String address(String from, String to) {
        return net + (names.indexOf(from) + 1) + "." + (names.indexOf(to) + 1);
    }

    /// A file for `-Djdk.net.hosts.file`, with the addresses at which one sees the others.
    private Path hosts(String name, Path folder) {
        var lines = new ArrayList<String>();
        names.forEach(other -> lines.add(address(name, other) + " " + other));
        lines.add("127.0.0.1 localhost");
        try {
            return Files.write(folder.resolve("hosts"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Way way(String from, String to) {
        return Objects.requireNonNull(ways.get(new Pair(from, to)));
    }

    /// Nothing gets from one to the other, and nobody is told.
    void silence(String from, String to) {
        way(from, to).let(true, false, Duration.ZERO);
    }

    /// All connections between the two are reset, and new ones are.
    public void cut(String one, String other) {
        for (Pair pair : List.of(new Pair(one, other), new Pair(other, one))) {
            way(pair.from(), pair.to()).let(false, true, Duration.ZERO);
        }
        pairs.forEach((socket, pair) -> {
            if (Set.of(one, other).equals(Set.of(pair.from(), pair.to()))) {
                close(socket);
            }
        });
    }

    void delay(String from, String to, Duration delay) {
        way(from, to).let(false, false, delay);
    }

    /// As in the beginning.
    public void heal() {
        ways.values().forEach(way -> way.let(false, false, Duration.ZERO));
    }

    private void relay(Pair pair, int port) throws IOException {
        var listener = new ServerSocket();
        listener.setReuseAddress(true);
        listener.bind(new InetSocketAddress(address(pair.from(), pair.to()), port));
        listeners.add(listener);
        Thread.ofVirtual()
                .start(() -> {
                    while (!closed) {
                        try {
                            Socket caller = listener.accept();
                            Thread.ofVirtual().start(() -> connect(pair, port, caller));
                        } catch (IOException _) {
                            // Closed, or a caller that is gone.
                        }
                    }
                });
    }

    private void connect(Pair pair, int port, Socket caller) {
        sockets.add(caller);
        pairs.put(caller, pair);
        Way there = way(pair.from(), pair.to());
        Way back = way(pair.to(), pair.from());
        var called = new Socket();
        try {
            if (there.isCut()) {
                close(caller);
                return;
            }
            there.pass();
            back.pass();
            sockets.add(called);
            pairs.put(called, pair);
            called.connect(new InetSocketAddress(home(pair.to()), port), 1_000);
            called.setTcpNoDelay(true);
            caller.setTcpNoDelay(true);
            Thread.ofVirtual().start(() -> pump(called, caller, back));
            pump(caller, called, there);
        } catch (IOException _) {
            close(caller);
            close(called);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void pump(Socket from, Socket to, Way way) {
        var buffer = new byte[65_536];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                way.pass();
                out.write(buffer, 0, count);
            }
        } catch (IOException _) {
            // One of both is gone, and so is the other now.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            forget(from);
            forget(to);
        }
    }

    private void forget(Socket socket) {
        sockets.remove(socket);
        pairs.remove(socket);
    }

    private void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // Gone all the same.
        }
        forget(socket);
    }

    @Override
    public void close() throws IOException {
        closed = true;
        heal();
        for (ServerSocket listener : listeners) {
            listener.close();
        }
        List.copyOf(sockets).forEach(this::close);
    }
}
