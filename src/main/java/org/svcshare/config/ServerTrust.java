package org.svcshare.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// What Java's TLS wants of a [TlsSettings]: whom we believe when we connect, and what we show.
///
/// Its errors begin with the setting that is wrong, below `tls`, such as `pin: `.
public final class ServerTrust {
    private ServerTrust() {}

    /// Judges a server by its pin, by its chain, or not at all.
    ///
    /// @throws IOException when a file or the pin is not right; the message is for people
    public static X509ExtendedTrustManager of(TlsSettings tls) throws IOException {
        if (tls.pin().isPresent()) {
            return new Pinned(tls.pin().get());
        }
        return tls.verify() ? authorities(tls.ca()) : new Anybody();
    }

    /// Whether a server's name counts as well, which is for the caller to have checked (RFC 9525).
    public static boolean nameCounts(TlsSettings tls) {
        return tls.verify() && tls.pin().isEmpty();
    }

    /// The platform's authorities, and those of the file beside them.
    ///
    /// @param ca a PEM file
    /// @throws IOException when there is no certificate in it; the message is for people
    public static X509ExtendedTrustManager authorities(Optional<Path> ca) throws IOException {
        try {
            X509ExtendedTrustManager platform = judge(null);
            if (ca.isEmpty()) {
                return platform;
            }
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (X509Certificate known : platform.getAcceptedIssuers()) {
                store.setCertificateEntry("platform-" + number++, known);
            }
            for (X509Certificate further : KeyFiles.certificates(ca.get())) {
                store.setCertificateEntry("further-" + number++, further);
            }
            return judge(store);
        } catch (IOException | GeneralSecurityException e) {
            throw new IOException("ca: " + e.getMessage(), e);
        }
    }

    /// @param authorities null for the platform's
    private static X509ExtendedTrustManager judge(@Nullable KeyStore authorities)
            throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(authorities);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager extended) {
                return extended;
            }
        }
        throw new IllegalStateException("no X.509 trust manager in this Java");
    }

    /// The certificate of our own that the settings name.
    ///
    /// @throws IOException when it cannot be opened; the message is for people
    public static Optional<KeyManagerFactory> own(TlsSettings tls) throws IOException {
        if (tls.certificate().isEmpty()) {
            return Optional.empty();
        }
        Path file = tls.certificate().get();
        char[] password = tls.certificatePassword().map(Secret::reveal).orElse("").toCharArray();
        try (InputStream in = Files.newInputStream(file)) {
            var store = KeyStore.getInstance("PKCS12");
            store.load(in, password);
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, password);
            return Optional.of(keys);
        } catch (NoSuchFileException e) {
            throw new IOException("certificate: " + KeyFiles.missing(e).getMessage(), e);
        } catch (IOException | GeneralSecurityException e) {
            throw new IOException(
                    "certificate: cannot read " + file + " (wrong file or wrong password)", e);
        }
    }

    /// SHA-256 of a certificate, as `tls.pin` takes it.
    public static String fingerprint(X509Certificate certificate)
            throws CertificateEncodingException {
        return HexFormat.of().formatHex(sha256(certificate));
    }

    private static byte[] sha256(X509Certificate certificate) throws CertificateEncodingException {
        try {
            return MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The settings ask for it, in so many words.
    private static final class Anybody extends ServerCheck {
        @Override
        protected void server(X509Certificate[] chain) {
            // Whoever answers is the right one.
        }
    }

    /// Believes one certificate; neither chain nor name matter.
    private static final class Pinned extends ServerCheck {
        private final byte[] pin;

        Pinned(String text) throws IOException {
            String hex = text.replace(":", "").strip().toLowerCase(Locale.ROOT);
            if (!hex.matches("[0-9a-f]{64}")) {
                throw new IOException(
                        "pin: expected 64 hexadecimal digits, the SHA-256 of the server's"
                                + " certificate");
            }
            pin = HexFormat.of().parseHex(hex);
        }

        @Override
        protected void server(X509Certificate[] chain) throws CertificateException {
            if (chain.length == 0) {
                throw new CertificateException("the server has no certificate");
            }
            if (!MessageDigest.isEqual(pin, sha256(chain[0]))) {
                throw new CertificateException(
                        "the certificate is not the pinned one, it has " + fingerprint(chain[0]));
            }
        }
    }
}
