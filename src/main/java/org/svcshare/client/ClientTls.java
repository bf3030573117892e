package org.svcshare.client;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.svcshare.config.ServerCheck;
import org.svcshare.config.ServerTrust;
import org.svcshare.config.TlsSettings;

/// Whom we believe when a client program is spoken to over TLS.
final class ClientTls {

    private ClientTls() {}

    /// @throws IllegalArgumentException when a file cannot be read or the pin is none
    static SSLContext context(TlsSettings settings) {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(
                    ServerTrust.own(settings).map(KeyManagerFactory::getKeyManagers).orElse(null),
                    new TrustManager[] {trust(settings)},
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("client.tls: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("client.tls." + e.getMessage(), e);
        }
    }

    private static X509ExtendedTrustManager trust(TlsSettings settings) throws IOException {
        X509ExtendedTrustManager trust = ServerTrust.of(settings);
        return ServerTrust.nameCounts(settings) && settings.serverName().isPresent()
                ? new Named(trust, settings.serverName().get())
                : trust;
    }

    /// Checks the chain, and a name that is not the one we connect to (RFC 9525: only subject
    /// alternative names count, a wildcard stands for one whole leftmost label).
    private static final class Named extends ServerCheck {
        private static final String ANY_TYPE = "UNKNOWN";

        private final X509TrustManager chain;
        private final String name;

        Named(X509TrustManager chain, String name) {
            this.chain = chain;
            this.name = name.toLowerCase(Locale.ROOT);
        }

        @Override
        protected void server(X509Certificate[] certificates) throws CertificateException {
            chain.checkServerTrusted(certificates, ANY_TYPE);
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
}
