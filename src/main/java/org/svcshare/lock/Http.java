package org.svcshare.lock;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.svcshare.config.Secret;

/// One HTTP/1.1 request on a connection of its own, as small as that can be (RFC 9112).
///
/// The JDK's client would do, but costs a command that is run for a moment some 200 ms of start-up;
/// see `docs/decisions/0010`. No redirects, no cookies, no compression, no proxies.
final class Http {
    private static final int CONNECT_MS = 3000;
    private static final long LONG_NANOS = TimeUnit.MINUTES.toNanos(2);
    private static final int MOST_HEADER_BYTES = 32 * 1024;
    private static final int MOST_BODY_BYTES = 64 * 1024 * 1024;

    private final Optional<Secret> token;
    private final Trust trust;

    /// @param target path and query, encoded
    /// @param more header lines, each with its end
    record Request(String method, String target, Content content, String more) {
        /// @param json empty for a request without a body
        Request(String method, String target, String json, String more) {
            this(method, target, Content.json(json), more);
        }

        /// The same with so long a time at its end.
        Request staying(long nanos) {
            long ms = Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
            return new Request(method, target + ms + "ms", content, more);
        }
    }

    /// Gets what comes in an answer without an end.
    interface Follower {
        /// Returns when it has enough, or all is read.
        void read(InputStream body) throws IOException;
    }

    /// Nothing was asked: the server was not reached, or not believed.
    static final class NotAsked extends IOException {
        private static final long serialVersionUID = 1L;

        NotAsked(String message, IOException cause) {
            super(message, cause);
        }
    }

    Http(Optional<Secret> token, Trust trust) {
        this.token = token;
        this.trust = trust;
    }

    /// Blocks until the answer is here.
    ///
    /// @param untilNanos [System#nanoTime] at which it gives up
    /// @throws NotAsked when the server cannot know of the request
    /// @throws IOException when it may have done what was asked
    Reply exchange(ServerAddress server, Request request, long untilNanos, Stop stop)
            throws IOException {
        try (Socket socket = connect(server, untilNanos, stop)) {
            socket.getOutputStream().write(bytes(server, request));
            var in = new BufferedInputStream(new Timed(socket, untilNanos));
            return head(in).reply(in);
        } catch (IOException e) {
            throw stop.pulled() && !(e instanceof NotAsked) ? new IOException("given up", e) : e;
        } finally {
            stop.watch(null);
        }
    }

    /// Follows an answer that goes on until one side has enough.
    ///
    /// @param untilNanos by when it has to begin
    /// @param silence after which the server counts as gone, once it has begun
    /// @param follower not called when the answer is a no
    /// @return the answer, without what the follower got
    /// @throws NotAsked when the server cannot know of the request
    /// @throws IOException when the answer broke off, or the follower threw it
    Reply follow(
            ServerAddress server,
            Request request,
            long untilNanos,
            Duration silence,
            Follower follower,
            Stop stop)
            throws IOException {
        try (Socket socket = connect(server, untilNanos, stop)) {
            watch(socket);
            socket.getOutputStream().write(bytes(server, request));
            var timed = new Timed(socket, untilNanos);
            var in = new BufferedInputStream(timed);
            Head head = head(in);
            if (head.status != 200 || !head.chunked) {
                return head.reply(in);
            }
            timed.patience(silence);
            follower.read(new Chunks(in));
            return new Reply(head.status, head.etag, new byte[0]);
        } catch (IOException e) {
            throw stop.pulled() && !(e instanceof NotAsked) ? new IOException("given up", e) : e;
        } finally {
            stop.watch(null);
        }
    }

    private Socket connect(ServerAddress server, long untilNanos, Stop stop) throws NotAsked {
        try {
            IOException last = null;
            for (InetAddress address : InetAddress.getAllByName(server.host())) {
                var socket = new Socket();
                try {
                    stop.watch(socket);
                    int limitMs = Math.min(CONNECT_MS, leftMs(untilNanos));
                    socket.connect(new InetSocketAddress(address, server.port()), limitMs);
                    socket.setTcpNoDelay(true);
                    if (untilNanos - System.nanoTime() > LONG_NANOS) {
                        watch(socket);
                    }
                    return server.tls() ? trust.over(socket, server, untilNanos) : socket;
                } catch (IOException e) {
                    socket.close();
                    last = e;
                }
            }
            throw last == null ? new IOException("no address") : last;
        } catch (IOException e) {
            String why = e instanceof java.net.UnknownHostException ? "no such host" : text(e);
            throw new NotAsked(server + ": " + why, e);
        }
    }

    /// Lets the kernel notice within a minute that the other side is gone without a word.
    private static void watch(Socket socket) throws IOException {
        socket.setKeepAlive(true);
        if (socket.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPCOUNT)) {
            socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 20);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 10);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 4);
        }
    }

    private static String text(IOException e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    private byte[] bytes(ServerAddress server, Request request) {
        var head = new StringBuilder(256);
        head.append(request.method).append(' ').append(server.path()).append(request.target);
        head.append(" HTTP/1.1\r\nHost: ").append(server.authority());
        head.append("\r\nUser-Agent: svcshare\r\nConnection: close\r\n");
        token.ifPresent(secret ->
                head.append("Authorization: Bearer ").append(secret.reveal()).append("\r\n"));
        head.append(request.more);
        byte[] body = request.content.bytes();
        if (body.length > 0 || request.method.equals("PUT")) {
            head.append("Content-Type: ").append(request.content.type());
            head.append("\r\nContent-Length: ").append(body.length).append("\r\n");
        }
        head.append("\r\n");
        var out = new ByteArrayOutputStream(head.length() + body.length);
        out.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        out.writeBytes(body);
        return out.toByteArray();
    }

    /// The beginning of an answer.
    private record Head(int status, long length, boolean chunked, String etag) {
        Reply reply(InputStream in) throws IOException {
            boolean none = status == 204 || status == 304;
            return new Reply(status, etag, none ? new byte[0] : body(in, length, chunked));
        }
    }

    private static Head head(InputStream in) throws IOException {
        int headerBytes = 0;
        while (true) {
            String first = line(in);
            int status = status(first);
            long length = -1;
            boolean chunked = false;
            String etag = "";
            headerBytes += first.length();
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                headerBytes += line.length();
                if (headerBytes > MOST_HEADER_BYTES) {
                    throw new IOException("its header is too long");
                }
                int colon = line.indexOf(':');
                String name = colon < 0 ? "" : line.substring(0, colon).toLowerCase(Locale.ROOT);
                String value = line.substring(colon + 1).strip();
                if (name.equals("content-length")) {
                    length = length(value, 10);
                } else if (name.equals("transfer-encoding")) {
                    chunked = value.toLowerCase(Locale.ROOT).endsWith("chunked");
                } else if (name.equals("etag")) {
                    etag = value;
                }
            }
            if (status >= 200) {
                return new Head(status, length, chunked, etag);
            }
        }
    }

    private static int status(String line) throws IOException {
        if (!line.matches("HTTP/1\\.[01] [1-5]\\d\\d( .*)?")) {
            throw new IOException("it does not speak HTTP");
        }
        return Integer.parseInt(line.substring(9, 12));
    }

    private static byte[] body(InputStream in, long length, boolean chunked) throws IOException {
        if (!chunked) {
            byte[] body =
                    length < 0
                            ? in.readNBytes(MOST_BODY_BYTES)
                            : in.readNBytes((int) Math.min(length, MOST_BODY_BYTES));
            if (length > body.length) {
                throw new EOFException("its answer has no end");
            }
            return body;
        }
        byte[] body = new Chunks(in).readNBytes(MOST_BODY_BYTES + 1);
        if (body.length > MOST_BODY_BYTES) {
            throw new IOException("its answer is too long");
        }
        return body;
    }

    static long length(String digits, int radix) throws IOException {
        try {
            long length = Long.parseLong(digits, radix);
            if (length >= 0 && length <= MOST_BODY_BYTES) {
                return length;
            }
        } catch (NumberFormatException _) {
            // Said below.
        }
        throw new IOException("its answer is too long");
    }

    static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("it ended the connection without an answer");
            }
            if (line.length() > MOST_HEADER_BYTES) {
                throw new IOException("its header is too long");
            }
            line.append((char) c);
        }
        int length = line.length();
        return length > 0 && line.charAt(length - 1) == '\r'
                ? line.substring(0, length - 1)
                : line.toString();
    }

    static int leftMs(long untilNanos) throws SocketTimeoutException {
        long left = TimeUnit.NANOSECONDS.toMillis(untilNanos - System.nanoTime());
        if (left <= 0) {
            throw new SocketTimeoutException("no answer in time");
        }
        return (int) Math.min(left, Integer.MAX_VALUE);
    }

    /// Gives up at one moment, however often something comes before it.
    private static final class Timed extends FilterInputStream {
        private final Socket socket;
        private final long untilNanos;
        private int silenceMs;

        Timed(Socket socket, long untilNanos) throws IOException {
            super(socket.getInputStream());
            this.socket = socket;
            this.untilNanos = untilNanos;
        }

        /// From now on gives up only when nothing comes for so long.
        void patience(Duration silence) {
            silenceMs = (int) silence.toMillis();
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            socket.setSoTimeout(silenceMs > 0 ? silenceMs : leftMs(untilNanos));
            try {
                return super.read(into, from, length);
            } catch (SocketTimeoutException e) {
                throw new IOException("no answer in time", e);
            }
        }
    }
}
