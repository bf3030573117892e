package org.svcshare.lock;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/// Which servers are believed over TLS: those whose chain and name are right.
///
/// @param ca authorities to believe instead of the platform's, PEM
record Trust(Optional<Path> ca) {

    /// Speaks TLS on a connection.
    ///
    /// @throws IOException when the server is not the one it should be, or says nothing in time
    Socket over(Socket plain, ServerAddress server, long untilNanos) throws IOException {
        int limitMs = Http.leftMs(untilNanos);
        // A timeout of reads alone would let a server spend for ever on one small piece at a time.
        Thread watch =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                TimeUnit.MILLISECONDS.sleep(limitMs);
                                plain.close();
                            } catch (InterruptedException | IOException _) {
                                // It was in time.
                            }
                        });
        try {
            plain.setSoTimeout(limitMs);
            var secure =
                    (SSLSocket)
                            context()
                                    .getSocketFactory()
                                    .createSocket(plain, server.host(), server.port(), true);
            var parameters = secure.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secure.setSSLParameters(parameters);
            secure.startHandshake();
            return secure;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS: " + e.getMessage(), e);
        } finally {
            watch.interrupt();
        }
    }

    private SSLContext context() throws GeneralSecurityException, IOException {
        if (ca.isEmpty()) {
            return SSLContext.getDefault();
        }
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(ca.get())) {
            int n = 0;
            var factory = java.security.cert.CertificateFactory.getInstance("X.509");
            for (var certificate : factory.generateCertificates(in)) {
                store.setCertificateEntry("ca-" + n++, certificate);
            }
            if (n == 0) {
                throw new IOException("no certificate in " + ca.get());
            }
        }
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
