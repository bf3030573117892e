package org.svcshare.gate;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.Endpoint;
import org.svcshare.config.Secret;
import org.svcshare.config.TlsSettings;

/// TLS towards the target: chain and host name, or a pinned certificate.
final class TargetTls {
    private static final Logger LOG = LoggerFactory.getLogger(TargetTls.class);

    private final SslContext context;
    private final Optional<String> serverName;

    private TargetTls(SslContext context, Optional<String> serverName) {
        this.context = context;
        this.serverName = serverName;
    }

    /// @return empty when the settings want no TLS
    /// @throws IllegalArgumentException with a text for people, when a file or the pin is not right
    static Optional<TargetTls> of(TlsSettings settings) {
        if (!settings.enabled()) {
            return Optional.empty();
        }
        try {
            var builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
            if (settings.pin().isPresent()) {
                builder.trustManager(new Pinned(settings.pin().get()))
                        .endpointIdentificationAlgorithm(null);
            } else if (!settings.verify()) {
                LOG.warn("TLS of the gate's target is not verified: anybody can pose as it");
                builder.trustManager(new Anybody()).endpointIdentificationAlgorithm(null);
            } else {
                if (settings.ca().isPresent()) {
                    builder.trustManager(withFurther(settings.ca().get()));
                }
                builder.endpointIdentificationAlgorithm("HTTPS");
            }
            if (settings.certificate().isPresent()) {
                builder.keyManager(
                        own(settings.certificate().get(), settings.certificatePassword()));
            }
            return Optional.of(new TargetTls(builder.build(), settings.serverName()));
        } catch (IOException | GeneralSecurityException e) {
            String why =
                    e instanceof NoSuchFileException missing
                            ? missing.getFile() + " does not exist"
                            : String.valueOf(e.getMessage());
            throw new IllegalArgumentException("TLS of the target: " + why, e);
        }
    }

    SslHandler handler(ByteBufAllocator allocator, Endpoint target) {
        SslHandler handler =
                context.newHandler(allocator, serverName.orElse(target.host()), target.port());
        if (serverName.isPresent()) {
            // The JDK sends no name without a dot of its own accord.
            SSLParameters parameters = handler.engine().getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(serverName.get())));
            handler.engine().setSSLParameters(parameters);
        }
        return handler;
    }

    private static TrustManager withFurther(Path pem) throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int number = 0;
        var usual = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        usual.init((KeyStore) null);
        for (TrustManager manager : usual.getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                for (X509Certificate authority : x509.getAcceptedIssuers()) {
                    store.setCertificateEntry("usual-" + number++, authority);
                }
            }
        }
        int further = 0;
        try (InputStream in = Files.newInputStream(pem)) {
            for (Certificate authority :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("further-" + further++, authority);
            }
        } catch (CertificateException e) {
            throw new CertificateException(pem + " is no PEM file of certificates", e);
        }
        if (further == 0) {
            throw new CertificateException(pem + " holds no certificate");
        }
        var all = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        all.init(store);
        return all.getTrustManagers()[0];
    }

    private static KeyManagerFactory own(Path pkcs12, Optional<Secret> password)
            throws IOException, GeneralSecurityException {
        char[] secret = password.map(s -> s.reveal().toCharArray()).orElseGet(() -> new char[0]);
        var store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(pkcs12)) {
            store.load(in, secret);
        }
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, secret);
        return keys;
    }

    /// The extended kind, because the JDK adds its own checks to the plain one.
    private abstract static class Trust extends X509ExtendedTrustManager {
        abstract void check(X509Certificate[] chain) throws CertificateException;

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(
                X509Certificate[] chain, String type, @Nullable Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(
                X509Certificate[] chain, String type, @Nullable SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            throw new CertificateException("not a server");
        }

        @Override
        public void checkClientTrusted(
                X509Certificate[] chain, String type, @Nullable Socket socket)
                throws CertificateException {
            throw new CertificateException("not a server");
        }

        @Override
        public void checkClientTrusted(
                X509Certificate[] chain, String type, @Nullable SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("not a server");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private static final class Anybody extends Trust {
        @Override
        void check(X509Certificate[] chain) {
            // The settings ask for it, in so many words.
        }
    }

    private static final class Pinned extends Trust {
        private static final int SHA256_BYTES = 32;

        private final byte[] pin;

        Pinned(String hex) {
            byte[] parsed;
            try {
                parsed =
                        HexFormat.of()
                                .parseHex(hex.replace(":", "").strip().toLowerCase(Locale.ROOT));
            } catch (IllegalArgumentException _) {
                parsed = new byte[0];
            }
            if (parsed.length != SHA256_BYTES) {
                throw new IllegalArgumentException(
                        "TLS of the target: the pin has to be a SHA-256 in 64 hexadecimal digits");
            }
            pin = parsed;
        }

        @Override
        void check(X509Certificate[] chain) throws CertificateException {
            try {
                byte[] seen = MessageDigest.getInstance("SHA-256").digest(chain[0].getEncoded());
                if (!MessageDigest.isEqual(pin, seen)) {
                    throw new CertificateException(
                            "the certificate is not the pinned one, it has "
                                    + HexFormat.of().formatHex(seen));
                }
            } catch (NoSuchAlgorithmException e) {
                throw new CertificateException(e);
            }
        }
    }
}
