package org.svcshare.gossip;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.svcshare.config.GossipSettings;
import org.svcshare.config.GroupSettings;
import org.svcshare.config.KeyFiles;
import org.svcshare.config.ServerCheck;

/// How members know each other: by a certificate of the group's authority, or by the group's
/// secret.
final class GossipTls {
    static final String[] PROTOCOLS = {"TLSv1.3"};
    private static final char[] IN_MEMORY = {'-'};

    private GossipTls() {}

    /// @return empty when connections are plain
    /// @throws IOException when a certificate cannot be used; the message is for people
    static Optional<SSLContext> of(GossipSettings settings) throws IOException {
        try {
            if (settings.tls().isPresent()) {
                return Optional.of(certificates(settings.tls().get()));
            }
            if (settings.secret().isPresent()) {
                var own = SecretCertificate.of(settings.secret().get(), settings.group());
                return Optional.of(
                        context(
                                own.key(),
                                new X509Certificate[] {own.certificate()},
                                new SameKey(own.certificate().getPublicKey())));
            }
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IOException("gossip.tls: " + e.getMessage(), e);
        }
    }

    private static SSLContext certificates(GroupSettings.Tls tls)
            throws IOException, GeneralSecurityException {
        KeyFiles own;
        try {
            own = KeyFiles.read(tls.own(), "gossip.tls.certificate-password");
        } catch (IOException e) {
            throw new IOException("gossip.tls.certificate: " + e.getMessage(), e);
        }
        PrivateKey key =
                own.key()
                        .orElseThrow(() ->
                                new IOException(
                                        "gossip.tls.key: expected PKCS#8, which `openssl pkcs8"
                                                + " -topk8 -nocrypt` makes of a key"));
        List<X509Certificate> authorities;
        try {
            authorities = KeyFiles.certificates(tls.ca());
        } catch (IOException e) {
            throw new IOException("gossip.tls.ca: " + e.getMessage(), e);
        }
        KeyStore trusted = empty();
        for (int i = 0; i < authorities.size(); i++) {
            trusted.setCertificateEntry("ca" + i, authorities.get(i));
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        return context(
                key, own.chain().toArray(X509Certificate[]::new), factory.getTrustManagers()[0]);
    }

    private static SSLContext context(PrivateKey key, X509Certificate[] chain, TrustManager trust)
            throws IOException, GeneralSecurityException {
        KeyStore keys = empty();
        keys.setKeyEntry("own", key, IN_MEMORY, chain);
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, IN_MEMORY);
        var context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), new TrustManager[] {trust}, null);
        return context;
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    /// Believes whoever has the key that the secret gives; TLS makes them prove it.
    private static final class SameKey extends ServerCheck {
        private final PublicKey key;

        SameKey(PublicKey key) {
            this.key = key;
        }

        @Override
        protected void server(X509Certificate[] chain) throws CertificateException {
            if (chain.length == 0 || !chain[0].getPublicKey().equals(key)) {
                throw new CertificateException("it does not know the group's secret");
            }
        }

        @Override
        protected void caller(X509Certificate[] chain) throws CertificateException {
            server(chain);
        }
    }
}
