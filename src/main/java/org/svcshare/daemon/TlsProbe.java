package org.svcshare.daemon;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.svcshare.config.Endpoint;
import org.svcshare.config.ServerTrust;
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
                if (ServerTrust.nameCounts(tls)) {
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

    /// Trusts as the settings say, and remembers what it saw. Of the plain kind, to which the JDK
    /// adds the check of the name.
    private static final class Judge implements X509TrustManager {
        private final TlsSettings tls;
        private final X509TrustManager trust;
        private String fingerprint = "";

        Judge(TlsSettings tls) throws IOException {
            this.tls = tls;
            this.trust = ServerTrust.of(tls);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            fingerprint = ServerTrust.fingerprint(chain[0]);
            trust.checkServerTrusted(chain, type);
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
