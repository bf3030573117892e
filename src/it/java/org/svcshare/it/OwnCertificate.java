package org.svcshare.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/// A new self-signed certificate, for a server or a client: `cert.pem`, `key.pem` and `own.p12`.
///
/// @param store a PKCS#12 file, its password is [#PASSWORD]
/// @param fingerprint SHA-256 in hexadecimal
record OwnCertificate(Path pem, Path store, String fingerprint) {
    static final String PASSWORD = "changeit";

    /// @param folder where the files go
    static OwnCertificate create(Path folder, String name) throws Exception {
        Path store = folder.resolve("own.p12");
        var keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keyalg",
                                "RSA",
                                "-keysize",
                                "2048",
                                "-alias",
                                "irc",
                                "-dname",
                                "CN=" + name,
                                "-ext",
                                "SAN=dns:" + name,
                                "-validity",
                                "2",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                PASSWORD)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("keytool.out").toFile())
                        .start();
        assertTrue(keytool.waitFor(30, TimeUnit.SECONDS));
        var keys = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        byte[] certificate = keys.getCertificate("irc").getEncoded();
        byte[] key = keys.getKey("irc", PASSWORD.toCharArray()).getEncoded();
        Path pem = folder.resolve("cert.pem");
        Files.writeString(pem, pem("CERTIFICATE", certificate));
        Files.writeString(folder.resolve("key.pem"), pem("PRIVATE KEY", key));
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate);
        return new OwnCertificate(pem, store, HexFormat.of().formatHex(digest));
    }

    private static String pem(String kind, byte[] bytes) {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n";
    }
}
