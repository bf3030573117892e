package org.svcshare.gossip;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jgroups.util.DefaultSocketFactory;
import org.jspecify.annotations.Nullable;

/// Gives the library its sockets: those on which both sides have proved themselves, or plain ones.
final class DoorSockets extends DefaultSocketFactory {
    /// A member that accepts and then says nothing must not hold up what others are sent.
    private static final int HANDSHAKE_MS = 2_000;

    private final @Nullable SSLContext tls;
    private final ServerSocket listener;

    /// Listens at once, so that the port is known before the library begins.
    ///
    /// @param tls null for plain sockets
    /// @throws IOException when the port is taken
    DoorSockets(SocketAddress listen, @Nullable SSLContext tls, Door.Refused refused)
            throws IOException {
        this.tls = tls;
        this.listener = tls == null ? new OpenDoor(listen) : new Door(listen, tls, refused);
    }

    int port() {
        return listener.getLocalPort();
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
    public ServerSocket createServerSocket(String service) {
        return listener;
    }

    void close() throws IOException {
        listener.close();
    }

    /// One that lets everybody in.
    private static final class OpenDoor extends ServerSocket {
        OpenDoor(SocketAddress listen) throws IOException {
            super.bind(listen);
        }

        /// It is bound already.
        @Override
        public void bind(SocketAddress endpoint) {
            if (!isBound()) {
                throw new IllegalStateException("a door without a port");
            }
        }
    }
}
