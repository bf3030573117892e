package org.svcshare.gate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// A service behind the gate whose script a test writes; each connection on a thread of its own.
final class FakeService implements AutoCloseable {

    interface Script {
        void serve(Socket connection) throws IOException, InterruptedException;
    }

    private final ServerSocket listener;
    private final List<Socket> connections = new CopyOnWriteArrayList<>();
    private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();

    FakeService(Script script) {
        this(open(), script);
    }

    FakeService(ServerSocket listener, Script script) {
        this.listener = listener;
        Thread.ofVirtual().start(() -> accept(script));
    }

    static ServerSocket open() {
        try {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static FakeService echo() {
        return new FakeService(connection -> {
            connection.getInputStream().transferTo(connection.getOutputStream());
            connection.shutdownOutput();
        });
    }

    /// Reads to the end and adds up; answers with what came when the client has ended.
    static FakeService sink(AtomicLong received) {
        return new FakeService(connection -> {
            byte[] block = new byte[64 * 1024];
            for (int n; (n = connection.getInputStream().read(block)) >= 0; ) {
                received.addAndGet(n);
            }
            connection
                    .getOutputStream()
                    .write(Long.toString(received.get()).getBytes(StandardCharsets.US_ASCII));
        });
    }

    static FakeService silent() {
        return new FakeService(connection -> connection.getInputStream().read());
    }

    int port() {
        return listener.getLocalPort();
    }

    int connections() {
        return connections.size();
    }

    Socket connection() {
        return connections.getFirst();
    }

    /// How the next finished connection ended: "closed", or the text of the exception.
    String end() throws InterruptedException {
        return String.valueOf(ends.poll(10, TimeUnit.SECONDS));
    }

    static void reset(Socket socket) {
        try {
            socket.setOption(StandardSocketOptions.SO_LINGER, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept(Script script) {
        while (true) {
            Socket connection;
            try {
                connection = listener.accept();
            } catch (IOException _) {
                return;
            }
            connections.add(connection);
            Thread.ofVirtual().start(() -> serve(script, connection));
        }
    }

    private void serve(Script script, Socket connection) {
        String end = "closed";
        try (connection) {
            script.serve(connection);
        } catch (SocketException e) {
            end = String.valueOf(e.getMessage());
        } catch (IOException e) {
            end = e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ends.add(end);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket connection : connections) {
            connection.close();
        }
    }
}
