package org.svcshare.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.svcshare.it.RealPart;
import org.svcshare.proxy.Copies.Applied;
import org.svcshare.replica.NodeAddress;

/// A node that remembers what it got and misbehaves as it is told. While it is well it takes every
/// write, once for each `Idempotency-Key`, and answers as an application would whose items are all
/// new.
///
/// Its lock is held for everything that it remembers; one thread serves each connection.
final class FaultyNode implements AutoCloseable {
    private static final int FOR_EVER = Integer.MAX_VALUE;
    private static final int MOST_HEAD = 64 * 1024;

    /// What it does wrong. Those of connections come to all requests, the others to writes alone.
    sealed interface Fault {
        /// Nothing.
        record None() implements Fault {}

        /// Reads the head and a part of the body, and resets the connection.
        record CutInRequest() implements Fault {}

        /// Does what is asked, and resets the connection without an answer.
        record CutBeforeAnswer() implements Fault {}

        /// Does what is asked, and closes the connection in the middle of the answer.
        record CutInAnswer() implements Fault {}

        /// Does what is asked after so long.
        record Slow(Duration by) implements Fault {}

        /// Answers so, and does nothing.
        record Status(int status) implements Fault {}

        /// Answers something that is not HTTP, and does nothing.
        record Garbage() implements Fault {}

        /// Reads what is asked and says nothing, until it is told otherwise.
        record Silent() implements Fault {}

        /// Of connections: closes each as soon as it is there, and those that are.
        record ClosedAtOnce() implements Fault {}
    }

    /// One request as it came.
    ///
    /// @param headers by names in lower case; the last one counts
    record Got(String method, String target, Map<String, String> headers, String body) {
        boolean write() {
            return !Set.of("GET", "HEAD", "OPTIONS").contains(method);
        }

        String key() {
            return headers.getOrDefault("idempotency-key", "");
        }
    }

    private final NodeAddress address = new NodeAddress("127.0.0.1", RealPart.freePort());
    private final ServerSocket listener;
    private final Set<Socket> connections = new HashSet<>();
    private final List<Got> got = new ArrayList<>();
    private final List<Applied> applied = new ArrayList<>();
    private final Map<String, Integer> answered = new HashMap<>();
    private Fault fault = new Fault.None();
    private int times;
    private int committed;

    FaultyNode() throws IOException {
        listener = new ServerSocket();
        listener.setReuseAddress(true);
        listener.bind(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), address.port()), 1024);
        Thread.ofVirtual().name("faulty node").start(this::accept);
    }

    NodeAddress address() {
        return address;
    }

    /// From now on, until something else is said.
    void does(Fault fault) {
        does(fault, FOR_EVER);
    }

    /// From now on, with so many requests.
    synchronized void does(Fault fault, int times) {
        this.fault = fault;
        this.times = times;
        if (fault instanceof Fault.ClosedAtOnce) {
            List.copyOf(connections).forEach(FaultyNode::reset);
        }
        notifyAll();
    }

    /// How often it has misbehaved so far.
    synchronized int committed() {
        return committed;
    }

    /// What it did, in order.
    synchronized List<Applied> applied() {
        return List.copyOf(applied);
    }

    /// The writes that came in whole, in order, with those that it did nothing about.
    synchronized List<Got> writes() {
        return got.stream().filter(Got::write).toList();
    }

    private synchronized Fault next() {
        Fault now = fault;
        if (!(now instanceof Fault.None)) {
            committed++;
            if (times != FOR_EVER && --times == 0) {
                fault = new Fault.None();
            }
        }
        return now;
    }

    private synchronized boolean closesAtOnce() {
        return fault instanceof Fault.ClosedAtOnce && next() instanceof Fault.ClosedAtOnce;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket connection = listener.accept();
                if (closesAtOnce()) {
                    reset(connection);
                } else {
                    Thread.ofVirtual().start(() -> serve(connection));
                }
            } catch (IOException _) {
                // Closed, or one client's trouble.
            }
        }
    }

    private void serve(Socket connection) {
        synchronized (this) {
            connections.add(connection);
        }
        try (connection) {
            var in = new BufferedInputStream(connection.getInputStream());
            while (exchange(connection, in)) {
                // The next one.
            }
        } catch (IOException _) {
            // The other side went away, or we were told to cut it.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            synchronized (this) {
                connections.remove(connection);
            }
        }
    }

    /// @return whether there may be another on the same connection
    private boolean exchange(Socket connection, InputStream in)
            throws IOException, InterruptedException {
        List<String> head = head(in);
        if (head.isEmpty()) {
            return false;
        }
        String[] first = head.getFirst().split(" ", 3);
        var headers = new HashMap<String, String>();
        for (String line : head.subList(1, head.size())) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        boolean write = new Got(first[0], first[1], headers, "").write();
        Fault now = write ? next() : new Fault.None();
        if (now instanceof Fault.CutInRequest) {
            in.readNBytes(3);
            reset(connection);
            return false;
        }
        var request = new Got(first[0], first[1], headers, body(in, headers));
        synchronized (this) {
            got.add(request);
        }
        OutputStream out = connection.getOutputStream();
        switch (now) {
            case Fault.None() -> answer(out, done(request), "");
            case Fault.CutInRequest() -> throw new IllegalStateException();
            case Fault.CutBeforeAnswer() -> {
                done(request);
                reset(connection);
                return false;
            }
            case Fault.CutInAnswer() -> {
                done(request);
                out.write("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nabc".getBytes(UTF_8));
                return false;
            }
            case Fault.Slow(Duration by) -> {
                Thread.sleep(by);
                answer(out, done(request), "");
            }
            case Fault.Status(int status) -> answer(out, status, "it was told to say so\n");
            case Fault.Garbage() -> {
                out.write("\u0000\u0001 no such thing as HTTP\n\n".getBytes(UTF_8));
                return false;
            }
            case Fault.Silent() -> {
                awaitOtherwise();
                return false;
            }
            case Fault.ClosedAtOnce() -> {
                reset(connection);
                return false;
            }
        }
        return true;
    }

    private synchronized void awaitOtherwise() throws InterruptedException {
        while (fault instanceof Fault.Silent && !listener.isClosed()) {
            wait();
        }
    }

    /// @return the status
    private synchronized int done(Got request) {
        if (!request.write()) {
            return 200;
        }
        Integer before = answered.get(request.key());
        if (before != null) {
            return before;
        }
        applied.add(
                new Applied(
                        request.method(),
                        request.target(),
                        Writers.digest(request.body()),
                        request.key()));
        int status =
                switch (request.method()) {
                    case "PATCH" -> 200;
                    case "DELETE" -> 204;
                    default -> 201;
                };
        if (!request.key().isEmpty()) {
            answered.put(request.key(), status);
        }
        return status;
    }

    private static void answer(OutputStream out, int status, String body) throws IOException {
        String length = status == 204 ? "" : "Content-Length: " + body.length() + "\r\n";
        out.write(
                ("HTTP/1.1 " + status + " As said\r\n" + length + "\r\n" + body)
                        .getBytes(ISO_8859_1));
        out.flush();
    }

    /// The first line and the headers; empty at the end of the connection.
    private static List<String> head(InputStream in) throws IOException {
        var lines = new ArrayList<String>();
        var line = new StringBuilder();
        for (int size = 0; size < MOST_HEAD; size++) {
            int next = in.read();
            if (next < 0) {
                return List.of();
            }
            if (next != '\n') {
                line.append((char) next);
                continue;
            }
            String text = line.toString().strip();
            line.setLength(0);
            if (text.isEmpty()) {
                return lines;
            }
            lines.add(text);
        }
        throw new IOException("a head of more than " + MOST_HEAD + " bytes");
    }

    private static String body(InputStream in, Map<String, String> headers) throws IOException {
        if (headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
            var body = new StringBuilder();
            while (true) {
                int size = Integer.parseInt(line(in).split(";", 2)[0], 16);
                body.append(new String(in.readNBytes(size), UTF_8));
                line(in);
                if (size == 0) {
                    return body.toString();
                }
            }
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("cut in the body");
        }
        return new String(bytes, UTF_8);
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            line.append((char) next);
        }
        return line.toString().strip();
    }

    /// With a reset: whoever reads there hears no clean end.
    private static void reset(Socket connection) {
        try {
            connection.setSoLinger(true, 0);
            connection.close();
        } catch (IOException _) {
            // It is gone already.
        }
    }

    @Override
    public synchronized void close() throws IOException {
        listener.close();
        List.copyOf(connections).forEach(FaultyNode::reset);
        notifyAll();
    }
}
