package org.svcshare.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.config.HttpSettings.Tls;
import org.svcshare.config.Secret;
import org.svcshare.daemon.Finding.Verdict;

/// Real certificates, made with the JDK's keytool.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class CertificateCheckTest {
    private static final String PASSWORD = "changeit";

    @TempDir private static Path folder;

    @BeforeAll
    static void make() throws Exception {
        for (String kind : List.of("EC", "RSA", "Ed25519")) {
            keytool(kind, kind);
        }
        keytool("other", "EC");
    }

    /// A store NAME.p12, and NAME.pem and NAME.key of it.
    private static void keytool(String name, String algorithm) throws Exception {
        Path store = folder.resolve(name + ".p12");
        var command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                        "-genkeypair",
                        "-keystore",
                        store.toString(),
                        "-alias",
                        "own",
                        "-keyalg",
                        algorithm,
                        "-dname",
                        "CN=locks",
                        "-ext",
                        "SAN=dns:locks.example.net,ip:127.0.0.1",
                        "-validity",
                        "90",
                        "-storepass",
                        PASSWORD);
        Path said = folder.resolve("keytool.out");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
        assertEquals(0, process.waitFor(), Files.readString(said));
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        pem(name + ".pem", "CERTIFICATE", keys.getCertificate("own").getEncoded());
        pem(name + ".key", "PRIVATE KEY", keys.getKey("own", PASSWORD.toCharArray()).getEncoded());
    }

    private static void pem(String file, String kind, byte[] der) throws Exception {
        Path path =
                Files.writeString(
                        folder.resolve(file),
                        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                                .formatted(
                                        kind, Base64.getMimeEncoder().encodeToString(der), kind));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }

    private static Tls pair(String certificate, String key) {
        return new Tls(
                folder.resolve(certificate), Optional.of(folder.resolve(key)), Optional.empty());
    }

    private static Tls store(String file, String password) {
        return new Tls(folder.resolve(file), Optional.empty(), Optional.of(new Secret(password)));
    }

    private static void assertFinding(Verdict verdict, String part, Finding finding) {
        assertEquals(verdict, finding.verdict(), finding.text());
        assertTrue(finding.text().contains(part), finding.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA", "Ed25519"})
    void given_a_certificate_and_its_key_then_they_are_well(String kind) throws Exception {
        Files.setPosixFilePermissions(
                folder.resolve(kind + ".p12"), PosixFilePermissions.fromString("rw-------"));
        for (Tls tls :
                List.of(pair(kind + ".pem", kind + ".key"), store(kind + ".p12", PASSWORD))) {
            assertFinding(
                    Verdict.WELL,
                    "for locks.example.net, 127.0.0.1, until 20",
                    CertificateCheck.look(tls, Instant.now()));
        }
    }

    @Test
    void given_another_time_then_it_is_over_or_will_be_or_has_not_begun() {
        Tls tls = pair("EC.pem", "EC.key");
        Instant now = Instant.now();

        assertFinding(
                Verdict.BROKEN,
                "ended on",
                CertificateCheck.look(tls, now.plus(Duration.ofDays(91))));
        assertFinding(
                Verdict.DOUBTFUL,
                "renew it",
                CertificateCheck.look(tls, now.plus(Duration.ofDays(80))));
        assertFinding(
                Verdict.BROKEN,
                "is the clock right?",
                CertificateCheck.look(tls, now.minus(Duration.ofDays(1))));
    }

    @Test
    void given_a_key_of_another_then_that_is_said() {
        for (String key : List.of("other.key", "RSA.key")) {
            assertFinding(
                    Verdict.BROKEN,
                    "is not the key of",
                    CertificateCheck.look(pair("EC.pem", key), Instant.now()));
        }
    }

    @Test
    void given_files_that_are_no_such_then_each_is_named_with_what_to_do() throws Exception {
        Files.writeString(folder.resolve("empty.pem"), "");
        Files.writeString(folder.resolve("junk.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n");
        pem("encrypted.key", "ENCRYPTED PRIVATE KEY", new byte[40]);
        pem("old.key", "EC PRIVATE KEY", new byte[40]);
        var told = new ArrayList<String>();
        for (Tls tls :
                List.of(
                        pair("empty.pem", "EC.key"),
                        pair("EC.pem", "empty.pem"),
                        pair("junk.pem", "EC.key"),
                        pair("EC.pem", "encrypted.key"),
                        store("EC.p12", "wrong"),
                        store("EC.pem", PASSWORD))) {
            Finding finding = CertificateCheck.look(tls, Instant.now());
            assertEquals(Verdict.BROKEN, finding.verdict(), finding.text());
            told.add(finding.text());
        }

        assertTrue(told.get(0).contains("no certificate in it"), told::toString);
        assertTrue(told.get(1).contains("no private key in it"), told::toString);
        assertTrue(told.get(2).contains("cannot be read"), told::toString);
        assertTrue(told.get(3).contains("openssl pkcs8"), told::toString);
        assertTrue(told.get(4).contains("http.tls.password"), told::toString);
        assertTrue(told.get(5).contains("cannot be read"), told::toString);
        assertFinding(
                Verdict.DOUBTFUL,
                "not PKCS#8",
                CertificateCheck.look(pair("EC.pem", "old.key"), Instant.now()));
    }

    @Test
    void given_a_key_that_others_may_read_then_that_is_doubtful() throws Exception {
        Path key = Files.copy(folder.resolve("EC.key"), folder.resolve("open.key"));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));

        assertFinding(
                Verdict.DOUBTFUL,
                "chmod 600 " + key,
                CertificateCheck.look(pair("EC.pem", "open.key"), Instant.now()));
    }
}
