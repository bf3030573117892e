package org.svcshare.client;

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
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Secret;
import org.svcshare.config.TlsSettings;

/// Whom we believe when a client program is spoken to over TLS.
final class ClientTls {

    private ClientTls() {}

    /// @throws IllegalArgumentException when a file cannot be read or the pin is none
    static SSLContext context(TlsSettings settings) {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(keys(settings), trust(settings), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("client.tls: " + e.getMessage(), e);
        }
    }

    private static TrustManager @Nullable [] trust(TlsSettings settings)
            throws GeneralSecurityException {
        if (settings.pin().isPresent()) {
            return new TrustManager[] {new Pinned(pin(settings.pin().get()))};
        }
        if (!settings.verify()) {
            return new TrustManager[] {new Pinned(new byte[0])};
        }
        if (settings.ca().isEmpty() && settings.serverName().isEmpty()) {
            return null; // the platform's
        }
        X509ExtendedTrustManager chain = authorities(settings.ca());
        return new TrustManager[] {
            settings.serverName().isPresent()
                    ? new Named(chain, settings.serverName().get())
                    : chain
        };
    }

    private static byte[] pin(String text) {
        String hex = text.replace(":", "").strip();
        if (!hex.matches("[0-9a-fA-F]{64}")) {
            throw new IllegalArgumentException(
                    "client.tls.pin: expected 64 hexadecimal digits, the SHA-256 of the server's"
                            + " certificate");
        }
        return HexFormat.of().parseHex(hex.toLowerCase(Locale.ROOT));
    }

    /// The platform's authorities, and those of the file beside them.
    private static X509ExtendedTrustManager authorities(Optional<Path> ca)
            throws GeneralSecurityException {
        X509ExtendedTrustManager platform = manager(null);
        if (ca.isEmpty()) {
            return platform;
        }
        try (InputStream in = Files.newInputStream(ca.get())) {
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int n = 0;
            for (var certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca-" + n++, certificate);
            }
            if (n == 0) {
                throw new IllegalArgumentException("client.tls.ca: no certificate in " + ca.get());
            }
            for (X509Certificate known : platform.getAcceptedIssuers()) {
                store.setCertificateEntry("platform-" + n++, known);
            }
            return manager(store);
        } catch (IOException e) {
            throw new IllegalArgumentException("client.tls.ca: cannot read " + ca.get(), e);
        }
    }

    private static X509ExtendedTrustManager manager(@Nullable KeyStore store)
            throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager extended) {
                return extended;
            }
        }
        throw new IllegalStateException("no X.509 trust manager in this Java");
    }

    private static KeyManager @Nullable [] keys(TlsSettings settings)
            throws GeneralSecurityException {
        if (settings.certificate().isEmpty()) {
            return null;
        }
        char[] password =
                settings.certificatePassword().map(Secret::reveal).orElse("").toCharArray();
        try (InputStream in = Files.newInputStream(settings.certificate().get())) {
            var store = KeyStore.getInstance("PKCS12");
            store.load(in, password);
            var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, password);
            return factory.getKeyManagers();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "client.tls.certificate: cannot read "
                            + settings.certificate().get()
                            + " (wrong file or wrong password)",
                    e);
        }
    }

    /// Believes one certificate, or any when the pin is empty; chain and name do not matter.
    private static final class Pinned extends Trust {
        private final byte[] sha256;

        Pinned(byte[] sha256) {
            this.sha256 = sha256;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType)
                throws CertificateException {
            if (sha256.length == 0) {
                return;
            }
            byte[] seen;
            try {
                seen = MessageDigest.getInstance("SHA-256").digest(chain[0].getEncoded());
            } catch (GeneralSecurityException e) {
                throw new CertificateException(e);
            }
            if (!MessageDigest.isEqual(seen, sha256)) {
                throw new CertificateException(
                        "the certificate is not the pinned one; its SHA-256 is "
                                + HexFormat.of().formatHex(seen));
            }
        }
    }

    /// Checks the chain, and a name that is not the one we connect to (RFC 9525: only subject
    /// alternative names count, a wildcard stands for one whole leftmost label).
    private static final class Named extends Trust {
        private final X509TrustManager chain;
        private final String name;

        Named(X509TrustManager chain, String name) {
            this.chain = chain;
            this.name = name.toLowerCase(Locale.ROOT);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] certificates, String authType)
                throws CertificateException {
            chain.checkServerTrusted(certificates, authType);
            if (!names(certificates[0])) {
                throw new CertificateException("the certificate is not for " + name);
            }
        }

        private boolean names(X509Certificate certificate) throws CertificateParsingException {
            var alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives == null) {
                return false;
            }
            for (List<?> alternative : alternatives) {
                int kind = (Integer) alternative.get(0);
                if ((kind == 2 || kind == 7) && matches(String.valueOf(alternative.get(1)))) {
                    return true;
                }
            }
            return false;
        }

        private boolean matches(String pattern) {
            String lower = pattern.toLowerCase(Locale.ROOT);
            int dot = name.indexOf('.');
            return lower.equals(name)
                    || (lower.startsWith("*.")
                            && dot > 0
                            && lower.substring(1).equals(name.substring(dot)));
        }
    }

    /// Extended, so that Java leaves the host name to us, too.
    private abstract static class Trust extends X509ExtendedTrustManager {
        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            checkServerTrusted(chain, authType);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            checkServerTrusted(chain, authType);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType)
                throws CertificateException {
            throw new CertificateException("we are no server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            checkClientTrusted(chain, authType);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            checkClientTrusted(chain, authType);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
