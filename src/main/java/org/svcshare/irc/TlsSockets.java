package org.svcshare.irc;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Endpoint;
import org.svcshare.config.Secret;
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
        context.init(keys(), new TrustManager[] {trust()}, null);
        var socket =
                (SSLSocket)
                        context.getSocketFactory().createSocket(plain, name, server.port(), true);
        if (tls.verify() && tls.pin().isEmpty()) {
            var parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
        }
        socket.startHandshake();
        return socket;
    }

    private KeyManager @Nullable [] keys() throws IOException, GeneralSecurityException {
        if (tls.certificate().isEmpty()) {
            return null;
        }
        char[] password = tls.certificatePassword().map(Secret::reveal).orElse("").toCharArray();
        var store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(tls.certificate().get())) {
            store.load(in, password);
        }
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, password);
        return factory.getKeyManagers();
    }

    private X509ExtendedTrustManager trust() throws IOException, GeneralSecurityException {
        if (tls.pin().isPresent()) {
            return new Pinned(tls.pin().get());
        }
        if (!tls.verify()) {
            return new Pinned("");
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        X509ExtendedTrustManager usual = extended(factory);
        if (tls.ca().isEmpty()) {
            return usual;
        }
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int n = 0;
        for (X509Certificate known : ((X509TrustManager) usual).getAcceptedIssuers()) {
            store.setCertificateEntry("usual-" + n++, known);
        }
        try (InputStream in = Files.newInputStream(tls.ca().get())) {
            for (var more : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("more-" + n++, more);
            }
        }
        factory.init(store);
        return extended(factory);
    }

    private static X509ExtendedTrustManager extended(TrustManagerFactory factory)
            throws GeneralSecurityException {
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager extended) {
                return extended;
            }
        }
        throw new GeneralSecurityException("no trust manager for X.509");
    }

    /// Trusts one certificate by its SHA-256, or, with an empty pin, any.
    private static final class Pinned extends X509ExtendedTrustManager {
        private final String pin;

        Pinned(String pin) {
            this.pin = pin.replace(":", "").replace(" ", "").toLowerCase(Locale.ROOT);
        }

        private void check(X509Certificate[] chain) throws CertificateException {
            if (pin.isEmpty()) {
                return;
            }
            if (chain.length == 0) {
                throw new CertificateException("the server has no certificate");
            }
            try {
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(chain[0].getEncoded());
                String seen = HexFormat.of().formatHex(digest);
                if (!seen.equals(pin)) {
                    throw new CertificateException(
                            "the server's certificate is not the pinned one; it is " + seen);
                }
            } catch (GeneralSecurityException e) {
                throw e instanceof CertificateException c ? c : new CertificateException(e);
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            throw new CertificateException("not a server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("not a server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("not a server");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
