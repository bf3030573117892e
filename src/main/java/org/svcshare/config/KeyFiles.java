package org.svcshare.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A certificate and its key, read from two PEM files or a PKCS#12 file with both.
///
/// @param chain the certificate itself first; never empty
/// @param key empty where it is in a form of old that cannot be read here (PEM, not PKCS#8)
public record KeyFiles(List<X509Certificate> chain, Optional<PrivateKey> key) {
    /// RFC 5280 section 4.2.1.6.
    private static final int A_HOST = 2;

    private static final int AN_ADDRESS = 7;
    private static final byte[] PROBE = "certificate".getBytes(ISO_8859_1);
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----([^-]*)-----END");

    /// Reads both, and looks whether they belong together.
    ///
    /// @param password which setting opens the PKCS#12 file, for messages
    /// @throws IOException when they cannot be used; the message is for people
    public static KeyFiles read(HttpSettings.Tls tls, String password) throws IOException {
        try {
            KeyFiles read =
                    tls.key().isPresent() ? pem(tls, tls.key().get()) : store(tls, password);
            PublicKey open = read.chain.getFirst().getPublicKey();
            if (read.key.isPresent() && !belong(open, read.key.get())) {
                throw new IOException(
                        tls.key().map(key -> key + " is not the key of ").orElse("no key for ")
                                + tls.certificate());
            }
            return read;
        } catch (NoSuchFileException e) {
            throw missing(e);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(tls.certificate() + " cannot be read: " + e.getMessage(), e);
        }
    }

    /// The hosts that the certificate is for: its alternative names, as RFC 9525 has it.
    public List<String> names() {
        try {
            var all = chain.getFirst().getSubjectAlternativeNames();
            return all == null
                    ? List.of()
                    : all.stream()
                            .filter(name ->
                                    name.getFirst().equals(A_HOST)
                                            || name.getFirst().equals(AN_ADDRESS))
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    /// All certificates of a PEM file.
    ///
    /// @throws IOException when there is none; the message is for people
    public static List<X509Certificate> certificates(Path pem) throws IOException {
        try (InputStream in = Files.newInputStream(pem)) {
            var found =
                    CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (found.isEmpty()) {
                throw new IOException(pem + " has no certificate in it");
            }
            return found;
        } catch (NoSuchFileException e) {
            throw missing(e);
        } catch (GeneralSecurityException e) {
            throw new IOException(pem + " cannot be read: " + e.getMessage(), e);
        }
    }

    static IOException missing(NoSuchFileException e) {
        return new IOException("there is no file " + e.getFile(), e);
    }

    private static KeyFiles store(HttpSettings.Tls tls, String setting)
            throws IOException, GeneralSecurityException {
        char[] password = tls.password().map(Secret::reveal).orElse("").toCharArray();
        KeyStore store;
        try {
            store = KeyStore.getInstance(tls.certificate().toFile(), password);
        } catch (IOException e) {
            throw new IOException(
                    tls.certificate() + " cannot be opened with " + setting + ": " + e.getMessage(),
                    e);
        }
        for (String alias : Collections.list(store.aliases())) {
            Key key = store.getKey(alias, password);
            Certificate[] chain = store.getCertificateChain(alias);
            if (key instanceof PrivateKey own && chain != null) {
                return new KeyFiles(
                        Arrays.stream(chain).map(X509Certificate.class::cast).toList(),
                        Optional.of(own));
            }
        }
        throw new IOException(tls.certificate() + " has no key with a certificate in it");
    }

    private static KeyFiles pem(HttpSettings.Tls tls, Path keyFile)
            throws IOException, GeneralSecurityException {
        List<X509Certificate> chain = certificates(tls.certificate());
        Matcher found = KEY.matcher(Files.readString(keyFile, ISO_8859_1));
        if (!found.find()) {
            throw new IOException(keyFile + " has no private key in it");
        }
        String kind = found.group(1).strip();
        if (kind.equals("ENCRYPTED")) {
            throw new IOException(
                    keyFile
                            + " is encrypted, which a server cannot ask about; `openssl pkcs8"
                            + " -topk8 -nocrypt` makes one that is not, or use a PKCS#12 file");
        }
        if (!kind.isEmpty()) {
            return new KeyFiles(chain, Optional.empty());
        }
        byte[] der = Base64.getMimeDecoder().decode(found.group(2));
        String algorithm = chain.getFirst().getPublicKey().getAlgorithm();
        try {
            var spec = new PKCS8EncodedKeySpec(der);
            return new KeyFiles(
                    chain, Optional.of(KeyFactory.getInstance(algorithm).generatePrivate(spec)));
        } catch (InvalidKeySpecException e) {
            throw new IOException(keyFile + " is not the key of " + tls.certificate(), e);
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
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(secret);
        signing.update(PROBE);
        Signature verifying = Signature.getInstance(algorithm);
        verifying.initVerify(open);
        verifying.update(PROBE);
        return verifying.verify(signing.sign());
    }
}
