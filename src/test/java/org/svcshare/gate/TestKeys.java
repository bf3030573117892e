package org.svcshare.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.HexFormat;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/// A key and a certificate for it, signed by itself, made with the JDK's keytool.
///
/// @param store a PKCS#12 file with [#PASSWORD]
/// @param pem the certificate alone
record TestKeys(KeyStore keys, Path store, Path pem) {
    static final String PASSWORD = "secret";
    private static final String ALIAS = "own";

    /// @param name for the files and the subject
    /// @param alternatives as keytool wants them, for example `dns:localhost`
    static TestKeys make(Path folder, String name, String alternatives)
            throws IOException, InterruptedException, GeneralSecurityException {
        Path store = folder.resolve(name + ".p12");
        Path said = folder.resolve(name + ".out");
        var keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                ALIAS,
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=" + name,
                                "-ext",
                                "san=" + alternatives,
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                PASSWORD,
                                "-storetype",
                                "PKCS12")
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
        assertEquals(0, keytool.waitFor(), Files.readString(said));
        var keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        Path pem =
                Files.writeString(
                        folder.resolve(name + ".pem"),
                        "-----BEGIN CERTIFICATE-----\n"
                                + Base64.getMimeEncoder()
                                        .encodeToString(keys.getCertificate(ALIAS).getEncoded())
                                + "\n-----END CERTIFICATE-----\n");
        return new TestKeys(keys, store, pem);
    }

    /// SHA-256 of the certificate.
    String pin() throws GeneralSecurityException {
        byte[] encoded = certificate().getEncoded();
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(encoded));
    }

    KeyManager[] keyManagers() throws GeneralSecurityException {
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD.toCharArray());
        return factory.getKeyManagers();
    }

    /// Trusts this certificate and no other.
    TrustManager[] trustManagers() throws IOException, GeneralSecurityException {
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(ALIAS, certificate());
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        return factory.getTrustManagers();
    }

    private Certificate certificate() throws GeneralSecurityException {
        return keys.getCertificate(ALIAS);
    }
}
