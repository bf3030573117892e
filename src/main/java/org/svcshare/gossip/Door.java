package org.svcshare.gossip;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/// A listener that hands out a connection only when the other side has proved that it belongs here.
///
/// The library under us takes connections one after the other and talks to each before it looks at
/// the next, so that one stranger who says nothing would keep members out. Here each proves itself
/// on a thread of its own, and only those who did are seen by the library.
final class Door extends ServerSocket {
    /// How long a stranger may take to prove that it is none.
    private static final int PATIENCE_MS = 3_000;

    private static final int MOST_AT_ONCE = 256;
    private static final int BACKLOG = 256;

    private final SSLContext tls;
    private final Refused refused;
    private final Semaphore room = new Semaphore(MOST_AT_ONCE);
    private final BlockingQueue<Arrival> ready = new LinkedBlockingQueue<>();

    /// A member's connection, or why there will be no more.
    private sealed interface Arrival {
        record Member(Socket socket) implements Arrival {}

        record Over() implements Arrival {}
    }

    /// Told of each who was not let in; must not block.
    interface Refused {
        /// @param from address of the caller, for people
        void refused(String from, String why);
    }

    /// Listens at once, so that a port that is taken is known at once.
    Door(SocketAddress listen, SSLContext tls, Refused refused) throws IOException {
        this.tls = tls;
        this.refused = refused;
        super.bind(listen, BACKLOG);
        Thread.ofVirtual().name("gossip door").start(this::welcome);
    }

    /// It is bound already.
    @Override
    public void bind(SocketAddress endpoint) {
        if (!isBound()) {
            throw new IllegalStateException("a door without a port");
        }
    }

    @Override
    public Socket accept() throws IOException {
        try {
            if (ready.take() instanceof Arrival.Member(Socket socket)) {
                return socket;
            }
            throw new SocketException("closed");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SocketException("interrupted", e);
        }
    }

    private void welcome() {
        while (!isClosed()) {
            try {
                Socket caller = super.accept();
                if (room.tryAcquire()) {
                    Thread.ofVirtual().name("gossip caller").start(() -> examine(caller));
                } else {
                    refused.refused(name(caller), "too many at once");
                    caller.close();
                }
            } catch (IOException e) {
                if (!isClosed()) {
                    // Out of files, most likely: that passes.
                    refused.refused("?", String.valueOf(e.getMessage()));
                    pause();
                }
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void examine(Socket caller) {
        String from = name(caller);
        try {
            caller.setSoTimeout(PATIENCE_MS);
            var socket = (SSLSocket) tls.getSocketFactory().createSocket(caller, null, true);
            socket.setUseClientMode(false);
            socket.setNeedClientAuth(true);
            socket.setEnabledProtocols(GossipTls.PROTOCOLS);
            socket.startHandshake();
            socket.setSoTimeout(0);
            ready.add(new Arrival.Member(socket));
            if (isClosed()) {
                socket.close();
            }
        } catch (IOException | RuntimeException e) {
            refused.refused(from, why(e));
            close(caller);
        } finally {
            room.release();
        }
    }

    private static void close(Socket caller) {
        try {
            caller.close();
        } catch (IOException _) {
            // It is gone, which is what was wanted.
            return;
        }
    }

    private static String why(Exception e) {
        Throwable deepest = e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return e instanceof SSLException
                ? String.valueOf(deepest.getMessage())
                : "no TLS from it: " + deepest.getMessage();
    }

    private static String name(Socket caller) {
        return caller.getInetAddress() == null ? "?" : caller.getInetAddress().getHostAddress();
    }

    @Override
    public void close() throws IOException {
        super.close();
        ready.add(new Arrival.Over());
    }
}
