package org.svcshare.spawn;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocketFactory;

/// TLS connections on which nothing is waited for longer than some time, the handshake included:
/// the LDAP library has no limit for that.
final class PatientSockets extends SSLSocketFactory {
    private final SSLSocketFactory factory;
    private final int timeoutMs;

    PatientSockets(SSLSocketFactory factory, int timeoutMs) {
        this.factory = factory;
        this.timeoutMs = timeoutMs;
    }

    private Socket patient(Socket socket) throws IOException {
        socket.setSoTimeout(timeoutMs);
        return socket;
    }

    @Override
    public Socket createSocket() throws IOException {
        return patient(factory.createSocket());
    }

    @Override
    public Socket createSocket(Socket below, String host, int port, boolean close)
            throws IOException {
        return patient(factory.createSocket(below, host, port, close));
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return patient(factory.createSocket(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
            throws IOException {
        return patient(factory.createSocket(host, port, local, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return patient(factory.createSocket(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
            throws IOException {
        return patient(factory.createSocket(host, port, local, localPort));
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return factory.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return factory.getSupportedCipherSuites();
    }
}
