package org.svcshare.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.svcshare.config.GroupSettings;
import org.svcshare.config.KeyFiles;

/// What a node shows to others, and whom it believes.
///
/// @param place which settings this is about, for messages
record NodeKeys(
        String place,
        KeyFiles files,
        PrivateKey key,
        X509Certificate own,
        List<X509Certificate> authorities) {
    private static final String CERTIFICATE = "cluster.tls.certificate: ";
    private static final Duration SOON = Duration.ofDays(14);
    private static final char[] IN_MEMORY = {'-'};

    static NodeKeys read(GroupSettings.Tls tls) throws IOException {
        KeyFiles files;
        try {
            files = KeyFiles.read(tls.own(), "cluster.tls.certificate-password");
        } catch (IOException e) {
            throw new IOException(CERTIFICATE + e.getMessage(), e);
        }
        PrivateKey key =
                files.key()
                        .orElseThrow(() ->
                                new IOException(
                                        "cluster.tls.key: expected PKCS#8, which `openssl pkcs8"
                                                + " -topk8 -nocrypt` makes of a key"));
        try {
            return new NodeKeys(
                    CERTIFICATE + tls.own().certificate(),
                    files,
                    key,
                    files.chain().getFirst(),
                    KeyFiles.certificates(tls.ca()));
        } catch (IOException e) {
            throw new IOException("cluster.tls.ca: " + e.getMessage(), e);
        }
    }

    /// Looks whether other nodes would believe it, with the eyes of one who has the same
    /// authorities.
    ///
    /// @throws IOException when not
    void check(String host, Instant now, PeerTrust trust) throws IOException {
        Instant begin = own.getNotBefore().toInstant();
        Instant end = own.getNotAfter().toInstant();
        if (now.isAfter(end)) {
            throw new IOException(place + " ended on " + day(end) + "; renew it");
        }
        if (now.isBefore(begin)) {
            throw new IOException(place + " begins on " + day(begin) + "; is the clock right?");
        }
        try {
            trust.examine(files.chain().toArray(X509Certificate[]::new));
        } catch (CertificateException e) {
            throw new IOException(place + " would not be believed: " + Refusals.words(e), e);
        }
        if (files.names().stream().noneMatch(name -> means(name, host))) {
            throw new IOException(
                    place
                            + " is for "
                            + (files.names().isEmpty()
                                    ? "no host (it has no alternative names)"
                                    : String.join(", ", files.names()))
                            + ", and the others reach this node as "
                            + host
                            + " (cluster.peers): expected a certificate that names it");
        }
    }

    /// The day on which it ends.
    String ends() {
        return day(own.getNotAfter().toInstant());
    }

    /// The same, if that is near.
    Optional<String> soonOver(Instant now) {
        Instant end = own.getNotAfter().toInstant();
        return now.plus(SOON).isAfter(end) ? Optional.of(day(end)) : Optional.empty();
    }

    private static String day(Instant at) {
        return at.atZone(ZoneOffset.UTC).toLocalDate().toString();
    }

    private static boolean means(String name, String host) {
        String wanted = host.toLowerCase(Locale.ROOT);
        String pattern = name.toLowerCase(Locale.ROOT);
        int dot = wanted.indexOf('.');
        if (pattern.equals(wanted)) {
            return true;
        }
        if (pattern.startsWith("*.")) {
            return dot > 0 && pattern.substring(1).equals(wanted.substring(dot));
        }
        try {
            // One address may be written in several ways.
            return InetAddress.ofLiteral(name).equals(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    X509ExtendedKeyManager manager() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("own", key, IN_MEMORY, files.chain().toArray(Certificate[]::new));
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, IN_MEMORY);
        return (X509ExtendedKeyManager) factory.getKeyManagers()[0];
    }
}
