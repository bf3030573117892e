package org.svcshare.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.apache.ratis.conf.Parameters;

/// Connections as they are: neither secret nor sure of the other.
final class PlainSockets implements PeerSockets {
    @Override
    public ServerSocket listen(InetSocketAddress at) throws IOException {
        var listener = new ServerSocket();
        listener.setReuseAddress(true);
        listener.bind(at);
        return listener;
    }

    @Override
    public void letIn(Socket caller) {}

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

    @Override
    public Parameters ofRatis() {
        return new Parameters();
    }

    @Override
    public long refused() {
        return 0;
    }
}
