package org.svcshare.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.svcshare.config.Endpoint;
import org.svcshare.config.TlsSettings;

/// One handshake, judged as the settings ask, with the certificate's fingerprint for `tls.pin`.
final class TlsProbe {
    private TlsProbe() {}

    /// Shakes hands over an open connection, which it closes.
    ///
    /// @return what was verified, for people
    /// @throws IOException when it does not hold; the message names the fingerprint
    static String handshake(Socket connection, Endpoint endpoint, TlsSettings tls)
            throws IOException {
        var judge = new Judge(tls);
        String name = tls.serverName().orElse(endpoint.host());
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {judge}, null);
            var socket =
                    (SSLSocket)
                            context.getSocketFactory()
                                    .createSocket(connection, name, endpoint.port(), true);
            try (socket) {
                SSLParameters parameters = socket.getSSLParameters();
                if (!name.matches("[0-9.]+") && name.indexOf(':') < 0) {
                    parameters.setServerNames(List.of(new SNIHostName(name)));
                }
                if (tls.verify() && tls.pin().isEmpty()) {
                    // RFC 9525, in the form that HTTPS made common.
                    parameters.setEndpointIdentificationAlgorithm("HTTPS");
                }
                socket.setSSLParameters(parameters);
                socket.startHandshake();
                return socket.getSession().getProtocol() + ", " + judge.verdict();
            }
        } catch (SSLException e) {
            String known =
                    judge.fingerprint.isEmpty()
                            ? ""
                            : "; its certificate for tls.pin: " + judge.fingerprint;
            throw new IOException(e.getMessage() + known, e);
        } catch (GeneralSecurityException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /// Trusts as the settings say, and remembers what it saw.
    private static final class Judge implements X509TrustManager {
        private final TlsSettings tls;
        private String fingerprint = "";

        Judge(TlsSettings tls) {
            this.tls = tls;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            try {
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(chain[0].getEncoded());
                fingerprint = HexFormat.of().formatHex(digest);
                if (tls.pin().isPresent()) {
                    if (!fingerprint.equals(tls.pin().get())) {
                        throw new CertificateException("not the pinned certificate");
                    }
                } else if (tls.verify()) {
                    authorities().checkServerTrusted(chain, type);
                }
            } catch (GeneralSecurityException | IOException e) {
                throw e instanceof CertificateException c ? c : new CertificateException(e);
            }
        }

        /// The system's authorities and those of `tls.ca`.
        private X509TrustManager authorities() throws GeneralSecurityException, IOException {
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            X509TrustManager system = first(factory);
            if (tls.ca().isEmpty()) {
                return system;
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            var trusted = new ArrayList<X509Certificate>(List.of(system.getAcceptedIssuers()));
            trusted.addAll(certificates(tls.ca().get()));
            for (int i = 0; i < trusted.size(); i++) {
                store.setCertificateEntry("ca" + i, trusted.get(i));
            }
            factory.init(store);
            return first(factory);
        }

        private static List<X509Certificate> certificates(Path pem)
                throws GeneralSecurityException, IOException {
            try (InputStream in = Files.newInputStream(pem)) {
                return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                        .map(X509Certificate.class::cast)
                        .toList();
            }
        }

        private static X509TrustManager first(TrustManagerFactory factory) {
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager x509) {
                    return x509;
                }
            }
            throw new IllegalStateException("no X.509 trust manager");
        }

        String verdict() {
            if (tls.pin().isPresent()) {
                return "pinned certificate";
            }
            return tls.verify()
                    ? "certificate verified"
                    : "certificate NOT verified; for tls.pin: " + fingerprint;
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            throw new CertificateException("no server");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
