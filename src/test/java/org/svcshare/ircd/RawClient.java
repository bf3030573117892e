package org.svcshare.ircd;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.svcshare.config.Endpoint;

/// A socket that says and hears bytes.
final class RawClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Socket socket;
    private final StringBuilder partial = new StringBuilder();
    private final List<String> lines = new ArrayList<>();

    RawClient(Endpoint server) throws IOException {
        this(new Socket(server.host(), server.port()));
    }

    RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout((int) PATIENCE.toMillis());
    }

    static RawClient registered(Endpoint server, String nick) throws IOException {
        var client = new RawClient(server);
        client.says("NICK " + nick, "USER " + nick + " 0 * :" + nick);
        client.hearsUntil(" 376 ");
        return client;
    }

    void says(String... said) throws IOException {
        var bytes = new StringBuilder();
        for (String line : said) {
            bytes.append(line).append("\r\n");
        }
        sends(bytes.toString());
    }

    void sends(String bytes) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    /// Reads until a line has this in it.
    ///
    /// @return that line
    String hearsUntil(String part) throws IOException {
        for (int from = 0; ; ) {
            for (; from < lines.size(); from++) {
                if (lines.get(from).contains(part)) {
                    String found = lines.get(from);
                    lines.subList(0, from + 1).clear();
                    return found;
                }
            }
            if (!read()) {
                throw new AssertionError("the end before '" + part + "', but " + lines);
            }
        }
    }

    /// Everything up to the end of the connection.
    List<String> hearsToTheEnd() throws IOException {
        try {
            while (read()) {
                // read() keeps the lines
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the connection did not end; heard " + lines, e);
        } catch (IOException e) {
            // A reset is an end, too.
            lines.add("(reset)");
        }
        return List.copyOf(lines);
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private boolean read() throws IOException {
        byte[] buffer = new byte[16 * 1024];
        int count = socket.getInputStream().read(buffer);
        if (count < 0) {
            return false;
        }
        partial.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
        for (int end = partial.indexOf("\r\n"); end >= 0; end = partial.indexOf("\r\n")) {
            lines.add(partial.substring(0, end));
            partial.delete(0, end + 2);
        }
        return true;
    }
}
