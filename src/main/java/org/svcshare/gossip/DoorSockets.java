package org.svcshare.gossip;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.function.IntConsumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jgroups.util.DefaultSocketFactory;
import org.jspecify.annotations.Nullable;

/// Gives the library its sockets: those on which both sides have proved themselves, or plain ones.
final class DoorSockets extends DefaultSocketFactory {
    /// A member that accepts and then says nothing must not hold up what others are sent.
    private static final int HANDSHAKE_MS = 2_000;

    private final SocketAddress listen;
    private final @Nullable SSLContext tls;
    private final Door.Refused refused;
    private final IntConsumer bound;

    /// @param listen where to, whatever the library says: it takes no port 0
    /// @param tls null for plain sockets
    /// @param bound told the port as soon as it is ours
    DoorSockets(
            SocketAddress listen,
            @Nullable SSLContext tls,
            Door.Refused refused,
            IntConsumer bound) {
        this.listen = listen;
        this.tls = tls;
        this.refused = refused;
        this.bound = bound;
    }

    @Override
    public Socket createSocket(String service) throws IOException {
        if (tls == null) {
            return new Socket();
        }
        var socket = (SSLSocket) tls.getSocketFactory().createSocket();
        socket.setEnabledProtocols(GossipTls.PROTOCOLS);
        socket.setSoTimeout(HANDSHAKE_MS);
        socket.addHandshakeCompletedListener(_ -> patient(socket));
        return socket;
    }

    private static void patient(Socket socket) {
        try {
            socket.setSoTimeout(0);
        } catch (IOException _) {
            // It is closed, and nobody waits for it.
            return;
        }
    }

    @Override
    public ServerSocket createServerSocket(String service) throws IOException {
        return tls == null ? new OpenDoor() : new Door(listen, tls, refused, bound);
    }

    private final class OpenDoor extends ServerSocket {
        OpenDoor() throws IOException {
            super();
        }

        @Override
        public void bind(SocketAddress endpoint) throws IOException {
            super.bind(listen);
            bound.accept(getLocalPort());
        }
    }
}
