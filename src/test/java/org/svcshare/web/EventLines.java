package org.svcshare.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A stream of server-sent events, read line by line from a raw connection.
final class EventLines implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader lines;

    record Event(String name, JsonNode data) {}

    private EventLines(Socket socket) throws IOException {
        this.socket = socket;
        lines =
                new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    static EventLines open(TestSite site, String request, String body) throws IOException {
        Socket socket = site.socket();
        socket.getOutputStream()
                .write(
                        (request
                                        + " HTTP/1.1\r\nHost: localhost\r\n"
                                        + "Accept: text/event-stream\r\nContent-Length: "
                                        + body.length()
                                        + "\r\n\r\n"
                                        + body)
                                .getBytes(StandardCharsets.US_ASCII));
        return new EventLines(socket);
    }

    /// Returns when the server listens.
    void begun() throws IOException {
        until(":");
    }

    private String until(String begin) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(begin)) {
                return line;
            }
        }
        throw new AssertionError("the stream ended without " + begin);
    }

    Event any() throws IOException {
        String name = until("event: ").substring("event: ".length());
        return new Event(name, JsonMapper.shared().readTree(until("data: ").substring(6)));
    }

    JsonNode next(String name) throws IOException {
        Event event = any();
        assertEquals(name, event.name(), event::toString);
        return event.data();
    }

    void untilEnd() throws IOException {
        assertEquals("0", until("0"));
    }

    boolean open() {
        return socket.isConnected();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
