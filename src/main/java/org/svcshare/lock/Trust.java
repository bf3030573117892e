package org.svcshare.lock;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/// Which servers are believed over TLS: those whose chain and name are right.
///
/// @param ca authorities to believe instead of the platform's, PEM
record Trust(Optional<Path> ca) {
    /// The watch may look at the clock a little early.
    private static final long MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

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
        } catch (IOException e) {
            if (untilNanos - System.nanoTime() <= MOMENT_NANOS) {
                throw new IOException("no answer in time", e);
            }
            throw e instanceof SSLException ssl ? new IOException(words(ssl), e) : e;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS: " + e.getMessage(), e);
        } finally {
            watch.interrupt();
        }
    }

    /// The usual mistakes in words of people.
    private static String words(SSLException failure) {
        String said = String.valueOf(failure.getMessage());
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertPathBuilderException) {
                return "its certificate is from nobody that is believed here; name its authority"
                        + " (turn.guard-ca, SVCSHARE_CA_FILE)";
            }
        }
        if (said.contains("Unsupported or unrecognized SSL message")) {
            return "it does not speak TLS";
        }
        return said.contains("No subject alternative") || said.contains("No name matching")
                ? "its certificate is for another name ("
                        + said.replaceFirst("^\\(\\w+\\) ", "")
                        + ")"
                : "TLS: " + said;
    }

    private SSLContext context() throws GeneralSecurityException, IOException {
        if (ca.isEmpty()) {
            return SSLContext.getDefault();
        }
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(ca.get())) {
            int n = 0;
            var factory = CertificateFactory.getInstance("X.509");
            for (var certificate : factory.generateCertificates(in)) {
                store.setCertificateEntry("ca-" + n++, certificate);
            }
            if (n == 0) {
                throw new CertificateException("it is empty");
            }
        } catch (CertificateException e) {
            throw new IOException("no certificate in " + ca.get(), e);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file " + ca.get(), e);
        }
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
