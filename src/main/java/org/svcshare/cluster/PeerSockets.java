package org.svcshare.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/// How nodes of a group connect to hand operations over. Another one than [#plain] may use TLS and
/// look at certificates; both ends of a group must use the same.
public interface PeerSockets {
    /// @return a bound listener
    ServerSocket listen(InetSocketAddress at) throws IOException;

    /// @return a connection, within `timeoutMs`
    Socket connect(InetSocketAddress to, int timeoutMs) throws IOException;

    /// Neither secret nor sure of the other: for loopback and trusted networks.
    static PeerSockets plain() {
        return new PeerSockets() {
            @Override
            public ServerSocket listen(InetSocketAddress at) throws IOException {
                var listener = new ServerSocket();
                listener.setReuseAddress(true);
                listener.bind(at);
                return listener;
            }

            @Override
            public Socket connect(InetSocketAddress to, int timeoutMs) throws IOException {
                var socket = new Socket();
                try {
                    socket.connect(to, timeoutMs);
                    return socket;
                } catch (IOException e) {
                    socket.close();
                    throw e;
                }
            }
        };
    }
}
