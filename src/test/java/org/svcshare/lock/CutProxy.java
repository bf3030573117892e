package org.svcshare.lock;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Stands between a client and a server on this machine, and fails as networks do.
public final class CutProxy implements AutoCloseable {
    private final int target;
    private final ServerSocket door;
    private final Thread acceptor;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private volatile boolean mute;
    private volatile boolean answersLost;

    public CutProxy(int target) throws IOException {
        this.target = target;
        door = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        acceptor = Thread.ofVirtual().name("proxy").start(this::accept);
    }

    public int port() {
        return door.getLocalPort();
    }

    /// How many clients are connected.
    public int connections() {
        return open.size() / 2;
    }

    /// How many have ever connected.
    public int accepted() {
        return accepted.get();
    }

    /// Ends what is open; new connections go through.
    public void cut() {
        open.forEach(CutProxy::close);
    }

    /// As if the machine were gone: ends what is open, and refuses what comes.
    public void die() throws IOException {
        door.close();
        try {
            // Only then the system refuses connections for certain.
            acceptor.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        cut();
    }

    /// From now on nothing comes through, and nothing is ended: a process that was stopped.
    public void fallSilent() {
        mute = true;
    }

    /// From now on requests get through, and their answers end the connection.
    public void loseAnswers(boolean lost) {
        answersLost = lost;
    }

    private void accept() {
        try {
            while (!door.isClosed()) {
                Socket client = door.accept();
                accepted.incrementAndGet();
                open.add(client);
                if (!mute) {
                    Thread.ofVirtual().name("proxy").start(() -> join(client));
                }
            }
        } catch (IOException _) {
            // It is over.
        }
    }

    private void join(Socket client) {
        try (var server = new Socket(InetAddress.getLoopbackAddress(), target)) {
            open.add(server);
            Thread back = Thread.ofVirtual().start(() -> pump(server, client, true));
            pump(client, server, false);
            back.join();
            open.remove(server);
        } catch (IOException | InterruptedException _) {
            // The server is not there.
        } finally {
            if (!mute) {
                close(client);
                open.remove(client);
            }
        }
    }

    private void pump(Socket from, Socket to, boolean answers) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] bytes = new byte[8192];
            for (int n = in.read(bytes); n >= 0 && !mute; n = in.read(bytes)) {
                if (answers && answersLost) {
                    break;
                }
                out.write(bytes, 0, n);
                out.flush();
            }
            if (!mute) {
                to.shutdownOutput();
            }
        } catch (IOException _) {
            if (!mute) {
                close(to);
            }
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // It was on its way out.
        }
    }

    @Override
    public void close() throws IOException {
        mute = false;
        die();
    }
}
