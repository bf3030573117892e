package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.svcshare.config.GroupSettings;
import org.svcshare.config.HttpSettings;
import org.svcshare.config.Secret;

/// An authority that signs certificates of nodes, made with the JDK's keytool. Files are named
/// after their owners: `NAME.pem`, `NAME.key` and `NAME.p12`.
public final class TestAuthority {
    public static final String PASSWORD = "changeit";

    private final Path folder;
    private final Path keys;
    private final Path pem;

    public TestAuthority(Path folder, String name) throws Exception {
        this.folder = folder;
        keys = folder.resolve(name + "-all.p12");
        keytool("ca", List.of("-dname", "CN=" + name, "-ext", "bc:c"));
        pem = write(name + ".pem", "CERTIFICATE", open().getCertificate("ca").getEncoded());
    }

    public Path pem() {
        return pem;
    }

    /// A node's certificate and key in PEM.
    ///
    /// @param alternatives as keytool wants them, for example `ip:127.0.0.1`
    /// @param more what else keytool is told
    public GroupSettings.Tls sign(String node, String alternatives, String... more)
            throws Exception {
        var options = new ArrayList<String>(List.of("-dname", "CN=" + node, "-signer", "ca"));
        if (!alternatives.isEmpty()) {
            options.addAll(List.of("-ext", "san=" + alternatives));
        }
        options.addAll(List.of(more));
        keytool(node, options);
        KeyStore all = open();
        Path certificate =
                write(node + ".pem", "CERTIFICATE", all.getCertificate(node).getEncoded());
        byte[] secret = all.getKey(node, PASSWORD.toCharArray()).getEncoded();
        Path key = write(node + ".key", "PRIVATE KEY", secret);
        return new GroupSettings.Tls(
                new HttpSettings.Tls(certificate, Optional.of(key), Optional.empty()), pem);
    }

    /// The same certificate in a PKCS#12 file.
    public GroupSettings.Tls inStore(String node) throws Exception {
        KeyStore all = open();
        KeyStore own = KeyStore.getInstance("PKCS12");
        char[] password = PASSWORD.toCharArray();
        own.load(null, null);
        own.setKeyEntry(
                "own",
                all.getKey(node, password),
                password,
                new Certificate[] {all.getCertificate(node)});
        Path file = folder.resolve(node + ".p12");
        try (var to = Files.newOutputStream(file)) {
            own.store(to, password);
        }
        return new GroupSettings.Tls(
                new HttpSettings.Tls(file, Optional.empty(), Optional.of(new Secret(PASSWORD))),
                pem);
    }

    private KeyStore open() throws IOException, GeneralSecurityException {
        return KeyStore.getInstance(keys.toFile(), PASSWORD.toCharArray());
    }

    private Path write(String file, String kind, byte[] der) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        Path written =
                Files.writeString(
                        folder.resolve(file),
                        "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
        return Files.setPosixFilePermissions(written, PosixFilePermissions.fromString("rw-------"));
    }

    private void keytool(String alias, List<String> options)
            throws IOException, InterruptedException {
        var command =
                new ArrayList<String>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                alias,
                                "-keyalg",
                                "EC",
                                "-keystore",
                                keys.toString(),
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                PASSWORD));
        command.addAll(options);
        Path said = folder.resolve("keytool.out");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
        assertEquals(0, process.waitFor(), Files.readString(said));
    }
}
