package org.svcshare.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/// The service behind gates of tests: says what it hears until the other side ends.
final class EchoService implements AutoCloseable {
    private final ServerSocket listener;
    private final Runnable heard;

    EchoService() {
        this(() -> {});
    }

    /// @param heard runs whenever something came, before it is said again; on any thread
    EchoService(Runnable heard) {
        this.heard = heard;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("echo service").start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket connection = listener.accept();
                Thread.ofVirtual().start(() -> echo(connection));
            } catch (IOException _) {
                // Closed, or one client's trouble.
            }
        }
    }

    private void echo(Socket connection) {
        byte[] block = new byte[16 * 1024];
        try (connection) {
            for (int n; (n = connection.getInputStream().read(block)) >= 0; ) {
                heard.run();
                connection.getOutputStream().write(block, 0, n);
            }
        } catch (IOException _) {
            // The gate cut it.
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
