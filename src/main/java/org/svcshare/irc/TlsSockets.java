package org.svcshare.irc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.svcshare.config.Endpoint;
import org.svcshare.config.ServerTrust;
import org.svcshare.config.TlsSettings;

/// Connects to the server: a time limit on everything, and TLS as the settings ask for.
///
/// Used by one connection's reader thread.
final class TlsSockets {
    private final Endpoint server;
    private final TlsSettings tls;
    private final Duration limit;
    private final Consumer<Socket> opened;

    /// @param opened told of every socket before it connects, so that it can be closed from outside
    TlsSockets(Endpoint server, TlsSettings tls, Duration limit, Consumer<Socket> opened) {
        this.server = server;
        this.tls = tls;
        this.limit = limit;
        this.opened = opened;
    }

    /// Tries the addresses of the server in order.
    ///
    /// @throws IOException what was wrong with the last of them
    Socket connect() throws IOException {
        IOException last = new UnknownHostException(server.host());
        for (InetAddress address : InetAddress.getAllByName(server.host())) {
            try {
                return connect(new InetSocketAddress(address, server.port()));
            } catch (IOException e) {
                last = e;
            }
        }
        throw last;
    }

    private Socket connect(InetSocketAddress to) throws IOException {
        var socket = new Socket();
        try {
            opened.accept(socket);
            int limitMillis = Math.clamp(limit.toMillis(), 1, Integer.MAX_VALUE);
            socket.connect(to, limitMillis);
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            if (!tls.enabled()) {
                return socket;
            }
            socket.setSoTimeout(limitMillis);
            Socket secured = secured(socket);
            // From here on the loop's PING judges silence.
            socket.setSoTimeout(0);
            return secured;
        } catch (IOException e) {
            socket.close();
            throw e;
        } catch (GeneralSecurityException e) {
            socket.close();
            throw new IOException("TLS: " + e.getMessage(), e);
        }
    }

    private Socket secured(Socket plain) throws IOException, GeneralSecurityException {
        String name = tls.serverName().orElse(server.host());
        var context = SSLContext.getInstance("TLS");
        try {
            context.init(
                    ServerTrust.own(tls).map(KeyManagerFactory::getKeyManagers).orElse(null),
                    new TrustManager[] {ServerTrust.of(tls)},
                    null);
        } catch (IOException e) {
            throw new IOException("tls." + e.getMessage(), e);
        }
        var socket =
                (SSLSocket)
                        context.getSocketFactory().createSocket(plain, name, server.port(), true);
        if (ServerTrust.nameCounts(tls)) {
            var parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
        }
        socket.startHandshake();
        return socket;
    }
}
