package org.svcshare.daemon;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.HttpSettings.Tls;
import org.svcshare.config.Secret;

/// Can a server's certificate and key be used: are they there, do they belong together, and is it
/// their time?
final class CertificateCheck {
    private static final String SUBJECT = "certificate";
    private static final Duration SOON = Duration.ofDays(14);
    private static final int MOST_NAMES = 5;
    private static final int ANY_OF_THE_DNS = 2;
    private static final int AN_ADDRESS = 7;
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----([^-]*)-----END");

    private CertificateCheck() {}

    /// @param key null where it could not be compared
    private record Pair(List<X509Certificate> chain, @Nullable PrivateKey key) {}

    /// Why it cannot be used; the message is for people.
    private static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;

        Unusable(String message) {
            super(message);
        }
    }

    static Finding look(Tls tls, Instant now) {
        try {
            Pair pair = tls.key().isPresent() ? pem(tls, tls.key().get()) : store(tls);
            X509Certificate own = pair.chain.getFirst();
            if (pair.key != null && !belong(own.getPublicKey(), pair.key)) {
                throw new Unusable(
                        tls.key().map(key -> key + " is not the key of ").orElse("no key for ")
                                + tls.certificate());
            }
            return inTime(tls, pair, now);
        } catch (Unusable e) {
            return Finding.broken(SUBJECT, String.valueOf(e.getMessage()));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            return Finding.broken(
                    SUBJECT, tls.certificate() + " cannot be read: " + e.getMessage());
        }
    }

    private static Finding inTime(Tls tls, Pair pair, Instant now) {
        X509Certificate own = pair.chain.getFirst();
        Instant end = own.getNotAfter().toInstant();
        String of = tls.certificate() + " for " + names(own);
        if (now.isAfter(end)) {
            return Finding.broken(SUBJECT, of + " ended on " + day(end) + "; renew it");
        }
        if (now.isBefore(own.getNotBefore().toInstant())) {
            return Finding.broken(
                    SUBJECT,
                    of
                            + " begins on "
                            + day(own.getNotBefore().toInstant())
                            + "; is the clock right?");
        }
        if (pair.key == null) {
            return Finding.doubtful(
                    SUBJECT,
                    tls.key().map(Path::toString).orElse("the key")
                            + " is not PKCS#8, so it was not compared with the certificate; `openssl"
                            + " pkcs8 -topk8 -nocrypt` makes it so");
        }
        if (now.plus(SOON).isAfter(end)) {
            return Finding.doubtful(SUBJECT, of + " ends on " + day(end) + "; renew it");
        }
        Path secret = tls.key().orElse(tls.certificate());
        return othersMayRead(secret)
                ? Finding.doubtful(SUBJECT, "others may read the key; chmod 600 " + secret)
                : Finding.well(SUBJECT, of + ", until " + day(end));
    }

    private static String day(Instant at) {
        return at.atZone(ZoneOffset.UTC).toLocalDate().toString();
    }

    private static String names(X509Certificate certificate) {
        try {
            Collection<List<?>> all = certificate.getSubjectAlternativeNames();
            String names =
                    (all == null ? List.<List<?>>of() : all)
                            .stream()
                                    .filter(name ->
                                            name.getFirst().equals(ANY_OF_THE_DNS)
                                                    || name.getFirst().equals(AN_ADDRESS))
                                    .map(name -> String.valueOf(name.get(1)))
                                    .limit(MOST_NAMES)
                                    .collect(Collectors.joining(", "));
            return names.isEmpty() ? certificate.getSubjectX500Principal().getName() : names;
        } catch (GeneralSecurityException e) {
            return "no name that can be read";
        }
    }

    private static boolean othersMayRead(Path file) {
        try {
            return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    // PKCS#12.

    private static Pair store(Tls tls) throws Unusable, GeneralSecurityException {
        char[] password = tls.password().map(Secret::reveal).orElse("").toCharArray();
        KeyStore store;
        try {
            store = KeyStore.getInstance(tls.certificate().toFile(), password);
        } catch (IOException e) {
            throw new Unusable(
                    tls.certificate()
                            + " cannot be opened with http.tls.password: "
                            + e.getMessage());
        }
        for (String alias : Collections.list(store.aliases())) {
            Key key = store.getKey(alias, password);
            Certificate[] chain = store.getCertificateChain(alias);
            if (key instanceof PrivateKey own && chain != null) {
                return new Pair(
                        List.of(chain).stream().map(X509Certificate.class::cast).toList(), own);
            }
        }
        throw new Unusable(tls.certificate() + " has no key with a certificate in it");
    }

    // PEM.

    private static Pair pem(Tls tls, Path keyFile)
            throws Unusable, IOException, GeneralSecurityException {
        List<X509Certificate> chain;
        try (InputStream in = Files.newInputStream(tls.certificate())) {
            chain =
                    CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                            .map(X509Certificate.class::cast)
                            .toList();
        }
        if (chain.isEmpty()) {
            throw new Unusable(tls.certificate() + " has no certificate in it");
        }
        Matcher found = KEY.matcher(Files.readString(keyFile, ISO_8859_1));
        if (!found.find()) {
            throw new Unusable(keyFile + " has no private key in it");
        }
        String kind = found.group(1).strip();
        if (kind.equals("ENCRYPTED")) {
            throw new Unusable(
                    keyFile
                            + " is encrypted, which a server cannot ask about; `openssl pkcs8"
                            + " -topk8 -nocrypt` makes one that is not, or use a PKCS#12 file");
        }
        if (!kind.isEmpty()) {
            return new Pair(chain, null);
        }
        byte[] der = Base64.getMimeDecoder().decode(found.group(2));
        String algorithm = chain.getFirst().getPublicKey().getAlgorithm();
        try {
            var spec = new PKCS8EncodedKeySpec(der);
            return new Pair(chain, KeyFactory.getInstance(algorithm).generatePrivate(spec));
        } catch (InvalidKeySpecException e) {
            throw new Unusable(keyFile + " is not the key of " + tls.certificate());
        }
    }

    /// What the key signs, the certificate must verify.
    private static boolean belong(PublicKey open, PrivateKey secret)
            throws GeneralSecurityException {
        String algorithm =
                switch (open.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    case String other -> other;
                };
        byte[] text = SUBJECT.getBytes(ISO_8859_1);
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(secret);
        signing.update(text);
        Signature verifying = Signature.getInstance(algorithm);
        verifying.initVerify(open);
        verifying.update(text);
        return verifying.verify(signing.sign());
    }
}
